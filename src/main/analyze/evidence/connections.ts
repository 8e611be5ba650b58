import { z } from 'zod';
import { ConnectionRow } from '../../../shared/contract/evidence';
import { TargetRef } from '../../../shared/domain';
import type { Db } from '../index/db';
import { allOf, contains, countRows, readRows, type Where } from '../index/query';

/** A row as the index has it: its target in three columns, its holders in a table of their own. */
const Stored = ConnectionRow.omit({ target: true, holders: true }).extend({
  kind: TargetRef.shape.kind,
  key: z.string(),
  name: z.string(),
});

const SELECT = `SELECT s.id, t.kind, t.key, t.name, s.host, e.hostname, s.netns, s.protocol, s.local_address AS localAddress,
  s.local_port AS localPort, s.remote_address AS remoteAddress, s.remote_port AS remotePort, s.state, s.direction, s.uid,
  s.inode, s.path, s.exhibit, s.locator
  FROM sockets s JOIN targets t ON t.id = s.target JOIN exhibits e ON e.exhibit = s.exhibit`;

const Holder = z.object({
  socket: z.number(),
  process: z.number(),
  pid: z.number(),
  comm: z.string(),
  fd: z.number(),
  exhibit: z.string(),
  locator: z.string(),
});

export interface ConnectionQuery {
  container?: string;
  text?: string;
  all: boolean;
  offset: number;
  limit: number;
}

/** Sockets, connected ones first, then what listens; each once, with the processes that hold it. */
export function listConnections(db: Db, query: ConnectionQuery): { rows: ConnectionRow[]; total: number } {
  const where = allOf([
    { sql: 's.id = s.entity', values: [] },
    query.all ? undefined : { sql: "s.protocol <> 'unix'", values: [] },
    query.container === undefined
      ? undefined
      : {
          sql: `(t.kind = 'container' AND t.key = ?) OR s.id IN (SELECT h.socket FROM holders h
            JOIN processes p ON p.id = h.process WHERE p.container = ?)`,
          values: [query.container, query.container],
        },
    query.text ? words(query.text) : undefined,
  ]);
  const total = countRows(db, 'sockets s JOIN targets t ON t.id = s.target', where);
  return { rows: connectionsWhere(db, where, query.limit, query.offset), total };
}

function words(text: string): Where {
  const parts = [
    contains('s.local_address', text),
    contains('s.remote_address', text),
    contains('s.path', text),
    contains('s.state', text),
    {
      sql: `s.id IN (SELECT h.socket FROM holders h JOIN processes p ON p.id = h.process WHERE p.comm LIKE ? ESCAPE '\\')`,
      values: contains('', text).values,
    },
    ...(/^\d{1,5}$/.test(text)
      ? [{ sql: 's.local_port = ? OR s.remote_port = ?', values: [Number(text), Number(text)] }]
      : []),
  ];
  return {
    sql: parts.map(({ sql }) => `(${sql})`).join(' OR '),
    values: parts.flatMap(({ values }) => values),
  };
}

/** The sockets that a condition (on `s`, `t` and `e`) names. */
export function connectionsWhere(db: Db, where: Where, limit: number, offset = 0): ConnectionRow[] {
  const rows = readRows(
    db,
    Stored,
    `${SELECT} WHERE ${where.sql} ORDER BY s.protocol = 'unix', s.state <> 'ESTABLISHED', s.state = 'LISTEN', s.id LIMIT ? OFFSET ?`,
    [...where.values, limit, offset],
  );
  const holders = new Map<number, ConnectionRow['holders']>();
  const held = readRows(
    db,
    Holder,
    `SELECT h.socket, h.process, p.pid, p.comm, h.fd, h.exhibit, h.locator FROM holders h JOIN processes p ON p.id = h.process
    WHERE h.socket IN (SELECT value FROM json_each(?)) ORDER BY h.id`,
    [JSON.stringify(rows.map(({ id }) => id))],
  );
  for (const { socket, exhibit, locator, ...holder } of held) {
    const list = holders.get(socket) ?? [];
    holders.set(socket, list);
    list.push({ ...holder, cite: { exhibit, locator } });
  }
  return rows.map(({ kind, key, name, ...rest }) =>
    ConnectionRow.parse({ ...rest, target: { kind, id: key, name }, holders: holders.get(rest.id) ?? [] }),
  );
}

/** 'tcp 10.0.0.2:80 → 10.0.0.9:4444 ESTABLISHED'. */
export function connectionText(row: ConnectionRow): string {
  if (row.localAddress === null) return `${row.protocol} ${row.path ?? ''} ${row.state}`.replace('  ', ' ');
  const end = (address: string | null, port: number | null) =>
    `${address?.includes(':') ? `[${address}]` : address}:${port}`;
  const remote = row.remotePort ? ` → ${end(row.remoteAddress, row.remotePort)}` : '';
  return `${row.protocol} ${end(row.localAddress, row.localPort)}${remote} ${row.state}`;
}
