import { z } from 'zod';
import type { ProcessRow } from '../../../shared/contract/evidence';
import type { ExhibitRecord } from '../../../shared/domain';
import { processesById } from '../evidence/processes';
import type { Db } from '../index/db';
import { readRows } from '../index/query';
import type { MemorySpace } from './layout';

const Row = z.object({ id: z.number(), comm: z.string() });
const Socket = z.object({
  protocol: z.string(),
  local: z.string(),
  remote: z.string(),
  state: z.string(),
});

/**
 * The process of the index that an address space was. A core says the PID on the host, a checkpoint that inside its container. One of
 * another name is another process that has the number now, and is not taken.
 */
export function processOfSpace(
  db: Db,
  exhibit: Pick<ExhibitRecord, 'host' | 'target' | 'collector'>,
  form: string,
  space: Pick<MemorySpace, 'pid' | 'comm'>,
): ProcessRow | undefined {
  if (space.pid === undefined) return undefined;
  const inside = form === 'checkpoint';
  const rows = inside
    ? readRows(
        db,
        Row,
        'SELECT id, comm FROM processes WHERE id = entity AND container = ? AND coalesce(inside, pid) = ? ORDER BY id',
        [exhibit.target.id, space.pid],
      )
    : readRows(db, Row, 'SELECT id, comm FROM processes WHERE id = entity AND host = ? AND pid = ? ORDER BY id', [
        exhibit.host?.id ?? '',
        space.pid,
      ]);
  const found = rows.find(({ comm }) => space.comm === undefined || comm === space.comm);
  return found && processesById(db, [found.id])[0];
}

/** Sockets that a process of the index holds. */
export function socketsOf(db: Db, process: number): z.infer<typeof Socket>[] {
  return readRows(
    db,
    Socket,
    `SELECT DISTINCT s.protocol, coalesce(s.path, s.local_address || ':' || s.local_port, '') AS local,
      coalesce(s.remote_address || ':' || s.remote_port, '') AS remote, s.state
    FROM holders h JOIN sockets s ON s.id = h.socket WHERE h.process = ? ORDER BY s.protocol, local LIMIT 1000`,
    [process],
  );
}

const Same = z.object({ words: z.string() });

/** Files of images and containers, and executables of processes, that have a hash; in words for the examiner. */
export function filesOfHash(db: Db, sha256: string): string[] {
  return readRows(
    db,
    Same,
    `SELECT * FROM (
      SELECT DISTINCT v.kind || ' ' || t.name || ' ' || f.path || ' (' || f.exhibit || ')' AS words
        FROM files f JOIN views v ON v.id = f.view JOIN targets t ON t.id = v.target WHERE f.sha256 = ?
      UNION SELECT DISTINCT 'executable ' || x.path || ' (' || x.exhibit || ')' FROM executables x WHERE x.sha256 = ?
      UNION SELECT 'exhibit ' || e.exhibit || ' ' || e.title FROM exhibits e WHERE e.sha256 = ?
    ) ORDER BY words LIMIT 20`,
    [sha256, sha256, sha256],
  ).map(({ words }) => words);
}
