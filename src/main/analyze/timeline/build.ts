import { z } from 'zod';
import type { Db } from '../index/db';
import { BLOCK, bytesOf, COLUMNS_SQL, FLAG, kindCode, type RowList, STEP, TABLE } from './columns';
import { orderByTime } from './sort';

/** Rows read at once. */
const READ = 20_000;

const time = z.number().nullable();
const FileRow = z.object({
  id: z.number(),
  target: z.number(),
  image: z.number(),
  exhibit: z.string(),
  mtime: time,
  atime: time,
  ctime: time,
  btime: time,
});
const ProcessRow = z.object({ id: z.number(), target: z.number(), exhibit: z.string(), started: time });
const ContainerRow = ProcessRow.extend({ created: time, finished: time });
const Offset = z.object({ exhibit: z.string(), ms: z.number().nullable() });

/**
 * Writes the timeline of an index whose rows are all there. `rows` has the events; added are times of files (one row for those that are the same, as
 * mactime shows them); starts of processes; lives of containers. Times of a host are corrected by its clock's offset; those of
 * files that came with the image are not, as another machine's clock gave them. Of equal times the order is that of the tables.
 */
export async function writeTimeline(db: Db, rows: RowList, pause: () => Promise<void>): Promise<number> {
  const offsets = new Map(
    z
      .array(Offset)
      .parse(db.prepare('SELECT exhibit, clock_offset_ms AS ms FROM exhibits').all())
      .map(({ exhibit, ms }) => [exhibit, Math.round(ms ?? 0) * 1000]),
  );
  await addFiles(db, rows, offsets, pause);
  addProcesses(db, rows, offsets);
  addContainers(db, rows, offsets);
  await pause();
  const order = orderByTime(rows.times());
  await pause();
  db.exec(COLUMNS_SQL);
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  for (let at = 0, id = 1; at < order.length; at += BLOCK, id++) {
    const block = rows.gather(order.subarray(at, at + BLOCK));
    const [first, last] = [block.us[0] ?? 0, block.us[block.length - 1] ?? 0];
    const blobs = [block.us, block.ref, block.target, block.kind, block.what].map(bytesOf);
    insert.run([id, block.length, first, last, ...blobs]);
    await pause();
  }
  db.exec('COMMIT');
  return order.length;
}

async function addFiles(
  db: Db,
  rows: RowList,
  offsets: Map<string, number>,
  pause: () => Promise<void>,
): Promise<void> {
  const select = db.prepare(
    `SELECT id, target, state = 'image' AS image, exhibit, mtime, atime, ctime, btime FROM files
      WHERE id > ? AND coalesce(mtime, atime, ctime, btime) IS NOT NULL ORDER BY id LIMIT ?`,
  );
  const [own, image] = [kindCode('file'), kindCode('image-file')];
  for (let last = 0; ; ) {
    const page = z.array(FileRow).parse(select.all(last, READ));
    for (const file of page) {
      last = file.id;
      const off = file.image ? 0 : (offsets.get(file.exhibit) ?? 0);
      for (const [us, flags] of sameTimes(file)) {
        rows.add(us - off, file.target, file.image ? image : own, TABLE.file, flags, file.id);
      }
    }
    if (page.length < READ) return;
    await pause();
  }
}

/** The times of a file, each once, with what they are the times of. */
function sameTimes({ mtime, atime, ctime, btime }: z.infer<typeof FileRow>): Map<number, number> {
  const times = new Map<number, number>();
  const put = (us: number | null, flag: number) => {
    if (us !== null) times.set(us, (times.get(us) ?? 0) | flag);
  };
  put(mtime, FLAG.modified);
  put(atime, FLAG.accessed);
  put(ctime, FLAG.changed);
  put(btime, FLAG.born);
  return times;
}

function addProcesses(db: Db, rows: RowList, offsets: Map<string, number>): void {
  const kind = kindCode('process');
  const all = db
    .prepare('SELECT id, target, exhibit, started FROM processes WHERE entity = id AND started IS NOT NULL ORDER BY id')
    .all();
  for (const { id, target, exhibit, started } of z.array(ProcessRow).parse(all)) {
    rows.add((started ?? 0) - (offsets.get(exhibit) ?? 0), target, kind, TABLE.process, 0, id);
  }
}

/** A container is described by several exhibits: each of its times is told once, where it was met first. */
function addContainers(db: Db, rows: RowList, offsets: Map<string, number>): void {
  const kind = kindCode('container');
  const told = new Set<string>();
  const all = db.prepare('SELECT id, target, exhibit, created, started, finished FROM containers ORDER BY id').all();
  for (const { id, target, exhibit, created, started, finished } of z.array(ContainerRow).parse(all)) {
    const times: [number | null, number][] = [
      [created, STEP.created],
      [started, STEP.started],
      [finished, STEP.finished],
    ];
    for (const [us, flag] of times) {
      const key = `${target} ${flag} ${us}`;
      if (us === null || us <= 0 || told.has(key)) continue;
      told.add(key);
      rows.add(us - (offsets.get(exhibit) ?? 0), target, kind, TABLE.container, flag, id);
    }
  }
}
