import { z } from 'zod';
import type { NetEnd } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { contains, countRows, readRows, type Where } from '../../index/query';
import { endsWith, type Knowledge } from '../joins';

/** What is asked of every list of a capture's rows: those with the text, so many from an offset on. */
export interface Page {
  text?: string;
  offset: number;
  limit: number;
}
export interface Listed<T> {
  rows: T[];
  total: number;
}

/** A page of a table's rows that fit, in the order of `order`, each as `row` makes it; and how many fit in all. */
export function listed<R, T>(
  db: Db,
  table: string,
  schema: z.ZodType<R>,
  { where, order, offset, limit }: Page & { where: Where; order: string },
  row: (one: R) => T,
): Listed<T> {
  const sql = `SELECT * FROM ${table} WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`;
  const rows = readRows(db, schema, sql, [...where.values, limit, offset]).map(row);
  return { rows, total: countRows(db, table, where) };
}

/** A condition that one of the columns has the text. */
export function anyOf(columns: readonly string[], text: string | undefined): Where | undefined {
  if (!text) return undefined;
  const parts = columns.map((column) => contains(column, text));
  return { sql: parts.map(({ sql }) => `(${sql})`).join(' OR '), values: parts.flatMap(({ values }) => values) };
}

export const place = (exhibit: string, at: number, length: number) => ({ exhibit, locator: `bytes:${at}+${length}` });
export const flag = z.number().transform((value) => value !== 0);
export const text = z.string().nullable();

/** Of rows that have a source and a destination. */
export const Ends = {
  at: z.number(),
  length: z.number(),
  us: z.number(),
  source: z.string(),
  source_port: z.number(),
  destination: z.string(),
  destination_port: z.number(),
};
export const between = (
  known: Knowledge,
  one: { source: string; source_port: number; destination: string; destination_port: number },
): [NetEnd, NetEnd] =>
  endsWith(
    known,
    { address: one.source, port: one.source_port },
    { address: one.destination, port: one.destination_port },
  );

/** Of rows that have a client and a server. */
export const Parties = {
  at: z.number(),
  length: z.number(),
  us: z.number(),
  client: z.string(),
  client_port: z.number(),
  server: z.string(),
  server_port: z.number(),
};
export const parties = (
  known: Knowledge,
  one: { client: string; client_port: number; server: string; server_port: number },
): [NetEnd, NetEnd] =>
  endsWith(known, { address: one.client, port: one.client_port }, { address: one.server, port: one.server_port });
