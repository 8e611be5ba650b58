import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { project } from '../../src/main/cases/project';
import { CaseSession } from '../../src/main/cases/session';
import { type Collector, defineCollector } from '../../src/main/collect/collector';
import { makePlan } from '../../src/main/collect/plan';
import { profileById } from '../../src/main/collect/profiles';
import { collectorById } from '../../src/main/collect/registry';
import { type RunOptions, runCollection } from '../../src/main/collect/run';
import { verifyCase } from '../../src/main/custody/verify';
import { Connections } from '../../src/main/services/connections';
import type { ExhibitRecord, Task, TaskItem } from '../../src/shared/domain';
import { ExhibitRecord as Record_ } from '../../src/shared/domain';
import { PLACE, scratch } from '../kit/case';
import { type LabHost, labAvailable, startHost } from '../lab';

const absent = await labAvailable();
const IMAGE = `set -e
cd "$(mktemp -d)"; mkdir -p bin tmp; cp /usr/bin/busybox bin/
for x in sh sleep dd; do ln -s busybox bin/$x; done
head -c 60000000 /dev/urandom > tmp/bulk
tar -c . | docker import -c 'CMD ["/bin/sleep","100000"]' - resume-box:1 >/dev/null`;

const need = (id: string): Collector => {
  const found = collectorById(id);
  if (!found) throw new Error(`no collector ${id}`);
  return found;
};

/** Gives bytes slowly, so that something can happen in their middle. */
const slow = (seconds: number): Collector =>
  defineCollector({
    id: 'host.slow',
    version: '1.0.0',
    title: 'Slow bytes',
    answers: 'What comes slowly?',
    how: 'Prints a number now and then.',
    scope: 'host',
    volatility: 'engine state',
    footprint: 'none',
    async collect(ctx) {
      const script = `i=0; while [ $i -lt ${seconds * 10} ]; do echo "$i of a line that is long enough"; i=$((i+1)); sleep 0.1; done`;
      await ctx.capture({ file: 'slow.txt', kind: 'text', title: 'Slow bytes' }, ['sh', '-c', script]);
    },
  });

