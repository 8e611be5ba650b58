import { z } from 'zod';
import {
  type CONVERSATION_SORTS,
  type ConversationRow,
  type DnsRow,
  type HttpRow,
  type LoginRow,
  NET_LAYERS,
  type NetEnd,
  type TlsRow,
  type TransferRow,
} from '../../../shared/contract/network';
import { F } from '../formats/net/conversations';
import type { Db } from '../index/db';
import { allOf, contains, countRows, isoMicros, readRows, type Where } from '../index/query';
import { endsWith, type Knowledge } from './joins';

export interface Page {
  text?: string;
  offset: number;
  limit: number;
}
interface Listed<T> {
  rows: T[];
  total: number;
}

/** A condition that one of the columns has the text. */
function anyOf(columns: readonly string[], text: string | undefined): Where | undefined {
  if (!text) return undefined;
  const parts = columns.map((column) => contains(column, text));
  return { sql: parts.map(({ sql }) => `(${sql})`).join(' OR '), values: parts.flatMap(({ values }) => values) };
}

const place = (exhibit: string, at: number, length: number) => ({ exhibit, locator: `bytes:${at}+${length}` });
const flag = z.number().transform((value) => value !== 0);
const text = z.string().nullable();

export const Conversation = z.object({
  id: z.number(),
  layer: z.enum(NET_LAYERS),
  a: z.string(),
  a_port: z.number().nullable(),
  b: z.string(),
  b_port: z.number().nullable(),
  packets_ab: z.number(),
  bytes_ab: z.number(),
  packets_ba: z.number(),
  bytes_ba: z.number(),
  first: z.number(),
  last: z.number(),
  first_at: z.number(),
  first_length: z.number(),
  last_at: z.number(),
  last_length: z.number(),
  base_a: z.number(),
  base_b: z.number(),
  flags: z.number(),
  payload_ab: z.number(),
  payload_ba: z.number(),
  gaps: z.number(),
  gap_mean: z.number(),
  gap_squares: z.number(),
  top_at: z.number(),
  top_length: z.number(),
});
export type Conversation = z.infer<typeof Conversation>;

const ORDER: Record<(typeof CONVERSATION_SORTS)[number], string> = {
  bytes: 'bytes_ab + bytes_ba DESC',
  first: 'first',
  packets: 'packets_ab + packets_ba DESC',
  upload: 'max(payload_ab - payload_ba, payload_ba - payload_ab) DESC',
};

export function listConversations(
  db: Db,
  exhibit: string,
  known: Knowledge,
  query: Page & { layer?: string; sort: (typeof CONVERSATION_SORTS)[number] },
): Listed<ConversationRow> {
  const where = allOf([
    query.layer === undefined ? undefined : { sql: 'layer = ?', values: [query.layer] },
    query.text && /^\d{1,5}$/.test(query.text)
      ? { sql: 'a_port = ? OR b_port = ?', values: [Number(query.text), Number(query.text)] }
      : anyOf(['a', 'b', '(SELECT group_concat(name) FROM addresses WHERE address IN (a, b))'], query.text),
  ]);
  const rows = readRows(
    db,
    Conversation,
    `SELECT * FROM conversations WHERE ${where.sql} ORDER BY ${ORDER[query.sort]}, id LIMIT ? OFFSET ?`,
    [...where.values, query.limit, query.offset],
  ).map((one): ConversationRow => {
    const [a, b] = endsWith(known, { address: one.a, port: one.a_port }, { address: one.b, port: one.b_port });
    return {
      id: one.id,
      layer: one.layer,
      a,
      b,
      packetsAB: one.packets_ab,
      bytesAB: one.bytes_ab,
      packetsBA: one.packets_ba,
      bytesBA: one.bytes_ba,
      payloadAB: one.payload_ab,
      payloadBA: one.payload_ba,
      first: isoMicros(one.first),
      last: isoMicros(one.last),
      marks: marksOf(one.flags),
      ...place(exhibit, one.first_at, one.first_length),
    };
  });
  return { rows, total: countRows(db, 'conversations', where) };
}

function marksOf(flags: number): string[] {
  const marks: [number, string][] = [
    [F.syn, 'begun'],
    [F.synAck, 'answered'],
    [F.fin, 'ended'],
    [F.rst, 'reset'],
  ];
  return marks.flatMap(([bit, word]) => (flags & bit ? [word] : []));
}

