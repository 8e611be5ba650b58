import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { collectors } from '../../../src/main/collect/registry';
import { packageRoot } from '../../../src/main/root';
import { type LabHost, labAvailable, startHost } from '../../lab';
import type { BenchPart } from '../bench';
import { compare, type Figure, MIB, median, seconds } from '../measure';

const run = promisify(execFile);

/**
 * What an examiner types for each running container, one after the other over one connection: the guide's status, process,
 * network and log commands that leave nothing in the container.
 */
const BY_HAND = [
  ['docker', 'ps', '-a'],
  ['docker', 'inspect', 'ID'],
  ['docker', 'logs', 'ID'],
  ['docker', 'top', 'ID'],
  ['docker', 'stats', '--no-stream', 'ID'],
  ['docker', 'diff', 'ID'],
  ['docker', 'port', 'ID'],
];

/** Collecting over SSH beside the same by hand, on a lab host. */
const collect: BenchPart = async ({ short, long }) => {
  const absent = await labAvailable();
  if (absent) throw new Error(absent);
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  const host = await startHost('bench');
  try {
    const size = short ? 128 : 1024;
    await prepare(host, size);
    const bench = new Bench(host, dir);
    return [
      ...(await oneContainer(bench, size, short ? 1 : 3)),
      ...(await tenContainers(bench, short ? 1 : 3)),
      await triage(bench, short ? 1 : 3),
      ...(long ? [await eightGiB(bench)] : []),
    ];
  } finally {
    await clear(host);
    await host.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

export default collect;

/** Lading's own command in a process of its own, so that its memory is measured as a user meets it. */
class Bench {
  readonly host: LabHost;
  readonly dir: string;
  /** Highest resident memory of any run so far, in MiB. */
  peak = 0;
  #cases = 0;

  constructor(host: LabHost, dir: string) {
    this.host = host;
    this.dir = dir;
  }

  async lading(...args: string[]): Promise<void> {
    const env = { ...process.env, LADING_CONFIG: join(this.dir, 'config'), LADING_KEYCHAIN: 'off' };
    const child = spawn(process.execPath, [join(packageRoot(), 'out/main/cli.cjs'), ...args], { env, stdio: 'pipe' });
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      said = `${said}${part}`.slice(-2000);
    });
    child.stdout.resume();
    const watch = setInterval(() => {
      try {
        const high = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
        this.peak = Math.max(this.peak, Number(high?.[1] ?? 0) / 1024);
      } catch {
        // it has just ended
      }
    }, 50);
    const code = await new Promise<number | null>((done) => child.once('close', done));
    clearInterval(watch);
    if (code !== 0) throw new Error(`lading ${args[0]}: ${said}`);
  }

  /** A new case and one collection into it; gives the bytes that came. */
  async collect(...args: string[]): Promise<string> {
    this.#cases += 1;
    const path = join(this.dir, `case-${this.#cases}`);
    const { address, identity = '', knownHosts = '' } = this.host.spec;
    await this.lading('new', path, '--number', 'B', '--title', 'Bench', '--examiner', 'Bench');
    await this.lading(
      'collect',
      path,
      '--host',
      address,
      '--identity',
      identity,
      '--known-hosts',
      knownHosts,
      '--reason',
      'bench',
      '--yes',
      ...args,
    );
    return path;
  }

  /** One connection that all commands share, as a careful examiner sets it up. */
  ssh(command: string[], more: string[] = []): string[] {
    const { address, identity = '', knownHosts = '' } = this.host.spec;
    const control = [
      '-o',
      'ControlMaster=auto',
      '-o',
      `ControlPath=${join(this.dir, 'ssh-%C')}`,
      '-o',
      'ControlPersist=60',
    ];
    return [
      '-i',
      identity,
      '-o',
      `UserKnownHostsFile=${knownHosts}`,
      ...control,
      ...more,
      address.replace('ssh://', ''),
      ...command,
    ];
  }
}

/** File systems as the registry can take them: layers and upper directory, or the engine's export. */
function fileSystem(): string[] {
  const there = new Set(collectors().map((one) => one.id));
  const ids =
    there.has('container.upper') && there.has('image.layers')
      ? ['container.upper', 'image.layers']
      : ['container.export'];
  return ids.flatMap((id) => ['--collector', id]);
}

async function oneContainer(bench: Bench, size: number, runs: number): Promise<Figure[]> {
  bench.peak = 0;
  const pipe = ['ssh', ...bench.ssh(['docker', 'export', 'bench-1'])].map((word) => `'${word}'`).join(' ');
  const figure = await compare(
    `one container of ${size} MiB over SSH, hashed and on disk`,
    'ssh docker export | tee | sha256sum',
    {
      units: size,
      unit: 'MiB/s',
      runs,
      ours: async () =>
        rm(await bench.collect(...fileSystem(), '--target', 'bench-1'), { recursive: true, force: true }),
      theirs: () => run('sh', ['-c', `${pipe} | tee ${join(bench.dir, 'export.tar')} | sha256sum`]),
    },
  );
  return [figure, told(`memory at ${size} MiB`, '200 MiB', bench.peak, 200, 'MiB')];
}

