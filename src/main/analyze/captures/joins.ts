import { z } from 'zod';
import type { NetEnd } from '../../../shared/contract/network';
import type { Db } from '../index/db';
import { readRows } from '../index/query';

const Container = z.object({ key: z.string(), name: z.string(), addresses: z.string() });
const Name = z.object({ name: z.string() });
const Holder = z.object({
  process: z.number(),
  pid: z.number(),
  comm: z.string(),
  container: z.string().nullable(),
  exhibit: z.string(),
  locator: z.string(),
});

export type Held = NetEnd['processes'][number];

/** What the rest of the evidence knows of addresses and of ends of connections. */
export interface Knowledge {
  containers(address: string): NetEnd['containers'];
  names(address: string): string[];
  /** Processes that held a socket bound to the first end and connected to the second. */
  holders(local: { address: string; port: number | null }, remote: { address: string; port: number | null }): Held[];
}

/** Names of an address that are told, at most. */
const NAMES = 5;

/**
 * Knows addresses by the engine's inspect and by the capture's own DNS, and connections by the sockets that were collected. Of
 * the capture's host alone, where it is known: networks of two hosts may have the same addresses. Without an index nothing is
 * known but names.
 */
export function knowledge(capture: Db, index: Db | undefined, host: string | undefined): Knowledge {
  const byAddress = new Map<string, NetEnd['containers']>();
  if (index) {
    const rows = readRows(
      index,
      Container,
      `SELECT DISTINCT key, name, addresses FROM containers WHERE addresses IS NOT NULL ${host === undefined ? '' : 'AND host = ?'} ORDER BY id`,
      host === undefined ? [] : [host],
    );
    for (const { key, name, addresses } of rows) {
      for (const address of addresses.split(' ')) {
        const list = byAddress.get(address) ?? [];
        if (!list.some(({ id }) => id === key)) list.push({ id: key, name });
        byAddress.set(address, list);
      }
    }
  }
  const named = capture.prepare('SELECT name FROM addresses WHERE address = ? ORDER BY us, name LIMIT ?');
  const namesOf = new Map<string, string[]>();
  // sockets of IPv4 connections may be of IPv6 programs: then their tables have ::ffff:a.b.c.d
  const held = index?.prepare(
    `SELECT DISTINCT p.id AS process, p.pid, p.comm, p.container, h.exhibit, h.locator FROM sockets s
      JOIN holders h ON h.socket = s.entity JOIN processes p ON p.id = h.process
      WHERE s.remote_address IN (?, '::ffff:' || ?) AND s.remote_port = ? AND s.local_port = ? AND s.local_address IN (?, '::ffff:' || ?)
      ${host === undefined ? '' : 'AND s.host = ?'} ORDER BY h.id LIMIT 20`,
  );
  const cache = new Map<string, Held[]>();
  return {
    containers: (address) => byAddress.get(address) ?? [],
    names(address) {
      const known = namesOf.get(address);
      if (known) return known;
      const found = named.all(address, NAMES).map((row) => Name.parse(row).name);
      namesOf.set(address, found);
      return found;
    },
    holders(local, remote) {
      if (!held || local.port === null || remote.port === null) return [];
      const key = `${local.address} ${local.port} ${remote.address} ${remote.port}`;
      const known = cache.get(key);
      if (known) return known;
      const values = [remote.address, remote.address, remote.port, local.port, local.address, local.address];
      const rows = held.all(...values, ...(host === undefined ? [] : [host])).map((row) => Holder.parse(row));
      const once = [...new Map(rows.map((row) => [row.process, row])).values()];
      if (cache.size < 50_000) cache.set(key, once);
      return once;
    },
  };
}

/** Both ends of a conversation with what is known of them. */
export function endsWith(
  known: Knowledge,
  a: { address: string; port: number | null },
  b: { address: string; port: number | null },
): [NetEnd, NetEnd] {
  const end = (one: typeof a, other: typeof a): NetEnd => ({
    ...one,
    containers: known.containers(one.address),
    names: known.names(one.address),
    processes: known.holders(one, other),
  });
  return [end(a, b), end(b, a)];
}
