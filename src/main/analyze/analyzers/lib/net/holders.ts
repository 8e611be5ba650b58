import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import type { AnalyzeContext } from '../../../analyzer';
import { frameLocator, frameReader } from '../../../formats/frames';
import { linksOf, nulWords, type ProcessFrames, processesOf } from '../../../formats/proc-frames';
import { parseInet, socketInode } from '../../../formats/proc-net';
import { parseStat } from '../../../formats/proc-stat';

/** A process that held a socket, with the place that says so. */
export interface Holder {
  pid: number;
  comm: string;
  command: string;
  /** The link of the descriptor, and the socket's line. */
  cites: Citation[];
}

export interface End {
  address: string;
  port: number;
}

/** Processes that held a socket bound to the first end and connected to the second; empty: not known. */
export type Holders = (local: End, remote: End) => Holder[];

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6'];
/** Connections, and descriptors, of one host that are remembered. */
const MOST = 300_000;
const KEEP = 64 * 1024 * 1024;

const SAMPLED = /^(?:container|host|network)\.(?:capture|sockets)$/;

/**
 * Reads the sockets of a host that were collected before, during and after captures. What ran too short to be in any of them
 * is in none: then nothing is said, not guessed.
 */
export async function holdersOf(ctx: AnalyzeContext, host: string | undefined): Promise<Holders> {
  /** Inodes of a connection, each with the place of its line. */
  const byEnds = new Map<string, Map<number, Citation>>();
  const byInode = new Map<number, Map<string, Holder>>();
  let descriptors = 0;

  function take(exhibit: string, process: ProcessFrames, names: Map<number, { comm: string; command: string }>): void {
    const stat = process.frames.get('stat');
    const told = stat && parseStat(stat.body);
    const cmdline = process.frames.get('cmdline');
    const before = names.get(process.pid);
    const own = {
      comm: told?.comm ?? before?.comm ?? '',
      command: cmdline
        ? nulWords(cmdline.body)
            .map(({ text }) => text)
            .join(' ')
        : told === undefined || told.comm === before?.comm
          ? (before?.command ?? '')
          : '',
    };
    names.set(process.pid, own);
    for (const protocol of TABLES) {
      const frame = process.frames.get(`net/${protocol}`);
      for (const socket of frame ? parseInet(frame.body, protocol).rows : []) {
        if (socket.inode === 0 || socket.remotePort === 0 || !frame) continue;
        const key = keyOf(
          { address: socket.localAddress, port: socket.localPort },
          { address: socket.remoteAddress, port: socket.remotePort },
        );
        const held = byEnds.get(key) ?? new Map<number, Citation>();
        if (held.size === 0 && byEnds.size >= MOST) continue;
        byEnds.set(key, held);
        if (!held.has(socket.inode)) held.set(socket.inode, { exhibit, locator: frameLocator(frame, socket) });
      }
    }
    for (const [name, link] of linksOf(process)) {
      const inode = name.startsWith('fd/') ? socketInode(link.target) : undefined;
      if (inode === undefined) continue;
      const held = byInode.get(inode) ?? new Map<string, Holder>();
      const key = `${process.pid} ${told?.startTime ?? ''}`;
      const one = held.get(key);
      // after execve(2) the same process has another name: the last it had
      if (one) Object.assign(one, own.comm === '' ? {} : own);
      else if (++descriptors <= MOST) {
        const cite = { exhibit, locator: frameLocator(link.frame, link) };
        held.set(key, { pid: process.pid, ...own, cites: [cite] });
        byInode.set(inode, held);
      }
    }
  }

  for (const exhibit of ctx.exhibits) {
    if (!isSampled(exhibit, host)) continue;
    // reading checks the record's hash; a damaged one is said by the analyzer of processes
    const names = new Map<number, { comm: string; command: string }>();
    await eachProcess(ctx, exhibit, (process) => take(exhibit.id, process, names));
  }
  return (local, remote) => {
    const found = new Map<number, Holder>();
    for (const [inode, line] of byEnds.get(keyOf(local, remote)) ?? []) {
      for (const holder of byInode.get(inode)?.values() ?? []) {
        if (!found.has(holder.pid)) found.set(holder.pid, { ...holder, cites: [...holder.cites, line] });
      }
    }
    return [...found.values()];
  };
}

function isSampled({ collector, kind, host }: ExhibitRecord, of: string | undefined): boolean {
  return kind === 'frames' && SAMPLED.test(collector.id) && host?.id === of;
}

/** A connection of IPv4 may be of an IPv6 program: then its table has ::ffff:a.b.c.d. */
function keyOf(local: End, remote: End): string {
  const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/, '');
  return `${plain(local.address)} ${local.port} ${plain(remote.address)} ${remote.port}`;
}

/** Process by process, in constant memory: the frames of a process stand together. */
async function eachProcess(ctx: AnalyzeContext, exhibit: ExhibitRecord, each: (process: ProcessFrames) => void) {
  const reader = frameReader({ keep: KEEP });
  let held: ReturnType<typeof reader.drain> = [];
  const flush = () => {
    if (held[0]?.pid !== undefined) for (const process of processesOf({ frames: held })) each(process);
    held = [];
  };
  const take = (frames: typeof held) => {
    for (const frame of frames) {
      if (held.length > 0 && held[0]?.pid !== frame.pid) flush();
      held.push(frame);
    }
  };
  try {
    for await (const chunk of ctx.stream(exhibit)) {
      reader.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
      take(reader.drain());
    }
  } catch (error) {
    ctx.unreadable(exhibit, error instanceof Error ? error.message : String(error));
    return;
  }
  take(reader.end().frames);
  flush();
}