/** Ten containers of one image, each with 20 MB of its own: what they cost beside one, in time and in bytes of evidence. */
async function tenContainers(bench: Bench, runs: number): Promise<Figure[]> {
  const spent = async (count: number) => {
    let path = '';
    const names = Array.from({ length: count }, (_, i) => ['--target', `bench-${i + 1}`]);
    const time = await seconds(async () => {
      path = await bench.collect(...fileSystem(), ...names.flat());
    });
    const bytes = await bytesOf(path);
    await rm(path, { recursive: true, force: true });
    return { time, bytes };
  };
  const times: number[] = [];
  let last = { one: { time: 0, bytes: 0 }, ten: { time: 0, bytes: 0 } };
  for (let i = 0; i < runs; i++) {
    last = { one: await spent(1), ten: await spent(10) };
    times.push(last.ten.time / last.one.time);
  }
  const { one, ten } = last;
  return [
    told('ten containers of one image, time', 'one of them', ten.time, one.time, 's', median(times)),
    told('ten containers of one image, bytes', 'one of them', ten.bytes / MIB, one.bytes / MIB, 'MiB'),
  ];
}

/** Bytes of a case's exhibits. */
async function bytesOf(path: string): Promise<number> {
  const { stdout } = await run('du', ['-sb', '--apparent-size', join(path, 'evidence')]);
  return Number.parseInt(stdout, 10);
}

/** A cost, which is better the smaller it is beside the other. */
function told(
  name: string,
  baseline: string,
  ours: number,
  theirs: number,
  unit: string,
  ratio = ours / theirs,
): Figure {
  const figure = { name, baseline, ours, theirs, unit, ratio };
  process.stderr.write(
    `${ratio.toFixed(2).padStart(6)}×  ${name}: ${ours.toFixed(1)} ${unit}; ${baseline}: ${theirs.toFixed(1)} ${unit}\n`,
  );
  return figure;
}

/** The memory of Lading while it takes a file of 8 GiB. */
async function eightGiB(bench: Bench): Promise<Figure> {
  await bench.host.output([
    'sh',
    '-euc',
    "docker run --name bench-huge lading/bench:1 /bin/sh -c '/bin/busybox dd if=/dev/zero of=/huge bs=1M count=8192' >/dev/null 2>&1",
  ]);
  bench.peak = 0;
  const ids = fileSystem().slice(0, 2);
  await rm(await bench.collect(...ids, '--target', 'bench-huge'), { recursive: true, force: true });
  return told('memory at 8 GiB', '200 MiB', bench.peak, 200, 'MiB');
}

async function triage(bench: Bench, runs: number): Promise<Figure> {
  const names = Array.from({ length: 20 }, (_, i) => `bench-${i + 1}`);
  return compare('triage of 20 containers', "the guide's commands, one after the other over one connection", {
    units: 20,
    unit: 'containers/s',
    runs,
    ours: async () => rm(await bench.collect('--profile', 'triage'), { recursive: true, force: true }),
    theirs: async () => {
      for (const name of names) {
        for (const command of BY_HAND) {
          await run('ssh', bench.ssh(command.map((word) => (word === 'ID' ? name : word))), { maxBuffer: 64 * MIB });
        }
      }
    },
  });
}

/** One image of random bytes, so that nothing compresses it, and twenty containers of it that each wrote 20 MB. */
async function prepare(host: LabHost, size: number): Promise<void> {
  await host.output([
    'sh',
    '-euc',
    `
    docker ps -aq --filter name=bench- | xargs -r docker rm -f >/dev/null
    root=$(mktemp -d); mkdir -p "$root/bin" "$root/data"
    cp "$(command -v busybox)" "$root/bin/busybox"; ln -s busybox "$root/bin/sh"
    i=0; while [ $i -lt ${size / 64} ]; do head -c 64M /dev/urandom > "$root/data/$i"; i=$((i + 1)); done
    tar -C "$root" -c . | docker import - lading/bench:1 >/dev/null; rm -rf "$root"
    i=1; while [ $i -le 20 ]; do
      docker run -d --name bench-$i lading/bench:1 /bin/sh -c '/bin/busybox head -c 20971520 /dev/urandom > /changes; exec /bin/busybox sleep 100000' >/dev/null
      i=$((i + 1))
    done
    sleep 2`,
  ]);
}

async function clear(host: LabHost): Promise<void> {
  await host.exec([
    'sh',
    '-c',
    'docker ps -aq --filter name=bench- | xargs -r docker rm -f; docker rmi lading/bench:1',
  ]);
}
