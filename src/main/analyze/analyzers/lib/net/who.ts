import { z } from 'zod';
import type { Citation, TargetRef } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { Conversation } from '../../../captures/query/conversations';
import { isLocal } from '../../../formats/net/address';
import type { Db } from '../../../index/db';
import { readRows } from '../../../index/query';
import { listed } from '../rule';
import type { Holder, Holders } from './holders';

/** What an address belongs to, where the evidence says so. */
export type Owner = (address: string) => TargetRef | undefined;

export interface Look {
  db: Db;
  exhibit: string;
  owner: Owner;
  /** Processes that held a connection's inner end. */
  holders: Holders;
  /** Addresses of the capture's own side: containers and private networks are inside. */
  inside(address: string): boolean;
}

export const cite = (look: Look, at: number, length: number): Citation => ({
  exhibit: look.exhibit,
  locator: `bytes:${at}+${length}`,
});
export const places = (look: Look, one: Conversation): Citation[] => [
  cite(look, one.first_at, one.first_length),
  ...(one.top_length > 0 ? [cite(look, one.top_at, one.top_length)] : []),
  cite(look, one.last_at, one.last_length),
];

/** The inner end of a conversation with what it sent and received; undefined where both ends are inside or outside. */
export function outward(look: Look, one: Conversation) {
  const [a, b] = [look.inside(one.a), look.inside(one.b)];
  if (a === b) return undefined;
  return a
    ? {
        from: one.a,
        own: one.a_port,
        to: one.b,
        port: one.b_port,
        sent: one.payload_ab,
        received: one.payload_ba,
        began: true,
      }
    : {
        from: one.b,
        own: one.b_port,
        to: one.a,
        port: one.a_port,
        sent: one.payload_ba,
        received: one.payload_ab,
        began: false,
      };
}

export function who(look: Look, address: string): string {
  const name = look.owner(address)?.name;
  return name === undefined ? address : `${visible(name)} (${address})`;
}

export function namesOf(look: Look, address: string): string {
  const rows = readRows(
    look.db,
    z.object({ name: z.string() }),
    'SELECT name FROM addresses WHERE address = ? ORDER BY us, name LIMIT 4',
    [address],
  );
  return rows.length === 0 ? '' : `, which DNS gave for ${listed(rows.map(({ name }) => visible(name, { max: 100 })))}`;
}

/** Inside: what a container has, and what no router of the internet knows. */
export function insideOf(containers: ReadonlySet<string>): (address: string) => boolean {
  // where containers' addresses are known, other private ones are other machines
  return containers.size > 0
    ? (address) => containers.has(address) || /^127\.|^::1$|^22[4-9]\.|^23\d\.|^255\.|^ff/i.test(address)
    : isLocal;
}

/** Processes that are named in a claim, at most. */
const NAMED = 3;

/** Who held connections, as a sentence to follow a claim, with its places; says so where nobody is known. */
export function heldBy(
  look: Look,
  ends: readonly { local: [address: string, port: number | null]; remote: [address: string, port: number | null] }[],
): { said: string; cites: Citation[] } {
  const found = new Map<number, Holder>();
  for (const { local, remote } of ends) {
    if (local[1] === null || remote[1] === null) continue;
    const held = look.holders({ address: local[0], port: local[1] }, { address: remote[0], port: remote[1] });
    for (const one of held) if (!found.has(one.pid)) found.set(one.pid, one);
  }
  const all = [...found.values()];
  if (all.length === 0)
    return { said: ' Which process it was is not known: no sample of the sockets has it.', cites: [] };
  const names = all.slice(0, NAMED).map(({ pid, comm, command }) => {
    const more = command === '' ? '' : `, “${visible(command, { max: 120 })}”`;
    return `process ${pid} (${visible(comm, { max: 30 })}${more})`;
  });
  const rest = all.length > NAMED ? [`${all.length - NAMED} more`] : [];
  return {
    said: ` The socket was held by ${listed([...names, ...rest])}.`,
    cites: all.slice(0, NAMED).flatMap(({ cites }) => cites),
  };
}
