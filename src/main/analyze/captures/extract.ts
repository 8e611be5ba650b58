import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { ExtractWhat } from '../../../shared/contract/network';
import type { ExhibitRecord } from '../../../shared/domain';
import { asLadingError, LadingError } from '../../../shared/errors';
import { addressText } from '../formats/net/address';
import { direction, endDirection, takeSegment } from '../formats/net/assembly';
import { packetReader } from '../formats/net/packet';
import { streamReader } from '../formats/net/streams';
import type { Ends, Now, TalkSink } from '../formats/net/talk-types';
import type { Db } from '../index/db';
import { readFrom } from './packets';
import { type Conversation, conversationOf } from './query/conversations';
import { httpRow } from './query/http';
import { transferRow } from './query/transfers';

type Capture = Pick<ExhibitRecord, 'id' | 'file'>;

/** What is to be taken out, looked up in the capture's database. */
export interface Wanted {
  conversation: Conversation;
  /** Where it begins, for the ledger. */
  locator: string;
  name: string;
  /** Of an HTTP body: which message, by its packet. */
  message?: { at: number; part: 'request' | 'response' };
  /** Of a stream: whose bytes. */
  side?: 'a' | 'b';
}

/** Looks up what is to be taken out. Throws BAD_INPUT where the capture has no such thing. */
export function wantedOf(db: Db, exhibit: string, what: ExtractWhat): Wanted {
  const conversation = (id: number | null | undefined): Conversation => {
    const found = id === null || id === undefined ? undefined : conversationOf(db, id);
    if (found?.layer === 'tcp') return found;
    throw new LadingError('BAD_INPUT', `${exhibit} has no such TCP conversation.`, {
      advice: 'List what the capture has, and name one of its rows.',
    });
  };
  if (what.kind === 'stream') {
    const one = conversation(what.id);
    return {
      conversation: one,
      locator: `bytes:${one.first_at}+${one.first_length}`,
      name: `conversation ${what.id}, sent by ${what.side}`,
      side: what.side,
    };
  }
  if (what.kind === 'http') {
    const row = httpRow(db, what.id);
    const one = conversation(row?.conversation);
    if (!row || (what.part === 'response' && row.response_at === null)) {
      throw new LadingError('BAD_INPUT', `${exhibit} has no such ${what.part}.`, {
        advice: 'List the HTTP rows of the capture.',
      });
    }
    const at = what.part === 'request' ? row.at : (row.response_at ?? row.at);
    return {
      conversation: one,
      locator: `bytes:${row.at}+${row.length}`,
      name: `${row.method ?? ''} ${row.host ?? ''}${row.target ?? ''}, ${what.part}`,
      message: { at, part: what.part },
    };
  }
  const row = transferRow(db, exhibit, what.id);
  const one = conversation(row?.conversation);
  return {
    conversation: one,
    locator: row?.locator ?? 'whole',
    name: row?.name ?? '',
    side: one.payload_ab >= one.payload_ba ? 'a' : 'b',
  };
}

/**
 * Writes the bytes to a new file, in the order in which they were sent; gives their SHA-256, their number, and whether all are
 * in the capture. A body is as it was transferred: what was compressed stays so. Nothing stays where it fails.
 */
export async function extractTo(
  dir: string,
  capture: Capture,
  wanted: Wanted,
  to: string,
): Promise<{ sha256: string; bytes: number; whole: boolean }> {
  const file = await open(to, 'wx').catch((cause: unknown) => {
    throw new LadingError('BAD_INPUT', `The file ${to} cannot be made.`, {
      advice: 'Choose a name that is not there yet, in a folder that can be written to.',
      cause,
    });
  });
  const hash = createHash('sha256');
  let pending: Buffer[] = [];
  let bytes = 0;
  let whole = true;
  const put = (data: Buffer, from: number, end: number) => {
    const copy = Buffer.from(data.subarray(from, end));
    hash.update(copy);
    bytes += copy.length;
    pending.push(copy);
  };
  const missing = () => {
    whole = false;
  };
  const take = wanted.message ? bodyTaker(wanted, put, missing) : sideTaker(wanted, put, missing);
  const { conversation } = wanted;
  try {
    let past = false;
    let filled = 0;
    const flush = async () => {
      for (const one of pending.splice(0)) await file.write(one);
      pending = [];
    };
    // pieces are taken one after the other, so what is pending is written between them
    await readFrom(
      dir,
      capture,
      conversation.first_at,
      (data, start, end, _original, us, _ns, at, length, link) => {
        if (at > conversation.last_at) past = true;
        else take.packet(data, start, end, link, { us, at, length });
        filled++;
      },
      () => !past,
      flush,
    );
    take.end();
    await flush();
    await file.sync();
    if (filled === 0 || bytes === 0) whole = whole && bytes > 0;
  } catch (error) {
    await file.close();
    await rm(to, { force: true });
    throw asLadingError(error);
  }
  await file.close();
  return { sha256: hash.digest('hex'), bytes, whole };
}

