import { z } from 'zod';
import { SearchHit } from '../../../shared/contract/evidence';
import { TargetRef } from '../../../shared/domain';
import type { Db } from '../index/db';
import { eventsWith } from '../index/event-texts';
import { allOf, contains, countRows, phrase, readRows } from '../index/query';

/** Characters that are shown before and after a hit. */
const AROUND = 80;
/** Counting goes no further. */
const COUNT_MAX = 10_000;

const Stored = z.object({
  kind: z.string(),
  ref: z.number().nullable(),
  body: z.string(),
  exhibit: z.string(),
  title: z.string(),
  locator: z.string(),
  targetKind: TargetRef.shape.kind,
  key: z.string(),
  name: z.string(),
  entity: z.number().nullable(),
});

/** What is looked for. `but` are kinds that are left out; without `counted` the total is 0. */
export interface TextQuery {
  text: string;
  kinds?: readonly string[];
  but?: readonly string[];
  counted?: boolean;
  offset: number;
  limit: number;
}

/**
 * Where a text stands in the index's texts, and after these in events: rows that hold it as it is, without regard to case
 * (of events: to that of ASCII letters).
 */
export function searchTexts(db: Db, query: TextQuery): { hits: SearchHit[]; total: number } {
  const { kinds, but, offset, limit, counted = true } = query;
  const events = (!kinds || kinds.length === 0 || kinds.includes('event')) && !but?.includes('event');
  const { hits, total } = textsWith(db, query);
  if (!events || total >= COUNT_MAX || (!counted && hits.length >= limit)) return { hits, total: counted ? total : 0 };
  const most = counted ? COUNT_MAX - total : Math.max(0, offset - total) + limit - hits.length;
  const ids: number[] = [];
  eventsWith(db, query.text, (id) => ids.push(id) < most);
  const begin = Math.max(0, offset - total);
  const shown = ids.slice(begin, begin + limit - hits.length);
  return { hits: [...hits, ...eventHits(db, shown, query.text)], total: counted ? total + ids.length : 0 };
}

/** Texts other than events'. The total is that of all of them, to COUNT_MAX. */
function textsWith(db: Db, query: TextQuery): { hits: SearchHit[]; total: number } {
  const { text } = query;
  // the full-text index knows pieces of three letters; of shorter texts each row is looked at
  const whole = [...text].length >= 3;
  const from = whole ? 'texts_fts f CROSS JOIN texts x ON x.id = f.rowid' : 'texts x';
  const listed = (sql: string, list: readonly string[] | undefined) =>
    list && list.length > 0 ? { sql, values: [JSON.stringify(list)] } : undefined;
  const where = allOf([
    whole ? { sql: 'texts_fts MATCH ?', values: [phrase(text)] } : contains('x.body', text),
    listed('x.kind NOT IN (SELECT value FROM json_each(?))', query.but),
    listed('x.kind IN (SELECT value FROM json_each(?))', query.kinds),
  ]);
  // where a kind is not asked for, its number is that of all hits: counted without looking at a text
  const plain = whole && where.values.length === 1;
  const counting = plain ? 'texts_fts' : from;
  const total =
    query.counted === false && query.offset === 0
      ? 0
      : countRows(db, `(SELECT 1 FROM ${counting} WHERE ${where.sql} LIMIT ${COUNT_MAX})`, {
          sql: '1',
          values: where.values,
        });
  const hits = readRows(
    db,
    Stored,
    `SELECT x.kind, x.ref, x.body, x.exhibit, e.title, x.locator, t.kind AS targetKind, t.key, t.name,
      CASE WHEN x.kind IN ('process', 'environ') THEN (SELECT p.entity FROM processes p WHERE p.id = x.ref) END AS entity
    FROM ${from} CROSS JOIN exhibits e ON e.exhibit = x.exhibit CROSS JOIN targets t ON t.id = x.target
    WHERE ${where.sql} ORDER BY ${whole ? 'f.rowid' : 'x.id'} LIMIT ? OFFSET ?`,
    [...where.values, query.limit, query.offset],
  ).map((row) => hitOf(row, text));
  return { hits, total };
}

function eventHits(db: Db, ids: readonly number[], text: string): SearchHit[] {
  return readRows(
    db,
    Stored,
    `SELECT 'event' AS kind, x.id AS ref, x.message AS body, x.exhibit, e.title, x.locator, t.kind AS targetKind, t.key,
      t.name, NULL AS entity
    FROM events x CROSS JOIN exhibits e ON e.exhibit = x.exhibit CROSS JOIN targets t ON t.id = x.target
    WHERE x.id IN (SELECT value FROM json_each(?)) ORDER BY x.id`,
    [JSON.stringify(ids)],
  ).map((row) => hitOf(row, text));
}

function hitOf(
  { body, targetKind, key, name, entity, ref: _, ...rest }: z.infer<typeof Stored>,
  text: string,
): SearchHit {
  const at = indexOfFolded(body, text);
  const begin = Math.max(0, at - AROUND);
  const end = Math.min(body.length, Math.max(0, at) + text.length + AROUND);
  return SearchHit.parse({
    ...rest,
    locator: at < 0 ? rest.locator : narrowed(rest.kind, rest.locator, body, at, text.length),
    target: { kind: targetKind, id: key, name },
    process: entity,
    excerpt: body.slice(begin, end),
    from: at < 0 ? 0 : at - begin,
    to: at < 0 ? 0 : at - begin + text.length,
  });
}

/** Where it stands without regard to case; -1 where lower case has another length. */
function indexOfFolded(body: string, text: string): number {
  const folded = body.toLowerCase();
  return folded.length === body.length ? folded.indexOf(text.toLowerCase()) : body.indexOf(text);
}

/**
 * Of text in an exhibit: the bytes of the hit itself, so that it opens there. Only where the text up to it is as the bytes
 * were: a replacement character stands for bytes that were no UTF-8.
 */
function narrowed(kind: string, locator: string, body: string, at: number, length: number): string {
  const bytes = kind === 'exhibit' ? /^bytes:(\d+)\+\d+$/.exec(locator) : null;
  const before = body.slice(0, at + length);
  if (!bytes || before.includes('\u{fffd}') || before.includes('␀')) return locator;
  const offset = Number(bytes[1]) + Buffer.byteLength(body.slice(0, at));
  return `bytes:${offset}+${Buffer.byteLength(body.slice(at, at + length))}`;
}
