import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt, type ElfCore, offsetOf, parseCore } from '../../src/main/analyze/formats/elf-core';
import { type App, createApp } from '../../src/main/app';
import { pauseCommand } from '../../src/main/collect/memory/pause';
import type { ExhibitRecord } from '../../src/shared/domain';
import { type LabCase, labCase, members } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost, type Truth } from '../lab';

const absent = await labAvailable();
const run = promisify(execFile);

/** A container with mappings out of the ordinary, which ticks: a line with the uptime every 20 ms. Says where they are. */
const ODD = `
docker rm -f mem-odd mem-gone >/dev/null 2>&1
image=$(docker inspect -f '{{.Config.Image}}' shop-web)
docker run -d --name mem-odd --entrypoint perl "$image" -e '
  open(my $f, "+>", "/tmp/short"); syswrite($f, "s" x 5000);
  my $past = syscall(9, 0, 65536, 1, 1, fileno($f), 0);
  my $none = syscall(9, 0, 8192, 3, 0x22, -1, 0);
  pipe(my $r, my $w); syswrite($w, "in-PROT_NONE-".("x" x 20)); syscall(0, fileno($r), $none, 33); syscall(10, $none, 8192, 0);
  my $empty = syscall(9, 0, 1 << 40, 0, 0x4022, -1, 0);
  my $n = "planted"; my $m = syscall(319, $n, 0); open(my $mf, "+>&=", $m); syswrite($mf, "in-a-memfd" x 10); my $mm = syscall(9, 0, 4096, 1, 1, $m, 0);
  open(my $o, ">", "/tmp/at"); printf $o "%x %x %x %x", $past, $none, $empty, $mm; close($o);
  open(my $t, ">", "/tmp/ticks"); select((select($t), $| = 1)[0]);
  while (1) { open(my $u, "<", "/proc/uptime"); print $t (split(" ", <$u>))[0], "\\n"; close($u); select(undef, undef, undef, 0.02); }' >/dev/null
sleep 1; docker exec mem-odd cat /tmp/at`;

