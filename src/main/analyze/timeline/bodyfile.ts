import { z } from 'zod';
import { visible } from '../../../shared/visible';
import type { Db } from '../index/db';
import { readRows } from '../index/query';

const time = z.number().nullable();
const Row = z.object({
  id: z.number(),
  path: z.string(),
  type: z.string(),
  link: z.string().nullable(),
  state: z.string(),
  mode: time,
  uid: time,
  gid: time,
  size: time,
  mtime: time,
  atime: time,
  ctime: time,
  btime: time,
  inode: time,
  kind: z.string(),
  target: z.string(),
  off: z.number().nullable(),
});

const TYPES: Readonly<Record<string, string>> = {
  file: 'r',
  directory: 'd',
  link: 'l',
  character: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
};

/** `r/rrwxr-xr-x`, as fls and mactime write it: the type twice, as both the name and the inode say it. */
export function modeText(type: string, mode: number | null): string {
  const letter = TYPES[type] ?? '-';
  const bits = mode ?? 0;
  const three = (shift: number, special: number, set: string) => {
    const own = bits >> shift;
    const x = own & 1;
    const last = bits & special ? (x ? set : set.toUpperCase()) : x ? 'x' : '-';
    return `${own & 4 ? 'r' : '-'}${own & 2 ? 'w' : '-'}${last}`;
  };
  return `${letter}/${letter}${three(6, 0o4000, 's')}${three(3, 0o2000, 's')}${three(0, 0o1000, 't')}`;
}

/** A name in a bodyfile: its separator and what could break a line are written as %7C, and as pictures. */
function nameText(text: string): string {
  return visible(text).replaceAll('%', '%25').replaceAll('|', '%7C');
}

/**
 * Files as lines of a bodyfile: MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime, times in whole seconds, corrected
 * as the timeline is; 0 for what is not known. The name begins with the target's, as one bodyfile may be of several.
 */
export function bodyLines(
  db: Db,
  options: { after: number; limit: number; target?: string },
): { lines: string[]; next: number | null } {
  const rows = readRows(
    db,
    Row,
    `SELECT f.id, f.path, f.type, f.link, f.state, f.mode, f.uid, f.gid, f.size, f.mtime, f.atime, f.ctime, f.btime, f.inode,
        t.kind AS kind, CASE WHEN t.name = '' THEN t.key ELSE t.name END AS target,
        CASE WHEN f.state = 'image' THEN 0 ELSE round(coalesce(x.clock_offset_ms, 0)) * 1000 END AS off
      FROM files f JOIN targets t ON t.id = f.target JOIN exhibits x ON x.exhibit = f.exhibit
      WHERE f.id > ? AND (? IS NULL OR t.key = ?) ORDER BY f.id LIMIT ?`,
    [options.after, options.target ?? null, options.target ?? null, options.limit],
  );
  const lines = rows.flatMap((row) => {
    const seconds = (us: number | null) => (us === null ? 0 : Math.max(0, Math.floor((us - (row.off ?? 0)) / 1e6)));
    const times = [row.atime, row.mtime, row.ctime, row.btime].map(seconds);
    if (times.every((one) => one === 0)) return [];
    const link = row.link === null ? '' : ` -> ${row.link}`;
    const state = row.state === 'deleted' ? ' (deleted)' : '';
    const name = nameText(`${row.target}:${row.path}${link}${state}`);
    const own = [row.inode ?? 0, modeText(row.type, row.mode), row.uid ?? 0, row.gid ?? 0, row.size ?? 0];
    return [[0, name, ...own, ...times].join('|')];
  });
  return { lines, next: rows.length < options.limit ? null : (rows.at(-1)?.id ?? null) };
}
