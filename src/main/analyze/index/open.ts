import { type Db, openDb } from './db';
import { indexPath } from './store';

/** Opens the index for work that waits in between, and closes it; without a folder the work gets none. */
export async function withIndexOpen<T>(dir: string | undefined, work: (db: Db | undefined) => Promise<T>): Promise<T> {
  if (dir === undefined) return work(undefined);
  const db = openDb(indexPath(dir));
  try {
    return await work(db);
  } finally {
    db.close();
  }
}