const Ends = {
  at: z.number(),
  length: z.number(),
  us: z.number(),
  source: z.string(),
  source_port: z.number(),
  destination: z.string(),
  destination_port: z.number(),
};
const between = (
  known: Knowledge,
  one: { source: string; source_port: number; destination: string; destination_port: number },
): [NetEnd, NetEnd] =>
  endsWith(
    known,
    { address: one.source, port: one.source_port },
    { address: one.destination, port: one.destination_port },
  );

const Answers = z.array(z.tuple([z.string(), z.string(), z.number(), z.string()]));
const Dns = z.object({
  ...Ends,
  protocol: z.string(),
  response: flag,
  code: z.number(),
  name: z.string(),
  type: z.string(),
  answers: z.string(),
});

export function listDns(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<DnsRow> {
  const where = allOf([anyOf(['name', 'answers', 'source', 'destination'], query.text)]);
  const rows = readRows(db, Dns, `SELECT * FROM dns WHERE ${where.sql} ORDER BY id LIMIT ? OFFSET ?`, [
    ...where.values,
    query.limit,
    query.offset,
  ]).map((one): DnsRow => {
    const [source, destination] = between(known, one);
    const { protocol, response, code, name, type } = one;
    return {
      time: isoMicros(one.us),
      protocol,
      source,
      destination,
      response,
      code,
      name,
      type,
      answers: answersOf(one.answers),
      ...place(exhibit, one.at, one.length),
    };
  });
  return { rows, total: countRows(db, 'dns', where) };
}

function answersOf(json: string): DnsRow['answers'] {
  // very many answers are cut, and then it is no JSON any more
  try {
    return Answers.parse(JSON.parse(json)).map(([name, type, ttl, value]) => ({ name, type, ttl, value }));
  } catch {
    return [];
  }
}

const Http = z.object({
  id: z.number(),
  conversation: z.number(),
  at: z.number(),
  length: z.number(),
  us: z.number(),
  client: z.string(),
  client_port: z.number(),
  server: z.string(),
  server_port: z.number(),
  method: text,
  host: text,
  target: text,
  agent: text,
  request_type: text,
  request_bytes: z.number(),
  request_whole: flag,
  status: z.number().nullable(),
  response_at: z.number().nullable(),
  response_type: text,
  response_bytes: z.number(),
  response_whole: flag,
});

/** The row of an exchange as it is stored, for who takes its body out. */
export function httpRow(db: Db, id: number): z.infer<typeof Http> | undefined {
  return readRows(db, Http, 'SELECT * FROM http WHERE id = ?', [id])[0];
}

export function listHttp(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<HttpRow> {
  const where = allOf([
    anyOf(['host', 'target', 'method', 'agent', 'client', 'server', 'CAST(status AS TEXT)'], query.text),
  ]);
  const rows = readRows(db, Http, `SELECT * FROM http WHERE ${where.sql} ORDER BY us, id LIMIT ? OFFSET ?`, [
    ...where.values,
    query.limit,
    query.offset,
  ]).map((one): HttpRow => {
    const [client, server] = endsWith(
      known,
      { address: one.client, port: one.client_port },
      { address: one.server, port: one.server_port },
    );
    const { id, conversation, method, host, target, agent, status } = one;
    return {
      id,
      conversation,
      time: isoMicros(one.us),
      client,
      server,
      method,
      host,
      target,
      agent,
      requestType: one.request_type,
      requestBytes: one.request_bytes,
      status,
      responseType: one.response_type,
      responseBytes: one.response_bytes,
      requestWhole: one.request_whole,
      responseWhole: one.response_whole,
      ...place(exhibit, one.at, one.length),
    };
  });
  return { rows, total: countRows(db, 'http', where) };
}

const Tls = z.object({
  ...Ends,
  conversation: z.number(),
  kind: z.enum(['client', 'server', 'certificate']),
  version: text,
  server_name: text,
  alpn: text,
  ja3: text,
  ja4: text,
  cipher: text,
  subject: text,
  issuer: text,
  valid_from: text,
  valid_to: text,
  sha256: text,
});

export function listTls(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<TlsRow> {
  const where = allOf([
    anyOf(['server_name', 'subject', 'issuer', 'names', 'ja3', 'ja4', 'source', 'destination', 'sha256'], query.text),
  ]);
  const rows = readRows(db, Tls, `SELECT * FROM tls WHERE ${where.sql} ORDER BY us, id LIMIT ? OFFSET ?`, [
    ...where.values,
    query.limit,
    query.offset,
  ]).map((one): TlsRow => {
    const [source, destination] = between(known, one);
    const { conversation, kind, version, alpn, ja3, ja4, cipher, subject, issuer, sha256 } = one;
    return {
      conversation,
      time: isoMicros(one.us),
      kind,
      source,
      destination,
      version,
      serverName: one.server_name,
      alpn,
      ja3,
      ja4,
      cipher,
      subject,
      issuer,
      validFrom: one.valid_from,
      validTo: one.valid_to,
      sha256,
      ...place(exhibit, one.at, one.length),
    };
  });
  return { rows, total: countRows(db, 'tls', where) };
}

const Login = z.object({
  conversation: z.number(),
  at: z.number(),
  length: z.number(),
  us: z.number(),
  client: z.string(),
  client_port: z.number(),
  server: z.string(),
  server_port: z.number(),
  protocol: z.string(),
  way: z.string(),
  user: z.string(),
  secret_length: z.number(),
});

export function listLogins(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<LoginRow> {
  const where = allOf([anyOf(['user', 'protocol', 'client', 'server'], query.text)]);
  const rows = readRows(db, Login, `SELECT * FROM logins WHERE ${where.sql} ORDER BY us, id LIMIT ? OFFSET ?`, [
    ...where.values,
    query.limit,
    query.offset,
  ]).map((one): LoginRow => {
    const [client, server] = endsWith(
      known,
      { address: one.client, port: one.client_port },
      { address: one.server, port: one.server_port },
    );
    const { conversation, protocol, way, user } = one;
    return {
      conversation,
      time: isoMicros(one.us),
      client,
      server,
      protocol,
      way,
      user,
      secretLength: one.secret_length,
      ...place(exhibit, one.at, one.length),
    };
  });
  return { rows, total: countRows(db, 'logins', where) };
}

const Transfer = z.object({
  id: z.number(),
  at: z.number(),
  length: z.number(),
  us: z.number(),
  listener: z.string(),
  way: z.string(),
  name: z.string(),
});

/** Files that FTP announced, each with the first connection to its listener that began from then on. */
export function listTransfers(db: Db, exhibit: string, query: Page): Listed<TransferRow> {
  const rows = readRows(db, Transfer, 'SELECT * FROM transfers ORDER BY id LIMIT ? OFFSET ?', [
    query.limit,
    query.offset,
  ]);
  return { rows: rows.map((one) => transferOf(db, exhibit, one)), total: countRows(db, 'transfers', allOf([])) };
}

export function transferRow(db: Db, exhibit: string, id: number): TransferRow | undefined {
  const [one] = readRows(db, Transfer, 'SELECT * FROM transfers WHERE id = ?', [id]);
  return one && transferOf(db, exhibit, one);
}

function transferOf(db: Db, exhibit: string, one: z.infer<typeof Transfer>): TransferRow {
  const cut = one.listener.lastIndexOf(':');
  const [address, port] = [one.listener.slice(0, cut), Number(one.listener.slice(cut + 1))];
  // a passive data connection may be opened a moment before its file is asked for
  const [data] = readRows(
    db,
    Conversation,
    `SELECT * FROM conversations WHERE layer = 'tcp' AND ((b = ? AND b_port = ?) OR (a = ? AND a_port = ?)) AND last >= ? ORDER BY first LIMIT 1`,
    [address, port, address, port, one.us],
  );
  return {
    id: one.id,
    time: isoMicros(one.us),
    listener: one.listener,
    way: one.way,
    name: one.name,
    conversation: data?.id ?? null,
    bytes: data ? Math.max(data.payload_ab, data.payload_ba) : 0,
    ...place(exhibit, one.at, one.length),
  };
}

export function conversationOf(db: Db, id: number): Conversation | undefined {
  return readRows(db, Conversation, 'SELECT * FROM conversations WHERE id = ?', [id])[0];
}
