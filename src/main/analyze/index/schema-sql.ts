import { EVENT_SHAPES_SQL } from './event-shapes';
import { EVENT_TEXTS_SQL } from './event-texts';
import { type Column, TABLES } from './schema';

/** What the index says of itself, outside the tables of evidence. */
const OWN = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  `CREATE TABLE exhibits (exhibit TEXT PRIMARY KEY, sha256 TEXT NOT NULL, n INTEGER NOT NULL, collector TEXT NOT NULL,
    title TEXT NOT NULL, kind TEXT NOT NULL, target INTEGER NOT NULL, host TEXT, hostname TEXT, collection TEXT,
    started TEXT NOT NULL, clock_offset_ms REAL, bytes INTEGER NOT NULL, partial INTEGER NOT NULL)`,
  'CREATE TABLE indexers (id TEXT PRIMARY KEY, version TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE faults (id INTEGER PRIMARY KEY, exhibit TEXT NOT NULL, indexer TEXT NOT NULL, reason TEXT NOT NULL)',
  'CREATE TABLE event_counts (id INTEGER PRIMARY KEY, exhibit TEXT NOT NULL, target INTEGER NOT NULL, n INTEGER NOT NULL)',
  ...EVENT_TEXTS_SQL,
  ...EVENT_SHAPES_SQL,
];

/** The SQL that makes the empty tables. */
export function createSql(): string[] {
  const made = Object.entries(TABLES).map(([name, columns]) => {
    const list = Object.entries<Column>(columns).map(
      ([column, { sql, optional }]) => `${column} ${sql}${optional ? '' : ' NOT NULL'}`,
    );
    return `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, ${list.join(', ')})`;
  });
  return [...OWN, ...made];
}

/** What makes a process stand out, on a row of `processes`. */
export const NOTABLE = "deleted = 1 OR memfd = 1 OR drift IN ('added', 'modified') OR tracer > 0";

/** Indexes are made when the rows are there, which is faster than along with them. */
export const INDEX_SQL = [
  'CREATE UNIQUE INDEX targets_key ON targets (kind, key)',
  'CREATE INDEX processes_tree ON processes (tree) WHERE tree IS NOT NULL',
  'CREATE INDEX processes_container ON processes (container, tree) WHERE tree IS NOT NULL',
  `CREATE INDEX processes_notable ON processes (id) WHERE (${NOTABLE})`,
  'CREATE INDEX processes_pid ON processes (pid)',
  'CREATE INDEX processes_entity ON processes (entity)',
  'CREATE INDEX processes_exhibit ON processes (exhibit, span_from)',
  'CREATE INDEX facts_process ON facts (process, kind)',
  'CREATE INDEX executables_sha256 ON executables (sha256)',
  'CREATE INDEX fds_process ON fds (process, fd)',
  'CREATE INDEX fds_path ON fds (path)',
  'CREATE INDEX sockets_entity ON sockets (entity)',
  'CREATE INDEX sockets_remote ON sockets (remote_address)',
  'CREATE INDEX sockets_local ON sockets (local_address)',
  'CREATE INDEX holders_socket ON holders (socket)',
  'CREATE INDEX holders_process ON holders (process)',
  'CREATE INDEX files_path ON files (path)',
  'CREATE INDEX files_target ON files (target, path)',
  'CREATE INDEX files_folder ON files (view, folder, path)',
  "CREATE INDEX files_drift ON files (view, path) WHERE state <> 'image'",
  'CREATE INDEX files_sha256 ON files (sha256) WHERE sha256 IS NOT NULL',
  'CREATE INDEX texts_ref ON texts (kind, ref)',
];

/** Any part of a word is found (three letters at least), case-insensitively. */
export const FTS_SQL = `CREATE VIRTUAL TABLE texts_fts USING fts5(body, content='texts', content_rowid='id', tokenize='trigram')`;
