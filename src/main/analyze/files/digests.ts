import { createHash, type Hash } from 'node:crypto';
import type { ExhibitRecord } from '../../../shared/domain';
import type { Place } from '../formats/fs-entry';
import type { Reading } from './listing';

/** Content whose digest is wanted. */
export interface Wanted {
  place: Place;
  algorithm: 'md5' | 'sha1' | 'sha256';
}

/**
 * Digests of pieces of exhibits, lower-case hex, in one pass over each exhibit. A piece that goes beyond its exhibit's end
 * has none. Rejects when an exhibit is not what was collected.
 */
export async function digestsOf<W extends Wanted>(ctx: Reading, wanted: readonly W[]): Promise<Map<W, string>> {
  const digests = new Map<W, string>();
  const bySource = new Map<string, W[]>();
  for (const one of wanted) {
    const key = JSON.stringify([one.place.exhibit, one.place.via]);
    const held = bySource.get(key);
    if (held) held.push(one);
    else bySource.set(key, [one]);
  }
  for (const list of bySource.values()) {
    const record = ctx.exhibits.find((exhibit) => exhibit.id === list[0]?.place.exhibit);
    if (record) await inOne(ctx, record, list, digests);
  }
  return digests;
}

async function inOne<W extends Wanted>(
  ctx: Reading,
  record: ExhibitRecord,
  list: readonly W[],
  digests: Map<W, string>,
): Promise<void> {
  const queue = [...list].sort((a, b) => a.place.offset - b.place.offset);
  const open = new Map<W, Hash>();
  let next = 0;
  let at = 0;
  for await (const piece of ctx.stream(record, undefined, list[0]?.place.via) as AsyncIterable<Buffer>) {
    const end = at + piece.length;
    for (let one = queue[next]; one && one.place.offset < end; one = queue[++next]) {
      open.set(one, createHash(one.algorithm));
    }
    for (const [one, hash] of open) {
      const { offset, length } = one.place;
      hash.update(piece.subarray(Math.max(0, offset - at), Math.min(piece.length, offset + length - at)));
      if (offset + length > end) continue;
      digests.set(one, hash.digest('hex'));
      open.delete(one);
    }
    at = end;
  }
}
