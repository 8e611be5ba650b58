import { randomBytes } from 'node:crypto';
import type { Execution, Host } from './host';

/** What a host says of itself in one command. All of it is hostile text. */
export interface Identity {
  hostname: string;
  machineId?: string;
  bootId?: string;
  os: string;
  /** 'Linux', 'Darwin', … */
  system: string;
  kernel: string;
  arch: string;
  user: string;
  uid?: number;
  timeZone?: string;
  /** Other users' processes can be read below /proc. */
  procfs: boolean;
  /** There is a /proc/kcore. */
  kcore: boolean;
  /** /sys/kernel/security/lockdown (kernel_lockdown(7)): `none [integrity] confidentiality`; empty where it is not shown. */
  lockdown: string;
  /** CRIU's version, where it is on the path: '4.1.1'. */
  criu?: string;
  /** Asked only where the examiner wants sudo: it asks for nothing. */
  sudoFree: boolean;
  sudoThere: boolean;
  dockerHost?: string;
  runtimeDir?: string;
  home?: string;
  /** Sockets that are there, in the order they were looked for. */
  sockets: { path: string; usable: boolean }[];
}

/** Where engines listen; %RUN and %HOME are the user's own folders. */
const SOCKETS = [
  '/var/run/docker.sock',
  '%RUN/docker.sock',
  '%HOME/.docker/run/docker.sock',
  '%HOME/.docker/desktop/docker.sock',
  '/run/podman/podman.sock',
  '%RUN/podman/podman.sock',
];

/** Kept of the answer, in bytes: a login script that talks without end is no reason to fill the memory. */
const KEPT = 256 << 10;

/**
 * The whole identity as one line for any POSIX shell (a login shell like csh takes no line breaks in an argument). $0 is
 * a mark that nobody can foretell, so that no file of the host can play a section of its own. $1 is 'sudo' or ''.
 */
const SCRIPT = [
  's() { printf "\\n%s %s\\n" "$M" "$1"; }',
  'M=$0',
  's hostname',
  'cat /proc/sys/kernel/hostname 2>/dev/null || uname -n',
  's machine-id',
  'cat /etc/machine-id 2>/dev/null || cat /var/lib/dbus/machine-id 2>/dev/null',
  's boot-id',
  'cat /proc/sys/kernel/random/boot_id 2>/dev/null',
  's os',
  'cat /etc/os-release 2>/dev/null || cat /usr/lib/os-release 2>/dev/null',
  's uname',
  'uname -s; uname -r; uname -m',
  's id',
  'id -u; id -un',
  's zone',
  'date +%Z\\ %z',
  'cat /etc/timezone 2>/dev/null || readlink /etc/localtime 2>/dev/null',
  's proc',
  'if [ -r /proc/1/status ] && [ -r /proc/1/cmdline ]; then echo yes; fi',
  's kcore',
  'if [ -e /proc/kcore ]; then echo yes; else echo no; fi',
  'cat /sys/kernel/security/lockdown 2>/dev/null',
  's criu',
  'PATH=$PATH:/usr/sbin:/sbin criu --version 2>/dev/null',
  's sudo',
  'if command -v sudo >/dev/null 2>&1; then echo there; if [ "$1" = sudo ] && sudo -kn true >/dev/null 2>&1; then echo free; fi; fi',
  'R=$XDG_RUNTIME_DIR',
  'if [ -z "$R" ]; then R=/run/user/$(id -u); fi',
  's env',
  'printf "%s\\n" "$DOCKER_HOST" "$R" "$HOME"',
  's sockets',
  `for p in ${SOCKETS.map((path) => `"${path.replace('%RUN', '$R').replace('%HOME', '$HOME')}"`).join(' ')}; do if [ -S "$p" ]; then if [ -r "$p" ] && [ -w "$p" ]; then echo "yes $p"; else echo "no $p"; fi; fi; done`,
  's end',
].join('; ');

