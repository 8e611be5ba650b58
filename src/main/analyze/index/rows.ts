import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { parseLocator } from '../../../shared/locator';
import { kindCode, rowList, TABLE } from '../timeline/columns';
import type { Bindable, Db } from './db';
import { shapeWriter } from './event-shapes';
import { eventTextWriter } from './event-texts';
import { columnsOf, type NewRow, TABLES, type TableName } from './schema';

/** Places of the columns of events. */
const EVENT = placesOf(TABLES.events);

function placesOf<T extends object>(columns: T): Record<keyof T, number> {
  const places = Object.keys(columns).map((name, at) => [name, at]);
  return Object.fromEntries(places) as Record<keyof T, number>;
}

/** Rows that go in one statement: beyond this it gets no faster (measured). */
const TOGETHER = 20;
/** Rows of one transaction. */
const BATCH = 50_000;
/** A text longer than this is cut, in characters: a row is a pointer to evidence, not a copy of it. */
const TEXT_MAX = 65_536;

/** A row as an indexer gives it: the target is its exhibit's where none is named. */
export type Given<T extends TableName> = Omit<NewRow<T>, 'target' | Later> & { target?: TargetRef };
/** Filled in by joins.ts when all rows are there. */
type Later = 'entity' | 'parent' | 'depth' | 'tree' | 'tree_end';

/** Writes rows; each call gives the row's id. Throws INTERNAL for a row that cites nothing. */
export interface RowWriter {
  container(row: Given<'containers'>): number;
  image(row: Given<'images'>): number;
  process(row: Given<'processes'>): number;
  fact(row: Given<'facts'>): number;
  executable(row: Given<'executables'>): number;
  fd(row: Given<'fds'>): number;
  socket(row: Given<'sockets'>): number;
  view(row: Given<'views'>): number;
  file(row: Given<'files'>): number;
  event(row: Given<'events'>): number;
  text(row: Given<'texts'>): number;
}

export interface WriterOptions {
  records: readonly ExhibitRecord[];
  /** A value that no column can hold (a number beyond 2^53): stored as NULL, and said here. */
  odd(exhibit: string, reason: string): void;
  /** After each transaction, with the number of rows so far. */
  progress?(rows: number): void;
}

/** Collects rows of one table until a statement is full; the same slots each time, as there are millions of rows. */
function tableWriter(db: Db, table: TableName) {
  const columns = columnsOf(table);
  const tuple = `(${['?', ...columns.map(() => '?')].join(', ')})`;
  const sql = (n: number) =>
    `INSERT INTO ${table} (id, ${columns.join(', ')}) VALUES ${Array.from({ length: n }, () => tuple).join(', ')}`;
  const many = db.prepare(sql(TOGETHER));
  const one = db.prepare(sql(1));
  const width = columns.length + 1;
  const shape: Record<string, { optional: boolean }> = TABLES[table];
  const optional = columns.map((column) => shape[column]?.optional ?? false);
  const waiting = new Array<Bindable>(width * TOGETHER).fill(null);
  let last = 0;
  let used = 0;
  return {
    columns,
    optional,
    /** The value of a column of the row that `end` will add. */
    set(column: number, value: Bindable): void {
      waiting[used + 1 + column] = value;
    },
    /** Adds the row whose columns were all set, and gives its id. */
    end(): number {
      waiting[used] = ++last;
      used += width;
      if (used === waiting.length) {
        many.run(waiting);
        used = 0;
      }
      return last;
    },
    flush(): void {
      for (let at = 0; at < used; at += width) one.run(waiting.slice(at, at + width));
      used = 0;
    },
  };
}

