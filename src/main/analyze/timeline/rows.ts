import { z } from 'zod';
import type { TimelineRow } from '../../../shared/contract/timeline';
import type { Entry, TargetRef } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { Db } from '../index/db';
import { isoMicros, readRows } from '../index/query';
import { FLAG, kindName, STEP, TABLE } from './columns';
import type { Fitting } from './filter';
import type { Timeline } from './open';

const EventRow = z.object({
  id: z.number(),
  exhibit: z.string(),
  locator: z.string(),
  precision: z.string(),
  timestamp_desc: z.string(),
  message: z.string(),
  raw: z.string(),
  offset_ms: z.number().nullable(),
});
const Placed = { id: z.number(), exhibit: z.string(), locator: z.string(), offset_ms: z.number().nullable() };
const FileRow = z.object({
  ...Placed,
  path: z.string(),
  state: z.string(),
  size: z.number().nullable(),
  link: z.string().nullable(),
});
const ProcessRow = z.object({
  ...Placed,
  pid: z.number(),
  comm: z.string(),
  command: z.string(),
  user: z.string().nullable(),
});
const ContainerRow = z.object({ ...Placed, name: z.string(), image: z.string().nullable() });

const NOWHERE: TargetRef = { kind: 'host', id: '', name: '' };

/** A ledger entry in words. */
export function entryText({ action, subject, examiner, details }: Entry): string {
  const title = typeof details.title === 'string' ? details.title : '';
  return `${action}: ${[subject, title].filter((one) => one !== '').join(' ')} (${examiner})`;
}

/** What Timesketch and Plaso call a file's times; several that are equal are one row, named as mactime does: M.C. */
function fileDesc(flags: number): string {
  const names = [
    flags & FLAG.modified ? 'Content Modification Time' : '',
    flags & FLAG.accessed ? 'Last Access Time' : '',
    flags & FLAG.changed ? 'Metadata Modification Time' : '',
    flags & FLAG.born ? 'Creation Time' : '',
  ];
  return names.filter((one) => one !== '').join('; ');
}

function containerDesc(flags: number): string {
  if (flags & STEP.created) return 'Container created';
  return flags & STEP.started ? 'Container started' : 'Container ended';
}

/** The places of a page of what fits; earliest first unless descending. */
export function pageOf(
  { from, places, length }: Fitting,
  offset: number,
  limit: number,
  descending: boolean,
): number[] {
  const page: number[] = [];
  for (let i = offset; i < Math.min(length, offset + limit); i++) {
    const nth = descending ? length - 1 - i : i;
    page.push(places ? (places[nth] ?? 0) : from + nth);
  }
  return page;
}

/** Reads the rows at these places, in this order. What a host said in them is shown as `visible` makes it. */
export function rowsAt(db: Db, timeline: Timeline, places: readonly number[]): TimelineRow[] {
  const { columns, targets, entries } = timeline;
  const wanted = new Map<number, Set<number>>();
  for (const at of places) {
    const table = (columns.what[at] ?? 0) & 7;
    wanted.set(table, (wanted.get(table) ?? new Set()).add(columns.ref[at] ?? 0));
  }
  const ids = (table: number) => [...(wanted.get(table) ?? [])];
  const events = byId(db, EventRow, ids(TABLE.event), 'SELECT * FROM events WHERE id');
  const offset = '(SELECT round(clock_offset_ms) FROM exhibits x WHERE x.exhibit = t.exhibit) AS offset_ms';
  const files = byId(db, FileRow, ids(TABLE.file), `SELECT t.*, ${offset} FROM files t WHERE id`);
  const processes = byId(db, ProcessRow, ids(TABLE.process), `SELECT t.*, ${offset} FROM processes t WHERE id`);
  const containers = byId(db, ContainerRow, ids(TABLE.container), `SELECT t.*, ${offset} FROM containers t WHERE id`);

  return places.map((at): TimelineRow => {
    const us = columns.us[at] ?? 0;
    const what = columns.what[at] ?? 0;
    const ref = columns.ref[at] ?? 0;
    const flags = what >>> 3;
    const base = {
      n: at,
      time: isoMicros(us),
      kind: kindName(columns.kind[at] ?? 0),
      target: targets.get(columns.target[at] ?? 0) ?? NOWHERE,
      entry: null,
    };
    /** The time before it was corrected. */
    const raw = (offsetMs: number | null) => isoMicros(us + (offsetMs ?? 0) * 1000);
    switch (what & 7) {
      case TABLE.event: {
        const row = found(events, ref);
        return {
          ...base,
          precision: row.precision,
          desc: row.timestamp_desc,
          message: visible(row.message),
          raw: visible(row.raw),
          offsetMs: row.offset_ms,
          exhibit: row.exhibit,
          locator: row.locator,
        };
      }
      case TABLE.file: {
        const row = found(files, ref);
        const image = base.kind === 'image-file';
        const offsetMs = image ? null : row.offset_ms;
        const state = image || row.state === 'unknown' ? '' : ` (${row.state})`;
        const size = row.size === null ? '' : `, ${row.size} bytes`;
        return {
          ...base,
          precision: us % 1_000_000 === 0 ? 's' : 'us',
          desc: fileDesc(flags),
          message: visible(`${row.path}${row.link === null ? '' : ` → ${row.link}`}${state}${size}`),
          raw: raw(offsetMs),
          offsetMs,
          exhibit: row.exhibit,
          locator: row.locator,
        };
      }
      case TABLE.process: {
        const row = found(processes, ref);
        return {
          ...base,
          precision: 's',
          desc: 'Process started',
          message: visible(
            `pid ${row.pid} ${row.user === null ? '' : `(${row.user}) `}${row.command || `[${row.comm}]`}`,
          ),
          raw: raw(row.offset_ms),
          offsetMs: row.offset_ms,
          exhibit: row.exhibit,
          locator: row.locator,
        };
      }
      case TABLE.container: {
        const row = found(containers, ref);
        const desc = containerDesc(flags);
        return {
          ...base,
          precision: 'us',
          desc,
          message: visible(`${desc}: ${row.name}${row.image === null ? '' : ` from ${row.image}`}`),
          raw: raw(row.offset_ms),
          offsetMs: row.offset_ms,
          exhibit: row.exhibit,
          locator: row.locator,
        };
      }
      default: {
        const entry = entries[ref];
        return {
          ...base,
          precision: 'ms',
          desc: 'Examiner',
          message: visible(entry ? entryText(entry) : ''),
          raw: entry?.time ?? '',
          offsetMs: null,
          exhibit: null,
          locator: null,
          entry: entry?.seq ?? null,
        };
      }
    }
  });
}

function found<T>(rows: Map<number, T>, id: number): T {
  const row = rows.get(id);
  if (!row) throw new LadingError('CASE_DAMAGED', `The index has no row ${id}.`, { advice: 'Analyse the case again.' });
  return row;
}

/** Ids of one statement. */
const TOGETHER = 500;

function byId<T extends { id: number }>(db: Db, schema: z.ZodType<T>, ids: readonly number[], sql: string) {
  const rows = new Map<number, T>();
  for (let at = 0; at < ids.length; at += TOGETHER) {
    const some = ids.slice(at, at + TOGETHER);
    for (const row of readRows(db, schema, `${sql} IN (${some.map(() => '?').join(', ')})`, some))
      rows.set(row.id, row);
  }
  return rows;
}
