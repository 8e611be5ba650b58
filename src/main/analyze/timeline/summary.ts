import { TIMELINE_KINDS, type TimelineFilter, type TimelineSummary } from '../../../shared/contract/timeline';
import type { Db } from '../index/db';
import { isoMicros } from '../index/query';
import { kindName } from './columns';
import { type Fitting, fitting, mostTarget, spanOf, testsOf } from './filter';
import type { Timeline } from './open';

/** A bucket is never shorter than a millisecond. */
const LEAST = 1000;

/** Counts by time, kind and target of what fits. */
export function summaryOf(
  db: Db,
  timeline: Timeline,
  filter: TimelineFilter,
  buckets: number,
): Omit<TimelineSummary, 'stale'> {
  const { columns, hosts } = timeline;
  const fits = fitting(db, timeline, filter);
  const placeAt = (i: number) => (fits.places ? (fits.places[i] ?? 0) : fits.from + i);
  const [first, last] =
    fits.length === 0 ? [0, 0] : [columns.us[placeAt(0)] ?? 0, columns.us[placeAt(fits.length - 1)] ?? 0];
  const width = Math.max(LEAST, Math.ceil((last - first + 1) / buckets / LEAST) * LEAST);
  const kinds = TIMELINE_KINDS.length;
  const used = fits.length === 0 ? 0 : Math.floor((last - first) / width) + 1;
  const counts = new Uint32Array(used * kinds);
  const { us, kind } = columns;
  // rows come in the order of time: a bucket ends where its time ends
  let bucket = 0;
  let end = first + width;
  for (let i = 0; i < fits.length; i++) {
    const at = fits.places ? (fits.places[i] ?? 0) : fits.from + i;
    const time = us[at] ?? 0;
    if (time >= end) {
      bucket = Math.floor((time - first) / width);
      end = first + (bucket + 1) * width;
    }
    const cell = bucket * kinds + (kind[at] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return {
    all: columns.length,
    total: fits.length,
    first: fits.length === 0 ? null : isoMicros(first),
    last: fits.length === 0 ? null : isoMicros(last),
    widthMs: width / 1000,
    buckets: Array.from({ length: used }, (_, bucket) => {
      const own = [...counts.subarray(bucket * kinds, (bucket + 1) * kinds)];
      return {
        start: isoMicros(first + bucket * width),
        total: own.reduce((sum, n) => sum + n, 0),
        kinds: Object.fromEntries(own.flatMap((n, code) => (n > 0 ? [[kindName(code), n]] : []))),
      };
    }),
    ...facets(db, timeline, filter, fits),
    hosts,
  };
}

/** Counts under all filters but the one on kinds, or on targets. */
function facets(
  db: Db,
  timeline: Timeline,
  filter: TimelineFilter,
  fits: Fitting,
): Pick<TimelineSummary, 'kinds' | 'targets'> {
  const { columns, targets } = timeline;
  const { from, to } = spanOf(timeline, filter);
  const tests = testsOf(db, timeline, filter);
  const byKind = new Uint32Array(256);
  const byTarget = new Uint32Array(mostTarget(timeline) + 1);
  // where neither is filtered by, what is counted is what fits
  const same = !tests.kinds && !tests.targets ? fits.places : undefined;
  const end = same ? same.length : to;
  for (let i = same ? 0 : from; i < end; i++) {
    const at = same ? (same[i] ?? 0) : i;
    const kind = columns.kind[at] ?? 0;
    const target = columns.target[at] ?? 0;
    const ofKind = !tests.kinds || tests.kinds[kind] === 1;
    const ofTarget = !tests.targets || tests.targets[target] === 1;
    if (!ofKind && !ofTarget) continue;
    if (!same && tests.text && !tests.text.has(columns.what[at] ?? 0, columns.ref[at] ?? 0)) continue;
    if (ofTarget) byKind[kind] = (byKind[kind] ?? 0) + 1;
    if (ofKind) byTarget[target] = (byTarget[target] ?? 0) + 1;
  }
  return {
    kinds: TIMELINE_KINDS.flatMap((kind, code) => (byKind[code] ? [{ kind, count: byKind[code] }] : [])),
    targets: [...targets]
      .flatMap(([id, target]) => (byTarget[id] ? [{ target, count: byTarget[id] }] : []))
      .sort((a, b) => b.count - a.count || (a.target.id < b.target.id ? -1 : 1)),
  };
}
