import { existsSync } from 'node:fs';
import Database from 'libsql';
import { LadingError } from '../../../shared/errors';

/** What may be bound to a statement: libsql ends the whole program at a boolean, and reads a text to its first NUL. */
export type Bindable = string | number | null | Uint8Array;

/** A statement whose rows the caller parses. */
export interface Statement {
  run(values: readonly Bindable[]): void;
  all(...values: Bindable[]): unknown[];
  get(...values: Bindable[]): unknown;
}

/** The few calls of libsql that are used here. */
export interface Db {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

function wrap(db: Database.Database): Db {
  return {
    exec: (sql) => {
      db.exec(sql);
    },
    prepare: (sql) => {
      const statement = db.prepare(sql);
      return {
        run: (values) => {
          statement.run(values as Bindable[]);
        },
        all: (...values) => statement.all(values),
        get: (...values) => statement.get(values),
      };
    },
    close: () => {
      db.close();
    },
  };
}

/** A new database to be filled once and then renamed: no journal, no fsync until the end; large pages, for large blobs. */
export function createDb(path: string): Db {
  const db = wrap(new Database(path));
  db.exec(
    'PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY',
  );
  return db;
}

/**
 * Opens for queries alone. libsql ignores `readonly` and makes a file that is not there, so both are seen to here: a
 * missing file throws CASE_DAMAGED, a statement that writes is refused by SQLite.
 */
export function openDb(path: string): Db {
  if (!existsSync(path)) {
    throw new LadingError('CASE_DAMAGED', 'The index of the case is not there.', { advice: 'Analyse the case.' });
  }
  const db = wrap(new Database(path, { readonly: true, fileMustExist: true }));
  db.exec('PRAGMA query_only = ON; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY');
  return db;
}
