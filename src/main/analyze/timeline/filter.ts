import type { TimelineFilter } from '../../../shared/contract/timeline';
import { LadingError } from '../../../shared/errors';
import type { Db } from '../index/db';
import { kindCode } from './columns';
import { firstAt, type Timeline } from './open';
import { type TextHits, textHits } from './texts';

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
  /** By a kind's number: 1 where it is wanted. */
  kinds?: Uint8Array;
  /** By a target's id. */
  targets?: Uint8Array;
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
    tests.targets = new Uint8Array(mostTarget(timeline) + 1);
    for (const [id, target] of timeline.targets) {
      const own = timeline.hostsOf.get(id);
      if (ids && !ids.has(target.id)) continue;
      if (hosts && ![...(own ?? [])].some((host) => hosts.has(host))) continue;
      tests.targets[id] = 1;
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
  const { columns } = timeline;
  const tests = testsOf(db, timeline, filter);
  const found = new Uint32Array(span.to - span.from);
  let length = 0;
  for (let at = span.from; at < span.to; at++) {
    if (tests.kinds && tests.kinds[columns.kind[at] ?? 0] !== 1) continue;
    if (tests.targets && tests.targets[columns.target[at] ?? 0] !== 1) continue;
    if (tests.text && !tests.text.has(columns.what[at] ?? 0, columns.ref[at] ?? 0)) continue;
    found[length++] = at;
  }
  const places = found.slice(0, length);
  timeline.kept.set(key, places);
  for (const old of timeline.kept.keys()) {
    if (timeline.kept.size <= KEPT) break;
    timeline.kept.delete(old);
  }
  return { ...span, places, length };
}

/** The greatest id of a target. */
export function mostTarget({ targets }: Timeline): number {
  let most = 0;
  for (const id of targets.keys()) most = Math.max(most, id);
  return most;
}
