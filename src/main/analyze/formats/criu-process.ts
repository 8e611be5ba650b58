import type { CriuImage } from './criu-image';
import {
  type WireMessage,
  wireBytes,
  wireInt,
  wireInts,
  wireMessage,
  wireMessages,
  wireNumber,
  wireText,
} from './protobuf';

/** A process of pstree.img. PIDs are those inside the container. */
export interface CriuProcess {
  pid: number;
  ppid: number;
  pgid?: number;
  sid?: number;
  threads: number[];
}

/** The tree of processes, as CRIU wrote it: parents before children. */
export function readTree(image: CriuImage): CriuProcess[] {
  return image.entries.flatMap((entry) => {
    const pid = wireNumber(entry, 1);
    if (pid === undefined) return [];
    return [
      {
        pid,
        ppid: wireNumber(entry, 2) ?? 0,
        pgid: wireNumber(entry, 3),
        sid: wireNumber(entry, 4),
        threads: wireInts(entry, 5).map(Number),
      },
    ];
  });
}

/** What core-PID.img says of a process beside its memory. */
export interface CriuCore {
  comm?: string;
  uid?: number;
  euid?: number;
  /** Instruction and stack pointer of x86-64, where the image has them. */
  ip?: bigint;
  sp?: bigint;
}

/** CRIU, images/core.proto, core-x86.proto, creds.proto. */
export function readCore(image: CriuImage): CriuCore {
  const [core] = image.entries;
  if (!core) return {};
  const task = wireMessage(core, 3);
  const thread = wireMessage(core, 4);
  const credentials = thread && wireMessage(thread, 9);
  const x86 = wireMessage(core, 2);
  const registers = x86 && wireMessage(x86, 2);
  return {
    comm: task && wireText(task, 6),
    uid: credentials && wireNumber(credentials, 1),
    euid: credentials && wireNumber(credentials, 3),
    ip: registers && wireInt(registers, 17),
    sp: registers && wireInt(registers, 20),
  };
}

/** What a mapping is; CRIU's VMA_AREA_ and VMA_FILE_ bits of `status`. */
export type CriuVmaKind =
  | 'file'
  | 'anonymous'
  | 'shared'
  | 'memfd'
  | 'stack'
  | 'heap'
  | 'vdso'
  | 'vvar'
  | 'vsyscall'
  | 'socket';

export interface CriuVma {
  start: bigint;
  end: bigint;
  /** Bytes into the file. */
  fileOffset: bigint;
  /** Of a file: its id in files.img; of shared memory: the id of its pages. */
  shmid: bigint;
  /** 'rwxp' as in /proc/PID/maps. */
  perms: string;
  kind: CriuVmaKind;
}

/** Memory of a process as mm-PID.img describes it (CRIU, images/mm.proto, vma.proto). */
export interface CriuMemory {
  arguments?: { start: bigint; end: bigint };
  environment?: { start: bigint; end: bigint };
  /** Break: the heap. */
  heap?: { start: bigint; end: bigint };
  /** Where the stack began. */
  stack?: bigint;
  /** Id of the executable in files.img. */
  exe?: bigint;
  vmas: CriuVma[];
}

export function readMm(image: CriuImage): CriuMemory | undefined {
  const [mm] = image.entries;
  if (!mm) return undefined;
  const span = (from: number, to: number) => {
    const [start, end] = [wireInt(mm, from), wireInt(mm, to)];
    return start !== undefined && end !== undefined && end > start ? { start, end } : undefined;
  };
  return {
    arguments: span(8, 9),
    environment: span(10, 11),
    heap: span(6, 7),
    stack: wireInt(mm, 5),
    exe: wireInt(mm, 12),
    vmas: wireMessages(mm, 14).flatMap((vma) => {
      const [start, end] = [wireInt(vma, 1), wireInt(vma, 2)];
      if (start === undefined || end === undefined || end <= start) return [];
      const prot = wireInt(vma, 5) ?? 0n;
      const shared = ((wireInt(vma, 6) ?? 0n) & 1n) !== 0n;
      const perms = `${prot & 1n ? 'r' : '-'}${prot & 2n ? 'w' : '-'}${prot & 4n ? 'x' : '-'}${shared ? 's' : 'p'}`;
      return [
        {
          start,
          end,
          fileOffset: wireInt(vma, 3) ?? 0n,
          shmid: wireInt(vma, 4) ?? 0n,
          perms,
          kind: kindOf(wireInt(vma, 7) ?? 0n),
        },
      ];
    }),
  };
}

