import type {
  ConversationRow,
  DnsRow,
  HttpRow,
  LoginRow,
  NetEnd,
  PacketRow,
  TlsRow,
  TransferRow,
} from '../../../shared/contract/network';
import { client } from '../../client';

/** What a capture is looked at by; 'connections' is what the hosts' own tables said at collection. */
export const VIEWS = [
  'conversations',
  'dns',
  'http',
  'tls',
  'logins',
  'transfers',
  'packets',
  'graph',
  'connections',
] as const;
export type View = (typeof VIEWS)[number];
export const VIEW_NAMES: Record<View, string> = {
  conversations: 'Conversations',
  dns: 'DNS',
  http: 'HTTP',
  tls: 'TLS',
  logins: 'Logins',
  transfers: 'FTP files',
  packets: 'Packets',
  graph: 'Who with whom',
  connections: 'At collection',
};

export type NetRow = ConversationRow | DnsRow | HttpRow | TlsRow | LoginRow | TransferRow | PacketRow;
type Listed = Exclude<View, 'graph' | 'connections'>;

const PAGE = 2000;
/** Rows that the table holds; of more the filter by text makes fewer, and the screen says so. */
export const MOST = 20_000;
/** Packets are shown in parts of so many. */
export const PART = 2000;

/** Rows of one view: all up to what the table holds, of packets one part. */
export async function rowsOf(
  view: Listed,
  asked: { case: string; exhibit: string; text?: string; from: number },
  signal: AbortSignal,
): Promise<{ rows: NetRow[]; total: number }> {
  const { from, text, ...of } = asked;
  if (view === 'packets') return client.network.packets({ ...of, offset: from, limit: PART }, { signal });
  const rows: NetRow[] = [];
  for (;;) {
    const page: { rows: NetRow[]; total: number } = await client.network[view](
      { ...of, text, offset: rows.length, limit: PAGE },
      { signal },
    );
    for (const row of page.rows) rows.push(row);
    if (page.rows.length < PAGE || rows.length >= Math.min(MOST, page.total)) return { rows, total: page.total };
  }
}

/** 'address:port', and the best that is known of it. */
export function endLabel({ address, port, containers, names }: NetEnd): string {
  const place = port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const known = containers.length > 0 ? containers.map(({ name }) => name).join(' or ') : names[0];
  return known === undefined ? place : `${known} ${place}`;
}

/** Processes at either end; 'unknown' where no collected socket names one. */
export function holders(...ends: NetEnd[]): string {
  const held = ends.flatMap(({ processes }) => processes.map(({ pid, comm }) => `${pid} ${comm}`));
  return held.length === 0 ? 'unknown' : held.join(', ');
}
