import { z } from 'zod';
import { ExhibitId, Sha256, TargetRef } from '../domain';
import { base, InCase } from './base';

/**
 * Where a row of the timeline comes from. The place in this list is how the index keeps it: append, never move.
 * 'file': a file that the container added or changed; 'image-file': one that is as in its image.
 */
export const TIMELINE_KINDS = [
  'engine',
  'log',
  'access',
  'auth',
  'audit',
  'login',
  'history',
  'process',
  'container',
  'file',
  'image-file',
  'packet',
  'memory',
  'examiner',
  'other',
] as const;
export const TimelineKind = z.enum(TIMELINE_KINDS);
export type TimelineKind = z.infer<typeof TimelineKind>;

/** What is left out is not filtered by. All of it must fit. */
export const TimelineFilter = z.object({
  /** Inclusive, ISO 8601, on the corrected axis. */
  from: z.iso.datetime({ offset: true }).optional(),
  /** Exclusive. */
  to: z.iso.datetime({ offset: true }).optional(),
  kinds: z.array(TimelineKind).optional(),
  /** Ids of targets: containers, hosts. */
  targets: z.array(z.string()).max(1000).optional(),
  /** Ids of hosts. */
  hosts: z.array(z.string()).max(1000).optional(),
  /** Anywhere in the message or the path, without regard to the case of ASCII letters. */
  text: z.string().max(1000).optional(),
});
export type TimelineFilter = z.infer<typeof TimelineFilter>;

export const TimelineRow = z.object({
  /** Its place among all rows, 0 the earliest; the same while the case is the same. */
  n: z.number(),
  /** UTC, ISO 8601, as precise as it is known; corrected by `offsetMs`. */
  time: z.string(),
  /** How fine it is, and what was assumed: 's, year assumed'. */
  precision: z.string(),
  kind: TimelineKind,
  /** What the time is the time of, as Timesketch names it: 'Content Modification Time'. */
  desc: z.string(),
  message: z.string(),
  /** As the evidence has it. */
  raw: z.string(),
  /** Milliseconds that the host's clock was ahead, taken off; null where nothing was. */
  offsetMs: z.number().nullable(),
  target: TargetRef,
  /** Null for the examiner's own actions, which are in the ledger. */
  exhibit: ExhibitId.nullable(),
  locator: z.string().nullable(),
  /** Sequence number in the ledger, of the examiner's own actions. */
  entry: z.number().nullable(),
});
export type TimelineRow = z.infer<typeof TimelineRow>;

/** Rows of a span of time, by kind; a kind that has none is left out. */
export const TimelineBucket = z.object({
  start: z.string(),
  total: z.number(),
  kinds: z.record(z.string(), z.number()),
});
export type TimelineBucket = z.infer<typeof TimelineBucket>;

export const TimelineSummary = z.object({
  /** Rows of the case; those that fit. */
  all: z.number(),
  total: z.number(),
  /** Of those that fit; null where there are none. */
  first: z.string().nullable(),
  last: z.string().nullable(),
  /** Length of a bucket, in ms. */
  widthMs: z.number(),
  buckets: z.array(TimelineBucket),
  /** Counts under all filters but the one on kinds, or on targets. */
  kinds: z.array(z.object({ kind: TimelineKind, count: z.number() })),
  targets: z.array(z.object({ target: TargetRef, count: z.number() })),
  hosts: z.array(z.object({ id: z.string(), name: z.string(), offsetMs: z.number().nullable() })),
  /** Why the index is not of now's exhibits, in sentences; empty when it is. */
  stale: z.array(z.string()),
});
export type TimelineSummary = z.infer<typeof TimelineSummary>;

/** Timesketch's JSON lines, CSV, or files as a bodyfile (The Sleuth Kit 3), which mactime reads. */
export const EXPORT_FORMATS = ['timesketch', 'csv', 'bodyfile'] as const;
export const ExportFormat = z.enum(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof ExportFormat>;

const Filtered = InCase.extend({ filter: TimelineFilter.default({}) });

export const timeline = {
  /** Counts and the histogram. Throws NOT_POSSIBLE where the case was not analysed. */
  summary: base
    .input(Filtered.extend({ buckets: z.number().int().min(1).max(2000).default(200) }))
    .output(TimelineSummary),
  /** Rows that fit, earliest first. */
  rows: base
    .input(
      Filtered.extend({
        offset: z.number().int().nonnegative().default(0),
        limit: z.number().int().positive().max(2000).default(200),
        descending: z.boolean().default(false),
      }),
    )
    .output(z.object({ rows: z.array(TimelineRow), total: z.number() })),
  /** Writes what fits to a new file outside the case, and the file's hash into the ledger. A bodyfile is filtered by targets alone. */
  export: base
    .input(Filtered.extend({ format: ExportFormat, to: z.string().min(1).max(4096), reason: z.string().max(2000) }))
    .output(z.object({ path: z.string(), sha256: Sha256, bytes: z.number(), rows: z.number() })),
};
