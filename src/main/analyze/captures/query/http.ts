import { z } from 'zod';
import type { HttpRow } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { allOf, isoMicros, readRows } from '../../index/query';
import type { Knowledge } from '../joins';
import { anyOf, flag, type Listed, listed, type Page, Parties, parties, place, text } from './shared';

const Http = z.object({
  id: z.number(),
  conversation: z.number(),
  ...Parties,
  method: text,
  host: text,
  target: text,
  agent: text,
  request_type: text,
  request_bytes: z.number(),
  request_whole: flag,
  status: z.number().nullable(),
  response_at: z.number().nullable(),
  response_type: text,
  response_bytes: z.number(),
  response_whole: flag,
});

/** The row of an exchange as it is stored, for who takes its body out. */
export function httpRow(db: Db, id: number): z.infer<typeof Http> | undefined {
  return readRows(db, Http, 'SELECT * FROM http WHERE id = ?', [id])[0];
}

export function listHttp(db: Db, exhibit: string, known: Knowledge, query: Page): Listed<HttpRow> {
  const where = allOf([
    anyOf(['host', 'target', 'method', 'agent', 'client', 'server', 'CAST(status AS TEXT)'], query.text),
  ]);
  return listed(db, 'http', Http, { ...query, where, order: 'us, id' }, (one): HttpRow => {
    const [client, server] = parties(known, one);
    const { id, conversation, method, host, target, agent, status } = one;
    return {
      id,
      conversation,
      time: isoMicros(one.us),
      client,
      server,
      method,
      host,
      target,
      agent,
      requestType: one.request_type,
      requestBytes: one.request_bytes,
      status,
      responseType: one.response_type,
      responseBytes: one.response_bytes,
      requestWhole: one.request_whole,
      responseWhole: one.response_whole,
      ...place(exhibit, one.at, one.length),
    };
  });
}
