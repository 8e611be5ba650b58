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

export const COLUMNS_SQL = `CREATE TABLE timeline (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, us BLOB NOT NULL,
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
    for (const name of ['us', 'ref', 'target', 'kind', 'what'] as const) {
      const into = bytesOf(columns[name].subarray(at, at + block.n));
      if (block[name].byteLength !== into.byteLength) throw damaged();
      into.set(block[name]);
    }
    at += block.n;
  }
  return columns;
}

function damaged(): LadingError {
  return new LadingError('CASE_DAMAGED', 'The timeline in the index of the case is damaged.', {
    advice: 'Analyse the case again: the index is made anew from the exhibits.',
  });
}
