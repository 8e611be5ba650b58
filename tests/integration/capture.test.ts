import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFrames } from '../../src/main/analyze/formats/frames';
import { type App, createApp } from '../../src/main/app';
import { runCli } from '../../src/main/cli/program';
import { finalCounters } from '../../src/main/collect/capture/counters';
import { runningCaptures } from '../../src/main/collect/capture/running';
import type { ExhibitRecord } from '../../src/shared/domain';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../lab';
import { tinyImage } from '../lab/special';
import { fakeIo } from '../unit/cli/kit';

const run = promisify(execFile);
const reason = await labAvailable();

/** Two containers that talk: one sends to the other's port 9000 every 200 ms. */
const TALK = `
docker rm -f cap-talk cap-hear >/dev/null 2>&1
docker run -d --name cap-hear tiny sh -c 'while :; do busybox nc -l -p 9000 >/dev/null; done' >/dev/null
ip=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' cap-hear)
docker run -d --name cap-talk tiny sh -c "while :; do echo some bytes that are sent | busybox nc -w 1 $ip 9000; sleep 0.2; done" >/dev/null
echo "$ip"`;

describe.skipIf(reason !== undefined)(`captures${reason ? ` (skipped: ${reason})` : ''}`, { timeout: 120_000 }, () => {
  let host: LabHost;
  let dir: string;
  let app: App;
  let lab: LabCase;
  let hears: string;

  const of = async (collector: string, since: number) =>
    (await lab.records()).slice(since).filter((one) => one.collector.id === collector);
  const stderrOf = ({ how }: ExhibitRecord) => (how.kind === 'exec' ? how.stderr : '');
  /** Packets of a stored capture as tcpdump itself counts them. */
  const count = async ({ id, file }: ExhibitRecord) => {
    const path = join(lab.path, 'evidence', id, file);
    const { stdout } = await run('tcpdump', ['-n', '-r', path], { maxBuffer: 64 << 20 });
    return stdout.split('\n').filter((line) => line !== '').length;
  };
  const left = async () =>
    (await host.exec(['sh', '-c', 'pgrep -x tcpdump; pgrep -f "sample[.]end"'])).stdout.toString();

  beforeAll(async () => {
    host = await startHost('net1', { packages: ['python3'] });
    await tinyImage(host, 'tiny');
    hears = await host.output(['bash', '-c', TALK]);
    dir = await mkdtemp(join(tmpdir(), 'lading-capture-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    lab = await labCase(app, join(dir, 'case'), host.spec);
  }, 300_000);

  afterAll(async () => {
    await app?.close();
    await host?.exec(['docker', 'rm', '-f', 'cap-talk', 'cap-hear']);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('of two containers at once: an exhibit each, whose packets are as many as tcpdump counted', async () => {
    const task = await lab.collect({
      collectors: ['container.capture'],
      targets: ['cap-talk', 'cap-hear'],
      inputs: { 'container.capture': { seconds: 4, filter: 'tcp port 9000' } },
    });
    expect([task.state, task.error]).toEqual(['done', undefined]);
    const all = await of('container.capture', 0);
    const captures = all.filter((one) => one.kind === 'pcap');
    expect(captures.map((one) => one.target.name).sort()).toEqual(['cap-hear', 'cap-talk']);
    for (const one of captures) {
      const said = stderrOf(one);
      expect([one.partial, one.reason]).toEqual([false, undefined]);
      const counters = finalCounters(said);
      expect(counters?.captured).toBeGreaterThan(20);
      expect(await count(one)).toBe(counters?.captured);
      expect(counters?.dropped).toBe(0);
      for (const word of ['interface veth', 'clock source', '262144 bytes', 'left out', 'after 4 s', 'mtu']) {
        expect([word, said.includes(word) ? '' : said]).toEqual([word, '']);
      }
      expect(one.how.kind === 'exec' && one.how.argv.join(' ')).toContain('(tcp port 9000) and not (tcp and (');
    }
    const sockets = all.filter((one) => one.kind === 'frames');
    expect(sockets).toHaveLength(2);
    for (const one of sockets) {
      const set = parseFrames(await lab.bytes(one));
      expect(set).toMatchObject({ source: 'container.capture.sockets', complete: true, faults: [] });
      const begins = set.frames.filter((frame) => frame.name === 'sample');
      expect(begins.length).toBeGreaterThanOrEqual(4);
      expect(set.frames.filter((frame) => frame.name === 'sample.end')).toHaveLength(begins.length);
      expect(set.frames.some((frame) => frame.name === 'net/tcp')).toBe(true);
      // before and after: the first sample began before the capture, the last one after it
      const capture = captures.find((other) => other.target.id === one.target.id);
      expect(one.started.local < (capture?.started.local ?? '')).toBe(true);
      expect(one.finished.local > (capture?.finished.local ?? '')).toBe(true);
    }
    expect(await left()).toBe('');
  });

  it('in the namespace, on the bridge and on the host, with limits of packets and bytes', async () => {
    const since = (await lab.records()).length;
    const network = (await app.client.hosts.targets({ case: lab.path, host: host.spec })).find(
      (one) => one.kind === 'network' && one.name === 'bridge',
    );
    const task = await lab.collect({
      collectors: ['container.capture', 'network.capture', 'host.capture'],
      targets: ['cap-talk', network?.id ?? ''],
      inputs: {
        'container.capture': { where: 'namespace', packets: 15, seconds: 20, socketsEvery: 0 },
        'network.capture': { megabytes: 0.003, seconds: 20, socketsEvery: 2 },
        'host.capture': { seconds: 3, interface: 'eth0', socketsEvery: 0 },
      },
    });
    expect([task.state, task.error]).toEqual(['done', undefined]);
    const [inside] = await of('container.capture', since);
    expect(inside && (await count(inside))).toBe(15);
    const [bridge, frames] = await of('network.capture', since);
    expect(bridge && stderrOf(bridge)).toContain('0.003 MB');
    expect(bridge && (await count(bridge))).toBe(bridge && finalCounters(stderrOf(bridge))?.captured);
    expect(frames?.kind === 'frames' || bridge?.kind === 'frames').toBe(true);
    // the only traffic of the host's own interface is that of Lading, which is left out
    const [own] = await of('host.capture', since);
    const { stdout } = await run('tcpdump', ['-n', '-r', join(lab.path, 'evidence', own?.id ?? '', own?.file ?? '')]);
    expect(stdout).not.toContain(`${host.address}.22:`);
    expect(own && stderrOf(own)).toContain('the connection of Lading itself was left out');
  });

  it('a broken filter, a hostile one, and a container without a network begin nothing and say why', async () => {
    await host.output(['docker', 'run', '-d', '--name', 'cap-alone', '--network', 'none', 'tiny', 'sleep', '600']);
    const since = (await lab.records()).length;
    await lab.collect({
      collectors: ['container.capture'],
      targets: ['cap-talk', 'cap-alone'],
      inputs: { 'container.capture': { seconds: 3, filter: "tcp prot 9000'; touch /tmp/pwned; '", socketsEvery: 0 } },
    });
    await host.exec(['docker', 'rm', '-f', 'cap-alone']);
    expect((await lab.records()).length).toBe(since);
    const misses = (await lab.misses()).filter((one) => one.collector === 'container.capture').slice(-2);
    expect(misses.find((one) => one.target.name === 'cap-talk')?.reason).toMatch(/did not begin.*(syntax|expression)/);
    expect(misses.find((one) => one.target.name === 'cap-alone')?.reason).toMatch(/no network/);
    expect((await host.exec(['test', '-e', '/tmp/pwned'])).code).toBe(1);
  });

  it('stopped: whole and counted; cancelled: partial and readable; nothing runs on the host afterwards', async () => {
    for (const way of ['stop', 'cancel'] as const) {
      const since = (await lab.records()).length;
      const { task } = await app.client.collect.start({
        case: lab.path,
        hosts: [host.spec],
        collectors: ['container.capture'],
        targets: ['cap-talk'],
        inputs: { 'container.capture': { seconds: 600, socketsEvery: 1 } },
      });
      const capturing = () => runningCaptures().find((one) => one.collector === 'container.capture');
      for (let i = 0; i < 100 && !(capturing()?.counters?.captured ?? 0); i += 1) await sleep(200);
      expect(capturing()?.counters?.captured).toBeGreaterThan(0);
      if (way === 'stop') capturing()?.stop();
      else await app.client.tasks.cancel({ id: task });
      for await (const now of await app.client.tasks.watch({ id: task })) if (now.state !== 'running') break;
      const all = await of('container.capture', since);
      const pcap = all.find((one) => one.kind === 'pcap');
      expect(all).toHaveLength(2);
      expect(all.map((one) => one.partial)).toEqual(way === 'stop' ? [false, false] : [true, true]);
      if (pcap && way === 'stop') expect(await count(pcap)).toBe(finalCounters(stderrOf(pcap))?.captured);
      if (pcap && way === 'cancel') expect(await count(pcap)).toBeGreaterThan(0);
      await sleep(1500);
      expect(await left()).toBe('');
    }
  });

  it('a link that is cut in the middle leaves a readable file, marked partial, and the capture goes on in a new one', async () => {
    const since = (await lab.records()).length;
    const { task } = await app.client.collect.start({
      case: lab.path,
      hosts: [host.spec],
      collectors: ['container.capture'],
      targets: ['cap-talk'],
      inputs: { 'container.capture': { seconds: 6, socketsEvery: 0 } },
    });
    const captured = () => runningCaptures()[0]?.counters?.captured ?? 0;
    for (let i = 0; i < 100 && captured() === 0; i += 1) await sleep(200);
    await host.output(['sh', '-c', 'pkill -KILL -f "^sshd-session: root"']);
    for await (const now of await app.client.tasks.watch({ id: task })) if (now.state !== 'running') break;
    const [cut, again] = await of('container.capture', since);
    expect([cut?.partial, again?.partial, again?.follows]).toEqual([true, false, cut?.id]);
    expect(cut && (await count(cut))).toBeGreaterThan(0);
    await sleep(1500);
    expect(await left()).toBe('');
  });

  it('without tcpdump a packet socket of python3 captures the same, and counts itself', async () => {
    const tcpdump = await host.output(['sh', '-c', 'command -v tcpdump']);
    await host.output(['mv', tcpdump, `${tcpdump}.away`]);
    const since = (await lab.records()).length;
    try {
      await lab.collect({
        collectors: ['container.capture'],
        targets: ['cap-talk'],
        inputs: { 'container.capture': { seconds: 4, socketsEvery: 0 } },
      });
    } finally {
      await host.output(['mv', `${tcpdump}.away`, tcpdump]);
    }
    const [one] = await of('container.capture', since);
    expect([one?.partial, one?.reason]).toEqual([false, undefined]);
    expect(one && stderrOf(one)).toContain('a packet socket of python3');
    const counters = one && finalCounters(stderrOf(one));
    expect(counters?.captured).toBeGreaterThan(20);
    expect(one && (await count(one))).toBe(counters?.captured);
    const { stdout } = await run('tcpdump', ['-n', '-r', join(lab.path, 'evidence', one?.id ?? '', one?.file ?? '')]);
    expect(stdout).toContain(`${hears}.9000: Flags [S]`);
  });

  it('on the command line: the first Ctrl-C stops, and what came is whole', async () => {
    const since = (await lab.records()).length;
    const io = fakeIo();
    const { spec } = host;
    const reach = ['--host', spec.address, '--identity', spec.identity ?? '', '--known-hosts', spec.knownHosts ?? ''];
    const start = async () => ({ client: app.client, router: app.router, close: async () => undefined });
    const words = ['capture', lab.path, '--target', 'cap-talk', '--duration', '600s', '--filter', 'tcp', ...reach];
    const running = runCli(words, { io, version: '1.0.0', start });
    const captured = () => runningCaptures().find((one) => one.counters)?.counters?.captured ?? 0;
    for (let i = 0; i < 150 && captured() === 0; i += 1) await sleep(200);
    io.interrupt();
    expect([await running, io.written.err]).toEqual([
      0,
      expect.stringMatching(/Stopping.*Captured .* in 2 exhibits\.\n$/s),
    ]);
    await app.client.cases.open({ case: lab.path });
    const all = await of('container.capture', since);
    expect(all.map((one) => one.partial)).toEqual([false, false]);
    const pcap = all.find((one) => one.kind === 'pcap');
    expect(pcap && (await count(pcap))).toBe(pcap && finalCounters(stderrOf(pcap))?.captured);
    expect(
      await runCli(['capture', lab.path, '--target', 'x', '--duration', '-3', ...reach], { io, version: '1', start }),
    ).toBe(2);
  });

  it('connections that appear and vanish are followed', async () => {
    const since = (await lab.records()).length;
    await lab.collect({
      collectors: ['container.connections-follow'],
      targets: ['cap-hear'],
      inputs: { 'container.connections-follow': { seconds: 3, every: 1 } },
    });
    const [one] = await of('container.connections-follow', since);
    expect([one?.partial, one?.reason]).toEqual([false, undefined]);
    const set = parseFrames(one ? await lab.bytes(one) : Buffer.alloc(0));
    expect(set).toMatchObject({ source: 'container.connections-follow', complete: true, faults: [] });
    const samples = set.frames.filter((frame) => frame.name === 'sample');
    expect(samples.length).toBeGreaterThanOrEqual(3);
    expect(one && stderrOf(one)).toContain('after 3 s');
  });
});
