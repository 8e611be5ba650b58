import { LadingError } from '../../../shared/errors';
import type { Indexer } from './indexer';

/** The folder is the registry: a file directly in indexers/ exports one indexer; what they share is in indexers/lib. */
const files = import.meta.glob<Indexer>('./indexers/*.ts', { eager: true, import: 'default' });

/** Refuses two indexers of one id, and a file that exports none; gives them sorted by id. */
export function checkedIndexers(found: Record<string, Indexer | undefined>): Indexer[] {
  const byId = new Map<string, Indexer>();
  for (const [file, indexer] of Object.entries(found)) {
    if (!indexer?.id) throw new LadingError('INTERNAL', `${file} exports no indexer.`);
    if (byId.has(indexer.id)) throw new LadingError('INTERNAL', `Two indexers call themselves ${indexer.id}.`);
    byId.set(indexer.id, indexer);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

let cached: Indexer[] | undefined;

/** Every indexer there is, sorted by id: the order in which they write. */
export function indexers(): Indexer[] {
  cached ??= checkedIndexers(files);
  return cached;
}
