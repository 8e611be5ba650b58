import { type Frame, type FrameSet, type Link, parseLinks } from './frames';
import { parseStat } from './proc-stat';

/** The frames of one process. */
export interface ProcessFrames {
  pid: number;
  /** By name, with the first of a name: 'stat', 'status', 'cmdline', 'net/tcp', … */
  frames: Map<string, Frame>;
  /** Field 22 of stat; with the PID it names one process. Undefined where stat could not be read. */
  startTime?: string;
  /**
   * 'same': it had the same start before and after it was read; 'gone': it ended meanwhile; 'reused': the PID belongs to
   * another process now, so the frames may be of two; 'unknown': its start was read only once.
   */
  identity: 'same' | 'gone' | 'reused' | 'unknown';
}

/** Groups frames by their process, in the order in which these were read. */
export function processesOf(set: Pick<FrameSet, 'frames'>): ProcessFrames[] {
  const byPid = new Map<number, Map<string, Frame>>();
  for (const frame of set.frames) {
    if (frame.pid === undefined) continue;
    const frames = byPid.get(frame.pid) ?? new Map<string, Frame>();
    byPid.set(frame.pid, frames);
    if (!frames.has(frame.name)) frames.set(frame.name, frame);
  }
  return [...byPid].map(([pid, frames]) => {
    const startTime = startOf(frames.get('stat'));
    return { pid, frames, startTime, identity: identityOf(startTime, frames.get('stat.after')) };
  });
}

/** Frames that belong to no process: 'cgroup.procs', 'pidns', 'uname', 'os-release'. */
export function hostFrame(set: Pick<FrameSet, 'frames'>, name: string): Frame | undefined {
  return set.frames.find((frame) => frame.pid === undefined && frame.name === name);
}

function startOf(frame: Frame | undefined): string | undefined {
  return frame ? parseStat(frame.body)?.startTime : undefined;
}

function identityOf(before: string | undefined, after: Frame | undefined): ProcessFrames['identity'] {
  if (!after) return 'unknown';
  const now = startOf(after);
  if (now === undefined) return after.outcome === 'missing' ? 'gone' : 'unknown';
  if (before === undefined) return 'unknown';
  return before === now ? 'same' : 'reused';
}

/** The links of a process with their places in the exhibit: 'exe', 'cwd', 'root', 'fd/3', 'ns/net'. */
export function linksOf(process: ProcessFrames): Map<string, Link & { frame: Frame }> {
  const frame = process.frames.get('links');
  if (!frame) return new Map();
  return new Map(parseLinks(frame.body).map((link) => [link.name, { ...link, frame }]));
}

/** What /proc/PID/exe means: where it was, whether it still is there, and what it hashes to. */
export interface Executable {
  /** Without the kernel's ' (deleted)'. */
  path: string;
  deleted: boolean;
  /** It has never been in a file system: memfd_create(2). */
  memfd: boolean;
  /** 'device:inode'. */
  file?: string;
  size?: number;
  /** Hard links: 0 proves that it was deleted, where a file merely called 'x (deleted)' has one. */
  names?: number;
  sha256?: string;
  /** Cites the link, or the hash. */
  linkFrame: Frame;
  hashFrame?: Frame;
}

const STAT = /^(\d+:\d+) (\d+) (\d+) [0-9a-f]+ \d+ \d+ -?\d+ -?\d+ -?\d+\n$/;
/** sha256sum(1) puts a backslash first where it had to escape the name; ours are digits, so it never does. */
const HASH = /^([0-9a-f]{64}) [ *]/;

/**
 * The executables by PID. A file is hashed once by the script; other processes of the same device and inode get the
 * same hash. A process without the link (a kernel thread) is left out.
 */
export function executablesOf(processes: readonly ProcessFrames[]): Map<number, Executable> {
  const hashes = new Map<string, { sha256: string; frame: Frame }>();
  for (const { frames } of processes) {
    const file = statOf(frames.get('exe.stat'))?.file;
    const frame = frames.get('exe.sha256');
    const sha256 = frame?.exit === 0 ? HASH.exec(frame.body.toString('latin1'))?.[1] : undefined;
    if (file && frame && sha256) hashes.set(file, { sha256, frame });
  }
  const found = new Map<number, Executable>();
  for (const process of processes) {
    const link = linksOf(process).get('exe');
    if (!link || link.length === 0) continue;
    const stat = statOf(process.frames.get('exe.stat'));
    const hash = stat && hashes.get(stat.file);
    const deleted = link.target.endsWith(' (deleted)');
    const path = deleted ? link.target.slice(0, -' (deleted)'.length) : link.target;
    found.set(process.pid, {
      path,
      deleted,
      memfd: deleted && path.startsWith('/memfd:'),
      ...stat,
      sha256: hash?.sha256,
      linkFrame: link.frame,
      hashFrame: hash?.frame,
    });
  }
  return found;
}

function statOf(frame: Frame | undefined): { file: string; size: number; names: number } | undefined {
  const match = frame ? STAT.exec(frame.body.toString('latin1')) : null;
  return match?.[1] ? { file: match[1], size: Number(match[2]), names: Number(match[3]) } : undefined;
}

/** NUL-separated words of cmdline or environ, each with its place in the body. The last may lack its NUL. */
export function nulWords(body: Buffer): { text: string; offset: number; length: number }[] {
  const words: { text: string; offset: number; length: number }[] = [];
  for (let at = 0; at < body.length; ) {
    const nul = body.indexOf(0, at);
    const end = nul < 0 ? body.length : nul;
    words.push({ text: body.toString('utf8', at, end), offset: at, length: end - at });
    at = end + 1;
  }
  return words;
}

/**
 * The parts of a `details` frame, which head -v put together: `==> name <==`, then the file. All are made by the kernel,
 * so none can hold such a line. Places are counted from the body's first byte.
 */
export function detailsOf(process: ProcessFrames): Map<string, { text: string; offset: number; length: number }> {
  const found = new Map<string, { text: string; offset: number; length: number }>();
  const body = process.frames.get('details')?.body.toString('latin1') ?? '';
  const heads = [...body.matchAll(/(?:^|\n)==> ([a-z_]+) <==\n/g)];
  for (const [i, head] of heads.entries()) {
    const offset = head.index + head[0].length;
    const length = (heads[i + 1]?.index ?? body.length) - offset;
    if (head[1]) found.set(head[1], { text: body.slice(offset, offset + length), offset, length });
  }
  return found;
}

/** Where a script found a container's processes, by PID: in its control group, in its PID namespace, or both. */
export function membership(set: Pick<FrameSet, 'frames'>): Map<number, { cgroup: boolean; pidNamespace: boolean }> {
  const found = new Map<number, { cgroup: boolean; pidNamespace: boolean }>();
  const mark = (word: string | undefined, where: 'cgroup' | 'pidNamespace') => {
    if (!word || !/^\d{1,10}$/.test(word)) return;
    const one = found.get(Number(word)) ?? { cgroup: false, pidNamespace: false };
    one[where] = true;
    found.set(Number(word), one);
  };
  const groups = hostFrame(set, 'cgroup.procs')?.body.toString('latin1') ?? '';
  for (const line of groups.split('\n')) mark(line.slice(line.lastIndexOf(':') + 1), 'cgroup');
  const inside = hostFrame(set, 'pidns')?.body.toString('latin1') ?? '';
  for (const word of inside.split(' ')) mark(word, 'pidNamespace');
  return found;
}
