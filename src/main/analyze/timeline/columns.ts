import { z } from 'zod';
import { TIMELINE_KINDS, type TimelineKind } from '../../../shared/contract/timeline';
import { LadingError } from '../../../shared/errors';
import type { Db } from '../index/db';

/** Which table a row is a pointer into. The numbers are kept in the index. */
export const TABLE = { event: 0, file: 1, process: 2, container: 3, entry: 4 } as const;
/** What a file's row is the time of; several at once where they are the same. Of a container: made, started, ended. */
export const FLAG = { modified: 1, accessed: 2, changed: 4, born: 8 } as const;
export const STEP = { created: 1, started: 2, finished: 4 } as const;

/**
 * The whole timeline as columns, earliest first: 18 bytes a row, so that millions of rows are filtered and counted in memory
 * in milliseconds, while messages stay in the tables until they are shown.
 */
export interface Columns {
  length: number;
  /** µs since 1970, corrected. */
  us: Float64Array;
  /** Id in its table. */
  ref: Uint32Array;
  /** → targets.id; 0 for the examiner. */
  target: Uint32Array;
  /** Place in TIMELINE_KINDS. */
  kind: Uint8Array;
  /** Table in the low 3 bits, flags in the others. */
  what: Uint8Array;
}

/** Rows of one blob: 1.2 MiB. */
export const BLOCK = 65_536;

export const COLUMNS_SQL = `CREATE TABLE timeline (id INTEGER PRIMARY KEY, n INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, us BLOB NOT NULL,
  ref BLOB NOT NULL, target BLOB NOT NULL, kind BLOB NOT NULL, what BLOB NOT NULL)`;

export function emptyColumns(length: number): Columns {
  return {
    length,
    us: new Float64Array(length),
    ref: new Uint32Array(length),
    target: new Uint32Array(length),
    kind: new Uint8Array(length),
    what: new Uint8Array(length),
  };
}

/** Rows of a piece of a list that grows. */
const PIECE_BITS = 17;
const PIECE = 1 << PIECE_BITS;

/** Rows in the order in which they come, in pieces: growing copies nothing, so that millions take no more than they are. */
export function rowList() {
  const pieces: Columns[] = [];
  let length = 0;
  return {
    /** Times before 1970 are none. */
    add(us: number, target: number, kind: number, table: number, flags: number, ref: number): void {
      if (!Number.isSafeInteger(us) || us < 0) return;
      const at = length & (PIECE - 1);
      if (at === 0) pieces.push(emptyColumns(PIECE));
      const piece = pieces[length >>> PIECE_BITS];
      if (!piece) return;
      piece.us[at] = us;
      piece.ref[at] = ref;
      piece.target[at] = target;
      piece.kind[at] = kind;
      piece.what[at] = table | (flags << 3);
      length++;
    },
    length: () => length,
    times(): Float64Array {
      const all = new Float64Array(length);
      pieces.forEach(({ us }, n) => {
        all.set(us.subarray(0, Math.min(PIECE, length - n * PIECE)), n * PIECE);
      });
      return all;
    },
    /** The rows of these places, in this order. */
    gather(places: Uint32Array): Columns {
      const block = emptyColumns(places.length);
      for (let i = 0; i < places.length; i++) {
        const place = places[i] ?? 0;
        const piece = pieces[place >>> PIECE_BITS];
        const at = place & (PIECE - 1);
        block.us[i] = piece?.us[at] ?? 0;
        block.ref[i] = piece?.ref[at] ?? 0;
        block.target[i] = piece?.target[at] ?? 0;
        block.kind[i] = piece?.kind[at] ?? 0;
        block.what[i] = piece?.what[at] ?? 0;
      }
      return block;
    },
  };
}
export type RowList = ReturnType<typeof rowList>;

const CODES = new Map<string, number>(TIMELINE_KINDS.map((kind, code) => [kind, code]));

/** The number of a kind; what no kind is called becomes 'other'. */
export function kindCode(kind: string): number {
  return CODES.get(kind) ?? TIMELINE_KINDS.length - 1;
}

export function kindName(code: number): TimelineKind {
  return TIMELINE_KINDS[code] ?? 'other';
}

/** The bytes of a column's piece, as they are kept: little-endian, as every machine that Lading runs on is. */
export function bytesOf(column: Float64Array | Uint32Array | Uint8Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
}

const Blob = z.instanceof(Uint8Array);
const Block = z.object({ n: z.number(), us: Blob, ref: Blob, target: Blob, kind: Blob, what: Blob });

/** Ids of a target's events between two times (µs, inclusive), earliest first, at most so many. */
export function eventsNear(db: Db, target: number, from: number, to: number, limit: number): number[] {
  const found: number[] = [];
  const select = db.prepare(
    'SELECT id, n, us, ref, target, kind, what FROM timeline WHERE last >= ? AND first <= ? AND id > ? ORDER BY id LIMIT 1',
  );
  for (let id = 0; found.length < limit; ) {
    const got = select.get(from, to, id);
    if (!got) break;
    const block = Block.extend({ id: z.number() }).parse(got);
    id = block.id;
    const columns = emptyColumns(block.n);
    fill(columns, block, 0);
    for (let at = 0; at < block.n && found.length < limit; at++) {
      const us = columns.us[at] ?? 0;
      const wanted = us >= from && us <= to && columns.target[at] === target;
      if (wanted && ((columns.what[at] ?? 0) & 7) === TABLE.event) found.push(columns.ref[at] ?? 0);
    }
  }
  return found;
}

/** Puts a block into the columns, from a place on. */
function fill(columns: Columns, block: z.infer<typeof Block>, at: number): void {
  for (const name of ['us', 'ref', 'target', 'kind', 'what'] as const) {
    const into = bytesOf(columns[name].subarray(at, at + block.n));
    if (block[name].byteLength !== into.byteLength) throw damaged();
    into.set(block[name]);
  }
}

/** Reads the columns of an index. Throws NOT_POSSIBLE where it has none. */
export function readColumns(db: Db): Columns {
  const there = db.prepare("SELECT 1 AS n FROM sqlite_master WHERE name = 'timeline'").get();
  if (!there) {
    throw new LadingError('NOT_POSSIBLE', 'The index of the case has no timeline.', {
      advice: 'Analyse the case again.',
    });
  }
  const { n: length } = z
    .object({ n: z.number() })
    .parse(db.prepare('SELECT coalesce(sum(n), 0) AS n FROM timeline').get());
  const columns = emptyColumns(length);
  const select = db.prepare('SELECT n, us, ref, target, kind, what FROM timeline WHERE id = ?');
  for (let id = 1, at = 0; at < length; id++) {
    const block = Block.parse(select.get(id));
    if (block.n === 0 || at + block.n > length) throw damaged();
    fill(columns, block, at);
    at += block.n;
  }
  return columns;
}

function damaged(): LadingError {
  return new LadingError('CASE_DAMAGED', 'The timeline in the index of the case is damaged.', {
    advice: 'Analyse the case again: the index is made anew from the exhibits.',
  });
}
