import { z } from 'zod';
import type { Bindable, Db } from './db';

/** A condition with its values, for a prepared statement: nothing of a value ever becomes SQL. */
export interface Where {
  sql: string;
  values: Bindable[];
}

/** Joins conditions with AND; none is always true. Undefined ones are left out. */
export function allOf(conditions: readonly (Where | undefined)[]): Where {
  const kept = conditions.filter((one) => one !== undefined);
  if (kept.length === 0) return { sql: '1', values: [] };
  return { sql: kept.map(({ sql }) => `(${sql})`).join(' AND '), values: kept.flatMap(({ values }) => values) };
}

/** `text` anywhere in a column, ASCII case-insensitively; % and _ are themselves. */
export function contains(column: string, text: string): Where {
  return { sql: `${column} LIKE ? ESCAPE '\\'`, values: [`%${text.replace(/[\\%_]/g, '\\$&')}%`] };
}

/** Rows of a table whose text (see `rows.text`) holds the words, by its full-text index; shorter than 3 characters by looking at each. */
export function textMatches(kind: string, column: string, text: string): Where {
  if ([...text].length < 3) {
    const { sql, values } = contains('body', text);
    return { sql: `${column} IN (SELECT ref FROM texts WHERE kind = ? AND ${sql})`, values: [kind, ...values] };
  }
  return {
    sql: `${column} IN (SELECT ref FROM texts WHERE kind = ? AND id IN (SELECT rowid FROM texts_fts WHERE texts_fts MATCH ?))`,
    values: [kind, phrase(text)],
  };
}

/** A text as one phrase of FTS5: nothing in it is an operator. */
export function phrase(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

const Count = z.object({ n: z.number() });

/** How many rows there are: `SELECT count(*) … `. */
export function countRows(db: Db, from: string, where: Where): number {
  return Count.parse(db.prepare(`SELECT count(*) AS n FROM ${from} WHERE ${where.sql}`).get(...where.values)).n;
}

/** Reads rows and parses each. */
export function readRows<T>(db: Db, schema: z.ZodType<T>, sql: string, values: readonly Bindable[] = []): T[] {
  return db
    .prepare(sql)
    .all(...values)
    .map((row) => schema.parse(row));
}

/** µs since 1970 as ISO 8601 with as many digits as are not zero, at least milliseconds. */
export function isoMicros(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  const iso = new Date(ms).toISOString();
  return rest === 0 ? iso : `${iso.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** A time of RFC 3339 (nanoseconds are cut) in µs since 1970; undefined for none, and for Go's zero time. */
export function microsOf(text: string | null | undefined): number | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text ?? '');
  if (!match || match[1]?.startsWith('0001-')) return undefined;
  const seconds = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(seconds)) return undefined;
  return seconds * 1000 + Number((match[2] ?? '').padEnd(6, '0').slice(0, 6));
}
