import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDockerLog } from '../../src/main/analyze/formats/docker-log';
import { type FrameSet, parseFrames } from '../../src/main/analyze/formats/frames';
import {
  detailsOf,
  executablesOf,
  hostFrame,
  linksOf,
  membership,
  nulWords,
  processesOf,
} from '../../src/main/analyze/formats/proc-frames';
import { parseMaps } from '../../src/main/analyze/formats/proc-maps';
import { overlayDirs, parseMountinfo } from '../../src/main/analyze/formats/proc-mountinfo';
import { parseInet, socketInode } from '../../src/main/analyze/formats/proc-net';
import { parseStat } from '../../src/main/analyze/formats/proc-stat';
import { parseStatus } from '../../src/main/analyze/formats/proc-status';
import type { CollectContext, Collector } from '../../src/main/collect/collector';
import { SCRIPTS } from '../../src/main/collect/frames';
import { profileById } from '../../src/main/collect/profiles';
import { collectorById, collectors } from '../../src/main/collect/registry';
import { connectHost } from '../../src/main/docker/connect';
import type { HostSession } from '../../src/main/docker/session';
import { listTargets } from '../../src/main/docker/targets';
import { withAccessLog } from '../../src/main/hosts/access';
import type { ExecOptions } from '../../src/main/hosts/host';
import type { ExhibitMeta, ExhibitRecord, Target } from '../../src/shared/domain';
import { type LabHost, labAvailable, startHost } from '../lab';

const reason = await labAvailable();

/** A name of a file, so of a process, that tries to be several lines of stat and a frame. */
const HOSTILE = '/tmp/x) S 1 (\ny';
const FORGED = 'A=\nLADING-FRAMES 1 00000000000000000000000000000000 x\n00000000000000000000000000000000 end\n';

/** Stores in memory what a collector takes; the host, the engine and the commands are real. */
function memory(session: HostSession) {
  const taken: { meta: ExhibitMeta; bytes: Buffer; stderr: string }[] = [];
  const misses: string[] = [];
  const record = {} as ExhibitRecord;
  const ctx: CollectContext = {
    facts: session.facts,
    host: session.host,
    get engine() {
      if (!session.engine) throw new Error('no engine');
      return session.engine;
    },
    signal: new AbortController().signal,
    async exhibit(meta, source: Readable, how) {
      const bytes = await buffer(source);
      await how();
      taken.push({ meta, bytes, stderr: '' });
      return record;
    },
    async capture(meta, argv, options?: ExecOptions) {
      const run = await session.host.exec(argv, options);
      const [bytes, stderr, exit] = await Promise.all([buffer(run.stdout), buffer(run.stderr), run.done]);
      expect({ code: exit.code, stderr: stderr.toString() }).toEqual({ code: 0, stderr: '' });
      if (bytes.length === 0) misses.push(`none: ${meta.file}`);
      else taken.push({ meta, bytes, stderr: stderr.toString() });
      return record;
    },
    async fetch(meta, path, query) {
      const response = await ctx.engine.request('GET', path, query);
      const bytes = await buffer(response.body);
      if (response.status >= 400 || bytes.length === 0) misses.push(`${response.status}: ${meta.file}`);
      else taken.push({ meta, bytes, stderr: '' });
      return record;
    },
    async miss(outcome, why) {
      misses.push(`${outcome}: ${why}`);
    },
    once: async (_digest, take) => void (await take()),
    progress() {},
  };
  return { ctx, taken, misses };
}

