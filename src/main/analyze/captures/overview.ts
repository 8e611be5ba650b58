import { z } from 'zod';
import type { CaptureRow, NetEnd } from '../../../shared/contract/network';
import type { ExhibitSummary } from '../../../shared/domain';
import type { Db } from '../index/db';
import { isoMicros, readRows } from '../index/query';
import type { Knowledge } from './joins';
import { limitsOf } from './limits';
import type { CaptureFacts } from './store';

const Counts = z.object({
  conversations: z.number(),
  dns: z.number(),
  http: z.number(),
  tls: z.number(),
  logins: z.number(),
  transfers: z.number(),
});

type Of = Pick<ExhibitSummary, 'id' | 'title' | 'target' | 'host' | 'bytes' | 'partial'>;

/** A capture that was not read yet. */
export function unreadRow({ id, title, target, host, bytes, partial }: Of): CaptureRow {
  return {
    exhibit: id,
    title,
    target,
    hostname: host?.hostname ?? null,
    bytes,
    partial,
    read: false,
    packets: 0,
    unreadable: 0,
    fault: null,
    first: null,
    last: null,
    wire: 0,
    drops: null,
    limits: [],
    conversations: 0,
    dns: 0,
    http: 0,
    tls: 0,
    logins: 0,
    transfers: 0,
  };
}

export function captureRow(db: Db, facts: CaptureFacts, of: Of): CaptureRow {
  const counts = Counts.parse(
    db
      .prepare(`SELECT (SELECT count(*) FROM conversations) AS conversations, (SELECT count(*) FROM dns) AS dns,
        (SELECT count(*) FROM http) AS http, (SELECT count(*) FROM tls) AS tls, (SELECT count(*) FROM logins) AS logins,
        (SELECT count(*) FROM transfers) AS transfers`)
      .get(),
  );
  return {
    ...unreadRow(of),
    ...counts,
    read: true,
    packets: facts.packets,
    unreadable: facts.unreadable,
    fault: facts.fault ?? null,
    first: facts.first === undefined ? null : isoMicros(facts.first),
    last: facts.last === undefined ? null : isoMicros(facts.last),
    wire: facts.wire,
    drops: facts.drops ?? null,
    limits: limitsOf(facts),
  };
}

const Bar = z.object({ start: z.number(), packets: z.number(), bytes: z.number() });

export function volumeOf(db: Db, facts: CaptureFacts) {
  const rows = readRows(db, Bar, 'SELECT start, packets, bytes FROM volume ORDER BY start');
  return { seconds: facts.bar, bars: rows.map(({ start, ...rest }) => ({ start: isoMicros(start), ...rest })) };
}

const Edge = z.object({ a: z.string(), b: z.string(), ab: z.number(), ba: z.number() });

/** Pairs of addresses by their bytes, the largest first. */
export function graphOf(db: Db, known: Knowledge, limit: number) {
  const pairs = readRows(
    db,
    Edge,
    `SELECT a, b, bytes_ab AS ab, bytes_ba AS ba FROM conversations WHERE layer IN ('ip', 'ipv6') ORDER BY bytes_ab + bytes_ba DESC, id LIMIT ?`,
    [limit],
  );
  const total = z
    .object({ n: z.number() })
    .parse(db.prepare(`SELECT count(*) AS n FROM conversations WHERE layer IN ('ip', 'ipv6')`).get()).n;
  const nodes: NetEnd[] = [];
  const places = new Map<string, number>();
  const node = (address: string): number => {
    const held = places.get(address);
    if (held !== undefined) return held;
    places.set(address, nodes.length);
    nodes.push({
      address,
      port: null,
      containers: known.containers(address),
      names: known.names(address),
      processes: [],
    });
    return nodes.length - 1;
  };
  const edges = pairs.map(({ a, b, ab, ba }) => ({ a: node(a), b: node(b), bytesAB: ab, bytesBA: ba }));
  return { nodes, edges, total };
}