describe.skipIf(absent !== undefined)(`when something breaks on the way${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let second: LabHost;
  let connections: Connections;
  let session: CaseSession;
  let items: Map<string, TaskItem>;

  beforeAll(async () => {
    [host, second] = await Promise.all([startHost('ins1-2'), startHost('ins1-3')]);
    for (const one of [host, second]) await one.output(['sh', '-c', IMAGE]);
  }, 240_000);

  afterAll(async () => {
    await Promise.all([host?.stop(), second?.stop()]);
  });

  beforeEach(async () => {
    await host.exec(['sh', '-c', 'docker rm -f $(docker ps -aq)']);
    await second.exec(['sh', '-c', 'docker rm -f $(docker ps -aq)']);
    const dir = await scratch();
    connections = new Connections(join(dir, 'config'));
    session = await CaseSession.create({ path: join(dir, 'case'), number: 'R', title: 'R', examiner: 'R' }, PLACE);
    items = new Map();
  });

  /** Collects; `meanwhile` is called once when `when` holds of what is under way. */
  const collect = async (
    hosts: LabHost[],
    collectors: readonly Collector[],
    options: Partial<RunOptions> & {
      when?: (items: Map<string, TaskItem>) => boolean;
      meanwhile?: () => Promise<unknown>;
    } = {},
  ) => {
    const planned = new Map<
      string,
      { session: Awaited<ReturnType<Connections['connect']>>; targets: Awaited<ReturnType<Connections['targets']>> }
    >();
    for (const one of hosts) {
      const live = await connections.connect(session, one.spec);
      planned.set(live.facts.address, { session: live, targets: await connections.targets(session, one.spec) });
    }
    const plan = makePlan(
      [...planned.values()].map(({ session: { spec, facts }, targets }) => ({ spec, facts, targets })),
      collectors,
      undefined,
    );
    let done: Promise<unknown> | undefined;
    const look = () => {
      if (done || !options.when?.(items)) return;
      done = options.meanwhile?.();
    };
    const running = { now: 0, most: 0 };
    const result = await runCollection({
      session,
      plan,
      hosts: planned,
      collectors,
      signal: new AbortController().signal,
      reconnect: (address) => {
        const spec = planned.get(address)?.session.spec;
        if (!spec) throw new Error(address);
        return connections.connect(session, spec);
      },
      patience: { stallMs: 3000, pingMs: 1500, reconnectAfter: [200, 1000, 2000] },
      onItem: (key, change) => {
        const held = items.get(key) ?? {
          key,
          label: key,
          state: 'waiting' as Task['items'][number]['state'],
          bytes: 0,
        };
        items.set(key, { ...held, ...change });
        running.now = [...items.values()].filter((one) => one.state === 'running').length;
        running.most = Math.max(running.most, running.now);
        look();
      },
      onBytes: (bytes, key) => {
        const held = items.get(key);
        if (held) held.bytes += bytes;
        look();
      },
      onDone: () => look(),
      ...options,
    });
    await done;
    if (options.when) expect(done, 'what should have happened meanwhile did').toBeDefined();
    return { result, most: running.most, plan };
  };
  const states = (collector: string) =>
    [...items.values()].filter(({ key }) => key.split(' ')[1] === collector).map(({ state }) => state);
  const record = async (id: string, file = 'exhibit.json'): Promise<ExhibitRecord> =>
    Record_.parse(JSON.parse(await readFile(join(session.dir, 'evidence', id, file), 'utf8')));
  const actions = async () =>
    (await readFile(join(session.dir, 'ledger.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => String(JSON.parse(line).action));
  const finish = async () => {
    await connections.close(session);
    await session.close();
    expect(await verifyCase(session.dir, { project })).toMatchObject({ ok: true, faults: [] });
  };
  const start = (one: LabHost, names: string[]) =>
    one.output([
      'sh',
      '-c',
      'for n; do docker run -d --name $n --network none resume-box:1 >/dev/null || exit 1; done',
      'x',
      ...names,
    ]);
  const killSshd = (one: LabHost) =>
    one.output(['sh', '-c', 'for p in $(pgrep -f "sshd-session: root|sshd: root"); do kill -KILL $p; done; true']);

  it('a cut link: keeps the part, connects again, takes the item once more and goes on', async () => {
    await start(host, ['a1', 'b1']);
    const { result } = await collect(
      [host],
      [slow(2), need('container.inspect'), need('container.logs'), need('host.identity')],
      {
        when: (now) => [...now.values()].some(({ key, bytes }) => key.includes('host.slow') && bytes > 200),
        meanwhile: () => killSshd(host),
      },
    );
    const exhibits = session.data.exhibits.filter((one) => one.collector.id === 'host.slow');
    expect(exhibits.map((one) => one.partial)).toEqual([true, false]);
    const [part, whole] = await Promise.all(exhibits.map(({ id }) => record(id)));
    expect(part?.bytes).toBeLessThan(whole?.bytes ?? 0);
    expect(whole?.follows).toBe(part?.id);
    expect(part?.follows).toBeUndefined();
    expect(states('host.slow')).toEqual(['done']);
    expect(states('container.inspect')).toEqual(['done', 'done']);
    expect(states('host.identity')).toEqual(['done']);
    expect(result).toMatchObject({ partial: 1 });
    const said = await actions();
    expect(said.filter((action) => action === 'host.connected')).toHaveLength(2);
    expect(session.data.collections[0]?.state).toBe('done');
    await finish();
  });

  it('a host that does not come back: the rest are misses that say so, the other host is whole', async () => {
    await start(host, ['a1']);
    await start(second, ['a1', 'b1']);
    const began = performance.now();
    await collect([host, second], [slow(2), need('container.inspect'), need('host.identity')], {
      when: (now) => [...now.values()].some(({ key, bytes }) => key.startsWith(host.spec.address) && bytes > 100),
      meanwhile: () => host.stop(),
    });
    const misses = session.data.collections[0]?.misses ?? [];
    expect(misses.every((miss) => miss.host === host.spec.address)).toBe(true);
    expect(misses.map((miss) => miss.collector).sort()).toEqual(['container.inspect', 'host.identity']);
    for (const miss of misses) expect(miss.reason).toMatch(/could not be made again/);
    const other = [...items.values()].filter(({ key }) => key.startsWith(second.spec.address));
    expect(other.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    expect((await actions()).filter((action) => action === 'host.failed').length).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(60_000);
    await finish();
    host = await startHost('ins1-2');
  }, 120_000);

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
    await collect([host], collectors, {
      when: (now) => [...now.values()].some(({ key, bytes }) => key.includes('host.slow') && bytes > 50),
      meanwhile: async () => {
        await host.output(['kill', '-STOP', dockerd]);
        awake = sleep(9000).then(() => host.output(['kill', '-CONT', dockerd]));
      },
    });
    await awake;
    const stalled = (session.data.collections[0]?.misses ?? []).filter(({ reason }) => /[Ss]talled/.test(reason));
    expect(stalled.length).toBeGreaterThan(0);
    expect(states('host.slow')).toEqual(['done']);
    expect(states('host.processes')).toEqual(['done']);
    // Nobody touched the host after its item had ended: each touch is in a record or an entry, and the case is whole.
    await sleep(500);
    await finish();
    const again = await CaseSession.open(session.dir, PLACE);
    session = again;
    items = new Map();
    await collect([host], [need('container.inspect')]);
    expect(states('container.inspect')).toEqual(['done', 'done', 'done']);
    await finish();
  }, 120_000);

  it('an engine that dies in the middle: each item says so, nothing waits', async () => {
    await start(host, ['a1', 'b1']);
    try {
      await collect(
        [host],
        [need('container.export'), need('container.inspect'), need('host.processes'), need('image.history')],
        {
          when: (now) => [...now.values()].some(({ key, bytes }) => key.includes('container.export') && bytes > 1e6),
          meanwhile: () => host.output(['sh', '-c', 'kill -KILL $(pgrep -x dockerd)']),
        },
      );
      expect(states('container.inspect')).toEqual(['done', 'done']);
      expect(states('host.processes')).toEqual(['done']);
      expect(session.data.exhibits.some((one) => one.collector.id === 'container.export' && one.partial)).toBe(true);
      expect(states('image.history').every((state) => state === 'failed')).toBe(true);
      await finish();
    } finally {
      await host.engine('stop').catch(() => undefined);
      await host.engine('start');
    }
  }, 120_000);

  it('a container that dies in the middle of its collection: what came is kept, the rest says that it is gone', async () => {
    await start(host, ['a1', 'dies']);
    await collect(
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
    const reasons = (session.data.collections[0]?.misses ?? []).map((miss) => `${miss.target.name} ${miss.outcome}`);
    expect(reasons.filter((one) => one.startsWith('a1 '))).toEqual(['a1 none']); // its log is empty
    expect(new Set(reasons.filter((one) => one.startsWith('dies ')))).toEqual(new Set(['dies missing']));
    expect(states('container.processes').sort()).toEqual(['done', expect.stringMatching(/none|failed/)]);
    await finish();
  });

  it('sixty containers in bounded concurrency', async () => {
    await start(
      host,
      Array.from({ length: 60 }, (_, i) => `many-${i}`),
    );
    const triage = (profileById('triage')?.collectors ?? []).map(need);
    const { most, plan } = await collect([host], triage, { patience: { stallMs: 60_000 } });
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(6);
    expect(plan.items.filter((one) => one.collector === 'container.inspect')).toHaveLength(60);
    expect(states('container.inspect').every((state) => state === 'done')).toBe(true);
    expect(states('container.processes').every((state) => state === 'done')).toBe(true);
    expect([...items.values()].filter(({ state }) => state === 'failed' || state === 'partial')).toEqual([]);
    await finish();
  }, 240_000);
});
