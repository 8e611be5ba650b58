import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { project } from '../../src/main/cases/project';
import { verifyCase } from '../../src/main/custody/verify';
import type { HostSpec, Task } from '../../src/shared/domain';
import { type LabHost, labAvailable, stageIncident, startHost } from '../lab';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const absent = await labAvailable();
const PASSPHRASE = 'a passphrase for tests';

describe.skipIf(absent !== undefined)(`the main job on a lab host${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  let app: App;
  let spec: HostSpec;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('mainjob');
    await stageIncident(host);
    spec = host.spec;
    dir = await mkdtemp(join(tmpdir(), 'lading-main-job-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
  });

  afterAll(async () => {
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const create = async (name: string) => {
    const path = join(dir, name);
    await app.client.cases.create({ path, number: name, title: 'Main job', examiner: 'T. Tester' });
    return path;
  };
  const ended = async (id: string): Promise<Task> => {
    for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
    return app.client.tasks.get({ id });
  };
  const collect = async (
    path: string,
    more: { targets?: string[]; profile?: string; acceptFootprint?: boolean } = {},
  ) => {
    const { task } = await app.client.collect.start({
      case: path,
      hosts: [spec],
      profile: 'triage',
      reason: 'test',
      acceptFootprint: false,
      ...more,
    });
    return ended(task);
  };

  it('opens a case, collects, analyses, seals, verifies, reports', async () => {
    const path = await create('whole');
    const facts = await app.client.hosts.connect({ case: path, host: spec });
    expect(facts.engine?.version).toMatch(/^\d+\./);
    expect(Math.abs(facts.clock?.offsetMs ?? 1e9)).toBeLessThan(1000);
    const task = await collect(path);
    expect(task.error).toBeUndefined();
    const failed = task.items.filter((item) => item.state === 'failed' || item.state === 'partial');
    expect(failed.map((item) => `${item.label}: ${item.note}`)).toEqual([]);
    const records = await Promise.all(
      (await app.client.exhibits.list({ case: path })).map(({ id }) => app.client.exhibits.get({ case: path, id })),
    );
    expect(records.length).toBeGreaterThan(40);
    for (const record of records) {
      expect(record.started.host).toBeDefined();
      // What Lading put together of several calls lists them all.
      if (record.how.kind === 'composed') expect(record.accesses.length).toBeGreaterThan(0);
      else expect(record.how.kind).toMatch(/exec|api/);
    }
    // The order of volatility: the engine's events are taken before anything that could add to them or be found there.
    const firsts = records.map((record) => record.collector.id);
    expect(firsts.indexOf('engine.events')).toBeLessThan(firsts.indexOf('container.inspect'));
    expect(firsts.indexOf('container.processes')).toBeLessThan(firsts.indexOf('container.logs'));

    expect((await ended((await app.client.findings.analyze({ case: path })).task)).state).toBe('done');
    const findings = await app.client.findings.list({ case: path });
    const rules = new Set(findings.map((finding) => finding.rule));
    for (const rule of [
      'config.privileged',
      'config.engine-socket',
      'process.deleted-executable',
      'process.memfd-executable',
      'process.reverse-shell',
    ]) {
      expect(rules, [...rules].join()).toContain(rule);
    }
    for (const finding of findings) expect(finding.cites.length, finding.rule).toBeGreaterThan(0);

    await app.client.custody.seal({ case: path, passphrase: PASSPHRASE });
    const report = await app.client.report.write({
      case: path,
      options: { omit: [], declaration: 'none', confirmedOnly: false },
    });
    expect((await readFile(report.absolutePath)).subarray(0, 5).toString()).toBe('%PDF-');
    await app.client.custody.seal({ case: path, passphrase: PASSPHRASE });
    expect((await ended((await app.client.custody.verify({ case: path })).task)).result).toMatchObject({
      ok: true,
      seals: 2,
      unsealed: 0,
      exhibits: records.length,
    });
    await app.client.cases.close({ case: path });
  });

  it('leaves no trace: no file written, no process in a container, no event of the engine', async () => {
    const path = await create('trace');
    await app.client.hosts.connect({ case: path, host: spec });
    const before = await trace(host);
    const task = await collect(path);
    expect(task.state).toBe('done');
    const after = await trace(host);
    expect(after.files).toEqual(before.files);
    expect(after.processes).toEqual(before.processes);
    expect(after.events).toEqual(before.events);
    // The comparison itself is able to see the least of what must not be.
    expect(before.files.length).toBeGreaterThan(1000);
    expect(before.events.length).toBeGreaterThan(5);
    await host.output(['touch', '/etc/hostname']);
    await host.output(['docker', 'exec', 'node-agent', 'true']);
    const disturbed = await trace(host);
    expect(disturbed.files).not.toEqual(before.files);
    expect(disturbed.events).not.toEqual(before.events);
    await app.client.cases.close({ case: path });
  });

  it('refuses what goes beyond reading until it is accepted', async () => {
    const path = await create('footprint');
    await app.client.hosts.connect({ case: path, host: spec });
    await expect(collect(path, { profile: 'everything' })).rejects.toMatchObject({
      data: { code: 'BAD_INPUT', message: expect.stringContaining('goes beyond reading') },
    });
    expect(await app.client.exhibits.list({ case: path })).toEqual([]);
    const task = await collect(path, { profile: 'everything', acceptFootprint: true });
    expect(task.error).toBeUndefined();
    const taken = (await app.client.exhibits.list({ case: path })).map(({ collector, partial }) => [
      collector.id,
      partial,
    ]);
    expect(taken.filter(([id]) => id === 'container.upper').length).toBeGreaterThan(1);
    expect(taken.filter(([id]) => id === 'image.layers').length).toBeGreaterThan(1);
    // the ways that stand in for these where there is no root
    expect(taken.filter(([id]) => id === 'container.export' || id === 'image.save')).toEqual([]);
    await app.client.cases.close({ case: path });
  });

  it('keeps hostile names and log lines byte for byte', async () => {
    const path = await create('hostile');
    await app.client.hosts.connect({ case: path, host: spec });
    await collect(path);
    const exhibits = await app.client.exhibits.list({ case: path });
    const containers = (await host.output(['docker', 'ps', '-aq', '--no-trunc'])).split('\n');
    let compared = 0;
    for (const id of containers) {
      const logs = exhibits.find((one) => one.collector.id === 'container.logs' && one.target.id === id);
      if (!logs) continue;
      const mine = await readFile(join(path, 'evidence', logs.id, logs.file));
      const said = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
      // Engine API, "Attach to a container": a stream's number, three zeros, the length, the payload.
      for (let at = 0; at < mine.length; at += 8 + mine.readUInt32BE(at + 4)) {
        const stream = mine[at] === 2 ? 'stderr' : 'stdout';
        said[stream] = Buffer.concat([said[stream], mine.subarray(at + 8, at + 8 + mine.readUInt32BE(at + 4))]);
      }
      const theirs = await host.exec(['docker', 'logs', '--timestamps', id]);
      // A live container may have logged more since; what was taken must be its beginning, to the byte.
      for (const stream of ['stdout', 'stderr'] as const) {
        expect(theirs[stream].subarray(0, said[stream].length).equals(said[stream]), logs.target.name).toBe(true);
      }
      compared += 1;
    }
    expect(compared).toBeGreaterThan(2);
    const odd = exhibits.find((one) => one.collector.id === 'container.inspect' && one.target.name.startsWith('odd.'));
    const record = await app.client.exhibits.get({ case: path, id: odd?.id ?? '' });
    const inspected = JSON.parse(await readFile(join(path, 'evidence', record.id, record.file), 'utf8'));
    expect(JSON.stringify(inspected.Config.Labels)).toMatch(/\\u001b|\u202e|</);
    await app.client.cases.close({ case: path });
  });

  it('cancelled, keeps what arrived and says what did not begin', async () => {
    const path = await create('cancel');
    await app.client.hosts.connect({ case: path, host: spec });
    const { task } = await app.client.collect.start({
      case: path,
      hosts: [spec],
      profile: 'everything',
      acceptFootprint: true,
      reason: 'x',
    });
    for await (const now of await app.client.tasks.watch({ id: task })) {
      if (now.items.filter((item) => item.state === 'done').length >= 8 || now.state !== 'running') break;
    }
    await app.client.tasks.cancel({ id: task });
    const done = await ended(task);
    expect(done.state).toBe('cancelled');
    expect(await verifyCase(path, { project })).toMatchObject({ ok: true, faults: [] });
    const { data } = await app.client.cases.get({ case: path });
    expect(data.collections[0]?.state).toBe('cancelled');
    expect(data.exhibits.length).toBeGreaterThanOrEqual(8);
    expect(data.collections[0]?.misses.some((miss) => miss.reason.includes('ended before this began'))).toBe(true);
    await app.client.cases.close({ case: path });
  });

  it('killed at any moment of a collection, finds a valid ledger and every acknowledged byte', async () => {
    const config = join(dir, 'kill-config');
    let cutOff = 0;
    // At the moment when the ledger has so many entries: while connecting, at the plan, and all along the collection.
    for (const entries of [2, 6, 9, 14, 25, 40, 55]) {
      const path = join(dir, `kill-${entries}`);
      const cli = (...args: string[]) => [join(ROOT, 'out/main/cli.cjs'), ...args];
      const env = { ...process.env, LADING_CONFIG: config, LADING_KEYCHAIN: 'off' };
      await run(process.execPath, cli('new', path, '--number', 'K', '--title', 'Kill', '--examiner', 'K'), { env });
      const child = spawn(
        process.execPath,
        cli(
          'collect',
          path,
          '--host',
          spec.address,
          '--identity',
          spec.identity ?? '',
          '--known-hosts',
          spec.knownHosts ?? '',
          '--profile',
          'everything',
          '--yes',
          '--reason',
          'kill',
        ),
        { env, stdio: 'ignore' },
      );
      const gone = new Promise((done) => child.once('exit', done));
      const ledger = join(path, 'ledger.jsonl');
      const count = () => readFileSync(ledger).filter((byte) => byte === 10).length;
      while (child.exitCode === null && count() < entries) await sleep(2);
      child.kill('SIGKILL');
      await gone;
      // What the ledger acknowledges is on disk, to the byte, before anything is set right.
      const left = await verifyCase(path, { project });
      expect(left.faults, `after ${entries} entries`).toEqual([]);
      const opened = await app.client.cases.open({ case: path });
      expect(opened.readOnly).toBeUndefined();
      const { data } = opened;
      if (data.collections[0]) {
        expect(data.collections[0].state, `after ${entries} entries`).toBe('cut off');
        expect(opened.recovered.join()).toMatch(/was cut off/);
        cutOff += 1;
      }
      expect(data.exhibits.length).toBeGreaterThanOrEqual(left.exhibits);
      await app.client.cases.close({ case: path });
      expect(await verifyCase(path, { project })).toMatchObject({ ok: true, faults: [], interrupted: [] });
    }
    expect(cutOff).toBeGreaterThan(3);
  });

  describe('one clear sentence, and the case stays valid', () => {
    const fails = async (name: string, wrong: Partial<HostSpec>, more: object = {}) => {
      const path = await create(name);
      const error = await app.client.hosts.connect({ case: path, host: { ...spec, ...wrong }, ...more }).then(
        () => undefined,
        (thrown) => thrown.data,
      );
      const { entries } = await app.client.custody.ledger({ case: path, from: 0, limit: 100 });
      expect(entries.at(-1)?.action, name).toBe('host.failed');
      await app.client.cases.close({ case: path });
      expect(await verifyCase(path, { project })).toMatchObject({ ok: true });
      expect(error.message.split('\n'), name).toHaveLength(1);
      expect(error.advice, name).toBeTruthy();
      return error;
    };

    it('an unknown host key: its fingerprint is shown, nothing is trusted by itself', async () => {
      const empty = join(dir, 'no-known-hosts');
      await writeFile(empty, '');
      const error = await fails('unknown', { knownHosts: empty });
      expect(error).toMatchObject({
        code: 'HOST_KEY_UNKNOWN',
        details: { fingerprint: expect.stringMatching(/^SHA256:/) },
      });
      const path = await create('trusted');
      const facts = await app.client.hosts.connect({
        case: path,
        host: { ...spec, knownHosts: empty },
        trust: error.details.fingerprint,
      });
      expect(facts.hostKey?.fingerprint).toBe(error.details.fingerprint);
      const { entries } = await app.client.custody.ledger({ case: path, from: 0, limit: 100 });
      expect(entries.map((entry) => entry.action)).toContain('host.trusted');
      await app.client.cases.close({ case: path });
    });

    it('a changed host key: refused before anything is sent', async () => {
      await host.hostKey('change');
      try {
        const log = await host.output(['cat', '/var/log/sshd.log']);
        expect(await fails('changed', {})).toMatchObject({ code: 'HOST_KEY_CHANGED' });
        expect((await host.output(['cat', '/var/log/sshd.log'])).slice(log.length)).not.toMatch(
          /Accepted|Failed|publickey for|password for/,
        );
      } finally {
        await host.hostKey('restore');
      }
    });

    it('a wrong password', async () => {
      const address = spec.address.replace('root@', 'examiner@');
      const error = await fails('password', { address, identity: undefined }, { secrets: { password: 'wrong' } });
      expect(error.code).toMatch(/AUTH_(FAILED|REQUIRED)/);
    });

    it('a full disk: what arrived is kept, and the case is still good', async () => {
      const disk = join(dir, 'disk');
      await mkdir(disk);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=14m', 'tmpfs', disk]);
      try {
        const path = await create('disk/full');
        await app.client.hosts.connect({ case: path, host: spec });
        const task = await collect(path, { profile: 'everything', acceptFootprint: true });
        expect(task).toMatchObject({
          state: 'failed',
          error: { code: 'DISK_FULL', advice: expect.stringContaining('Free space') },
        });
        const { data } = await app.client.cases.get({ case: path });
        expect(data.collections[0]?.state).toBe('failed');
        expect(data.exhibits.some((exhibit) => exhibit.partial)).toBe(true);
        await app.client.cases.close({ case: path });
        expect(await verifyCase(path, { project })).toMatchObject({ ok: true, faults: [] });
      } finally {
        await run('umount', [disk]);
      }
    });

    it('a host that is not there', async () => {
      const error = await fails('unreachable', { address: `${spec.address}:9` });
      expect(error.code).toBe('HOST_UNREACHABLE');
    });

    it('an engine that is not there: the host can still be looked at', async () => {
      await host.engine('stop');
      try {
        const path = await create('no-engine');
        const facts = await app.client.hosts.connect({ case: path, host: spec });
        expect(facts.engine).toBeUndefined();
        expect(facts.engineError?.split('\n')).toHaveLength(1);
        const task = await collect(path);
        expect(task.state).toBe('done');
        const exhibits = await app.client.exhibits.list({ case: path });
        expect(exhibits.map((one) => one.collector.id)).toContain('host.processes');
        const plan = await app.client.collect.plan({ case: path, hosts: [spec], profile: 'triage' });
        expect(plan.items.find((item) => item.collector === 'engine.events')?.impossible).toBeTruthy();
        await app.client.cases.close({ case: path });
        expect(await verifyCase(path, { project })).toMatchObject({ ok: true });
      } finally {
        await host.engine('start');
      }
    });
  });
});

const bytesOf = async (host: LabHost, argv: string[]): Promise<Buffer> => {
  const { code, stdout, stderr } = await host.exec(argv);
  if (code !== 0) throw new Error(`${argv[0]}: ${stderr}`);
  return stdout;
};

/** Places that sshd, the kernel and the engine write of themselves, and containers that go on living. */
const OWN = new RegExp(
  [
    '^/var/log/', // sshd's logins
    '^/run/', // sockets and locks of both
    '^/var/lib/docker/containers/[0-9a-f]+/[0-9a-f]+-json\\.log ', // containers go on talking
  ].join('|'),
);

/** Every file of a host and of its containers with mode, owner, size and times; containers' command lines; engine events. */
async function trace(host: LabHost) {
  const script =
    "find / /var/lib/docker -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path '/var/lib/docker/*/merged' \\) -prune -o -printf '%p %y %m %U %G %s %T@ %C@\\n'";
  const lines = (await bytesOf(host, ['sh', '-c', script])).toString('latin1').split('\n');
  const files = [...new Set(lines)].filter((line) => !OWN.test(line)).sort();
  const processes: string[] = [];
  const ids = (await host.output(['docker', 'ps', '-q', '--no-trunc'])).split('\n').sort();
  for (const id of ids)
    processes.push(
      id,
      await host.output(['docker', 'inspect', '-f', '{{.State.Pid}} {{.State.StartedAt}} {{.ExecIDs}}', id]),
    );
  const until = String(Math.floor(Date.now() / 1000) + 1);
  const events = (
    await host.output(['docker', 'events', '--since', '0', '--until', until, '--format', '{{json .}}'])
  ).split('\n');
  return { files, processes, events };
}
