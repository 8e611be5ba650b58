import { z } from 'zod';
import type { TimelineFilter } from '../../../shared/contract/timeline';
import { LadingError } from '../../../shared/errors';
import type { Db } from '../index/db';
import { contains, phrase } from '../index/query';
import { kindCode, TABLE } from './columns';
import { firstAt, type Timeline } from './open';
import { entryText } from './rows';

/** Filters whose places are kept, so that paging asks nothing again. */
const KEPT = 4;

/** Which rows fit: a span of places, and within it the places themselves where not all fit. */
export interface Fitting {
  from: number;
  to: number;
  places?: Uint32Array;
  length: number;
}

/** A time of the filter in µs; its fraction beyond ms counts. */
function micros(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new LadingError('BAD_INPUT', `"${text.slice(0, 60)}" is no time.`);
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  return ms * 1000 + Number(fraction.padEnd(6, '0').slice(3, 6));
}

/** Tests of single rows; undefined where every row passes. */
export interface Tests {
  kinds?: Uint8Array;
  targets?: Set<number>;
  text?: TextHits;
}

export function testsOf(db: Db, timeline: Timeline, filter: TimelineFilter): Tests {
  const tests: Tests = {};
  if (filter.kinds) {
    tests.kinds = new Uint8Array(256);
    for (const kind of filter.kinds) tests.kinds[kindCode(kind)] = 1;
  }
  if (filter.targets || filter.hosts) {
    const ids = filter.targets && new Set(filter.targets);
    const hosts = filter.hosts && new Set(filter.hosts);
    tests.targets = new Set();
    for (const [id, target] of timeline.targets) {
      const own = timeline.hostsOf.get(id);
      if (ids && !ids.has(target.id)) continue;
      if (hosts && ![...(own ?? [])].some((host) => hosts.has(host))) continue;
      tests.targets.add(id);
    }
  }
  if (filter.text) tests.text = textHits(db, timeline, filter.text);
  return tests;
}

/** The span of places between the filter's times. */
export function spanOf({ columns }: Timeline, { from, to }: TimelineFilter): { from: number; to: number } {
  const begin = from === undefined ? 0 : firstAt(columns, micros(from));
  const end = to === undefined ? columns.length : firstAt(columns, micros(to));
  return { from: begin, to: Math.max(begin, end) };
}

/** The rows that fit a filter, in their order. Of the last few filters the places are kept. */
export function fitting(db: Db, timeline: Timeline, filter: TimelineFilter): Fitting {
  const span = spanOf(timeline, filter);
  const { kinds, targets, hosts, text } = filter;
  if (!kinds && !targets && !hosts && !text) return { ...span, length: span.to - span.from };
  const key = JSON.stringify([filter.from, filter.to, kinds, targets, hosts, text]);
  const held = timeline.kept.get(key);
  if (held) return { ...span, places: held, length: held.length };
  const tests = testsOf(db, timeline, filter);
  const found = new Uint32Array(span.to - span.from);
  let length = 0;
  for (let at = span.from; at < span.to; at++) {
    if (passes(timeline, tests, at)) found[length++] = at;
  }
  const places = found.slice(0, length);
  timeline.kept.set(key, places);
  for (const old of timeline.kept.keys()) {
    if (timeline.kept.size <= KEPT) break;
    timeline.kept.delete(old);
  }
  return { ...span, places, length };
}

export function passes({ columns }: Timeline, { kinds, targets, text }: Tests, at: number): boolean {
  if (kinds && kinds[columns.kind[at] ?? 0] !== 1) return false;
  if (targets && !targets.has(columns.target[at] ?? 0)) return false;
  return !text || text.has((columns.what[at] ?? 0) & 7, columns.ref[at] ?? 0);
}

/** Ids of each table whose text holds the words, as bits. */
class TextHits {
  readonly #bits = new Map<number, Uint8Array>();

  add(table: number, ids: readonly number[]): void {
    if (ids.length === 0) return;
    let bits = this.#bits.get(table) ?? new Uint8Array(0);
    const most = ids.reduce((max, id) => Math.max(max, id), 0);
    if (most >>> 3 >= bits.length) {
      const bigger = new Uint8Array((most >>> 3) + 1);
      bigger.set(bits);
      bits = bigger;
    }
    for (const id of ids) bits[id >>> 3] = (bits[id >>> 3] ?? 0) | (1 << (id & 7));
    this.#bits.set(table, bits);
  }

  has(table: number, id: number): boolean {
    return (((this.#bits.get(table)?.[id >>> 3] ?? 0) >>> (id & 7)) & 1) === 1;
  }
}

const Ids = z.array(z.object({ id: z.number() }));
/** Ids read at once. */
const PAGE = 100_000;

function textHits(db: Db, { entries }: Timeline, text: string): TextHits {
  const hits = new TextHits();
  const collect = (table: number, sql: string, values: (string | number)[]) => {
    const select = db.prepare(sql);
    for (let last = 0; ; ) {
      const page = Ids.parse(select.all(...values, last, PAGE)).map(({ id }) => id);
      hits.add(table, page);
      last = page.at(-1) ?? 0;
      if (page.length < PAGE) return;
    }
  };
  const like = (column: string) => contains(column, text);
  const body = like('body');
  if ([...text].length < 3) {
    collect(
      TABLE.event,
      `SELECT ref AS id FROM texts WHERE kind = 'event' AND ${body.sql} AND ref > ? ORDER BY ref LIMIT ?`,
      body.values.filter((one) => typeof one === 'string'),
    );
  } else {
    // by rowid, in which events' texts have the order of their events
    const found = `SELECT rowid FROM texts_fts WHERE texts_fts MATCH ?`;
    collect(
      TABLE.event,
      `SELECT ref AS id FROM texts WHERE id IN (${found}) AND kind = 'event' AND ref > ? ORDER BY ref LIMIT ?`,
      [phrase(text)],
    );
  }
  for (const [table, name, column] of [
    [TABLE.file, 'files', 'path'],
    [TABLE.process, 'processes', 'command'],
    [TABLE.container, 'containers', 'name'],
  ] as const) {
    const where = like(column);
    const values = where.values.filter((one) => typeof one === 'string');
    collect(table, `SELECT id FROM ${name} WHERE ${where.sql} AND id > ? ORDER BY id LIMIT ?`, values);
  }
  const wanted = text.toLowerCase();
  hits.add(
    TABLE.entry,
    entries.flatMap((entry, at) => (entryText(entry).toLowerCase().includes(wanted) ? [at] : [])),
  );
  return hits;
}