type Put = (bytes: Buffer, from: number, to: number) => void;

/** Gives the segments of one conversation alone. */
function segmentsOf(
  conversation: Conversation,
  each: (h: Parameters<NonNullable<Parameters<typeof packetReader>[0]['tcp']>>[0], turned: boolean, now: Now) => void,
) {
  let now: Now = { us: 0, at: 0, length: 0 };
  const { a, b, a_port, b_port } = conversation;
  const reader = packetReader({
    ip: () => {},
    udp: () => {},
    icmp: () => {},
    tcp(h) {
      const straight = h.sport === a_port && h.dport === b_port;
      const back = h.sport === b_port && h.dport === a_port;
      if (!straight && !back) return;
      const [source, target] = [addressText(h.words, 0), addressText(h.words, 4)];
      if (straight && source === a && target === b) each(h, false, now);
      else if (back && source === b && target === a) each(h, true, now);
    },
  });
  return (bytes: Buffer, start: number, end: number, link: number, at: Now) => {
    now = at;
    reader.read(bytes, start, end, link);
  };
}

function sideTaker({ conversation, side }: Wanted, put: Put, missing: () => void) {
  const d = direction();
  const out = { data: put, missing };
  const packet = segmentsOf(conversation, (h, turned) => {
    if (turned !== (side === 'b')) return;
    const to = Math.min(h.to, h.from + h.carried);
    takeSegment(d, { seq: h.seq, flags: h.flags, bytes: h.bytes, from: h.from, to, carried: h.carried }, out);
  });
  return { packet, end: () => endDirection(d, out) };
}

function bodyTaker({ conversation, message }: Wanted, put: Put, missing: () => void) {
  let done = false;
  const mine = (exchange: { request?: { now: Now }; response?: { now: Now } }) =>
    (message?.part === 'request' ? exchange.request : exchange.response)?.now.at === message?.at;
  const sink: TalkSink = {
    http: () => {},
    tls: () => {},
    dns: () => {},
    login: () => {},
    file: () => {},
    body(_ends, way, exchange, bytes, from, to) {
      if ((way === exchange.way) === (message?.part === 'request') && mine(exchange)) put(bytes, from, to);
    },
    bodyEnd(_ends, way, exchange, whole) {
      if ((way === exchange.way) !== (message?.part === 'request') || !mine(exchange)) return;
      done = true;
      if (!whole) missing();
    },
  };
  const streams = streamReader(sink);
  const ends: Ends = {
    conversation: conversation.id,
    a: { address: conversation.a, port: conversation.a_port ?? 0 },
    b: { address: conversation.b, port: conversation.b_port ?? 0 },
    closed: 0,
  };
  let last: Now = { us: 0, at: 0, length: 0 };
  const packet = segmentsOf(conversation, (h, turned, now) => {
    last = now;
    streams.segment(
      {
        conversation: conversation.id,
        turned,
        seq: h.seq,
        flags: h.flags,
        bytes: h.bytes,
        from: h.from,
        to: Math.min(h.to, h.from + h.carried),
        carried: h.carried,
        base: [
          conversation.flags & 1 ? conversation.base_a : undefined,
          conversation.flags & 2 ? conversation.base_b : undefined,
        ],
      },
      now,
      () => ends,
    );
  });
  return {
    packet,
    end() {
      streams.end(last);
      if (!done) missing();
    },
  };
}
