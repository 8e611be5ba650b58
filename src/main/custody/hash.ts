import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import canonicalize from 'canonicalize';

/** Bytes read at a time when a file is hashed. */
const PIECE = 1 << 20;

/** RFC 8785 (JCS) canonical JSON. Properties that are undefined are left out, as JSON leaves them out. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('Nothing to write: the value has no JSON form.');
  return text;
}

/** Lower-case hex SHA-256 of a text (as UTF-8) or of bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 and size of a file, in constant memory. `onBytes` hears of each piece as it is read. */
export async function sha256File(
  path: string,
  onBytes?: (bytes: number) => void,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path, { highWaterMark: PIECE })) {
    hash.update(piece);
    bytes += piece.length;
    onBytes?.(piece.length);
  }
  return { sha256: hash.digest('hex'), bytes };
}
