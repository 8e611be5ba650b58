import { type ListedFile, parseListing } from '../../../shared/listing';
import type { Frame, FrameSet } from './frames';

/** What stat(1) said of a file. Times in seconds since 1970, with a fraction where the host's stat gives one. */
export interface FileStat {
  /** 'device:inode'. */
  file: string;
  size: number;
  names: number;
  /** st_mode of inode(7): type and permissions. */
  mode: number;
  uid: number;
  gid: number;
  atime: number;
  mtime: number;
  ctime: number;
  /** Absent where the file system does not keep it. */
  btime?: number;
}

/** One path that a collector of files looked at. Its frames are `<as>:<number>` and `<as>:<number>.<word>`. */
export interface HostFile {
  /** What the collector calls this kind: 'config', 'history'. */
  as: string;
  number: number;
  /** As the host named it, or as it was asked for; bytes that are not UTF-8 are replaced. */
  path: string;
  /** Cites the path. */
  pathFrame: Frame;
  stat?: FileStat;
  /** Of a link: where it leads. It was followed only where `real` is set. */
  link?: string;
  /** The file that was read by following the link. */
  real?: string;
  /** The bytes; absent for a folder, a socket, a link that was not followed, and where `left` says why. */
  content?: Frame;
  /** Of a folder that was listed. */
  listing?: { files: ListedFile[]; frame: Frame };
  /** Of a program: its SHA-256, and what the package manager said of it. */
  sha256?: string;
  owner?: Frame;
  /** Nothing of this name was there. */
  absent: boolean;
  /** Why it was not read. */
  left?: string;
}

/** One command that a collector ran, or would have. */
export interface HostCommand {
  name: string;
  /** The program that the host's PATH led to. */
  tool?: string;
  output?: Frame;
  absent: boolean;
  left?: string;
}

/** A program that runs, seen through /proc/PID/exe. One hash for each device and inode. */
export interface RunningProgram {
  pid: number;
  path: string;
  stat?: FileStat;
  sha256?: string;
}

export interface HostFiles {
  files: HostFile[];
  commands: Map<string, HostCommand>;
  running: RunningProgram[];
  /** Home folders that were looked at. */
  homes: string[];
}

const FILE = /^([a-z0-9][a-z0-9.-]*):(\d+)(?:\.([a-z.]+\d*))?$/;
const COMMAND = /^([a-z0-9][a-z0-9.-]*?)(?:\.(tool|absent|left))?$/;
const RUNNING = /\.running\.(exe|stat|sha256)$/;
const SHA256 = /^\\?([0-9a-f]{64}) [ *]/;
const STAT = /^(\d+:\d+) (\d+) (\d+) ([0-9a-f]+) (\d+) (\d+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+)(?: (-|-?[\d.]+))?\n$/;

/** Takes the frames of captureHostFiles() apart, in the order in which they were taken. Never throws. */
export function hostFilesOf(set: Pick<FrameSet, 'frames'>): HostFiles {
  const files = new Map<string, HostFile>();
  const commands = new Map<string, HostCommand>();
  const running = new Map<number, RunningProgram>();
  const homes = new Set<string>();
  for (const frame of set.frames) {
    if (frame.pid !== undefined) {
      const word = RUNNING.exec(frame.name)?.[1];
      if (!word) continue;
      const program = running.get(frame.pid) ?? { pid: frame.pid, path: '' };
      running.set(frame.pid, program);
      if (word === 'exe') program.path = text(frame);
      else if (word === 'stat') program.stat = parseFileStat(frame.body);
      else program.sha256 = SHA256.exec(text(frame))?.[1];
      continue;
    }
    const match = FILE.exec(frame.name);
    if (match?.[1] === 'homes') {
      for (const home of text(frame).split('\n')) homes.add(home === '' ? '/' : home);
    } else if (match?.[1] && match[2]) {
      const key = `${match[1]}:${match[2]}`;
      const file = files.get(key) ?? {
        as: match[1],
        number: Number(match[2]),
        path: '',
        pathFrame: frame,
        absent: false,
      };
      files.set(key, file);
      addToFile(file, match[3], frame);
    } else addToCommand(commands, frame);
  }
  return { files: [...files.values()], commands, running: [...running.values()], homes: [...homes] };
}

function addToFile(file: HostFile, word: string | undefined, frame: Frame): void {
  switch (word) {
    case undefined:
      file.content = frame;
      break;
    case 'path':
      file.path = text(frame);
      file.pathFrame = frame;
      break;
    case 'stat':
    case 'real.stat':
      file.stat = parseFileStat(frame.body) ?? file.stat;
      break;
    case 'link':
      file.link = text(frame);
      break;
    case 'real':
      file.real = text(frame).replace(/\n$/, '');
      break;
    case 'list':
      file.listing = { files: parseListing(frame.body).files, frame };
      break;
    case 'sha256':
      file.sha256 = SHA256.exec(text(frame))?.[1];
      break;
    case 'owner':
      file.owner = frame;
      break;
    case 'absent':
      file.absent = true;
      break;
    case 'left':
      file.left = text(frame);
      break;
  }
}

function addToCommand(commands: Map<string, HostCommand>, frame: Frame): void {
  const match = COMMAND.exec(frame.name);
  if (!match?.[1]) return;
  const command = commands.get(match[1]) ?? { name: match[1], absent: false };
  commands.set(match[1], command);
  if (match[2] === 'tool') command.tool = text(frame);
  else if (match[2] === 'absent') command.absent = true;
  else if (match[2] === 'left') command.left = text(frame);
  else command.output = frame;
}

/** Reads `stat -c` of the script's FORMAT; undefined where it failed. A birth time of 0 or '-' is none. */
export function parseFileStat(body: Buffer): FileStat | undefined {
  const match = STAT.exec(body.toString('latin1'));
  if (!match) return undefined;
  const [, file = '', size, names, mode = '0', uid, gid, atime, mtime, ctime, btime] = match;
  return {
    file,
    size: Number(size),
    names: Number(names),
    mode: Number.parseInt(mode, 16),
    uid: Number(uid),
    gid: Number(gid),
    atime: Number(atime),
    mtime: Number(mtime),
    ctime: Number(ctime),
    btime: Number(btime) > 0 ? Number(btime) : undefined,
  };
}

function text(frame: Frame): string {
  return frame.body.toString('utf8');
}
