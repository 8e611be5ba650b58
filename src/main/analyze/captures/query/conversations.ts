import { z } from 'zod';
import { type CONVERSATION_SORTS, type ConversationRow, NET_LAYERS } from '../../../../shared/contract/network';
import { F } from '../../formats/net/conversations';
import type { Db } from '../../index/db';
import { allOf, isoMicros, readRows } from '../../index/query';
import { endsWith, type Knowledge } from '../joins';
import { anyOf, type Listed, listed, type Page, place } from './shared';

/** A conversation as the capture's database has it. */
export const Conversation = z.object({
  id: z.number(),
  layer: z.enum(NET_LAYERS),
  a: z.string(),
  a_port: z.number().nullable(),
  b: z.string(),
  b_port: z.number().nullable(),
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
  base_a: z.number(),
  base_b: z.number(),
  flags: z.number(),
  payload_ab: z.number(),
  payload_ba: z.number(),
  gaps: z.number(),
  gap_mean: z.number(),
  gap_squares: z.number(),
  top_at: z.number(),
  top_length: z.number(),
});
export type Conversation = z.infer<typeof Conversation>;

const ORDER: Record<(typeof CONVERSATION_SORTS)[number], string> = {
  bytes: 'bytes_ab + bytes_ba DESC',
  first: 'first',
  packets: 'packets_ab + packets_ba DESC',
  upload: 'max(payload_ab - payload_ba, payload_ba - payload_ab) DESC',
};

export function listConversations(
  db: Db,
  exhibit: string,
  known: Knowledge,
  query: Page & { layer?: string; sort: (typeof CONVERSATION_SORTS)[number] },
): Listed<ConversationRow> {
  const where = allOf([
    query.layer === undefined ? undefined : { sql: 'layer = ?', values: [query.layer] },
    query.text && /^\d{1,5}$/.test(query.text)
      ? { sql: 'a_port = ? OR b_port = ?', values: [Number(query.text), Number(query.text)] }
      : anyOf(['a', 'b', '(SELECT group_concat(name) FROM addresses WHERE address IN (a, b))'], query.text),
  ]);
  return listed(
    db,
    'conversations',
    Conversation,
    { ...query, where, order: `${ORDER[query.sort]}, id` },
    (one): ConversationRow => {
      const [a, b] = endsWith(known, { address: one.a, port: one.a_port }, { address: one.b, port: one.b_port });
      return {
        id: one.id,
        layer: one.layer,
        a,
        b,
        packetsAB: one.packets_ab,
        bytesAB: one.bytes_ab,
        packetsBA: one.packets_ba,
        bytesBA: one.bytes_ba,
        payloadAB: one.payload_ab,
        payloadBA: one.payload_ba,
        first: isoMicros(one.first),
        last: isoMicros(one.last),
        marks: marksOf(one.flags),
        ...place(exhibit, one.first_at, one.first_length),
      };
    },
  );
}

function marksOf(flags: number): string[] {
  const marks: [number, string][] = [
    [F.syn, 'begun'],
    [F.synAck, 'answered'],
    [F.fin, 'ended'],
    [F.rst, 'reset'],
  ];
  return marks.flatMap(([bit, word]) => (flags & bit ? [word] : []));
}

export function conversationOf(db: Db, id: number): Conversation | undefined {
  return readRows(db, Conversation, 'SELECT * FROM conversations WHERE id = ?', [id])[0];
}
