import { z } from 'zod';
import { FileBefore, type FileDetail, FileRow, FileState, FileView } from '../../../shared/contract/files';
import { TargetRef } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { nameOfText } from '../formats/fs-path';
import type { Db } from '../index/db';
import { allOf, contains, countRows, isoMicros, readRows, type Where } from '../index/query';

/** Columns of FileRow and FileDetail, as the index has them. */
const Stored = z.object({
  path: z.string(),
  type: z.string(),
  mode: z.number().nullable(),
  uid: z.number().nullable(),
  gid: z.number().nullable(),
  user: z.string().nullable(),
  group_name: z.string().nullable(),
  size: z.number().nullable(),
  mtime: z.number().nullable(),
  atime: z.number().nullable(),
  ctime: z.number().nullable(),
  link: z.string().nullable(),
  layer: z.string().nullable(),
  state: FileState,
  sha256: z.string().nullable(),
  package: z.string().nullable(),
  exhibit: z.string(),
  locator: z.string(),
  content: z.string().nullable(),
});
const COLUMNS = Object.keys(Stored.shape)
  .map((column) => `f.${column}`)
  .join(', ');
const StoredDetail = Stored.extend({
  hard_link: z.string().nullable(),
  device: z.string().nullable(),
  xattrs: z.string().nullable(),
  state_at: z.string().nullable(),
  was: z.string().nullable(),
  kind: z.string(),
  key: z.string(),
  name: z.string(),
});
const time = (us: number | null | undefined): string | null => (us === null || us === undefined ? null : isoMicros(us));

function rowOf(stored: z.infer<typeof Stored>): FileRow {
  const { group_name, content, mtime, atime, ctime, ...rest } = stored;
  return FileRow.parse({
    ...rest,
    ...(/[\u{10fe80}-\u{10feff}]/u.test(stored.path) && { pathHex: nameOfText(stored.path).toString('hex') }),
    group: group_name,
    mtime: time(mtime),
    atime: time(atime),
    ctime: time(ctime),
    readable: content !== null,
  });
}

const ViewRow = z.object({
  id: z.number(),
  key: z.string(),
  kind: z.string(),
  how: z.string(),
  complete: z.number(),
  layers: z.string(),
  exhibit: z.string(),
  target_kind: z.string(),
  target_key: z.string(),
  target_name: z.string(),
  hostname: z.string().nullable(),
  collection: z.string().nullable(),
  started: z.string(),
  partial: z.number(),
  files: z.number(),
  drift: z.number(),
});

/** Every view of the index, in the order in which they were made. */
export function listViews(db: Db): FileView[] {
  const rows = readRows(
    db,
    ViewRow,
    `SELECT v.id, v.key, v.kind, v.how, v.complete, v.layers, v.exhibit, t.kind AS target_kind, t.key AS target_key,
       t.name AS target_name, e.hostname, e.collection, e.started, e.partial,
       (SELECT count(*) FROM files f WHERE f.view = v.id) AS files,
       (SELECT count(*) FROM files f WHERE f.view = v.id AND f.state <> 'image' AND f.state <> 'unknown') AS drift
     FROM views v JOIN targets t ON t.id = v.target JOIN exhibits e ON e.exhibit = v.exhibit ORDER BY v.id`,
  );
  return rows.map((row) =>
    FileView.parse({
      ...row,
      target: { kind: row.target_kind, id: row.target_key, name: row.target_name },
      complete: row.complete === 1,
      partial: row.partial === 1,
      taken: row.started,
      layers: JSON.parse(row.layers),
      drift: row.kind === 'container' ? row.drift : 0,
    }),
  );
}

const Id = z.object({ id: z.number() });

/** The row of a view by its key. Throws BAD_INPUT for one that is not there. */
function viewId(db: Db, key: string): number {
  const found = Id.safeParse(db.prepare('SELECT id FROM views WHERE key = ?').get(key));
  if (found.success) return found.data.id;
  throw new LadingError('BAD_INPUT', 'The index has no such file system.', {
    advice: 'List them again; after another collection the case has to be analysed.',
  });
}

export interface ListInput {
  view: string;
  folder?: string;
  foldersOnly: boolean;
  text?: string;
  glob?: string;
  sha256?: string;
  states?: readonly FileState[];
  sort: 'path' | 'size' | 'mtime' | 'ctime' | 'state';
  descending: boolean;
  offset: number;
  limit: number;
}

/** Folders stand before files up to so many rows: beyond it the index's own order is hundreds of times quicker. */
const GROUPED_MAX = 20_000;

