import { statSync } from 'node:fs';
import { z } from 'zod';
import type { Entry, TargetRef } from '../../../shared/domain';
import { TargetKind } from '../../../shared/domain';
import type { Db } from '../index/db';
import { type EventShapes, readShapes } from '../index/event-shapes';
import { readRows } from '../index/query';
import { indexPath, withIndex } from '../index/store';
import { type Columns, emptyColumns, kindCode, readColumns, TABLE } from './columns';
import type { TextHits } from './texts';

/** A timeline in memory: that of the index, and the examiner's own actions from the ledger among it. */
export interface Timeline {
  columns: Columns;
  /** By their ids in the index. */
  targets: Map<number, TargetRef>;
  /** Hosts of targets: targets.id → host ids, by the exhibits that are about them. */
  hostsOf: Map<number, Set<string>>;
  hosts: { id: string; name: string; offsetMs: number | null }[];
  entries: readonly Entry[];
  /** What messages of events are like. */
  shapes: EventShapes;
  /** Places that fit, of the last filters asked for. */
  kept: Map<string, Uint32Array>;
  /** Rows whose text holds the words, of the last texts asked for. */
  texts: Map<string, TextHits>;
}

const Target = z.object({ id: z.number(), kind: TargetKind, key: z.string(), name: z.string() });
const Seen = z.object({ target: z.number(), host: z.string() });
const Host = z.object({ id: z.string(), name: z.string(), ms: z.number().nullable() });

interface Held {
  /** Which state of which index it was read from. */
  key: string;
  timeline: Timeline;
}
/** Of the case looked at last alone: tens of megabytes for millions of rows. */
let held: Held | undefined;

/**
 * Opens the timeline of a case; it stays in memory until the index or the ledger is another, or another case is opened.
 * Throws NOT_POSSIBLE where the case has no index.
 */
export function openTimeline(dir: string, entries: readonly Entry[]): Timeline {
  const path = indexPath(dir);
  const found = statSync(path, { throwIfNoEntry: false });
  const key = JSON.stringify([path, found?.mtimeMs, found?.ino, found?.size]);
  const before = held?.key === key ? held.timeline : undefined;
  held = undefined;
  const timeline = (before && goneOn(before, entries)) ?? withIndex(dir, (db) => load(db, entries));
  held = { key, timeline };
  return timeline;
}

/**
 * The same timeline with what the ledger has got since: every action of the examiner is an entry, and reading millions of rows
 * anew for each would be felt. Undefined where the entries are not those of before and more.
 */
function goneOn(before: Timeline, entries: readonly Entry[]): Timeline | undefined {
  const { length } = before.entries;
  if (entries[length - 1]?.hash !== before.entries[length - 1]?.hash || entries.length < length) return undefined;
  if (entries.length === length) return before;
  const columns = withEntries(before.columns, entries, length);
  // places in the columns are others now
  return { ...before, columns, entries, kept: new Map(), texts: new Map() };
}

/** Reads it; for tests, and for openTimeline. */
export function load(db: Db, entries: readonly Entry[]): Timeline {
  const targets = new Map<number, TargetRef>();
  for (const { id, kind, key, name } of readRows(db, Target, 'SELECT id, kind, key, name FROM targets')) {
    targets.set(id, { kind, id: key, name });
  }
  const hostsOf = new Map<number, Set<string>>();
  const seen = `SELECT target, host FROM exhibits WHERE host IS NOT NULL
    UNION SELECT ev.target, ex.host FROM event_counts ev
      JOIN exhibits ex ON ex.exhibit = ev.exhibit WHERE ex.host IS NOT NULL`;
  for (const { target, host } of readRows(db, Seen, seen)) {
    hostsOf.set(target, (hostsOf.get(target) ?? new Set()).add(host));
  }
  const hosts = readRows(
    db,
    Host,
    `SELECT host AS id, min(hostname) AS name, min(clock_offset_ms) AS ms FROM exhibits
      WHERE host IS NOT NULL GROUP BY host ORDER BY host`,
  ).map(({ id, name, ms }) => ({ id, name, offsetMs: ms }));
  return {
    columns: withEntries(readColumns(db), entries),
    targets,
    hostsOf,
    hosts,
    entries,
    shapes: readShapes(db),
    kept: new Map(),
    texts: new Map(),
  };
}

/**
 * Puts the ledger's entries from number `since` on in between; their times are the examiner's clock's, to which all others are
 * corrected.
 */
function withEntries(columns: Columns, entries: readonly Entry[], since = 0): Columns {
  const own = entries
    .slice(since)
    .map(({ time }, at) => ({ us: Date.parse(time) * 1000, at: since + at }))
    .filter(({ us }) => Number.isSafeInteger(us) && us >= 0)
    .sort((a, b) => a.us - b.us || a.at - b.at);
  if (own.length === 0) return columns;
  const all = emptyColumns(columns.length + own.length);
  const names = ['us', 'ref', 'target', 'kind', 'what'] as const;
  const kind = kindCode('examiner');
  let from = 0;
  let to = 0;
  const copy = (until: number) => {
    for (const name of names) all[name].set(columns[name].subarray(from, until), to);
    to += until - from;
    from = until;
  };
  for (const { us, at } of own) {
    copy(firstAt(columns, us, true));
    all.us[to] = us;
    all.ref[to] = at;
    all.kind[to] = kind;
    all.what[to] = TABLE.entry;
    to++;
  }
  copy(columns.length);
  return all;
}

/** The first place whose time is at or after `us`; with `after`, after it. */
export function firstAt({ us: times, length }: Pick<Columns, 'us' | 'length'>, us: number, after = false): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const time = times[middle] ?? 0;
    if (time < us || (after && time === us)) low = middle + 1;
    else high = middle;
  }
  return low;
}
