import { z } from 'zod';
import type { Db } from '../index/db';
import { BLOCK, bytesOf, COLUMNS_SQL, type Columns, emptyColumns, FLAG, kindCode, STEP, TABLE } from './columns';

/** Rows read at once. */
const READ = 20_000;

const EventRow = z.object({ id: z.number(), us: z.number(), target: z.number(), source: z.string() });
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

/** Columns that grow. */
function growing() {
  let columns = emptyColumns(READ);
  let length = 0;
  return {
    add(us: number, target: number, kind: number, table: number, flags: number, ref: number): void {
      if (!Number.isSafeInteger(us) || us < 0) return;
      if (length === columns.length) {
        const bigger = emptyColumns(columns.length * 2);
        for (const name of ['us', 'ref', 'target', 'kind', 'what'] as const) bigger[name].set(columns[name]);
        columns = bigger;
      }
      columns.us[length] = us;
      columns.ref[length] = ref;
      columns.target[length] = target;
      columns.kind[length] = kind;
      columns.what[length] = table | (flags << 3);
      length++;
    },
    end: (): Columns => ({ ...columns, length }),
  };
}

/**
 * Writes the timeline of an index whose rows are all there: events; times of files (one row for those that are the same, as
 * mactime shows them); starts of processes; lives of containers. Times of a host are corrected by its clock's offset; those of
 * files that came with the image are not, as another machine's clock gave them. Of equal times the order is that of the tables.
 */
export async function writeTimeline(db: Db, pause: () => Promise<void>): Promise<number> {
  const rows = growing();
  await addEvents(db, rows, pause);
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
  const columns = rows.end();
  const order = sortedOrder(columns);
  await pause();
  db.exec(COLUMNS_SQL);
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO timeline VALUES (?, ?, ?, ?, ?, ?, ?)');
  for (let at = 0, id = 1; at < columns.length; at += BLOCK, id++) {
    const n = Math.min(BLOCK, columns.length - at);
    const block = emptyColumns(n);
    for (const name of ['us', 'ref', 'target', 'kind', 'what'] as const) {
      const [from, to] = [columns[name], block[name]];
      for (let i = 0; i < n; i++) to[i] = from[order[at + i] ?? 0] ?? 0;
    }
    insert.run([id, n, ...[block.us, block.ref, block.target, block.kind, block.what].map(bytesOf)]);
  }
  db.exec('COMMIT');
  return columns.length;
}

/** Places by time; of equal times in the order in which they came. Most logs are in order already. */
function sortedOrder({ us, length }: Columns): Uint32Array {
  const order = new Uint32Array(length);
  let sorted = true;
  for (let i = 0; i < length; i++) {
    order[i] = i;
    if (i > 0 && (us[i] ?? 0) < (us[i - 1] ?? 0)) sorted = false;
  }
  return sorted ? order : order.sort((a, b) => (us[a] ?? 0) - (us[b] ?? 0) || a - b);
}

type Rows = ReturnType<typeof growing>;

async function addEvents(db: Db, rows: Rows, pause: () => Promise<void>): Promise<void> {
  const select = db.prepare('SELECT id, us, target, source FROM events WHERE id > ? ORDER BY id LIMIT ?');
  for (let last = 0; ; ) {
    const page = z.array(EventRow).parse(select.all(last, READ));
    for (const { id, us, target, source } of page) {
      rows.add(us, target, kindCode(source), TABLE.event, 0, id);
      last = id;
    }
    if (page.length < READ) return;
    await pause();
  }
}

async function addFiles(db: Db, rows: Rows, offsets: Map<string, number>, pause: () => Promise<void>): Promise<void> {
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

function addProcesses(db: Db, rows: Rows, offsets: Map<string, number>): void {
  const kind = kindCode('process');
  const all = db
    .prepare('SELECT id, target, exhibit, started FROM processes WHERE entity = id AND started IS NOT NULL ORDER BY id')
    .all();
  for (const { id, target, exhibit, started } of z.array(ProcessRow).parse(all)) {
    rows.add((started ?? 0) - (offsets.get(exhibit) ?? 0), target, kind, TABLE.process, 0, id);
  }
}

/** A container is described by several exhibits: each of its times is told once, where it was met first. */
function addContainers(db: Db, rows: Rows, offsets: Map<string, number>): void {
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
