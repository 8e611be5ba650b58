import { z } from 'zod';
import type { ExhibitRecord } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import { endText } from '../../../formats/net/address';
import type { Db } from '../../db';
import type { IndexContext } from '../../indexer';
import { correctionOf } from '../../lib/event';
import { isoMicros, readRows } from '../../query';

/** Rows of one kind that come onto the timeline; all are in the capture's own database. */
const MOST = 100_000;
const NAME = { max: 300 };

const Conversation = z.object({
  layer: z.string(),
  a: z.string(),
  a_port: z.number(),
  b: z.string(),
  b_port: z.number(),
  packets_ab: z.number(),
  bytes_ab: z.number(),
  packets_ba: z.number(),
  bytes_ba: z.number(),
  first: z.number(),
  last: z.number(),
  first_at: z.number(),
  first_length: z.number(),
  last_at: z.number(),
  last_length: z.number(),
});
const Dns = z.object({
  us: z.number(),
  at: z.number(),
  length: z.number(),
  source: z.string(),
  destination: z.string(),
  response: z.number(),
  code: z.number(),
  name: z.string(),
  type: z.string(),
  answers: z.string(),
});
const Http = z.object({
  us: z.number(),
  at: z.number(),
  length: z.number(),
  client: z.string(),
  client_port: z.number(),
  server: z.string(),
  server_port: z.number(),
  method: z.string(),
  host: z.string().nullable(),
  target: z.string().nullable(),
  request_bytes: z.number(),
  status: z.number().nullable(),
});
const Tls = z.object({
  us: z.number(),
  at: z.number(),
  length: z.number(),
  source: z.string(),
  source_port: z.number(),
  destination: z.string(),
  destination_port: z.number(),
  server_name: z.string(),
});
const Answers = z.array(z.tuple([z.string(), z.string(), z.number(), z.string()]));

/**
 * What a capture puts on the timeline: when conversations began and ended, what DNS was asked and answered, HTTP requests, and the
 * names that TLS clients asked for. Times are those of the capturing clock, corrected like all of the host's.
 */
export function writeCaptureEvents(ctx: IndexContext, exhibit: ExhibitRecord, db: Db): void {
  const correction = correctionOf(exhibit);
  const event = (us: number, at: number, length: number, what: string, message: string) => {
    const corrected = us - (correction ?? 0) * 1000;
    // a packet without a time, or with one that was made up
    if (us <= 0 || !Number.isSafeInteger(corrected) || corrected < 0) return;
    ctx.rows.event({
      exhibit: exhibit.id,
      locator: `bytes:${at}+${length}`,
      us: corrected,
      precision: 'us',
      raw: isoMicros(us),
      ...(correction !== undefined && { offset_ms: correction }),
      source: 'packet',
      timestamp_desc: what,
      message,
    });
  };
  const take = <T>(schema: z.ZodType<T>, sql: string, each: (row: T) => void) => {
    const rows = readRows(db, schema, `${sql} LIMIT ?`, [MOST + 1]);
    if (rows.length > MOST) {
      ctx.unreadable(exhibit, `More than ${MOST} rows of one kind: the rest is in the capture, not on the timeline.`);
    }
    for (const row of rows.slice(0, MOST)) each(row);
  };
  take(Conversation, `SELECT * FROM conversations WHERE layer IN ('tcp', 'udp') ORDER BY id`, (one) => {
    const ends = `${one.layer.toUpperCase()} ${endText(one.a, one.a_port)} → ${endText(one.b, one.b_port)}`;
    const { packets_ab, bytes_ab, packets_ba, bytes_ba } = one;
    event(one.first, one.first_at, one.first_length, 'First Packet', `${ends} begins`);
    if (packets_ab + packets_ba < 2) return;
    const counts = `${packets_ab} packets, ${bytes_ab} bytes sent; ${packets_ba} packets, ${bytes_ba} bytes received`;
    event(one.last, one.last_at, one.last_length, 'Last Packet', `${ends} ends: ${counts}`);
  });
  take(Dns, 'SELECT * FROM dns ORDER BY id', (one) => {
    const name = `${one.type} ${visible(one.name, NAME)}`;
    if (one.response === 0) {
      event(one.us, one.at, one.length, 'DNS Question', `${one.source} asks ${one.destination} for ${name}`);
      return;
    }
    const said = one.code === 0 ? valuesOf(one.answers) : `error ${one.code}`;
    event(one.us, one.at, one.length, 'DNS Answer', `${one.source} answers ${one.destination}: ${name} is ${said}`);
  });
  take(Http, 'SELECT * FROM http WHERE method IS NOT NULL ORDER BY id', (one) => {
    const url = visible(`${one.host ?? ''}${one.target ?? ''}`, NAME);
    const body = one.request_bytes > 0 ? `, ${one.request_bytes} bytes of body` : '';
    const status = one.status === null ? 'no answer in the capture' : `status ${one.status}`;
    const ends = `${endText(one.client, one.client_port)} → ${endText(one.server, one.server_port)}`;
    const method = visible(one.method, { max: 30 });
    event(one.us, one.at, one.length, 'HTTP Request', `${ends}: ${method} ${url}${body}, ${status}`);
  });
  take(Tls, `SELECT * FROM tls WHERE kind = 'client' AND server_name IS NOT NULL ORDER BY id`, (one) => {
    const ends = `${endText(one.source, one.source_port)} → ${endText(one.destination, one.destination_port)}`;
    event(one.us, one.at, one.length, 'TLS Client Hello', `${ends}: for ${visible(one.server_name, NAME)}`);
  });
}

/** Values of answers, as DNS has them; very many are cut and then no JSON any more. */
function valuesOf(json: string): string {
  try {
    const values = Answers.parse(JSON.parse(json)).map(([, , , value]) => visible(value, { max: 100 }));
    return values.length === 0 ? 'nothing' : values.slice(0, 10).join(', ');
  } catch {
    return 'more than can be shown';
  }
}