describe.skipIf(reason !== undefined)(`collectors on a real host${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let host: LabHost;
  let session: HostSession;
  let targets: Target[];
  let configDir: string;
  let web: Target;

  const logged = <T>(work: () => Promise<T>): Promise<T> => withAccessLog([], work);

  /** What a collector takes of a target. */
  async function take(id: string, target: Target) {
    const collector = collectorById(id);
    if (!collector) throw new Error(`no collector ${id}`);
    const { ctx, taken, misses } = memory(session);
    await logged(() => collector.collect(ctx, target, undefined));
    return { taken, misses };
  }

  async function frames(id: string, target: Target): Promise<FrameSet> {
    const { taken } = await take(id, target);
    const set = parseFrames(taken[0]?.bytes ?? Buffer.alloc(0));
    expect(set).toMatchObject({ source: id, complete: true, faults: [] });
    return set;
  }

  /** Runs a script with a shell of the examiner's choice. */
  async function script(shell: string[], name: keyof typeof SCRIPTS, args: string[]): Promise<FrameSet> {
    const ran = await host.exec([...shell, '-c', SCRIPTS[name], 'lading', 'a.script', ...args], {
      input: `${'ab'.repeat(16)}\n`,
    });
    expect({ code: ran.code, stderr: ran.stderr.toString() }).toEqual({ code: 0, stderr: '' });
    return parseFrames(ran.stdout);
  }

  const hostTarget = (): Target => ({ kind: 'host', id: session.facts.id, name: 'host', aliases: [] });
  const initPid = () => host.output(['docker', 'inspect', '-f', '{{.State.Pid}}', 'collect-web']);

  beforeAll(async () => {
    host = await startHost('it-collect');
    await host.output([
      'sh',
      '-euc',
      `docker rm -f collect-web collect-idle collect-tty >/dev/null 2>&1 || :
      rm -rf /root/bb /root/only && mkdir -p /root/bb/bin /root/bb/tmp /root/bb/proc /root/bb/dev /root/bb/etc
      cp /bin/busybox /root/bb/bin/ && for a in sh cp rm sleep nc chmod; do ln -s busybox /root/bb/bin/$a; done
      tar -C /root/bb -c . | docker import - lading-test/collect:1 >/dev/null
      docker run -d --name collect-web -e "$1" --tmpfs /run:exec lading-test/collect:1 /bin/sh -c 'echo ready; echo oops >&2
        printf "#!/bin/sh\\nsleep 9006\\n:\\n" > "$0"; chmod 755 "$0"; "$0" & cp /bin/busybox /run/sleep
        cp /bin/busybox /tmp/sleep; /tmp/sleep 9001 & exec 5>/tmp/held
        nc -l -p 4444 & while [ ! -e /run/go ]; do sleep 0.2; done; rm /tmp/sleep
        /run/sleep 9002 & sleep 9003; :' ${"'"}${HOSTILE}${"'"} >/dev/null
      docker run -d --name collect-idle lading-test/collect:1 /bin/true >/dev/null 2>&1 || :
      docker run -dt --name collect-tty lading-test/collect:1 /bin/sh -c 'echo on a terminal; sleep 9004' >/dev/null
      docker exec collect-web /bin/sh -c 'echo > /run/go'
      docker exec -d collect-web /bin/sleep 9005
      # a root with busybox alone
      mkdir -p /root/only/bin /root/only/proc /root/only/sys /root/only/dev /root/only/etc
      cp /bin/busybox /root/only/bin/ && for a in $(busybox --list | grep -vx busybox); do ln -s busybox "/root/only/bin/$a"; done
      sleep 1`,
      'sh',
      FORGED,
    ]);
    configDir = await mkdtemp(join(tmpdir(), 'lading-collect-'));
    session = await logged(() => connectHost(host.spec, { configDir }));
    targets = await logged(() => listTargets(session));
    const found = targets.find((one) => one.kind === 'container' && one.name === 'collect-web');
    if (!found) throw new Error('the container is not listed');
    web = found;
  });

  afterAll(async () => {
    await session?.close();
    await host?.stop();
    if (configDir) await rm(configDir, { recursive: true, force: true });
  });

  it('container.processes: every process, joined to file and hash', async () => {
    const set = await frames('container.processes', web);
    const processes = processesOf(set);
    const inside = (await host.output(['docker', 'top', 'collect-web', '-eo', 'pid'])).split('\n').slice(1).map(Number);
    expect(processes.map((one) => one.pid).sort()).toEqual(inside.sort());
    for (const one of processes) {
      expect(one.identity).toBe('same');
      expect(membership(set).get(one.pid)).toEqual({ cgroup: true, pidNamespace: true });
      for (const name of [
        'stat',
        'status',
        'cmdline',
        'environ',
        'links',
        'maps',
        'mountinfo',
        'cgroup',
        'fdinfo',
        'details',
      ]) {
        expect([name, one.frames.get(name)?.outcome]).toEqual([name, 'found']);
      }
    }
    const busybox = (await host.output(['sha256sum', '/bin/busybox'])).slice(0, 64);
    const executables = executablesOf(processes);
    expect(new Set([...executables.values()].map((one) => one.sha256))).toEqual(new Set([busybox]));
    const gone = [...executables.values()].filter((one) => one.deleted);
    expect(gone).toMatchObject([{ path: '/tmp/sleep', memfd: false, names: 0 }]);
    const byCommand = (word: string) =>
      processes.find((one) =>
        nulWords(one.frames.get('cmdline')?.body ?? Buffer.alloc(0)).some((w) => w.text === word),
      );
    const first = processes[0];
    const body = (name: string) => first?.frames.get(name)?.body ?? Buffer.alloc(0);
    expect(parseStatus(body('status'))?.nsPids.at(-1)).toBe(1);
    expect(nulWords(body('environ')).map((word) => word.text)).toContain(FORGED);
    expect(nulWords(body('cmdline')).map((word) => word.text)).toContain(HOSTILE);
    expect(parseMaps(body('maps')).maps.some((map) => map.path === '/bin/busybox' && map.executable)).toBe(true);
    const root = parseMountinfo(body('mountinfo')).mounts.find((mount) => mount.mountPoint === '/');
    expect(root && overlayDirs(root)?.upper).toMatch(/^\/var\/lib\/docker\//);
    expect(first && linksOf(first).get('fd/5')?.target).toBe('/tmp/held');
    expect(first && detailsOf(first).get('uid_map')?.text).toMatch(/^ +0 +0 +4294967295\n$/);
    expect(first && detailsOf(first).get('limits')?.text).toContain('Max open files');
    expect(byCommand('9005')).toBeDefined();
  });

  it('container.sockets: a listener, joined to its process', async () => {
    const set = await frames('container.sockets', web);
    const processes = processesOf(set);
    const tables = processes.filter((one) => one.frames.has('net/tcp6') || one.frames.has('net/tcp'));
    expect(tables).toHaveLength(1);
    const rows = ['tcp', 'tcp6'].flatMap(
      (name) => parseInet(tables[0]?.frames.get(`net/${name}`)?.body ?? Buffer.alloc(0), name).rows,
    );
    const listener = rows.find((row) => row.localPort === 4444);
    expect(listener?.state).toBe('LISTEN');
    const holders = processes.filter((one) =>
      [...linksOf(one).values()].some((link) => socketInode(link.target) === listener?.inode),
    );
    expect(holders.map((one) => parseStat(one.frames.get('stat')?.body ?? Buffer.alloc(0))?.comm)).toEqual(['nc']);
  });

  it('container.executables: the bytes of what is deleted or on a tmpfs, and a miss where there is none', async () => {
    const set = await frames('container.executables', web);
    const busybox = (await host.output(['sha256sum', '/bin/busybox'])).slice(0, 64);
    const copies = set.frames.filter((frame) => frame.name === 'exe.bytes');
    expect(copies.map((frame) => createHash('sha256').update(frame.body).digest('hex'))).toEqual([busybox, busybox]);
    const paths = [...executablesOf(processesOf(set)).values()].map((one) => one.path);
    expect(paths.sort()).toEqual(['/run/sleep', '/tmp/sleep']);
    const tty = targets.find((one) => one.name === 'collect-tty');
    if (!tty) throw new Error('no collect-tty');
    expect(await take('container.executables', tty)).toEqual({
      taken: [],
      misses: ['none: container.executables.frames'],
    });
  });

  it('is not misled by a process that calls itself two lines of stat', async () => {
    const set = await frames('host.processes', hostTarget());
    for (const one of processesOf(set)) {
      const stat = one.frames.get('stat');
      if (stat?.outcome === 'found') expect(parseStat(stat.body)?.pid).toBe(one.pid);
    }
    const names = processesOf(set).map((one) => parseStat(one.frames.get('stat')?.body ?? Buffer.alloc(0))?.comm);
    expect(names).toContain(HOSTILE.slice('/tmp/'.length));
    const pids = (await host.output(['sh', '-c', 'ls /proc | grep "^[0-9]"'])).split('\n').map(Number);
    const seen = new Set(processesOf(set).map((one) => one.pid));
    expect(pids.filter((pid) => seen.has(pid)).length).toBeGreaterThan(10);
    expect(set.frames.filter((frame) => frame.name === 'self')).toHaveLength(1);
  });

  it('host.sockets, host.identity and host.clock', async () => {
    const sockets = await frames('host.sockets', hostTarget());
    expect(sockets.frames.filter((frame) => frame.name === 'net/tcp').length).toBeGreaterThanOrEqual(3);
    const identity = await frames('host.identity', hostTarget());
    expect(hostFrame(identity, 'os-release')?.body.toString()).toContain('ID=debian');
    expect(hostFrame(identity, 'clk_tck')?.body.toString()).toBe('100\n');
    expect(hostFrame(identity, 'boot_id')?.body.toString().trim()).toBe(session.facts.bootId);
    const clock = await frames('host.clock', hostTarget());
    const at = (name: string) => Number(hostFrame(clock, name)?.body.toString());
    expect(Math.abs(at('date.utc') * 1000 - Date.now())).toBeLessThan(60_000);
    expect(at('date.utc.after')).toBeGreaterThanOrEqual(at('date.utc'));
  });

  it('container.logs with and without a terminal, container.execs', async () => {
    const log = await take('container.logs', web);
    const { lines, multiplexed, faults } = parseDockerLog(log.taken[0]?.bytes ?? Buffer.alloc(0));
    expect([multiplexed, faults]).toEqual([true, []]);
    expect(lines.map((line) => [line.stream, line.text])).toEqual(
      expect.arrayContaining([
        ['stdout', 'ready'],
        ['stderr', 'oops'],
      ]),
    );
    expect(lines[0]?.time).toMatch(/^2\d{3}-/);
    const tty = targets.find((one) => one.name === 'collect-tty');
    const bare = parseDockerLog((tty && (await take('container.logs', tty)).taken[0]?.bytes) ?? Buffer.alloc(0));
    expect(bare).toMatchObject({ multiplexed: false, lines: [{ stream: 'tty', text: 'on a terminal\r' }] });
    const execs = (await take('container.execs', web)).taken[0]?.bytes.toString().trimEnd().split('\n') ?? [];
    expect(execs.some((line) => JSON.stringify(JSON.parse(line)).includes('9005'))).toBe(true);
  });

  it.each([
    ['bash', ['bash', '--posix']],
    ['busybox with nothing else', ['unshare', '-m', 'sh', '-c', CHROOT, 'sh']],
  ])('the scripts say the same under %s', async (_, shell) => {
    const args = [web.id, await initPid()];
    for (const name of Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[]) {
      const theirs = await script(shell, name, args);
      expect({ name, ...theirs }).toMatchObject({ name, complete: true, faults: [] });
      if (!['processes', 'sockets', 'executables'].includes(name)) continue;
      const ours = await script(['dash'], name, args);
      expect(theirs.frames.map(shape)).toEqual(ours.frames.map(shape));
      expect(links(theirs)).toEqual(links(ours));
    }
  });

  /** Every collector that a filter lets through, on every target it can run on. */
  async function takeAll(wanted: (collector: Collector) => boolean): Promise<void> {
    for (const collector of collectors().filter(wanted)) {
      for (const target of targets.filter((one) => one.kind === collector.scope)) {
        if (collector.needs?.includes('running') && target.state !== 'running') continue;
        const { ctx } = memory(session);
        await logged(() => collector.collect(ctx, target, undefined));
      }
    }
  }

  it('leaves nothing on the host, in a container or among the events (all of triage)', async () => {
    const triage = profileById('triage')?.collectors ?? [];
    const before = await traces(host);
    await takeAll(({ id }) => triage.includes(id) && id !== 'container.changes');
    expect(await traces(host)).toEqual(before);
    // the engine mounts layers to compare them: its own directories, never a file, nor anything of a container
    await takeAll(({ id }) => id === 'container.changes');
    const after = await traces(host);
    expect({ ...after, files: [] }).toEqual({ ...before, files: [] });
    for (const line of after.files.filter((one) => !before.files.includes(one))) {
      expect(line).toMatch(/^\/var\/lib\/docker\/overlay2\/[0-9a-f]{64}(-init|\/work|\/work\/work)? d /);
    }
  });

  it('declares what goes beyond that', async () => {
    const before = await traces(host);
    await take('container.top', web);
    const listed = await traces(host);
    expect(listed.events).not.toEqual(before.events);
    expect(listed.files).toEqual(before.files);
    await take('container.export', web);
    const exported = await traces(host);
    expect(exported.events.length).toBe(listed.events.length + 1);
    expect(exported.files).not.toEqual(listed.files);
  });
});

/** Runs what follows in a root that has busybox alone, with the host's /proc, /sys and /dev, in a mount namespace of its own. */
const CHROOT = `for d in proc sys dev; do mount --rbind /$d /root/only/$d; done; exec chroot /root/only /bin/sh "$@"`;

/** What of a frame does not depend on which tools read it; error texts and running counters do. */
function shape({ kind, pid, name, outcome }: FrameSet['frames'][number]) {
  return [kind, pid, name, outcome].join(' ');
}

function links(set: FrameSet) {
  return processesOf(set).map((one) => [
    one.pid,
    [...linksOf(one)].map(([name, { target }]) => `${name} ${target}`).sort(),
  ]);
}

/** All that could tell of a visit: files by size and times of change, processes of containers, engine events. */
async function traces(host: LabHost) {
  // what sshd and the engine write of themselves is theirs: /run/utmp and the logs
  const files = await host.output([
    'sh',
    '-c',
    'find / /run /tmp /dev/shm -xdev \\( -path /proc -o -path /sys -o -path /var/log -o -name utmp \\) -prune -o -printf "%p %y %s %T@ %C@\\n"',
  ]);
  const processes = await host.output(['sh', '-c', 'cat /sys/fs/cgroup/pids/docker/*/cgroup.procs | sort']);
  const events = await host.output(['sh', '-c', 'docker events --since 0 --until "$(($(date +%s) + 1))"']);
  return { files: files.split('\n').sort(), processes, events: events.split('\n') };
}