/** The writer of one build. `finish` must be called: it ends the last transaction. */
export function rowWriter(db: Db, options: WriterOptions) {
  const targets = new Map<string, number>();
  const byExhibit = new Map<string, number>();
  const tables = new Map<TableName, ReturnType<typeof tableWriter>>();
  const checked = new Set<string>();
  const texts = eventTextWriter(db);
  const shapes = shapeWriter(db);
  const timeline = rowList();
  /** Events of an exhibit about a target, counted: these answer what an index over all events would. */
  const counts = new Map<string, Map<number, number>>();
  let written = 0;

  const writer = (table: TableName) => {
    const held = tables.get(table) ?? tableWriter(db, table);
    tables.set(table, held);
    return held;
  };

  let lastTarget: TargetRef | undefined;
  let lastId = 0;
  /** Rows of one target come one after the other: the last one is not looked up again. */
  function target(about: TargetRef): number {
    if (about !== lastTarget) {
      lastId = targetId(about);
      lastTarget = about;
    }
    return lastId;
  }

  function targetId({ kind, id, name }: TargetRef): number {
    const key = `${kind} ${id}`;
    const held = targets.get(key);
    if (held !== undefined) return held;
    const own = writer('targets');
    for (const [column, value] of [kind, plain(id), plain(name)].entries()) own.set(column, value);
    const made = own.end();
    targets.set(key, made);
    return made;
  }

  /** The columns' kinds are those of schema.ts; what a caller may not have is absent. */
  function add<T extends TableName>(table: T, row: Given<T> & { exhibit: string; locator: string }): number {
    const own = byExhibit.get(row.exhibit);
    if (own === undefined) {
      throw new LadingError('INTERNAL', `A row of ${table} cites ${row.exhibit}, which is not in this case.`);
    }
    checkPlace(row.locator);
    const about = row.target ? target(row.target) : own;
    const put = writer(table);
    const { columns, optional } = put;
    const given: Readonly<Record<string, unknown>> = row;
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at] ?? '';
      const value = column === 'target' ? about : bindable(given[column]);
      if (value === undefined) {
        options.odd(row.exhibit, `${column} at ${row.locator} is beyond what can be stored.`);
        put.set(at, null);
      } else if (value === null && !optional[at]) {
        // not known before joins.ts has run
        if (column !== 'entity') throw new LadingError('INTERNAL', `A row of ${table} has no ${column}.`);
        put.set(at, 0);
      } else put.set(at, value);
    }
    const id = put.end();
    wrote();
    return id;
  }

  function wrote(): void {
    written++;
    if (written % BATCH !== 0) return;
    for (const each of tables.values()) each.flush();
    db.exec('COMMIT; BEGIN');
    options.progress?.(written);
  }

  /** As `add` does, for the one table that has millions: its columns are known, and none is looked up by name. */
  function event(row: Given<'events'>): number {
    const own = byExhibit.get(row.exhibit);
    if (own === undefined) {
      throw new LadingError('INTERNAL', `A row of events cites ${row.exhibit}, which is not in this case.`);
    }
    checkPlace(row.locator);
    if (!Number.isSafeInteger(row.us)) throw new LadingError('INTERNAL', 'A row of events has no time.');
    const about = row.target ? target(row.target) : own;
    const message = plain(row.message);
    const put = writer('events');
    put.set(EVENT.exhibit, row.exhibit);
    put.set(EVENT.locator, row.locator);
    put.set(EVENT.target, about);
    put.set(EVENT.us, row.us);
    put.set(EVENT.precision, plain(row.precision));
    put.set(EVENT.source, plain(row.source));
    put.set(EVENT.timestamp_desc, plain(row.timestamp_desc));
    put.set(EVENT.message, message);
    put.set(EVENT.raw, plain(row.raw));
    put.set(EVENT.offset_ms, bindable(row.offset_ms) ?? null);
    const id = put.end();
    timeline.add(row.us, about, kindCode(row.source), TABLE.event, 0, id);
    texts.add(message);
    shapes.add(message);
    let ofExhibit = counts.get(row.exhibit);
    if (!ofExhibit) {
      ofExhibit = new Map();
      counts.set(row.exhibit, ofExhibit);
    }
    ofExhibit.set(about, (ofExhibit.get(about) ?? 0) + 1);
    wrote();
    return id;
  }

  function checkPlace(locator: string): void {
    // most places are bytes, and there are millions of them
    if (/^(?:bytes:\d+\+\d+|line:\d+|whole)$/.test(locator) || checked.has(locator)) return;
    parseLocator(locator);
    if (checked.size < 10_000) checked.add(locator);
  }

  db.exec('BEGIN');
  for (const record of options.records) byExhibit.set(record.id, target(record.target));

  const rows: RowWriter = {
    container: (row) => add('containers', row),
    image: (row) => add('images', row),
    process: (row) => add('processes', row),
    fact: (row) => add('facts', row),
    executable: (row) => add('executables', row),
    fd: (row) => add('fds', row),
    socket: (row) => add('sockets', row),
    view: (row) => add('views', row),
    file: (row) => add('files', row),
    event,
    text: (row) => add('texts', row),
  };
  return {
    rows,
    target,
    written: () => written,
    /** The events' rows of the timeline, to which the build adds those of the other tables. */
    timeline,
    finish(): void {
      for (const each of tables.values()) each.flush();
      texts.finish();
      shapes.finish();
      const insert = db.prepare('INSERT INTO event_counts (exhibit, target, n) VALUES (?, ?, ?)');
      for (const [exhibit, own] of counts) for (const [about, n] of own) insert.run([exhibit, about, n]);
      db.exec('COMMIT');
    },
  };
}

/** A text as SQLite can hold it: libsql reads to the first NUL, so that is shown instead; lone surrogates are U+FFFD. */
function plain(text: string): string {
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  return cut.includes('\0') ? cut.replaceAll('\0', '␀') : cut;
}

/** Undefined for a number that is no safe integer. */
function bindable(value: unknown): Bindable | undefined {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return plain(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) return value;
  throw new LadingError('INTERNAL', `A ${typeof value} is nothing that can be stored.`);
}
