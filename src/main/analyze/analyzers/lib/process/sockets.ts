import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import type { AnalyzeContext } from '../../../analyzer';
import { type Frame, frameLocator, parseFrames } from '../../../formats/frames';
import { processesOf } from '../../../formats/proc-frames';
import { type InetSocket, parseInet, parsePacket, parseUnix, socketInode } from '../../../formats/proc-net';
import { descriptors, type Process, sayFaults } from './model';

/** A row of a table of sockets with its place. */
export type Socket =
  | { kind: 'inet'; row: InetSocket; cite: Citation; namespace: number }
  | { kind: 'unix'; path: string; cite: Citation; namespace: number }
  | { kind: 'packet'; type: string; cite: Citation; namespace: number };

/** The sockets of a container, by inode. `namespace` is the PID under which their table was read. */
export interface Sockets {
  byInode: ReadonlyMap<number, Socket>;
  /** Ports that something listens on, as 'namespace tcp port'. */
  listening: ReadonlySet<string>;
}

/** What stands in where no sockets were collected. */
export const NO_SOCKETS: Sockets = { byInode: new Map(), listening: new Set() };

const INET = /^net\/((?:tcp|udp|udplite|raw|icmp)6?)$/;
const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

export function isLoopback(address: string): boolean {
  return LOOPBACK.test(address);
}

/** 'tcp' of 'tcp6': a port that listens on IPv6 takes IPv4 as well. */
function family(protocol: string): string {
  return protocol.replace(/6$/, '');
}

const portKey = (namespace: number, protocol: string, port: number) => `${namespace} ${family(protocol)} ${port}`;

/** '10.0.0.2:4444', '[::1]:80'. */
export function endpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Reads one exhibit of 'container.sockets'. Lines that are none are reported by table. */
export async function readSockets(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Sockets> {
  const set = parseFrames(await ctx.read(exhibit));
  sayFaults(ctx, exhibit, set);
  const byInode = new Map<number, Socket>();
  const listening = new Set<string>();
  const keep = (inode: number, socket: Socket) => {
    if (inode > 0 && !byInode.has(inode)) byInode.set(inode, socket);
  };
  for (const { pid, frames } of processesOf(set)) {
    for (const frame of frames.values()) {
      const cite = (place: { offset: number; length: number }): Citation => ({
        exhibit: exhibit.id,
        locator: frameLocator(frame, place),
      });
      const lost = readTable(frame, {
        inet(row) {
          keep(row.inode, { kind: 'inet', row, cite: cite(row), namespace: pid });
          const open = row.state === 'LISTEN' || (row.protocol.startsWith('udp') && row.remotePort === 0);
          if (open) listening.add(portKey(pid, row.protocol, row.localPort));
        },
        other: (inode, place, what) => keep(inode, { ...what, cite: cite(place), namespace: pid }),
      });
      if (lost > 0) ctx.unreadable(exhibit, `${lost} lines of ${frame.name} of process ${pid} are not understood.`);
    }
  }
  return { byInode, listening };
}

type Unplaced = { kind: 'unix'; path: string } | { kind: 'packet'; type: string };

/** Gives each row to its taker, and the number of lines that are none. */
function readTable(
  frame: Frame,
  take: {
    inet(row: InetSocket): void;
    other(inode: number, place: { offset: number; length: number }, what: Unplaced): void;
  },
): number {
  const inet = INET.exec(frame.name)?.[1];
  if (inet) {
    const { rows, unreadable } = parseInet(frame.body, inet);
    for (const row of rows) take.inet(row);
    return unreadable;
  }
  if (frame.name === 'net/unix') {
    const { rows, unreadable } = parseUnix(frame.body);
    for (const row of rows) take.other(row.inode, row, { kind: 'unix', path: row.path });
    return unreadable;
  }
  if (frame.name === 'net/packet') {
    const { rows, unreadable } = parsePacket(frame.body);
    for (const row of rows) take.other(row.inode, row, { kind: 'packet', type: row.type });
    return unreadable;
  }
  return 0;
}

/** A socket that a process has open, with the places of its descriptor and of its row. */
export interface HeldSocket {
  fd: number;
  inode: number;
  /** Undefined where the tables do not have it: they were not collected, or it was closed or opened in between. */
  socket?: Socket;
  cites: Citation[];
}

/** What a process holds of sockets. */
export function heldSockets(process: Process, { byInode }: Sockets): HeldSocket[] {
  return descriptors(process).flatMap(({ fd, target, cite }) => {
    const inode = socketInode(target);
    if (inode === undefined) return [];
    const socket = byInode.get(inode);
    return [{ fd, inode, socket, cites: socket ? [cite, socket.cite] : [cite] }];
  });
}

export interface Connection {
  row: InetSocket;
  /** The peer came to us: something listens on the local port, or only the peer's port is one that systems draw. */
  inbound: boolean;
  cites: Citation[];
}

/** Where Linux begins to draw ports for those who go out: ip_local_port_range, ip(7). */
const DRAWN = 32_768;

/** The established TCP and connected UDP connections of a process, each once, whatever the number of descriptors. */
export function connections(process: Process, sockets: Sockets): Connection[] {
  const once = new Map<number, Connection>();
  for (const { inode, socket, cites } of heldSockets(process, sockets)) {
    if (socket?.kind !== 'inet' || once.has(inode)) continue;
    const { row, namespace } = socket;
    if (!/^(?:tcp|udp)/.test(row.protocol) || row.remotePort === 0) continue;
    if (!['ESTABLISHED', 'SYN_SENT', 'CLOSE_WAIT'].includes(row.state)) continue;
    const listens = sockets.listening.has(portKey(namespace, row.protocol, row.localPort));
    const inbound = row.protocol.startsWith('tcp') && (listens || (row.localPort < DRAWN && row.remotePort >= DRAWN));
    once.set(inode, { row, inbound, cites });
  }
  return [...once.values()];
}

/** TCP sockets of a process that wait for peers. */
export function listeners(process: Process, sockets: Sockets): { row: InetSocket; cites: Citation[] }[] {
  return heldSockets(process, sockets).flatMap(({ socket, cites }) =>
    socket?.kind === 'inet' && socket.row.state === 'LISTEN' ? [{ row: socket.row, cites }] : [],
  );
}
