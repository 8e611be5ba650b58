import { setImmediate as breathe } from 'node:timers/promises';
import type { ExportFormat, TimelineFilter, TimelineRow } from '../../../shared/contract/timeline';
import { LadingError } from '../../../shared/errors';
import { type Cell, csvRows, jsonLine } from '../../../shared/tabular';
import { withIndex } from '../index/store';
import { bodyLines } from './bodyfile';
import { fitting } from './filter';
import type { Timeline } from './open';
import { pageOf, rowsAt } from './rows';

/** Rows, or files of a bodyfile, that are written at once. */
const AT_ONCE = 5000;

/** An event as Timesketch takes it: message, datetime, timestamp_desc; the other fields become attributes. */
export function timesketch(row: TimelineRow) {
  const { kind, id, name } = row.target;
  return {
    datetime: row.time,
    timestamp_desc: row.desc,
    message: row.message,
    source: row.kind,
    target: id === '' ? '' : `${kind} ${name || id}`,
    target_id: id,
    exhibit: row.exhibit,
    locator: row.locator,
    ledger: row.entry,
    time_as_recorded: row.raw,
    clock_offset_ms: row.offsetMs,
    precision: row.precision,
  };
}

export const CSV_HEAD = [
  'datetime',
  'timestamp_desc',
  'message',
  'source',
  'target',
  'target_id',
  'exhibit',
  'locator',
  'ledger',
  'time_as_recorded',
  'clock_offset_ms',
  'precision',
];

export function csvRow(row: TimelineRow): Cell[] {
  return Object.values(timesketch(row));
}

/** What is exported, and of how many rows each piece of it is. */
export interface Exported {
  text: string;
  rows: number;
}

/**
 * The rows that fit, in a format of other tools, piece by piece in constant memory. Throws BAD_INPUT for a bodyfile filtered by
 * anything but targets, CANCELLED when `signal` says so.
 */
export async function* exported(
  dir: string,
  timeline: Timeline,
  { format, filter }: { format: ExportFormat; filter: TimelineFilter },
  signal?: AbortSignal,
): AsyncGenerator<Exported> {
  if (format === 'bodyfile') {
    yield* bodyfile(dir, filter, signal);
    return;
  }
  if (format === 'csv') yield { text: csvRows([CSV_HEAD]), rows: 0 };
  const fits = withIndex(dir, (db) => fitting(db, timeline, filter));
  for (let at = 0; at < fits.length; at += AT_ONCE) {
    await next(signal);
    const rows = withIndex(dir, (db) => rowsAt(db, timeline, pageOf(fits, at, AT_ONCE, false)));
    const text = format === 'csv' ? csvRows(rows.map(csvRow)) : rows.map((row) => jsonLine(timesketch(row))).join('');
    yield { text, rows: rows.length };
  }
}

async function* bodyfile(dir: string, filter: TimelineFilter, signal?: AbortSignal): AsyncGenerator<Exported> {
  const { from, to, kinds, hosts, text, targets = [undefined] } = filter;
  if (from || to || kinds || hosts || text) {
    throw new LadingError('BAD_INPUT', 'A bodyfile has all files, or those of some targets.', {
      advice: 'Filter by target alone, or export as Timesketch JSONL or CSV.',
    });
  }
  for (const target of targets) {
    for (let after: number | null = 0; after !== null; ) {
      await next(signal);
      const page: ReturnType<typeof bodyLines> = withIndex(dir, (db) =>
        bodyLines(db, { after: after ?? 0, limit: AT_ONCE, target }),
      );
      yield { text: page.lines.map((line) => `${line}\n`).join(''), rows: page.lines.length };
      after = page.next;
    }
  }
}

/** Lets others run between pages. */
async function next(signal?: AbortSignal): Promise<void> {
  await breathe();
  if (signal?.aborted) throw new LadingError('CANCELLED', 'The export was cancelled. No file was left.');
}