/** A page of files of a view, and how many there are in all. */
export function listFiles(db: Db, input: ListInput): { rows: FileRow[]; total: number } {
  const view = viewId(db, input.view);
  const { states } = input;
  const where = allOf([
    { sql: 'f.view = ?', values: [view] },
    input.folder === undefined ? undefined : { sql: 'f.folder = ?', values: [input.folder] },
    input.foldersOnly ? { sql: "f.type = 'directory'", values: [] } : undefined,
    input.text ? contains('f.path', input.text) : undefined,
    input.glob ? { sql: 'f.path GLOB ?', values: [input.glob] } : undefined,
    input.sha256 ? { sql: 'f.sha256 = ?', values: [input.sha256] } : undefined,
    states
      ? ({ sql: `f.state IN (${states.map(() => '?').join(', ')})`, values: [...states] } satisfies Where)
      : undefined,
  ]);
  const total = countRows(db, 'files f', where);
  const way = input.descending ? 'DESC' : 'ASC';
  const grouped = input.folder !== undefined && input.sort === 'path' && total <= GROUPED_MAX;
  const order =
    input.sort === 'path'
      ? `${grouped ? "f.type <> 'directory', " : ''}f.path ${way}`
      : `f.${input.sort} ${way}, f.path`;
  const rows = readRows(
    db,
    Stored,
    `SELECT ${COLUMNS} FROM files f WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
    [...where.values, input.limit, input.offset],
  );
  return { rows: rows.map(rowOf), total };
}

const At = z
  .string()
  .regex(/^E\d+ ./s)
  .transform((text) => {
    const space = text.indexOf(' ');
    return { exhibit: text.slice(0, space), locator: text.slice(space + 1) };
  });
const Was = z.object({
  type: z.string(),
  mode: z.number(),
  uid: z.number(),
  gid: z.number(),
  size: z.number(),
  mtime: z.number().nullish(),
  sha256: z.string().nullish(),
  link: z.string().nullish(),
  at: At,
  content: At.nullish(),
});

/** Where a version's content lies. */
export interface ContentPlace {
  exhibit: string;
  locator: string;
}

/** Everything of one file, and where its content, and that of the image's file in its place, lies. Throws BAD_INPUT. */
export function fileDetail(db: Db, key: string, path: string): { detail: FileDetail; was: ContentPlace | undefined } {
  const view = viewId(db, key);
  const stored = StoredDetail.safeParse(
    db
      .prepare(
        `SELECT ${COLUMNS}, f.hard_link, f.device, f.xattrs, f.state_at, f.was, t.kind, t.key, t.name
         FROM files f JOIN targets t ON t.id = f.target WHERE f.view = ? AND f.path = ? ORDER BY f.id LIMIT 1`,
      )
      .get(view, path),
  );
  if (!stored.success) {
    throw new LadingError('BAD_INPUT', 'There is no such file in this file system.', {
      advice: 'Give the whole path as it is listed, beginning with a slash.',
    });
  }
  const { hard_link, device, xattrs, state_at, was, kind, key: target, name, ...row } = stored.data;
  const before = was === null ? undefined : Was.parse(JSON.parse(was));
  const attributes = z.record(z.string(), z.string()).parse(JSON.parse(xattrs ?? '{}'));
  return {
    detail: {
      ...rowOf(row),
      view: key,
      target: TargetRef.parse({ kind, id: target, name }),
      hardLink: hard_link,
      device,
      xattrs: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, Buffer.from(value, 'latin1').toString('hex')]),
      ),
      content: row.content === null ? null : At.parse(row.content),
      stateAt: state_at === null ? null : At.parse(state_at),
      was: before
        ? FileBefore.parse({
            ...before,
            ...before.at,
            mtime: time(before.mtime),
            sha256: before.sha256 ?? null,
            link: before.link ?? null,
            readable: Boolean(before.content),
          })
        : null,
    },
    was: before?.content ?? undefined,
  };
}

const There = "state <> 'deleted'";
const Compared = z.object({ path: z.string(), what: z.enum(['only left', 'only right', 'content', 'metadata']) });

/** What differs between two views, by path. Folders' times are not compared: they follow from their files. */
export function compareViews(
  db: Db,
  input: { left: string; right: string; offset: number; limit: number },
): {
  rows: { path: string; what: z.infer<typeof Compared>['what']; left?: FileRow; right?: FileRow }[];
  total: number;
} {
  const [left, right] = [viewId(db, input.left), viewId(db, input.right)];
  const content = `(a.type <> b.type OR (a.type = 'file' AND CASE WHEN a.sha256 IS NOT NULL AND b.sha256 IS NOT NULL
    THEN a.sha256 <> b.sha256 ELSE a.size <> b.size OR a.mtime / 1000000 <> b.mtime / 1000000 END)
    OR (a.type = 'link' AND a.link IS NOT b.link))`;
  const rights = '(a.mode IS NOT b.mode OR a.uid IS NOT b.uid OR a.gid IS NOT b.gid OR a.xattrs IS NOT b.xattrs)';
  const both = `SELECT a.path, CASE WHEN ${content} THEN 'content' ELSE 'metadata' END AS what FROM files a
    JOIN files b ON b.view = ? AND b.folder = a.folder AND b.path = a.path AND b.${There}
    WHERE a.view = ? AND a.${There} AND (${content} OR ${rights})`;
  const only = (what: string) => `SELECT a.path, '${what}' AS what FROM files a WHERE a.view = ? AND a.${There}
    AND NOT EXISTS (SELECT 1 FROM files b WHERE b.view = ? AND b.folder = a.folder AND b.path = a.path AND b.${There})`;
  const all = `${both} UNION ALL ${only('only left')} UNION ALL ${only('only right')}`;
  const values = [right, left, left, right, right, left];
  const total = countRows(db, `(${all})`, { sql: '1', values });
  const one = db.prepare(
    `SELECT ${COLUMNS} FROM files f WHERE f.view = ? AND f.path = ? AND f.${There} ORDER BY f.id LIMIT 1`,
  );
  const row = (view: number, path: string) => {
    const found = Stored.safeParse(one.get(view, path));
    return found.success ? rowOf(found.data) : undefined;
  };
  const rows = readRows(db, Compared, `${all} ORDER BY path LIMIT ? OFFSET ?`, [...values, input.limit, input.offset]);
  return {
    rows: rows.map((found) => ({ ...found, left: row(left, found.path), right: row(right, found.path) })),
    total,
  };
}
