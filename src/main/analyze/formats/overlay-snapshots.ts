import { type Bucket, openBolt } from './bolt';

/** A snapshot of containerd's overlayfs snapshotter: its folder is snapshots/<id>. */
export interface Snapshot {
  id: string;
  /** Of the container (`<64 hex>`, or `<64 hex>-init`) or of the layer (its chain id, `sha256:<64 hex>`). */
  name: string;
  parent?: string;
}

/**
 * Reads the snapshotter's metadata.db (containerd core/snapshots/storage/bolt.go): bucket v1 / snapshots / KEY with `id` (uvarint)
 * and `parent`. A KEY is NAMESPACE/NUMBER/NAME. Throws FILE_UNREADABLE where it is no bolt database.
 */
export function overlaySnapshots(file: Buffer): Snapshot[] {
  const found = openBolt(file).bucket('v1')?.bucket('snapshots');
  if (!found) return [];
  return found.keys().flatMap((key) => {
    const one = found.bucket(key);
    const id = one && uvarint(one);
    if (!one || id === undefined) return [];
    const parent = one.get('parent')?.toString('latin1');
    return [{ id, name: nameOf(key), ...(parent && { parent: nameOf(parent) }) }];
  });
}

const nameOf = (key: string): string => key.split('/').slice(2).join('/');

/** Go's encoding/binary Uvarint. */
function uvarint(bucket: Bucket): string | undefined {
  const bytes = bucket.get('id');
  if (!bytes || bytes.length > 10) return undefined;
  let value = 0n;
  for (const [i, byte] of bytes.entries()) {
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return value.toString();
  }
  return undefined;
}
