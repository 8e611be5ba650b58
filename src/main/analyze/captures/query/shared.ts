import { z } from 'zod';
import type { NetEnd } from '../../../../shared/contract/network';
import { contains, type Where } from '../../index/query';
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
