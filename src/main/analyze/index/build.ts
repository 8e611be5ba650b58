import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExhibitRecord } from '../../../shared/domain';
import { asLadingError, LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { analyzeContext } from '../context';
import { writeTimeline } from '../timeline/build';
import { createDb, type Db } from './db';
import type { Indexer } from './indexer';
import { joinRows } from './joins';
import { indexers as registered } from './registry';
import { rowWriter } from './rows';
import { FORMAT } from './schema';
import { createSql, FTS_SQL, INDEX_SQL } from './schema-sql';
import { indexPath } from './store';

/** Of one exhibit at most so many faults are kept; the rest is counted in the last of them. */
const FAULTS_MAX = 50;
/** Texts that go into the full-text index at once: often enough to be cancelled and to show progress. */
const FTS_STEP = 20_000;

export interface BuildOptions {
  /** The case folder. */
  dir: string;
  records: readonly ExhibitRecord[];
  signal?: AbortSignal;
  /** Work done of all: an indexer is one, and so is each step after them. */
  progress?: (at: { done: number; total: number; title: string; rows: number }) => void;
  /** Those of the registry unless a test gives others. */
  indexers?: readonly Indexer[];
}

export interface BuildResult {
  rows: number;
  /** What could not be understood, counted. */
  faults: number;
}

/** Where an index is made, before it takes the place of the one there is. */
export function draftPath(dir: string): string {
  return `${indexPath(dir)}.new`;
}

/**
 * Makes `derived/index.sqlite` anew from the exhibits, in this thread; run.ts does it in another. The old one stays in
 * use until the new one is whole and on disk. An indexer that fails is a fault of the exhibits it was given, what it wrote
 * before is kept, and the others go on. Rejects when cancelled or when the disk is full.
 */
export async function buildIndex(options: BuildOptions): Promise<BuildResult> {
  const draft = draftPath(options.dir);
  await mkdir(join(options.dir, 'derived'), { recursive: true });
  await rm(draft, { force: true });
  const db = createDb(draft);
  let closed = false;
  try {
    const result = await fill(db, options);
    db.close();
    closed = true;
    const file = await open(draft, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, indexPath(options.dir));
    return result;
  } catch (error) {
    if (!closed) db.close();
    await rm(draft, { force: true });
    throw diskError(error);
  }
}

async function fill(db: Db, options: BuildOptions): Promise<BuildResult> {
  const { signal, progress } = options;
  const all = options.indexers ?? registered();
  const records = [...options.records].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
  const total = all.length + 3;
  let done = 0;
  for (const sql of createSql()) db.exec(sql);
  const faults = faultList();
  let current: Indexer | undefined;
  const fault = (exhibit: string, reason: string) => faults.add(exhibit, current?.id ?? '', reason);
  const say = (title: string) => progress?.({ done, total, title, rows: writer.written() });
  const writer = rowWriter(db, { records, odd: fault, progress: () => say(current?.title ?? '') });
  const base = analyzeContext(
    options.dir,
    records,
    { finding: () => {}, unreadable: ({ exhibit, reason }) => fault(exhibit, reason) },
    signal,
  );
  const pause = async () => {
    await new Promise(setImmediate);
    stopIfCancelled(signal);
  };
  const { read, stream, unreadable } = base;
  const context = { dir: options.dir, exhibits: records, read, stream, unreadable, rows: writer.rows, pause };
  for (current of all) {
    await pause();
    say(current.title);
    const indexer = current;
    let accepted: ExhibitRecord[] = [];
    try {
      accepted = records.filter((record) => indexer.accepts(record));
      if (accepted.length > 0) await indexer.index(context, accepted);
    } catch (error) {
      stopIfCancelled(signal);
      const known = asLadingError(error);
      if (known.code === 'DISK_FULL' || isSqlite(error)) throw error;
      const reason = `${indexer.title} stopped: ${known.message.replaceAll(options.dir, '<case>')}`;
      for (const { id } of accepted) fault(id, reason);
    }
    done++;
  }
  current = undefined;
  const rows = writer.written();
  writeExhibits(db, records, writer.target);
  writer.finish();
  say('Joining what belongs together');
  await pause();
  joinRows(db);
  done++;
  for (const sql of INDEX_SQL) {
    say('Sorting');
    db.exec(sql);
    await pause();
  }
  await writeTimeline(db, writer.timeline, pause);
  done++;
  say('Searching');
  await fullText(db, pause);
  done++;
  db.exec('BEGIN');
  const meta = db.prepare('INSERT INTO meta (key, value) VALUES (?, ?)');
  const own = db.prepare('INSERT INTO indexers (id, version) VALUES (?, ?)');
  for (const { id, version } of all) own.run([id, version]);
  const kept = faults.list();
  const insert = db.prepare('INSERT INTO faults (exhibit, indexer, reason) VALUES (?, ?, ?)');
  for (const one of kept) insert.run([one.exhibit, one.indexer, one.reason]);
  meta.run(['format', String(FORMAT)]);
  meta.run(['complete', '1']);
  db.exec('COMMIT');
  progress?.({ done: total, total, title: '', rows });
  return { rows, faults: kept.length };
}

function writeExhibits(db: Db, records: readonly ExhibitRecord[], target: (of: ExhibitRecord['target']) => number) {
  const insert = db.prepare(`INSERT INTO exhibits VALUES (${Array.from({ length: 14 }, () => '?').join(', ')})`);
  for (const one of records) {
    insert.run([
      one.id,
      one.sha256,
      Number(one.id.slice(1)),
      one.collector.id,
      one.title,
      one.kind,
      target(one.target),
      one.host?.id ?? null,
      one.host?.hostname ?? null,
      one.collection ?? null,
      one.started.host ?? one.started.local,
      one.clockOffsetMs ?? null,
      one.bytes,
      one.partial ? 1 : 0,
    ]);
  }
}

/** Fills the full-text index in steps; the order of ids is the order of rows, so it is the same each time. */
async function fullText(db: Db, pause: () => Promise<void>): Promise<void> {
  db.exec(FTS_SQL);
  const found = db.prepare('SELECT max(id) AS last FROM texts').get();
  const last =
    found !== null && typeof found === 'object' && 'last' in found && typeof found.last === 'number' ? found.last : 0;
  const step = db.prepare('INSERT INTO texts_fts (rowid, body) SELECT id, body FROM texts WHERE id > ? AND id <= ?');
  for (let at = 0; at < last; at += FTS_STEP) {
    db.exec('BEGIN');
    step.run([at, at + FTS_STEP]);
    db.exec('COMMIT');
    await pause();
  }
}

interface Fault {
  exhibit: string;
  indexer: string;
  reason: string;
}

/** Each said once, harmless to look at, in the order in which they came; of very many only the first are kept. */
function faultList() {
  const kept = new Map<string, Fault>();
  const counts = new Map<string, number>();
  return {
    add(exhibit: string, indexer: string, reason: string): void {
      const one = { exhibit, indexer, reason: visible(reason, { max: 500 }) };
      const key = JSON.stringify(one);
      if (kept.has(key)) return;
      const count = (counts.get(exhibit) ?? 0) + 1;
      counts.set(exhibit, count);
      if (count <= FAULTS_MAX) kept.set(key, one);
    },
    list(): Fault[] {
      const more = [...counts].flatMap(([exhibit, count]) =>
        count > FAULTS_MAX ? [{ exhibit, indexer: '', reason: `${count - FAULTS_MAX} more faults.` }] : [],
      );
      return [...kept.values(), ...more];
    },
  };
}

function stopIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw asLadingError(signal.reason);
}

/** What SQLite itself refused: the draft is of no use any more. */
function isSqlite(error: unknown): boolean {
  return error instanceof Error && error.name === 'SqliteError';
}

function diskError(error: unknown): LadingError {
  if (error instanceof Error && /database or disk is full|SQLITE_FULL|disk I\/O error/.test(error.message)) {
    return new LadingError('DISK_FULL', 'The index could not be written: the disk is full.', {
      advice: 'Free space on that disk and analyse again; evidence and findings are not touched.',
      cause: error,
    });
  }
  return asLadingError(error);
}