describe.skipIf(absent !== undefined)(`memory of processes${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kept: LabCase;
  let odd: string;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('mem1');
    truth = await stageIncident(host);
    odd = await host.output(['sh', '-c', ODD]);
    dir = await mkdtemp(join(tmpdir(), 'lading-memory-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), host.spec);
  });

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    await host?.exec(['sh', '-c', 'docker rm -f mem-odd mem-gone']);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  /** Collects with one collector; gives what came new. */
  async function take(collector: string, target: string, input?: unknown) {
    const before = new Set((await kept.records()).map(({ id }) => id));
    const missed = (await kept.misses()).length;
    const task = await kept.collect({
      collectors: [collector],
      targets: [target],
      ...(input !== undefined && { inputs: { [collector]: input } }),
    });
    const records = (await kept.records()).filter(({ id }) => !before.has(id));
    return { task, records, misses: (await kept.misses()).slice(missed) };
  }

  async function core(record: ExhibitRecord): Promise<{ bytes: Buffer; core: ElfCore }> {
    const bytes = await kept.bytes(record);
    const parsed = parseCore(bytes);
    if (!parsed || 'more' in parsed) throw new Error(`${record.file} is no core`);
    return { bytes, core: parsed };
  }
  const recordOf = async (records: ExhibitRecord[], pid: number) => {
    const found = records.find(({ file }) => file === `${pid}.regions.json`);
    if (!found) throw new Error(`no record of ${pid}`);
    return JSON.parse((await kept.bytes(found)).toString('utf8'));
  };
  const planted = (id: string) => {
    const item = truth.items.find((one) => one.id === id);
    if (!item) throw new Error(`${id} was not planted`);
    return item;
  };

  it('the memory-only secret, with process and address, at which the process has it', async () => {
    const { container, where } = planted('memory-only-string');
    const { records, misses, task } = await take('process.memory', String(container));
    expect(task.error).toBeUndefined();
    expect(misses).toEqual([]);
    expect(records.filter(({ partial }) => partial).map(({ title, reason }) => `${title}: ${reason}`)).toEqual([]);
    const record = records.find(({ file }) => file === `${where.pid}.core`);
    if (!record) throw new Error('its process has no core');
    const { bytes, core: parsed } = await core(record);
    expect(parsed.fileBytes).toBe(bytes.length);
    const at = bytes.indexOf(String(where.string));
    const address = addressAt(parsed, at);
    if (address === undefined) throw new Error('the secret is not in its memory');
    expect(offsetOf(parsed, address)).toBe(at);
    // the process itself has it there
    const there = await host.output([
      'dd',
      `if=/proc/${where.pid}/mem`,
      'bs=1',
      'status=none',
      'iflag=skip_bytes,count_bytes',
      `skip=${address}`,
      `count=${String(where.string).length}`,
    ]);
    expect(there).toBe(where.string);
    const all = await recordOf(records, Number(where.pid));
    expect(all.had).toBe(all.asked);
    expect(all.regions.find((one: { path: string }) => one.path === '[vvar]')).toMatchObject({
      asked: 0,
      left: expect.stringContaining('device or of the kernel'),
    });
  });

  it('gdb reads the core: where each thread waits, which files are mapped, memory by address', async () => {
    const { where } = planted('memory-only-string');
    const record = (await kept.records()).find(({ file }) => file === `${where.pid}.core`);
    if (!record) throw new Error('its process has no core');
    const path = join(kept.path, 'evidence', record.id, record.file);
    const gdb = await run('gdb', [
      '-batch',
      '-nx',
      '-ex',
      'info registers rip rsp',
      '-ex',
      'info proc mappings',
      '-ex',
      'x/2xb $rip',
      '-c',
      path,
    ]).catch((error: { code?: unknown }) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!gdb) return;
    expect(gdb.stdout).toMatch(/rip +0x[0-9a-f]{6,}/);
    expect(gdb.stdout).toMatch(/libc/);
    // the two bytes before which the thread waits are there: `cmp $0x…` or the like after its syscall
    expect(gdb.stdout).toMatch(/^0x[0-9a-f]+.*:\s+0x[0-9a-f]{2}\s+0x[0-9a-f]{2}$/m);
    expect(gdb.stderr).not.toMatch(/truncated|not a core/i);
  });

  /** The longest time between two ticks of the container since a time on the host's clock, in seconds. */
  const stood = async (since: number) => {
    const ticks = (await host.output(['docker', 'exec', 'mem-odd', 'cat', '/tmp/ticks']))
      .split('\n')
      .map(Number)
      .filter((tick) => tick >= since);
    return Math.max(...ticks.slice(1).map((tick, at) => tick - (ticks[at] ?? tick)));
  };
  const now = async () => Number((await host.output(['cat', '/proc/uptime'])).split(' ')[0]);
  const ticking = async () => {
    const size = () =>
      host.output(['sh', '-c', 'stat -c %s /proc/$(docker inspect -f {{.State.Pid}} mem-odd)/root/tmp/ticks']);
    const before = await size();
    await wait(300);
    return (await size()) !== before;
  };

  it('odd mappings: behind a file’s end, not readable but filled, reserved, a memfd; nothing stands still', async () => {
    const [past, none, empty, memfd] = odd.split(' ');
    const since = await now();
    const { records, misses } = await take('process.memory', 'mem-odd');
    expect(misses).toEqual([]);
    expect(await stood(since)).toBeLessThan(0.5);
    const file = records.find(({ file }) => file.endsWith('.core'));
    if (!file) throw new Error('no core');
    expect(file.reason).toBeUndefined();
    const { bytes, core: parsed } = await core(file);
    const at = (address: string | undefined, length: number) => {
      const from = offsetOf(parsed, BigInt(`0x${address}`)) ?? bytes.length;
      return bytes.toString('latin1', from, from + length);
    };
    expect(at(none, 33)).toBe(`in-PROT_NONE-${'x'.repeat(20)}`);
    expect(at(memfd, 20)).toBe('in-a-memfdin-a-memfd');
    expect(at(past, 5000)).toBe('s'.repeat(5000));
    const { regions } = await recordOf(records, Number(file.file.split('.')[0]));
    const row = (address: string | undefined) => regions.find(({ start }: { start: string }) => start === address);
    expect(row(past)).toMatchObject({
      size: 65536,
      asked: 8192,
      had: 8192,
      left: expect.stringMatching(/ends here, at 5000/),
    });
    expect(row(empty)).toMatchObject({ size: 2 ** 40, asked: 0, left: 'no page of it was ever touched' });
    expect(row(memfd).path).toBe('/memfd:planted (deleted)');
  });

  it('with a pause: it stands still while it is read, goes on after it, and both are recorded', async () => {
    const since = await now();
    const { records, misses } = await take('process.memory-paused', 'mem-odd');
    expect(misses).toEqual([]);
    const pause = records.find(({ file }) => file === 'pause.txt');
    if (!pause) throw new Error('no record of the pause');
    expect(pause.reason).toBeUndefined();
    const [, from, to] = /^frozen ([\d.]+)\nthawed ([\d.]+) held\n$/.exec((await kept.bytes(pause)).toString()) ?? [];
    const length = Number(to) - Number(from);
    expect(length).toBeGreaterThan(0.05);
    expect(await stood(since)).toBeGreaterThan(length * 0.9);
    expect(await ticking()).toBe(true);
    expect(await host.output(['docker', 'inspect', '-f', '{{.State.Status}}', 'mem-odd'])).toBe('running');
  });

  it('the container goes on when the link is cut and when it is silent', async () => {
    const id = await host.output(['docker', 'inspect', '-f', '{{.Id}}', 'mem-odd']);
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const words = pauseCommand(id, 60).map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
      const ssh = spawn(
        'ssh',
        ['-i', host.keyFile, '-o', `UserKnownHostsFile=${host.knownHosts}`, `root@${host.address}`, words.join(' ')],
        {
          stdio: ['pipe', 'pipe', 'inherit'],
        },
      );
      const [said] = (await once(ssh.stdout, 'data')) as [Buffer];
      expect(said.toString()).toMatch(/^frozen /);
      const begun = Date.now();
      ssh.kill(signal);
      const frozen = () =>
        host.output([
          'sh',
          '-c',
          `cat /sys/fs/cgroup/freezer/docker/${id}/freezer.state 2>/dev/null || grep frozen /sys/fs/cgroup/docker/${id}/cgroup.events`,
        ]);
      if (signal === 'SIGSTOP') expect(await frozen()).toMatch(/FROZEN|frozen 1/);
      while (/FROZEN|frozen 1/.test(await frozen()) && Date.now() - begun < 20_000) await wait(100);
      expect(Date.now() - begun).toBeLessThan(signal === 'SIGKILL' ? 3000 : 12_000);
      expect(await ticking()).toBe(true);
      ssh.kill('SIGKILL');
    }
  });

  it('a process that ends in the middle: what came is kept, partial, and its record says how much', async () => {
    await host.output([
      'sh',
      '-c',
      `docker run -d --name mem-gone --entrypoint perl "$(docker inspect -f '{{.Config.Image}}' shop-web)" -e '$x = "big-text " x (60 << 20); sleep 600' >/dev/null; sleep 2`,
    ]);
    const pid = await host.output(['docker', 'inspect', '-f', '{{.State.Pid}}', 'mem-gone']);
    const taking = take('process.memory', 'mem-gone');
    // once the reader holds the memory of the process
    await host.output([
      'sh',
      '-c',
      `n=0; until ls -l /proc/[0-9]*/fd/5 2>/dev/null | grep -q "/proc/${pid}/mem"; do n=$((n+1)); [ $n -lt 2000 ] || exit 1; sleep 0.01; done; sleep 0.3; kill -9 ${pid}`,
    ]);
    const { records } = await taking;
    const file = records.find(({ file }) => file === `${pid}.core`);
    expect(file).toMatchObject({ partial: true, reason: expect.stringContaining('ended while its memory was read') });
    if (!file) return;
    const { bytes, core: parsed } = await core(file);
    expect(parsed.fileBytes).toBeGreaterThan(bytes.length);
    const record = await recordOf(records, Number(pid));
    expect(record.had).toBeLessThan(record.asked);
    expect(record.regions.reduce((sum: number, { had }: { had: number }) => sum + had, 0)).toBe(record.had);
  });

  it('a checkpoint: its images, how long it stood still, and it goes on', async () => {
    const { records, misses } = await take('container.checkpoint', 'mem-odd', { remove: true });
    expect(misses).toEqual([]);
    const tar = records.find(({ file }) => file === 'container.checkpoint.tar');
    if (!tar) throw new Error('no checkpoint');
    expect(tar.reason).toBeUndefined();
    expect(tar.title).toMatch(/stood still for \d+(\.\d+)? s$/);
    const { all } = members(await kept.bytes(tar));
    const pages = Buffer.concat(
      [...all].flatMap(([path, { content }]) => (/^\/pages-\d+\.img$/.test(path) ? content : [])),
    );
    expect(pages.includes('in-a-memfd')).toBe(true);
    expect(pages.includes('/tmp/ticks')).toBe(true);
    expect([...all.keys()]).toEqual(expect.arrayContaining(['/pstree.img', '/core-1.img', '/mm-1.img', '/files.img']));
    expect(records.some(({ file }) => file === 'checkpoint.times.txt')).toBe(true);
    expect(await host.output(['docker', 'checkpoint', 'ls', 'mem-odd'])).not.toMatch(/lading/);
    expect(await ticking()).toBe(true);
  });

  it('a checkpoint that CRIU cannot make: its log is an exhibit, the cause and what to do are said', async () => {
    const [major = 0, minor = 0] =
      /(\d+)\.(\d+)/
        .exec(await host.output(['criu', '--version']))
        ?.slice(1)
        .map(Number) ?? [];
    const [first = 0, second = 0] = (await host.output(['uname', '-r'])).split('.').map(Number);
    const works = major > 4 || minor > 1 || first < 6 || (first === 6 && second < 16);
    const { records, misses } = await take('container.checkpoint', 'shop-web');
    expect(records.some(({ file }) => file === 'container.checkpoint.tar')).toBe(works);
    if (works) return;
    expect(records.map(({ file }) => file)).toEqual(['checkpoint.times.txt', 'criu-dump.log']);
    expect(misses.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/CRIU could not save the container.*4\.2/),
    ]);
    expect(await host.output(['docker', 'inspect', '-f', '{{.State.Status}}', 'shop-web'])).toBe('running');
  });
});
