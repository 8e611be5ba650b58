import { z } from 'zod';
import type { LoginRow } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { allOf, countRows, isoMicros, readRows } from '../../index/query';
import { endsWith, type Knowledge } from '../joins';
import { anyOf, type Listed, type Page, place } from './shared';

const Login = z.object({
  conversation: z.number(),
  at: z.number(),
  length: z.number(),
  us: z.number(),
  client: z.string(),
  client_port: z.number(),
  server: z.string(),
  server_port: z.number(),
  protocol: z.string(),
  way: z.string(),
  user: z.string(),
  secret_length: z.number(),
});

export function listLogins(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<LoginRow> {
  const where = allOf([anyOf(['user', 'protocol', 'client', 'server'], query.text)]);
  const rows = readRows(db, Login, `SELECT * FROM logins WHERE ${where.sql} ORDER BY us, id LIMIT ? OFFSET ?`, [
    ...where.values,
    query.limit,
    query.offset,
  ]).map((one): LoginRow => {
    const [client, server] = endsWith(
      known,
      { address: one.client, port: one.client_port },
      { address: one.server, port: one.server_port },
    );
    const { conversation, protocol, way, user } = one;
    return {
      conversation,
      time: isoMicros(one.us),
      client,
      server,
      protocol,
      way,
      user,
      secretLength: one.secret_length,
      ...place(exhibit, one.at, one.length),
    };
  });
  return { rows, total: countRows(db, 'logins', where) };
}
