import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createApp } from '../../../src/main/app';
import { labCase } from '../../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../../lab';
import { tinyImage } from '../../lab/special';
import type { BenchPart } from '../bench';
import { compare, type Figure, MIB, watchMemory } from '../measure';

/** A process with so many bytes of memory. */
const FILL =
  'exec busybox awk -v n="$0" \'BEGIN { s = "0123456789abcdef"; while (length(s) < n) s = s s; while (1) system("sleep 1000") }\'';

/** Every readable mapping of a process as it lies, one dd each, over the system's own ssh. */
const BY_HAND = `while read -r range perms rest; do
  case $perms in r*) ;; *) continue;; esac
  case $rest in *'[v'*) continue;; esac
  s=$((0x\${range%-*})) e=$((0x\${range#*-}))
  dd if=/proc/$PID/mem bs=1M iflag=skip_bytes,count_bytes,fullblock skip=$s count=$((e - s)) 2>/dev/null
done < /proc/$PID/maps`;

/** Memory of a process over SSH, as an ELF core in a case, beside the same bytes by hand with dd. */
const memory: BenchPart = async ({ short }) => {
  const absent = await labAvailable();
  if (absent) throw new Error(absent);
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-memory-'));
  const host = await startHost('bench');
  const app = await createApp({ window: 'none', configDir: join(dir, 'config') });
  try {
    const size = (short ? 256 : 1024) * MIB;
    await fill(host, size);
    const pid = await host.output(['docker', 'inspect', '-f', '{{.State.Pid}}', 'bench-memory']);
    const kept = await labCase(app, join(dir, 'case'), host.spec);
    const watch = watchMemory();
    const speed = await compare(
      'process memory over SSH, hashed into a case',
      'ssh host dd of the same mappings > file',
      {
        units: size / MIB,
        unit: 'MiB/s',
        runs: short ? 3 : 5,
        ours: () => kept.collect({ collectors: ['process.memory'], targets: ['bench-memory'] }),
        theirs: () => byHand(host, pid, join(dir, 'by-hand')),
      },
    );
    const most = watch.most();
    watch.stop();
    await kept.close();
    const room: Figure = {
      name: 'memory at most',
      baseline: 'allowed',
      ours: most,
      theirs: 300,
      unit: 'MiB',
      ratio: most / 300,
    };
    process.stderr.write(`        memory at most ${most.toFixed(0)} MiB of 300 allowed\n`);
    return [speed, room];
  } finally {
    await app.close();
    await host.exec(['docker', 'rm', '-f', 'bench-memory']);
    await host.stop();
    await rm(dir, { recursive: true, force: true });
  }
};

export default memory;

async function fill(host: LabHost, size: number): Promise<void> {
  await host.exec(['docker', 'rm', '-f', 'bench-memory']);
  const image = 'lading-test/tiny:1';
  await tinyImage(host, image);
  await host.output([
    'docker',
    'run',
    '-d',
    '--name',
    'bench-memory',
    '--entrypoint',
    'sh',
    image,
    '-c',
    FILL,
    String(size),
  ]);
  // until it has grown to what it shall have
  await host.output([
    'sh',
    '-c',
    `n=0; until [ "$(sed -n 's/^VmRSS:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$(docker inspect -f {{.State.Pid}} bench-memory)/status)" -gt ${size / 1024} ]; do n=$((n+1)); [ $n -lt 600 ] || exit 1; sleep 0.2; done`,
  ]);
}

async function byHand(host: LabHost, pid: string, to: string): Promise<void> {
  const at = ['-i', host.keyFile, '-o', `UserKnownHostsFile=${host.knownHosts}`, `root@${host.address}`];
  const ssh = spawn('ssh', [...at, `PID=${pid}; ${BY_HAND}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(ssh, 'close');
  await pipeline(ssh.stdout, createWriteStream(to));
  await ended;
  await rm(to);
}