function kindOf(status: bigint): CriuVmaKind {
  const is = (bit: bigint) => (status & (1n << bit)) !== 0n;
  if (is(14n)) return 'memfd';
  if (is(2n)) return 'vsyscall';
  if (is(3n)) return 'vdso';
  if (is(12n)) return 'vvar';
  if (is(11n)) return 'socket';
  if (is(6n) || is(7n)) return 'file';
  if (is(8n) || is(10n)) return 'shared';
  if (is(5n)) return 'heap';
  return is(1n) ? 'stack' : 'anonymous';
}

/** Files, sockets and memfds of files.img, by their id (CRIU, images/fdinfo.proto and those it names). */
export interface CriuFile {
  id: number;
  kind: 'file' | 'inet socket' | 'unix socket' | 'pipe' | 'memfd' | 'other';
  /** Path, 'memfd:#' with the id that memfd.img knows it by, or a socket's ends in words. */
  name: string;
  size?: number;
  mode?: number;
  socket?: { protocol: string; local: string; remote: string; state: string };
}

const TCP_STATES =
  'ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING'.split(' ');

export function readFiles(image: CriuImage): CriuFile[] {
  return image.entries.flatMap((entry): CriuFile[] => {
    const id = wireNumber(entry, 2);
    if (id === undefined) return [];
    const file = wireMessage(entry, 3);
    if (file) {
      return [
        { id, kind: 'file', name: wireText(file, 6) ?? '', size: wireNumber(file, 8), mode: wireNumber(file, 10) },
      ];
    }
    const inet = wireMessage(entry, 4);
    if (inet) {
      const socket = inetSocket(inet);
      return [{ id, kind: 'inet socket', name: `${socket.local} → ${socket.remote} ${socket.state}`, socket }];
    }
    const unix = wireMessage(entry, 16);
    if (unix) {
      const name = wireBytes(unix, 11)?.toString('utf8') ?? '';
      return [{ id, kind: 'unix socket', name: name.replace(/^\0/, '@').replace(/\0+$/, '') }];
    }
    const memfd = wireMessage(entry, 20);
    if (memfd) return [{ id, kind: 'memfd', name: `memfd:#${wireInt(memfd, 5) ?? '?'}` }];
    if (wireBytes(entry, 18)) return [{ id, kind: 'pipe', name: 'pipe' }];
    return [{ id, kind: 'other', name: `type ${wireNumber(entry, 1) ?? 0}` }];
  });
}

function inetSocket(inet: WireMessage) {
  const six = wireNumber(inet, 3) === 10;
  const type = wireNumber(inet, 5);
  const protocol = `${type === 6 ? 'tcp' : type === 17 ? 'udp' : `protocol ${type ?? '?'}`}${six ? '6' : ''}`;
  const end = (address: number, port: number) =>
    `${addressOf(wireInts(inet, address), six)}:${wireNumber(inet, port) ?? 0}`;
  const state = wireNumber(inet, 6) ?? 0;
  return { protocol, local: end(11, 7), remote: end(12, 8), state: TCP_STATES[state - 1] ?? String(state) };
}

/** Words as the kernel holds them: bytes in network order, read as little-endian numbers. */
function addressOf(words: readonly bigint[], six: boolean): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [i, word] of words.entries()) bytes.writeUInt32LE(Number(word & 0xffffffffn), i * 4);
  if (!six) return bytes.length === 4 ? [...bytes].join('.') : '?';
  if (bytes.length !== 16) return '[?]';
  return `[${Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')}]`;
}

/** An open file of fdinfo-N.img: which descriptor means which file. */
export function readFdInfo(image: CriuImage): { fd: number; file: number }[] {
  return image.entries.flatMap((entry) => {
    const [file, fd] = [wireNumber(entry, 1), wireNumber(entry, 4)];
    return file === undefined || fd === undefined ? [] : [{ fd, file }];
  });
}

/** N of a process's fdinfo-N.img, as ids-PID.img says. */
export function readFilesId(image: CriuImage): number | undefined {
  return image.entries[0] && wireNumber(image.entries[0], 2);
}

/** A memfd of memfd.img: its name, its size and the id of its pages. */
export function readMemfds(image: CriuImage): { id: bigint; name: string; size: number; shmid: bigint }[] {
  return image.entries.flatMap((entry) => {
    const [name, size, shmid, id] = [wireText(entry, 1), wireNumber(entry, 4), wireInt(entry, 5), wireInt(entry, 7)];
    return name === undefined || size === undefined || shmid === undefined ? [] : [{ id: id ?? 0n, name, size, shmid }];
  });
}

/** Which ghost file stands for which deleted file of files.img (remap-fpath.img; type 1 is a ghost). */
export function readGhosts(image: CriuImage): { file: number; ghost: number }[] {
  return image.entries.flatMap((entry) => {
    const [file, ghost, type] = [wireNumber(entry, 1), wireNumber(entry, 2), wireNumber(entry, 3) ?? 1];
    return file === undefined || ghost === undefined || type !== 1 ? [] : [{ file, ghost }];
  });
}
