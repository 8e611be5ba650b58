import type {
  ConversationRow,
  DnsRow,
  HttpRow,
  LoginRow,
  NetEnd,
  PacketRow,
  TlsRow,
  TransferRow,
} from '../../shared/contract/network';
import { visible } from '../../shared/visible';
import { bytesText, clip } from './format';

/** What `lading packets` lists of a capture. */
export const PACKET_KINDS = ['conversations', 'dns', 'http', 'tls', 'logins', 'transfers', 'packets'] as const;
export type PacketKind = (typeof PACKET_KINDS)[number];
/** A row of any of them. */
export type PacketLine = ConversationRow | DnsRow | HttpRow | TlsRow | LoginRow | TransferRow | PacketRow;

const HEADS: Record<PacketKind, string[]> = {
  conversations: ['ID', 'LAYER', 'A', 'B', 'A→B', 'B→A', 'FIRST (UTC)', 'LAST (UTC)', 'PROCESS', 'PLACE'],
  dns: ['TIME (UTC)', 'FROM', 'TO', 'WHAT', 'NAME', 'ANSWERS', 'PLACE'],
  http: ['ID', 'TIME (UTC)', 'CLIENT', 'SERVER', 'REQUEST', 'SENT', 'STATUS', 'RECEIVED', 'PLACE'],
  tls: ['TIME (UTC)', 'FROM', 'TO', 'WHAT', 'VERSION', 'NAME', 'JA3', 'JA4', 'PLACE'],
  logins: ['TIME (UTC)', 'CLIENT', 'SERVER', 'PROTOCOL', 'USER', 'SECRET', 'PLACE'],
  transfers: ['ID', 'TIME (UTC)', 'WAY', 'FILE', 'BYTES', 'CONVERSATION', 'PLACE'],
  packets: ['NO', 'TIME (UTC)', 'SOURCE', 'DESTINATION', 'PROTOCOL', 'LENGTH', 'INFO', 'PLACE'],
};
export const packetHeads = (kind: PacketKind) => HEADS[kind].map((head) => ({ head }));

/** An end with the best that is known of it. */
function end({ address, port, containers, names }: NetEnd): string {
  const place = port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
  const known = containers.length > 0 ? containers.map(({ name }) => name).join('/') : names[0];
  return visible(known === undefined ? place : `${place} (${known})`, { max: 60 });
}

/** A row as the cells below those heads. */
export function packetCells(row: PacketLine): string[] {
  const place = row.locator;
  const time = 'time' in row ? row.time.slice(0, 26) : '';
  if ('packetsAB' in row) {
    const held = [...row.a.processes, ...row.b.processes].map(({ pid, comm }) => `${pid} ${visible(comm)}`);
    return [
      String(row.id),
      row.layer,
      end(row.a),
      end(row.b),
      `${row.packetsAB} ${bytesText(row.bytesAB)}`,
      `${row.packetsBA} ${bytesText(row.bytesBA)}`,
      row.first.slice(0, 23),
      row.last.slice(0, 23),
      clip(held.join(', ') || 'unknown', 30),
      place,
    ];
  }
  if ('answers' in row) {
    return [
      time,
      end(row.source),
      end(row.destination),
      row.response ? (row.code === 0 ? 'answer' : `answer, code ${row.code}`) : 'question',
      clip(`${row.type} ${visible(row.name)}`, 60),
      clip(visible(row.answers.map(({ value }) => value).join(' ')), 50),
      place,
    ];
  }
  if ('requestBytes' in row) {
    return [
      String(row.id),
      time,
      end(row.client),
      end(row.server),
      clip(visible(`${row.method ?? '?'} ${row.host ?? ''}${row.target ?? ''}`), 70),
      String(row.requestBytes),
      String(row.status ?? '-'),
      String(row.responseBytes),
      place,
    ];
  }
  if ('serverName' in row) {
    return [
      time,
      end(row.source),
      end(row.destination),
      row.kind,
      row.version ?? '',
      clip(visible(row.serverName ?? row.subject ?? ''), 60),
      row.ja3 ?? '',
      row.ja4 ?? '',
      place,
    ];
  }
  if ('secretLength' in row) {
    return [
      time,
      end(row.client),
      end(row.server),
      `${row.protocol} ${row.way}`,
      visible(row.user, { max: 60 }),
      `${row.secretLength} characters`,
      place,
    ];
  }
  if ('listener' in row) {
    return [
      String(row.id),
      time,
      row.way,
      clip(visible(row.name), 60),
      String(row.bytes),
      String(row.conversation ?? 'not in the capture'),
      place,
    ];
  }
  return [
    String(row.number),
    time,
    row.source,
    row.destination,
    row.protocol,
    String(row.length),
    clip(visible(row.info), 90),
    place,
  ];
}
