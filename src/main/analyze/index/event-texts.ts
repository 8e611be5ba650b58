import { z } from 'zod';
import type { Db, Statement } from './db';

/**
 * The words of events. There are millions, most alike: a full-text index of each would take longer than all else, and be
 * larger than the logs themselves. So messages lie one after the other, folded (`event_texts`), and what may hold a text is
 * looked through. Which hundred or so of them may hold it is told by signatures: a bit for each piece of three bytes that is
 * in them, hashed. They are kept across (`event_bits`): for a bit, which of all these hundreds have it, so that a text asks
 * for as many small pieces as it has letters, and most messages are never read.
 */
export const EVENT_TEXTS_SQL = [
  'CREATE TABLE event_texts (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, ends BLOB NOT NULL, body BLOB NOT NULL)',
  'CREATE TABLE event_bits (id INTEGER PRIMARY KEY, bits BLOB NOT NULL)',
];

/** Messages of one row of the table: message k (from 0) of row r (from 1) is that of events.id (r - 1) * PER_ROW + k + 1. */
const PER_ROW = 1024;
/** Messages that share a signature. */
const PER_SIGNATURE = 128;
/** A signature's length, in bits. About a sixth of them are set by the lines of a busy log. */
const BITS = 1 << 13;
/** Signatures that lie across each other, and the bytes that one bit of all of these takes. */
const ACROSS = 512;
const ROW_BYTES = ACROSS >>> 3;
/** Bits of one row of event_bits. Of block b (from 0) and bit i it is the row b * GROUPS + floor(i / PER_GROUP) + 1. */
const PER_GROUP = 64;
const GROUPS = BITS / PER_GROUP;
/** Between messages: no byte of UTF-8. */
const END = 0xff;

/** Where three bytes stand in a signature. */
function bitOf(a: number, b: number, c: number): number {
  return Math.imul((a << 16) | (b << 8) | c, 0x9e3779b1) >>> 19;
}

