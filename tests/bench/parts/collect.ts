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
import { compare, type Figure, MIB, seconds } from '../measure';

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
const collect: BenchPart = async ({ short }) => {
  const absent = await labAvailable();
  if (absent) throw new Error(absent);
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  const host = await startHost('bench');
  try {
    const size = short ? 128 : 1024;
    await prepare(host, size);
    const bench = new Bench(host, dir);
    return [
      await oneContainer(bench, size, short ? 1 : 3),
      await tenContainers(bench),
      await triage(bench, short ? 1 : 3),
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

async function oneContainer(bench: Bench, size: number, runs: number): Promise<Figure> {
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
  process.stderr.write(`        Lading's memory: ${bench.peak.toFixed(0)} MiB at most\n`);
  return figure;
}

/** Ten containers of one image, each with 20 MB of its own: what they cost beside one. */
async function tenContainers(bench: Bench): Promise<Figure> {
  const spent = async (...targets: string[]) => {
    const time = await seconds(async () => {
      const path = await bench.collect(...fileSystem(), ...targets.flatMap((name) => ['--target', name]));
      await rm(path, { recursive: true, force: true });
    });
    return time;
  };
  const one = await spent('bench-1');
  const ten = await spent(...Array.from({ length: 10 }, (_, i) => `bench-${i + 1}`));
  const figure = {
    name: 'ten containers of one image',
    baseline: 'one of them',
    ours: ten,
    theirs: one,
    unit: 's',
    ratio: ten / one,
  };
  process.stderr.write(
    `${figure.ratio.toFixed(2).padStart(6)}×  ${figure.name}: ${ten.toFixed(1)} s; one of them: ${one.toFixed(1)} s\n`,
  );
  return figure;
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
