import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabHost, labAvailable, startHost } from '../lab';
import { clear, cutLinks, need, pullPlug, putImage, type Scene, scene, slow, start } from './breakage.stage';

const absent = await labAvailable();

describe.skipIf(absent !== undefined)(`when a connection breaks on the way${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let second: LabHost;
  let here: Scene;

  beforeAll(async () => {
    [host, second] = await Promise.all([startHost('ins1'), startHost('ins2')]);
    await Promise.all([host, second].map(putImage));
  }, 240_000);

  afterAll(async () => {
    await Promise.all([host?.stop(), second?.stop()]);
  });

  beforeEach(async () => {
    host = await startHost('ins1'); // a test may have ended it
    await Promise.all([host, second].map(clear));
    here = await scene();
  });

  const isSlow = (one: { key: string }, of: LabHost) =>
    one.key.includes('host.slow') && one.key.startsWith(of.spec.address);

  it('a cut link: keeps the part, connects again, takes the item once more and goes on', async () => {
    await start(host, ['a1', 'b1']);
    const collectors = [slow(2), need('container.inspect'), need('container.logs'), need('host.identity')];
    await here.collect([host], collectors, {
      when: (now) => [...now.values()].some((one) => isSlow(one, host) && one.bytes > 200),
      meanwhile: () => cutLinks(host),
    });
    const exhibits = here.session.data.exhibits.filter((one) => one.collector.id === 'host.slow');
    expect(exhibits.map((one) => one.partial)).toEqual([true, false]);
    const [part, whole] = await Promise.all(exhibits.map(({ id }) => here.record(id)));
    expect(part?.bytes).toBeLessThan(whole?.bytes ?? 0);
    expect(whole?.follows).toBe(part?.id);
    expect(part?.follows).toBeUndefined();
    expect(here.states('host.slow')).toEqual(['done']);
    expect(here.states('container.inspect')).toEqual(['done', 'done']);
    expect(here.states('host.identity')).toEqual(['done']);
    const said = await here.actions();
    expect(said.filter((action) => action === 'host.connected')).toHaveLength(2);
    expect(here.session.data.collections[0]?.state).toBe('done');
    await here.finish();
  });

  it('cut twice in the same item: both parts are kept, and the rest is taken', async () => {
    const cuts: Promise<unknown>[] = [];
    let seen = 0;
    await here.collect([host], [slow(3), need('host.identity')], {
      when: (now) => {
        const one = [...now.values()].find((item) => isSlow(item, host));
        // Again a while after it was begun again: what came is added up over both tries.
        if (one?.state === 'running' && one.bytes > seen + 200 && cuts.length === 1) cuts.push(cutLinks(host));
        if (one && one.bytes > 200 && cuts.length === 0) {
          seen = one.bytes + 400;
          cuts.push(cutLinks(host));
        }
        return cuts.length === 2;
      },
    });
    await Promise.all(cuts);
    const exhibits = here.session.data.exhibits.filter((one) => one.collector.id === 'host.slow');
    expect(exhibits.map((one) => one.partial)).toEqual([true, true]);
    const [first, again] = await Promise.all(exhibits.map(({ id }) => here.record(id)));
    expect(again?.follows).toBe(first?.id);
    expect(here.states('host.slow')).toEqual(['partial']);
    expect(here.states('host.identity')).toEqual(['done']);
    await here.finish();
  });

  it('a host that does not come back: the rest are misses that say so, the other host is whole', async () => {
    await start(host, ['a1']);
    await start(second, ['a1', 'b1']);
    const { ms } = await here.collect([host, second], [slow(5), need('container.logs'), need('host.identity')], {
      when: (now) => [...now.values()].some((one) => isSlow(one, host) && one.bytes > 100),
      meanwhile: () => pullPlug(host),
    });
    const misses = here.session.data.collections[0]?.misses ?? [];
    expect(misses.filter((miss) => miss.host !== host.spec.address).map(({ outcome }) => outcome)).toEqual([
      'none',
      'none',
    ]);
    const gone = misses.filter((miss) => miss.host === host.spec.address);
    expect(gone.map((miss) => miss.collector).sort()).toEqual(['container.logs', 'host.identity']);
    for (const miss of gone) expect(miss.reason).toMatch(/could not be made again/);
    const other = [...here.items.values()].filter(({ key }) => key.startsWith(second.spec.address));
    expect(other.map(({ state }) => state).sort()).toEqual(['done', 'done', 'none', 'none']); // empty logs
    expect((await here.actions()).filter((action) => action === 'host.failed').length).toBeGreaterThan(0);
    expect(ms).toBeLessThan(60_000);
    await here.finish();
  }, 120_000);

  it('a slow host delays nobody: the other ends while it is held up, and then it ends as well', async () => {
    const ended = (one: LabHost) =>
      [...here.items.values()].filter(({ key, state }) => key.startsWith(one.spec.address) && state === 'done').length;
    const whileHeld = { first: 0, second: 0 };
    await here.collect([host, second], [slow(4), need('host.identity')], {
      when: (now) => [...now.values()].some((one) => isSlow(one, host) && one.bytes > 50),
      // A stopped process sends nothing, and its connection stays.
      meanwhile: async () => {
        await host.output(['sh', '-c', 'kill -STOP $(pgrep -f "^sshd(-session)?: root")']);
        for (let tries = 0; tries < 150 && ended(second) < 2; tries++) await sleep(100);
        whileHeld.first = ended(host);
        whileHeld.second = ended(second);
        await host.output(['sh', '-c', 'kill -CONT $(pgrep -f "^sshd(-session)?: root")']);
      },
      patience: { stallMs: 30_000 },
    });
    expect(whileHeld).toEqual({ first: 0, second: 2 });
    expect(here.states('host.slow')).toEqual(['done', 'done']);
    expect(here.states('host.identity')).toEqual(['done', 'done']);
    await here.finish();
  }, 90_000);
});
