import type { ExhibitRecord } from '../../../../shared/domain';
import { type Frame, frameLocator } from '../../formats/frames';
import { linksOf, type ProcessFrames } from '../../formats/proc-frames';
import { type InetSocket, parseInet, parsePacket, parseUnix } from '../../formats/proc-net';
import { defineIndexer, type IndexContext } from '../indexer';
import { writeFds } from './lib/fds';
import { hostOf, processParts } from './lib/frames';
import { sampledProcesses } from './lib/sampled';

const INET = ['tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'udplite6', 'raw', 'raw6', 'icmp', 'icmp6'];

/** Sockets of each network namespace, and which process has which of them open. */
export default defineIndexer({
  id: 'sockets',
  version: '3',
  title: 'Sockets',
  accepts: ({ collector, kind }) =>
    kind === 'frames' &&
    (collector.id === 'container.sockets' ||
      collector.id === 'host.sockets' ||
      // samples before, during and after a capture
      collector.id.endsWith('.capture')),
  async index(ctx, exhibits) {
    for (const exhibit of exhibits) {
      await ctx.pause();
      // samples say the same again and again: of each thing the first row is enough
      const once = onceOf();
      const sampled = exhibit.collector.id.endsWith('.capture') ? await sampledProcesses(ctx, exhibit) : undefined;
      for await (const { process } of processParts(ctx, exhibit)) {
        if (!process) continue;
        const links = linksOf(process);
        const netns = links.get('ns/net')?.target;
        const row = sampled?.(process);
        const fresh = sampled
          ? new Map([...links].filter(([name, { target }]) => once(`${process.pid} ${row} ${name} ${target}`)))
          : links;
        writeFds(ctx.rows, { exhibit: exhibit.id, host: hostOf(exhibit), pid: process.pid, process: row }, fresh);
        writeTables(ctx, exhibit, process, netns, sampled ? once : () => true);
      }
    }
  },
});

/** Things that are remembered; beyond this they are said again. */
const REMEMBERED = 500_000;

/** Whether something is said for the first time. */
function onceOf(): (key: string) => boolean {
  const said = new Set<string>();
  return (key) => {
    if (said.has(key)) return false;
    if (said.size >= REMEMBERED) said.clear();
    said.add(key);
    return true;
  };
}

function writeTables(
  ctx: IndexContext,
  exhibit: ExhibitRecord,
  { frames }: ProcessFrames,
  netns: string | undefined,
  once: (key: string) => boolean,
): void {
  const host = hostOf(exhibit);
  const base = { exhibit: exhibit.id, host, netns };
  const inet: { socket: InetSocket; frame: Frame }[] = [];
  for (const protocol of INET) {
    const frame = frames.get(`net/${protocol}`);
    if (!frame) continue;
    const { rows, unreadable } = parseInet(frame.body, protocol);
    sayLines(ctx, exhibit, frame, unreadable);
    for (const socket of rows) inet.push({ socket, frame });
  }
  const listening = new Set(
    inet.filter(({ socket }) => socket.state === 'LISTEN').map(({ socket }) => socket.localPort),
  );
  for (const { socket, frame } of inet) {
    const { protocol, inode, state } = socket;
    const ends = `${socket.localAddress} ${socket.localPort} ${socket.remoteAddress} ${socket.remotePort}`;
    if (!once(`${netns} ${protocol} ${inode} ${state} ${ends}`)) continue;
    const row = ctx.rows.socket({
      ...base,
      locator: frameLocator(frame, socket),
      protocol: socket.protocol,
      local_address: socket.localAddress,
      local_port: socket.localPort,
      remote_address: socket.remoteAddress,
      remote_port: socket.remotePort,
      state: socket.state,
      uid: socket.uid,
      inode: socket.inode,
      direction: directionOf(socket, listening),
    });
    ctx.rows.text({
      exhibit: exhibit.id,
      locator: frameLocator(frame, socket),
      kind: 'socket',
      ref: row,
      body: `${socket.protocol} ${socket.localAddress}:${socket.localPort} ${socket.remoteAddress}:${socket.remotePort} ${socket.state}`,
    });
  }
  const unix = frames.get('net/unix');
  if (unix) {
    const { rows, unreadable } = parseUnix(unix.body);
    sayLines(ctx, exhibit, unix, unreadable);
    for (const socket of rows) {
      if (!once(`${netns} unix ${socket.inode} ${socket.state} ${socket.path}`)) continue;
      ctx.rows.socket({
        ...base,
        locator: frameLocator(unix, socket),
        protocol: 'unix',
        state: socket.listening ? 'LISTEN' : socket.state,
        inode: socket.inode,
        path: socket.path || undefined,
        type: socket.type,
      });
    }
  }
  const packet = frames.get('net/packet');
  if (packet) {
    const { rows, unreadable } = parsePacket(packet.body);
    sayLines(ctx, exhibit, packet, unreadable);
    for (const socket of rows) {
      if (!once(`${netns} packet ${socket.inode} ${socket.running}`)) continue;
      ctx.rows.socket({
        ...base,
        locator: frameLocator(packet, socket),
        protocol: 'packet',
        state: socket.running ? 'RUNNING' : 'IDLE',
        uid: socket.uid,
        inode: socket.inode,
        type: socket.type,
      });
    }
  }
}

function sayLines(ctx: IndexContext, exhibit: ExhibitRecord, frame: Frame, unreadable: number): void {
  if (unreadable > 0) ctx.unreadable(exhibit, `${unreadable} lines of ${frame.name} at byte ${frame.offset} are none.`);
}

const LOOPBACK = /^(?:127\.|::1$|::ffff:127\.)/;

/** First port of those that Linux gives to who connects (ip_local_port_range). */
const EPHEMERAL = 32_768;

/**
 * Who began. Inferred, not said by the kernel: something listens on the port in the same namespace, or one port alone is
 * of those that connecting programs get. Undefined where neither tells.
 */
function directionOf(socket: InetSocket, listening: ReadonlySet<number>): string | undefined {
  const { protocol, state, localPort, remotePort } = socket;
  const tcp = protocol.startsWith('tcp');
  if (remotePort === 0) return tcp && state !== 'LISTEN' ? undefined : 'listen';
  if (LOOPBACK.test(socket.remoteAddress)) return 'local';
  if (tcp && listening.has(localPort)) return 'in';
  if (localPort >= EPHEMERAL && remotePort < EPHEMERAL) return 'out';
  if (localPort < EPHEMERAL && remotePort >= EPHEMERAL) return 'in';
  return undefined;
}
