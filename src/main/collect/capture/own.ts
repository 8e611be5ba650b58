import { isIP } from 'node:net';
import type { CollectContext } from '../collector';
import { OWN } from './script';
import { readText } from './text';

/** The TCP connection by which a host is reached, as the host sees it. */
export interface OwnConnection {
  client: string;
  clientPort: number;
  server: string;
  serverPort: number;
}

/** `SSH_CONNECTION` of ssh(1): client, port, server, port. It comes from the host: whatever is no address is refused. */
export function parseOwn(text: string): OwnConnection | undefined {
  const words = text.trim().split(' ');
  const [client = '', clientPort = '', server = '', serverPort = ''] = words;
  if (words.length !== 4 || !isIP(client) || isIP(client) !== isIP(server)) return undefined;
  if (client.includes('%') || server.includes('%')) return undefined;
  const ports = [clientPort, serverPort].map((port) => (/^\d{1,5}$/.test(port) ? Number(port) : 0));
  const [from = 0, to = 0] = ports;
  if (from < 1 || from > 65_535 || to < 1 || to > 65_535) return undefined;
  return { client, clientPort: from, server, serverPort: to };
}

/** Asks the host for it; undefined where the host is this machine, or did not say. */
export async function ownConnection(ctx: CollectContext): Promise<OwnConnection | undefined> {
  if (ctx.host.transport !== 'ssh') return undefined;
  const execution = await ctx.host.exec(['sh', '-c', OWN], { signal: ctx.signal, timeoutMs: 30_000 });
  const [said] = await Promise.all([readText(execution.stdout, 4096), readText(execution.stderr, 4096)]);
  await execution.done;
  return parseOwn(said);
}

/** Both directions of it, as an expression of pcap-filter(7). */
export function ownFilter({ client, clientPort, server, serverPort }: OwnConnection): string {
  const way = (from: string, port: number, to: string, toPort: number) =>
    `(src host ${from} and src port ${port} and dst host ${to} and dst port ${toPort})`;
  return `not (tcp and (${way(client, clientPort, server, serverPort)} or ${way(server, serverPort, client, clientPort)}))`;
}

/** The examiner's filter, without the own connection where that is known and not wanted. Empty: everything. */
export function wholeFilter(filter: string, own: OwnConnection | undefined): string {
  const said = filter.trim();
  if (!own) return said;
  return said === '' ? ownFilter(own) : `(${said}) and ${ownFilter(own)}`;
}
