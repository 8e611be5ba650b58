import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { profileById } from '../../src/main/collect/profiles';
import { type LabHost, labAvailable, startHost } from '../lab';
import { clear, need, putImage, type Scene, scene, slow, start } from './breakage.stage';

const absent = await labAvailable();

describe.skipIf(absent !== undefined)(`when an engine or a container breaks${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let here: Scene;

  beforeAll(async () => {
    host = await startHost('ins1');
    await putImage(host);
  }, 240_000);

  afterAll(async () => {
    await host?.stop();
  });

  beforeEach(async () => {
    await clear(host);
    here = await scene();
  });

  it('an engine that hangs: stalled items are misses, what needs no engine goes on, and so does all when it wakes', async () => {
    await start(host, ['a1', 'b1', 'c1']);
    const pid = async () => (await host.output(['pgrep', '-x', 'dockerd'])).trim();
    const dockerd = await pid();
    let awake: Promise<unknown> = Promise.resolve();
    const collectors = [
      slow(1),
      need('container.inspect'),
      need('container.processes'),
      need('container.logs'),
      need('host.processes'),
      need('container.changes'),
      need('image.history'),
    ];
    await here.collect([host], collectors, {
      when: (now) => [...now.values()].some(({ key, bytes }) => key.includes('host.slow') && bytes > 50),
      meanwhile: async () => {
        await host.output(['kill', '-STOP', dockerd]);
        awake = sleep(9000).then(() => host.output(['kill', '-CONT', dockerd]));
      },
    });
    await awake;
    const stalled = (here.session.data.collections[0]?.misses ?? []).filter(({ reason }) => /[Ss]talled/.test(reason));
    expect(stalled.length).toBeGreaterThan(0);
    expect(here.states('host.slow')).toEqual(['done']);
    expect(here.states('host.processes')).toEqual(['done']);
    // Nobody touched the host after its item had ended: each touch is in a record or an entry, and the case is whole.
    await sleep(500);
    await here.finish();
    here = await scene(here.session.dir);
    await here.collect([host], [need('container.inspect')]);
    expect(here.states('container.inspect')).toEqual(['done', 'done', 'done']);
    await here.finish();
  }, 120_000);

  it('an engine that dies in the middle: each item says so, nothing waits', async () => {
    await start(host, ['a1', 'b1']);
    try {
      await here.collect(
        [host],
        [need('container.export'), need('container.inspect'), need('host.processes'), need('image.history')],
        {
          when: (now) => [...now.values()].some(({ key, bytes }) => key.includes('container.export') && bytes > 1e6),
          meanwhile: () => host.output(['sh', '-c', 'kill -KILL $(pgrep -x dockerd)']),
        },
      );
      expect(here.states('container.inspect')).toEqual(['done', 'done']);
      expect(here.states('host.processes')).toEqual(['done']);
      expect(here.session.data.exhibits.some((one) => one.collector.id === 'container.export' && one.partial)).toBe(
        true,
      );
      // images are read beside the exports: what was not over by then says why
      const items = [...here.items.values()];
      expect(items.filter(({ state }) => !['done', 'partial', 'failed'].includes(state))).toEqual([]);
      expect(items.filter(({ state, note }) => state === 'failed' && !note)).toEqual([]);
      await here.finish();
    } finally {
      await host.engine('stop').catch(() => undefined);
      await host.engine('start');
    }
  }, 120_000);

  it('a container that dies in the middle of its collection: what came is kept, the rest says that it is gone', async () => {
    await start(host, ['a1', 'dies']);
    await here.collect(
      [host],
      [
        slow(1),
        need('container.processes'),
        need('container.sockets'),
        need('container.inspect'),
        need('container.logs'),
      ],
      {
        when: (now) => [...now.values()].some(({ key, bytes }) => key.includes('host.slow') && bytes > 50),
        meanwhile: () => host.output(['docker', 'rm', '-f', 'dies']),
      },
    );
    const reasons = (here.session.data.collections[0]?.misses ?? []).map(
      (miss) => `${miss.target.name} ${miss.outcome}`,
    );
    expect(reasons.filter((one) => one.startsWith('a1 '))).toEqual(['a1 none']); // its log is empty
    expect(new Set(reasons.filter((one) => one.startsWith('dies ')))).toEqual(new Set(['dies missing']));
    expect(here.states('container.processes').sort()).toEqual(['done', expect.stringMatching(/none|failed/)]);
    await here.finish();
  });

  it('sixty containers in bounded concurrency', async () => {
    await start(
      host,
      Array.from({ length: 60 }, (_, i) => `many-${i}`),
    );
    const triage = (profileById('triage')?.collectors ?? []).map(need);
    const { most } = await here.collect([host], triage, { patience: { stallMs: 60_000 } });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
    expect(here.states('container.inspect')).toHaveLength(60);
    expect(here.states('container.inspect').every((state) => state === 'done')).toBe(true);
    expect(here.states('container.processes').every((state) => state === 'done')).toBe(true);
    expect([...here.items.values()].filter(({ state }) => state === 'failed' || state === 'partial')).toEqual([]);
    await here.finish();
  }, 240_000);
});
