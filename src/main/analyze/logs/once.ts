import { createHash } from 'node:crypto';
import type { ExhibitRecord } from '../../../shared/domain';
import type { LogRecord } from '../formats/logs/record';

/** Whether an entry is told, or was told already from a newer collection of the same log. */
export type Tell = (path: string, record: LogRecord) => boolean;

/** A step of reading: an exhibit, and which of its entries are told. */
export interface Reading {
  exhibit: ExhibitRecord;
  tell: Tell;
}

const always: Tell = () => true;

/**
 * Orders exhibits of logs so that each entry is told once, however often its log was collected: the newest collection is read
 * first, and of older ones only what no newer one has (it was rotated away, or taken away). Entries are the same where
 * file, time, kind and message are; of these a hash of 64 bits is kept, 8 bytes each, and only where a log was collected twice.
 */
export function* eachOnce(exhibits: readonly ExhibitRecord[]): Generator<Reading> {
  const logs = new Map<string, Map<string, ExhibitRecord[]>>();
  for (const exhibit of exhibits) {
    const { collector, target, host } = exhibit;
    const key = JSON.stringify([collector.id, host?.id, target.kind, target.id]);
    // what was not collected by Lading stands for itself
    const collection = exhibit.collection ?? exhibit.id;
    const own = logs.get(key) ?? new Map<string, ExhibitRecord[]>();
    logs.set(key, own.set(collection, [...(own.get(collection) ?? []), exhibit]));
  }
  for (const collections of logs.values()) {
    const newest = [...collections.values()].reverse();
    if (newest.length === 1) {
      for (const exhibit of newest[0] ?? []) yield { exhibit, tell: always };
      continue;
    }
    const told: BigUint64Array[] = [];
    for (const [n, own] of newest.entries()) {
      const hashes = hashList();
      const last = n === newest.length - 1;
      const tell: Tell = (path, record) => {
        const hash = hashOf(path, record);
        if (!last) hashes.add(hash);
        return !told.some((sorted) => holds(sorted, hash));
      };
      for (const exhibit of own) yield { exhibit, tell };
      told.push(hashes.sorted());
    }
  }
}

/** The name of a log without what rotating adds to it: auth.log.2.gz and auth.log-20261125 are auth.log. */
function familyOf(path: string): string {
  return path.replace(/(?:\.\d{1,4}|-\d{8}(?:-\d+)?)?(?:\.(?:gz|xz|bz2|zst))?$/, '');
}

function hashOf(path: string, { time, desc, message }: LogRecord): bigint {
  const text = JSON.stringify([familyOf(path), time?.ms, time?.raw, desc, message]);
  return createHash('sha256').update(text).digest().readBigUInt64LE(0);
}

function hashList() {
  let list = new BigUint64Array(1024);
  let length = 0;
  return {
    add(hash: bigint): void {
      if (length === list.length) {
        const bigger = new BigUint64Array(length * 2);
        bigger.set(list);
        list = bigger;
      }
      list[length++] = hash;
    },
    sorted: (): BigUint64Array => list.slice(0, length).sort(),
  };
}

function holds(sorted: BigUint64Array, hash: bigint): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0n) < hash) low = middle + 1;
    else high = middle;
  }
  return low < sorted.length && sorted[low] === hash;
}
