import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { project } from '../../src/main/cases/project';
import { profileById } from '../../src/main/collect/profiles';
import { verifyCase } from '../../src/main/custody/verify';
import { connectHost } from '../../src/main/docker/connect';
import type { HostSession } from '../../src/main/docker/session';
import { listTargets } from '../../src/main/docker/targets';
import { withAccessLog } from '../../src/main/hosts/access';
import type { HostSpec, Target } from '../../src/shared/domain';
import { type Collected, type CollectOptions, collectIn, framesOf, missed, taken, unaccounted } from '../kit/collected';
import { type LabHost, labAvailable, startHost } from '../lab';
import { bigLog, busyboxHost, tinyImage } from '../lab/special';

const reason = await labAvailable();
const TRIAGE = profileById('triage')?.collectors ?? [];
const GIB = 1024 ** 3;

describe.skipIf(reason !== undefined)(`hosts out of the ordinary${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  const open: HostSession[] = [];

  const connect = async (spec: HostSpec): Promise<{ session: HostSession; targets: Target[] }> => {
    const session = await withAccessLog([], () => connectHost(spec, { configDir: dir }));
    open.push(session);
    return { session, targets: await withAccessLog([], () => listTargets(session)) };
  };

  /** Collects, and holds the case to what every one must be: it verifies, ended, and says something of each item. */
  const collect = async (
    live: Awaited<ReturnType<typeof connect>>,
    ids: readonly string[],
    options?: CollectOptions,
  ): Promise<Collected> => {
    const got = await collectIn(dir, live, ids, options);
    expect(await verifyCase(got.path, { project })).toMatchObject({ ok: true, faults: [] });
    expect(unaccounted(got)).toEqual([]);
    expect(got.ledger.filter((one) => one.action === 'collection.ended')).toHaveLength(1);
    for (const record of got.records) {
      expect(record.bytes).toBeGreaterThan(0);
      expect([record.id, record.partial, (record.reason ?? '') !== '']).toEqual([
        record.id,
        record.partial,
        record.partial,
      ]);
    }
    for (const miss of got.misses) expect(miss.reason).toMatch(/\S/);
    return got;
  };

  const state = (got: Collected) => got.ledger.find((one) => one.action === 'collection.ended')?.details.state;

  beforeAll(async () => {
    host = await startHost('ctx1');
    dir = await mkdtemp(join(tmpdir(), 'lading-special-'));
    await host.exec(['sh', '-c', 'docker rm -f $(docker ps -aq)']);
    await tinyImage(host, 'lading-test/tiny:1');
    await host.output(['docker', 'run', '-d', '--name', 'web', 'lading-test/tiny:1', '/bin/sleep', '100000']);
  });

  afterAll(async () => {
    for (const session of open) await session.close();
    await host?.exec(['sh', '-c', 'docker rm -f $(docker ps -aq); docker rmi lading-test/tiny:1']);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('one with busybox alone: all of triage, from the same bytes', async () => {
    const live = await connect(await busyboxHost(host));
    const { session } = live;
    expect(session.facts).toMatchObject({ os: 'Busybox only', root: true });
    const got = await collect(live, TRIAGE);
    expect(state(got)).toBe('done');
    expect(got.plan.items.filter((one) => one.impossible).map((one) => one.impossible)).toEqual([]);
    expect(got.records.filter((one) => one.partial).map((one) => one.reason)).toEqual([]);
    const names = new Set((await framesOf(got, 'container.processes', 'web')).frames.map((one) => one.name));
    expect([...names]).toEqual(expect.arrayContaining(['status', 'cmdline', 'links', 'exe.sha256']));
    const tools = (await framesOf(got, 'host.tools')).frames.find((one) => one.name === 'paths')?.body.toString() ?? '';
    expect(tools).toContain('sh\t/bin/sh\t/bin/busybox\n');
    expect(
      tools
        .trimEnd()
        .split('\n')
        .every((line) => line.endsWith('\t/bin/busybox')),
    ).toBe(true);
  });

  it('one without root, with and without the engine', async () => {
    const group = await collect(await connect(host.specFor('dockeruser')), TRIAGE);
    expect(state(group)).toBe('done');
    const impossible = group.plan.items.filter((one) => one.impossible);
    expect(impossible.map((one) => one.collector)).toContain('container.processes');
    expect(impossible.every((one) => one.needs.includes('root'))).toBe(true);
    expect(taken(group, 'container.inspect', 'web')).toHaveLength(1);
    const plain = await collect(await connect(host.specFor('plain')), TRIAGE);
    expect(plain.records.map((one) => one.collector.id).sort()).toEqual(['host.clock', 'host.identity', 'host.tools']);
    const why = plain.plan.items.find((one) => one.collector === 'engine.info')?.impossible;
    expect(why).toContain('may not use it');
  });

  it('one without Docker: the host itself, and why there is no more', async () => {
    const light = await startHost('ctx1-light', { light: { for: 'ctx1' } });
    try {
      const live = await connect(light.spec);
      expect(live.session.engine).toBeUndefined();
      const got = await collect(live, profileById('everything')?.collectors ?? []);
      expect(state(got)).toBe('done');
      expect(taken(got, 'host.processes')).toHaveLength(1);
      expect(taken(got, 'host.users')).toHaveLength(1);
      const engine = got.plan.items.filter((one) => one.needs.includes('engine'));
      expect(engine.length).toBeGreaterThan(5);
      expect(engine.map((one) => one.impossible).filter((text) => !text?.includes('No engine'))).toEqual([]);
    } finally {
      await light.remove();
    }
  });

  it('one whose container dies in the middle of its collection', async () => {
    const dying = ['docker', 'run', '-d', '--name', 'dying', 'lading-test/tiny:1', '/bin/sh', '-c'];
    await host.output([...dying, 'i=0; while :; do i=$((i+1)); echo "still here $i"; /bin/sleep 0.1; done']);
    const live = await connect(host.spec);
    let killed: Promise<unknown> | undefined;
    const ids = [...TRIAGE, 'container.log-follow', 'container.export', 'container.runtime', 'container.log-files'];
    const got = await collect(live, ids, {
      names: ['dying', 'web'],
      inputs: { 'container.log-follow': { seconds: 8 } },
      onBytes: (_bytes, key) => {
        if (key.includes('container.log-follow')) killed ??= host.output(['docker', 'rm', '-f', 'dying']);
      },
    });
    await killed;
    expect(state(got)).toBe('done');
    expect(killed).toBeDefined();
    // what was taken before it died is whole; of what came after the case says that it is gone
    expect(taken(got, 'container.inspect', 'dying').map((one) => one.partial)).toEqual([false]);
    const [log] = taken(got, 'container.log-follow', 'dying');
    expect(log && (await got.bytes(log)).toString()).toContain('still here 1\n');
    expect(log?.how).toMatchObject({ kind: 'api', note: expect.stringContaining('The engine ended the log') });
    expect(missed(got, 'container.export', 'dying').map((one) => one.outcome)).toEqual(['missing']);
    expect(taken(got, 'container.export', 'web').map((one) => one.partial)).toEqual([false]);
  });

  it('one whose engine hangs: each call ends as stalled, the rest is taken, the engine is not harmed', async () => {
    const live = await connect(host.spec);
    await host.output(['sh', '-c', 'pkill -STOP -x dockerd']);
    let got: Collected;
    const began = performance.now();
    try {
      got = await collect(
        live,
        ['engine.info', 'container.inspect', 'container.processes', 'host.identity', 'host.users'],
        {
          patience: { stallMs: 2000, pingMs: 1000 },
        },
      );
    } finally {
      await host.output(['sh', '-c', 'pkill -CONT -x dockerd']);
    }
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(taken(got, 'host.identity')).toHaveLength(1);
    expect(taken(got, 'host.users')).toHaveLength(1);
    expect(missed(got, 'engine.info').map((one) => one.outcome)).toEqual(['unreadable']);
    expect(missed(got, 'engine.info')[0]?.reason).toMatch(/Stalled|did not answer|hang/);
    expect(await host.output(['docker', 'inspect', '-f', '{{.State.Running}}', 'web'])).toBe('true');
  });

  it('one of whose programs never ends: what came before it is kept, the rest is taken', async () => {
    const hang = 'printf "#!/bin/sh\\nexec sleep 1000\\n" >/usr/local/bin/dmesg; chmod 755 /usr/local/bin/dmesg';
    await host.output(['sh', '-c', hang]);
    try {
      const live = await connect(host.spec);
      const patience = { stallMs: 3000, pingMs: 1000 };
      const got = await collect(live, ['host.kernel', 'host.users', 'container.inspect'], { patience });
      expect(state(got)).toBe('done');
      const [kernel] = taken(got, 'host.kernel');
      expect(kernel).toMatchObject({ partial: true, reason: expect.stringContaining('Stalled: nothing came from') });
      expect(kernel && (await got.bytes(kernel)).toString('latin1')).toContain('/usr/local/bin/dmesg');
      expect(taken(got, 'host.users').map((one) => one.partial)).toEqual([false]);
      expect(taken(got, 'container.inspect', 'web').map((one) => one.partial)).toEqual([false]);
    } finally {
      await host.exec(['rm', '-f', '/usr/local/bin/dmesg']);
    }
  });

  it('one with 200 containers: every one of them, whatever their number', async () => {
    const make =
      'for i in $(seq 200); do echo many-$i; done | xargs -P 6 -I{} docker create --name {} lading-test/tiny:1 /bin/sleep 9 >/dev/null';
    await host.output(['bash', '-euc', make]);
    try {
      const live = await connect(host.spec);
      const containers = live.targets.filter((one) => one.kind === 'container');
      expect(containers).toHaveLength(201);
      const got = await collect(live, TRIAGE);
      expect(state(got)).toBe('done');
      expect(taken(got, 'container.inspect')).toHaveLength(201);
      expect(new Set(taken(got, 'container.inspect').map((one) => one.target.id)).size).toBe(201);
      expect(taken(got, 'container.changes').length + missed(got, 'container.changes').length).toBe(201);
      const idle = got.plan.items.filter((one) => one.collector === 'container.processes' && one.impossible);
      expect(idle).toHaveLength(200);
      expect(idle[0]?.impossible).toContain('does not run (created)');
    } finally {
      await host.exec(['sh', '-c', 'docker rm -f $(docker ps -aq --filter name=many-) >/dev/null']);
    }
  }, 400_000);

  it('one that sends a log of 3 GB, in constant memory, raw and through the engine', async () => {
    await host.output(['docker', 'create', '--name', 'loud', 'lading-test/tiny:1', '/bin/sh', '-c', 'echo one']);
    await host.output(['docker', 'start', '-a', 'loud']);
    try {
      const size = await bigLog(host, 'loud', 3 * GIB);
      expect(size).toBeGreaterThan(3 * GIB);
      const live = await connect(host.spec);
      global.gc?.();
      const before = process.memoryUsage().rss;
      let most = before;
      const got = await collect(live, ['container.log-files', 'container.logs'], {
        names: ['loud'],
        onBytes: () => {
          most = Math.max(most, process.memoryUsage.rss());
        },
      });
      const [raw] = taken(got, 'container.log-files', 'loud').filter((one) => one.kind === 'log');
      expect([raw?.bytes, raw?.partial]).toEqual([size, false]);
      const path = await host.output(['docker', 'inspect', '-f', '{{.LogPath}}', 'loud']);
      expect(raw?.sha256).toBe((await host.output(['sha256sum', path])).slice(0, 64));
      const [api] = taken(got, 'container.logs', 'loud');
      expect(api?.partial).toBe(false);
      expect(api?.bytes).toBeGreaterThan(2.9 * GIB);
      expect((most - before) / 2 ** 20).toBeLessThan(200);
      await rm(got.path, { recursive: true, force: true });
    } finally {
      await host.exec(['docker', 'rm', '-f', 'loud']);
    }
  }, 600_000);
});
