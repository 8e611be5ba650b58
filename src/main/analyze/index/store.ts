import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExhibitRecord } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { type Db, openDb } from './db';
import type { Indexer } from './indexer';
import { indexers as registered } from './registry';
import { FORMAT } from './schema';

/** `derived/index.sqlite`. */
export function indexPath(dir: string): string {
  return join(dir, 'derived', 'index.sqlite');
}

/**
 * Whether the index says what the exhibits say. `missing`: the case was not analysed; `stale`: it was made from other
 * exhibits or by other indexers; `damaged`: it is no index. Each is repaired by analysing again.
 */
export interface IndexState {
  state: 'ready' | 'stale' | 'missing' | 'damaged';
  /** In sentences; empty when ready. */
  reasons: string[];
}

const Pair = z.object({ key: z.string(), value: z.string() });

/** Compares the index of a case with its exhibits and with the indexers. Throws nothing that a broken file causes. */
export function indexState(
  dir: string,
  records: readonly Pick<ExhibitRecord, 'id' | 'sha256'>[],
  indexers: readonly Pick<Indexer, 'id' | 'version'>[] = registered(),
): IndexState {
  const path = indexPath(dir);
  if (!existsSync(path)) return { state: 'missing', reasons: ['The case was not analysed yet.'] };
  let db: Db | undefined;
  try {
    db = openDb(path);
    const pairs = (sql: string) =>
      new Map(
        z
          .array(Pair)
          .parse(db?.prepare(sql).all())
          .map((p) => [p.key, p.value]),
      );
    const meta = pairs('SELECT key, value FROM meta');
    if (meta.get('complete') !== '1') return { state: 'damaged', reasons: ['The index was not finished.'] };
    if (meta.get('format') !== String(FORMAT)) {
      return { state: 'stale', reasons: ['The index was made by another version of Lading.'] };
    }
    const reasons = [
      ...differences(
        pairs('SELECT exhibit AS key, sha256 AS value FROM exhibits'),
        new Map(records.map(({ id, sha256 }) => [id, sha256])),
        'exhibit',
      ),
      ...differences(
        pairs('SELECT id AS key, version AS value FROM indexers'),
        new Map(indexers.map(({ id, version }) => [id, version])),
        'indexer',
      ),
    ];
    return { state: reasons.length > 0 ? 'stale' : 'ready', reasons };
  } catch {
    return { state: 'damaged', reasons: ['The index cannot be read.'] };
  } finally {
    db?.close();
  }
}

function differences(held: Map<string, string>, now: Map<string, string>, what: string): string[] {
  const added = [...now.keys()].filter((key) => !held.has(key)).length;
  const gone = [...held.keys()].filter((key) => !now.has(key)).length;
  const changed = [...now].filter(([key, value]) => held.has(key) && held.get(key) !== value).length;
  const say = (n: number, how: string) => (n > 0 ? [`${n} ${what}${n === 1 ? ' is' : 's are'} ${how}.`] : []);
  return [
    ...say(added, 'not in the index yet'),
    ...say(gone, 'in the index and no more in use'),
    ...say(changed, 'other than indexed'),
  ];
}

/**
 * Opens the index for one query or a few, which `work` makes at once (libsql's calls are synchronous), and closes it:
 * so it can be made anew, and the case folder be moved, at any time. Throws NOT_POSSIBLE where there is none.
 */
export function withIndex<T>(dir: string, work: (db: Db) => T): T {
  const path = indexPath(dir);
  if (!existsSync(path)) {
    throw new LadingError('NOT_POSSIBLE', 'The case has no index yet.', { advice: 'Analyse the case first.' });
  }
  const db = openDb(path);
  try {
    return work(db);
  } catch (cause) {
    if (cause instanceof LadingError || cause instanceof z.ZodError) throw cause;
    throw new LadingError('CASE_DAMAGED', 'The index of the case cannot be read.', {
      advice: 'Analyse the case again: the index is made anew from the exhibits.',
      cause,
    });
  } finally {
    db.close();
  }
}
