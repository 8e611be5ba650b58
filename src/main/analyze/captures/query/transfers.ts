import { z } from 'zod';
import type { TransferRow } from '../../../../shared/contract/network';
import type { Db } from '../../index/db';
import { allOf, isoMicros, readRows } from '../../index/query';
import { Conversation } from './conversations';
import { type Listed, listed, type Page, place } from './shared';

const Transfer = z.object({
  id: z.number(),
  at: z.number(),
  length: z.number(),
  us: z.number(),
  listener: z.string(),
  way: z.string(),
  name: z.string(),
});

/** Files that FTP announced, each with the first connection to its listener that began from then on. */
export function listTransfers(db: Db, exhibit: string, query: Page): Listed<TransferRow> {
  const page = { ...query, where: allOf([]), order: 'id' };
  return listed(db, 'transfers', Transfer, page, (one) => transferOf(db, exhibit, one));
}

export function transferRow(db: Db, exhibit: string, id: number): TransferRow | undefined {
  const [one] = readRows(db, Transfer, 'SELECT * FROM transfers WHERE id = ?', [id]);
  return one && transferOf(db, exhibit, one);
}

function transferOf(db: Db, exhibit: string, one: z.infer<typeof Transfer>): TransferRow {
  const cut = one.listener.lastIndexOf(':');
  const [address, port] = [one.listener.slice(0, cut), Number(one.listener.slice(cut + 1))];
  // a passive data connection may be opened a moment before its file is asked for
  const [data] = readRows(
    db,
    Conversation,
    `SELECT * FROM conversations WHERE layer = 'tcp' AND ((b = ? AND b_port = ?) OR (a = ? AND a_port = ?)) AND last >= ? ORDER BY first LIMIT 1`,
    [address, port, address, port, one.us],
  );
  return {
    id: one.id,
    time: isoMicros(one.us),
    listener: one.listener,
    way: one.way,
    name: one.name,
    conversation: data?.id ?? null,
    bytes: data ? Math.max(data.payload_ab, data.payload_ba) : 0,
    ...place(exhibit, one.at, one.length),
  };
}