/** ASCII letters become small; all else stays as it is. */
function fold(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Takes the messages of events in the order of their ids, each once; `finish` writes what waits. */
export function eventTextWriter(db: Db): { add(message: string): void; finish(): void } {
  const insert = db.prepare('INSERT INTO event_texts VALUES (?, ?, ?, ?)');
  const insertBits = db.prepare('INSERT INTO event_bits VALUES (?, ?)');
  const bits = new Uint8Array(BITS * ROW_BYTES);
  const ends = new Uint32Array(PER_ROW);
  let body = Buffer.allocUnsafe(1 << 17);
  let length = 0;
  let n = 0;
  let row = 0;
  let signature = 0;
  let block = 0;
  const flushText = () => {
    if (n === 0) return;
    insert.run([++row, n, new Uint8Array(ends.buffer, 0, n * 4), body.subarray(0, length)]);
    length = 0;
    n = 0;
  };
  const flushBits = () => {
    for (let group = 0; group < GROUPS; group++) {
      const from = group * PER_GROUP * ROW_BYTES;
      insertBits.run([block * GROUPS + group + 1, bits.subarray(from, from + PER_GROUP * ROW_BYTES)]);
    }
    bits.fill(0);
    block++;
    signature = 0;
  };
  return {
    add(message) {
      // no character of UTF-16 takes more than three bytes
      const room = length + message.length * 3 + 1;
      if (room > body.length) {
        const bigger = Buffer.allocUnsafe(Math.max(room, body.length * 2));
        body.copy(bigger, 0, 0, length);
        body = bigger;
      }
      const end = length + body.write(message, length, 'utf8');
      const byte = signature >>> 3;
      const mask = 1 << (signature & 7);
      let a = END;
      let b = END;
      for (let at = length; at < end; at++) {
        const c = fold(body[at] ?? 0);
        body[at] = c;
        if (a !== END) {
          const place = bitOf(a, b, c) * ROW_BYTES + byte;
          bits[place] = (bits[place] ?? 0) | mask;
        }
        a = b;
        b = c;
      }
      body[end] = END;
      ends[n++] = end;
      length = end + 1;
      if (n % PER_SIGNATURE === 0) signature++;
      if (n === PER_ROW) flushText();
      if (signature === ACROSS) flushBits();
    },
    finish() {
      const begun = n > 0 || signature > 0;
      flushText();
      if (begun) flushBits();
    },
  };
}

const Blob = z.instanceof(Uint8Array);
const Bits = z.object({ bits: Blob });
const Text = z.object({ n: z.number(), ends: Blob, body: Blob });

/**
 * Calls `found` with the id of each event whose message holds the text, in their order, without regard to the case of ASCII
 * letters. It goes no further once `found` gives false. Of `shapes`, only messages are told whose shape may hold it.
 */
export function eventsWith(db: Db, text: string, found: (id: number) => boolean, shapes?: ShapeFilter): void {
  const needle = Buffer.from(Uint8Array.from(Buffer.from(text), fold));
  if (needle.length === 0) return;
  const wanted = new Set<number>();
  for (let at = 2; at < needle.length; at++) {
    wanted.add(bitOf(needle[at - 2] ?? 0, needle[at - 1] ?? 0, needle[at] ?? 0));
  }
  const whole = db.prepare('SELECT n, ends, body FROM event_texts WHERE id = ?');
  const bits = db.prepare('SELECT bits FROM event_bits WHERE id = ?');
  const find = finder(needle);
  const signatures = PER_ROW / PER_SIGNATURE;
  for (let block = 0; ; block++) {
    const may = mayHold(bits, block, wanted);
    if (!may) return;
    for (let row = 0; row < ACROSS / signatures; row++) {
      if (may[row] === 0) continue;
      const id = (block * ACROSS) / signatures + row + 1;
      const first = (id - 1) * PER_ROW;
      if (shapes && !anyOf(shapes, first, first + PER_ROW)) continue;
      const got = whole.get(id);
      if (!got) return;
      const texts = textOf(got);
      const { n } = texts;
      // parts that stand together are looked through at once
      for (let part = 0; part < signatures && part * PER_SIGNATURE < n; part++) {
        if ((((may[row] ?? 0) >>> part) & 1) === 0) continue;
        const from = part * PER_SIGNATURE;
        while (part + 1 < signatures && (((may[row] ?? 0) >>> (part + 1)) & 1) === 1) part++;
        const to = Math.min(n, (part + 1) * PER_SIGNATURE);
        const own = (k: number) => !shapes || shapes.may[shapes.ids[first + k] ?? 0] === 1;
        if (!find(texts, from, to, own, (k) => found(first + k + 1))) return;
      }
    }
  }
}

/** Which messages may hold a text by their shapes: by the shape's id, and the shape of each event (id n at n - 1). */
export interface ShapeFilter {
  may: Uint8Array;
  ids: Uint16Array;
}

function anyOf({ may, ids }: ShapeFilter, from: number, to: number): boolean {
  for (let at = from; at < Math.min(to, ids.length); at++) {
    if (may[ids[at] ?? 0] === 1) return true;
  }
  return false;
}

/** Which signatures of a block have all the bits: as a row of event_texts has eight, a byte each. Undefined after the last block. */
function mayHold(select: Statement, block: number, wanted: ReadonlySet<number>): Uint8Array | undefined {
  const may = new Uint8Array(ROW_BYTES).fill(0xff);
  // of a text of less than three bytes nothing is asked but whether the block is there
  for (const bit of wanted.size === 0 ? [0] : wanted) {
    const row = select.get(block * GROUPS + Math.floor(bit / PER_GROUP) + 1);
    if (!row) return undefined;
    if (wanted.size === 0) break;
    const from = (bit % PER_GROUP) * ROW_BYTES;
    const { bits } = Bits.parse(row);
    for (let at = 0; at < ROW_BYTES; at++) may[at] = (may[at] ?? 0) & (bits[from + at] ?? 0);
  }
  return may;
}

interface EventText {
  n: number;
  ends: Uint32Array;
  body: Buffer;
}

function textOf(row: unknown): EventText {
  const { n, ends, body } = Text.parse(row);
  return {
    n,
    // copied: a blob need not begin where numbers may
    ends: new Uint32Array(new Uint8Array(ends).buffer),
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
  };
}

/** Looks for the text in the messages from..to-1; a message is told once. Gives false where `found` did. */
function finder(needle: Buffer) {
  return (
    { body, ends }: EventText,
    from: number,
    to: number,
    wanted: (k: number) => boolean,
    found: (k: number) => boolean,
  ): boolean => {
    let k = from;
    const stop = ends[to - 1] ?? 0;
    const part = body.subarray(0, stop);
    for (let at = from === 0 ? 0 : (ends[from - 1] ?? 0) + 1; ; at = (ends[k++] ?? stop) + 1) {
      at = part.indexOf(needle, at);
      if (at < 0) return true;
      while ((ends[k] ?? stop) < at) k++;
      if (wanted(k) && !found(k)) return false;
    }
  };
}
