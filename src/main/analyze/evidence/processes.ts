import { z } from 'zod';
import { type ProcessMark, ProcessRow } from '../../../shared/contract/evidence';
import type { Finding } from '../../../shared/domain';
import { parseLocator } from '../../../shared/locator';
import type { Db } from '../index/db';
import { allOf, countRows, isoMicros, readRows, textMatches, type Where } from '../index/query';
import { NOTABLE } from '../index/schema-sql';

/** A row as the index has it: what the contract's row is made of. */
const Stored = ProcessRow.omit({ marks: true }).extend({
  depth: z.number().nullable(),
  below: z.number().nullable(),
  /** µs since 1970. */
  started: z.number().nullable(),
  kernel: z.number(),
  deleted: z.number(),
  memfd: z.number(),
  tracer: z.number().nullable(),
});

// CROSS JOIN: in the order of the tree by its index, never sorted
const SELECT = `SELECT p.id, p.parent, p.depth, p.tree_end - p.tree AS below, p.host, e.hostname, p.container,
  (SELECT t.name FROM targets t WHERE t.kind = 'container' AND t.key = p.container) AS containerName,
  p.pid, p.inside, p.ppid, p.started, p.comm, p.command, p.state, p.uid, p.euid, p.user, p.exe,
  (SELECT x.sha256 FROM executables x WHERE x.id = p.executable) AS sha256, p.drift, p.kernel, p.threads, p.rss,
  (SELECT count(DISTINCT h.socket) FROM holders h WHERE h.process = p.id) AS sockets,
  p.deleted, p.memfd, p.tracer, p.exhibit, p.locator
  FROM processes p CROSS JOIN exhibits e ON e.exhibit = p.exhibit`;

function rowOf(
  { started, deleted, memfd, tracer, kernel, depth, below, ...rest }: z.infer<typeof Stored>,
  withFinding: ReadonlySet<number>,
): ProcessRow {
  const marks: ProcessMark[] = [];
  if (memfd) marks.push('memfd');
  else if (deleted) marks.push('deleted');
  if (rest.drift === 'added' || rest.drift === 'modified') marks.push(rest.drift);
  if (tracer) marks.push('traced');
  if (withFinding.has(rest.id)) marks.push('finding');
  return ProcessRow.parse({
    ...rest,
    depth: depth ?? 0,
    below: below ?? 0,
    kernel: kernel === 1,
    started: started === null ? null : isoMicros(started),
    marks,
  });
}

export interface ProcessQuery {
  container?: string;
  text?: string;
  notable: boolean;
  under?: number;
  offset: number;
  limit: number;
}

/** Processes in the order of the tree; `withFinding` are those that a finding rests on. */
export function listProcesses(db: Db, query: ProcessQuery, withFinding: ReadonlySet<number>) {
  const where = allOf([
    { sql: 'p.tree IS NOT NULL', values: [] },
    containerIs(query.container),
    query.text ? textMatches('process', 'p.id', query.text) : undefined,
    query.notable ? notable(withFinding) : undefined,
    query.under === undefined
      ? undefined
      : {
          sql: 'p.tree BETWEEN (SELECT tree FROM processes WHERE id = ?) AND (SELECT tree_end FROM processes WHERE id = ?)',
          values: [query.under, query.under],
        },
  ]);
  const total = countRows(db, 'processes p', where);
  const rows = readRows(db, Stored, `${SELECT} WHERE ${where.sql} ORDER BY p.tree LIMIT ? OFFSET ?`, [
    ...where.values,
    query.limit,
    query.offset,
  ]).map((row) => rowOf(row, withFinding));
  return { rows, total, containers: containersOf(db) };
}

function containerIs(container: string | undefined): Where | undefined {
  if (container === undefined) return undefined;
  if (container === 'host') return { sql: 'p.container IS NULL', values: [] };
  return { sql: 'p.container = ?', values: [container] };
}

/** The condition is that of the index processes_notable, word for word: else SQLite looks at each row. */
function notable(withFinding: ReadonlySet<number>): Where {
  return {
    sql: `p.id IN (SELECT id FROM processes WHERE (${NOTABLE}) UNION SELECT value FROM json_each(?))`,
    values: [JSON.stringify([...withFinding])],
  };
}

const Counted = z.object({ id: z.string(), name: z.string(), processes: z.number() });

function containersOf(db: Db) {
  return readRows(
    db,
    Counted,
    `SELECT c.container AS id, coalesce((SELECT t.name FROM targets t WHERE t.kind = 'container' AND t.key = c.container),
      substr(c.container, 1, 12)) AS name, c.n AS processes
    FROM (SELECT container, count(*) AS n FROM processes WHERE tree IS NOT NULL AND container IS NOT NULL GROUP BY container) c
    ORDER BY name, id`,
  );
}

/** The processes with these row ids, in the order of the tree. */
export function processesById(
  db: Db,
  ids: readonly number[],
  withFinding: ReadonlySet<number> = new Set(),
): ProcessRow[] {
  return readRows(db, Stored, `${SELECT} WHERE p.id IN (SELECT value FROM json_each(?)) ORDER BY p.tree`, [
    JSON.stringify(ids),
  ]).map((row) => rowOf(row, withFinding));
}

const Entity = z.object({ entity: z.number(), span_to: z.number() });

/** Which findings rest on which process: by the bytes that they cite of an exhibit of processes. */
export function findingsOfProcesses<F extends Pick<Finding, 'cites'>>(
  db: Db,
  findings: readonly F[],
): Map<number, F[]> {
  const found = new Map<number, F[]>();
  for (const finding of findings) {
    const entities = new Set<number>();
    for (const { exhibit, locator } of finding.cites) {
      const place = parseLocator(locator);
      if (place.kind !== 'bytes') continue;
      // what an exhibit has of two processes never overlaps
      const [row] = readRows(
        db,
        Entity,
        'SELECT entity, span_to FROM processes WHERE exhibit = ? AND span_from <= ? ORDER BY span_from DESC LIMIT 1',
        [exhibit, place.offset],
      );
      if (row && place.offset < row.span_to) entities.add(row.entity);
    }
    for (const entity of entities) found.set(entity, [...(found.get(entity) ?? []), finding]);
  }
  return found;
}
