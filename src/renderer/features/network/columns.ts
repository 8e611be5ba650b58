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
import type { DataColumn } from '../../components/DataTable';
import { endLabel, holders } from './rows';

/** Columns of a list; its rows all have a time in one of two fields. */
const time = <T extends object>(value: (row: T) => string): DataColumn<T> => ({
  id: 'time',
  header: 'Time (UTC)',
  width: 190,
  value: (row) => value(row).replace('T', ' ').replace('Z', ''),
});
const end = <T extends object>(id: string, header: string, of: (row: T) => NetEnd): DataColumn<T> => ({
  id,
  header,
  width: 220,
  mono: true,
  value: (row) => endLabel(of(row)),
});
const number = <T extends object>(id: string, header: string, value: (row: T) => number | null): DataColumn<T> => ({
  id,
  header,
  width: 96,
  align: 'end',
  value,
});
const text = <T extends object>(
  id: string,
  header: string,
  width: number,
  value: (row: T) => string | null,
  more: { facet?: boolean; mono?: boolean } = {},
): DataColumn<T> => ({
  id,
  header,
  width,
  value,
  ...more,
});

export const conversationColumns: readonly DataColumn<ConversationRow>[] = [
  text('layer', 'Layer', 70, (row) => row.layer, { facet: true }),
  end('a', 'A (sent first)', (row) => row.a),
  end('b', 'B', (row) => row.b),
  number('bytesAB', 'Bytes A→B', (row) => row.bytesAB),
  number('bytesBA', 'Bytes B→A', (row) => row.bytesBA),
  number('packets', 'Packets', (row) => row.packetsAB + row.packetsBA),
  text('process', 'Process', 150, (row) => holders(row.a, row.b)),
  { ...time<ConversationRow>((row) => row.first), header: 'First (UTC)' },
  { ...time<ConversationRow>((row) => row.last), id: 'last', header: 'Last (UTC)' },
  text('marks', 'TCP', 160, (row) => row.marks.join(' ')),
];
export const dnsColumns: readonly DataColumn<DnsRow>[] = [
  time((row) => row.time),
  text('what', 'What', 90, (row) => (row.response ? (row.code === 0 ? 'answer' : `error ${row.code}`) : 'question'), {
    facet: true,
  }),
  text('type', 'Type', 70, (row) => row.type, { facet: true }),
  text('name', 'Name', 280, (row) => row.name, { mono: true }),
  text('answers', 'Answers', 220, (row) => row.answers.map(({ value }) => value).join(' '), { mono: true }),
  end('source', 'From', (row) => row.source),
  end('destination', 'To', (row) => row.destination),
];
export const httpColumns: readonly DataColumn<HttpRow>[] = [
  time((row) => row.time),
  text('method', 'Method', 80, (row) => row.method, { facet: true }),
  text('target', 'Request', 300, (row) => `${row.host ?? ''}${row.target ?? ''}`, { mono: true }),
  number('sent', 'Body sent', (row) => row.requestBytes),
  number('status', 'Status', (row) => row.status),
  number('received', 'Body back', (row) => row.responseBytes),
  end('client', 'Client', (row) => row.client),
  end('server', 'Server', (row) => row.server),
  text('agent', 'User agent', 180, (row) => row.agent),
];
export const tlsColumns: readonly DataColumn<TlsRow>[] = [
  time((row) => row.time),
  text('kind', 'What', 90, (row) => row.kind, { facet: true }),
  text('name', 'Name', 260, (row) => row.serverName ?? row.subject, { mono: true }),
  text('version', 'Version', 80, (row) => row.version, { facet: true }),
  text('alpn', 'ALPN', 90, (row) => row.alpn),
  end('source', 'From', (row) => row.source),
  end('destination', 'To', (row) => row.destination),
  text('ja3', 'JA3', 240, (row) => row.ja3, { mono: true }),
  text('ja4', 'JA4', 280, (row) => row.ja4, { mono: true }),
  text('issuer', 'Issuer', 220, (row) => row.issuer),
  text('valid', 'Valid to', 170, (row) => row.validTo),
];
export const loginColumns: readonly DataColumn<LoginRow>[] = [
  time((row) => row.time),
  text('protocol', 'Protocol', 90, (row) => row.protocol, { facet: true }),
  text('way', 'Way', 110, (row) => row.way),
  text('user', 'User', 160, (row) => row.user),
  text('secret', 'Secret', 150, (row) => `••• ${row.secretLength} characters •••`),
  end('client', 'Client', (row) => row.client),
  end('server', 'Server', (row) => row.server),
];
export const transferColumns: readonly DataColumn<TransferRow>[] = [
  time((row) => row.time),
  text('way', 'Way', 90, (row) => row.way, { facet: true }),
  text('name', 'File', 300, (row) => row.name, { mono: true }),
  number('bytes', 'Bytes', (row) => row.bytes),
  text(
    'listener',
    'Data connection',
    200,
    (row) => (row.conversation === null ? `${row.listener}, not in the capture` : row.listener),
    { mono: true },
  ),
];
export const packetColumns: readonly DataColumn<PacketRow>[] = [
  number('number', 'No', (row) => row.number),
  time((row) => row.time),
  text('source', 'Source', 200, (row) => row.source, { mono: true }),
  text('destination', 'Destination', 200, (row) => row.destination, { mono: true }),
  text('protocol', 'Protocol', 84, (row) => row.protocol, { facet: true }),
  number('length', 'Length', (row) => row.length),
  text('info', 'Info', 420, (row) => row.info),
];