/** Asks a host what it is. Gives undefined where no shell answered, with what was said instead. */
export async function readIdentity(
  host: Host,
  options: { sudo: boolean; signal?: AbortSignal },
): Promise<{ identity?: Identity; said: string }> {
  const mark = `lading-${randomBytes(12).toString('hex')}`;
  const execution = await host.exec(['sh', '-c', SCRIPT, mark, options.sudo ? 'sudo' : ''], {
    signal: options.signal,
    timeoutMs: 30_000,
  });
  const { stdout, stderr } = await readBoth(execution);
  await execution.done;
  const identity = parseIdentity(stdout, mark);
  return { identity, said: (stderr.trim() || stdout.trim()).slice(0, 500) };
}

async function readBoth(execution: Execution): Promise<{ stdout: string; stderr: string }> {
  const read = async (stream: AsyncIterable<Buffer>): Promise<string> => {
    const kept: Buffer[] = [];
    let have = 0;
    for await (const piece of stream) {
      if (have < KEPT) kept.push(piece.subarray(0, KEPT - have));
      have += piece.length;
    }
    return Buffer.concat(kept).toString('utf8');
  };
  const [stdout, stderr] = await Promise.all([read(execution.stdout), read(execution.stderr)]);
  return { stdout, stderr };
}

/** Takes the framed answer apart. Undefined when the frame is not whole. */
export function parseIdentity(text: string, mark: string): Identity | undefined {
  const sections = new Map<string, string[]>();
  for (const part of text.split(`\n${mark} `).slice(1)) {
    const [name = '', ...lines] = part.split('\n');
    sections.set(name, lines);
  }
  if (!sections.has('end')) return undefined;
  const lines = (name: string): string[] => sections.get(name) ?? [];
  const line = (name: string, index = 0): string => (lines(name)[index] ?? '').trim();
  const optional = (value: string): string | undefined => (value === '' ? undefined : value);
  const machineId = line('machine-id');
  const uid = line('id');
  const [abbreviation = '', ...zoneRest] = lines('zone');
  return {
    hostname: line('hostname'),
    machineId: /^[0-9a-f]{32}$/.test(machineId) ? machineId : undefined,
    bootId: /^[0-9a-f-]{36}$/.test(line('boot-id')) ? line('boot-id') : undefined,
    os: osName(lines('os')) ?? line('uname'),
    system: line('uname'),
    kernel: line('uname', 1),
    arch: line('uname', 2),
    user: line('id', 1),
    uid: /^\d+$/.test(uid) ? Number(uid) : undefined,
    timeZone: zone(abbreviation.trim(), (zoneRest[0] ?? '').trim()),
    procfs: line('proc') === 'yes',
    kcore: line('kcore') === 'yes',
    lockdown: line('kcore', 1),
    criu: /^Version: (\d{1,4}(?:\.\d{1,4})*)/.exec(line('criu'))?.[1],
    sudoThere: lines('sudo').includes('there'),
    sudoFree: lines('sudo').includes('free'),
    dockerHost: optional(line('env')),
    runtimeDir: optional(line('env', 1)),
    home: optional(line('env', 2)),
    sockets: lines('sockets').flatMap((one) => {
      const [, usable, path] = /^(yes|no) (\/.*)$/.exec(one) ?? [];
      return path === undefined ? [] : [{ path, usable: usable === 'yes' }];
    }),
  };
}

/** PRETTY_NAME of os-release(5); quotes are taken off, nothing is run. */
function osName(lines: readonly string[]): string | undefined {
  const value = lines.find((one) => one.startsWith('PRETTY_NAME='))?.slice('PRETTY_NAME='.length);
  return value?.trim().replace(/^(["'])(.*)\1$/, '$2') || undefined;
}

/** `Europe/Berlin (CET +0100)`, or what of it is known. */
function zone(now: string, place: string): string | undefined {
  const name = place.replace(/^.*zoneinfo\//, '');
  if (name === '') return now || undefined;
  return now === '' ? name : `${name} (${now})`;
}
