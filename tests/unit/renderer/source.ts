import { type ByteSource, createByteSource } from '../../../src/renderer/features/exhibits/model/source';

/** A source over bytes in memory that counts how often it was read. */
export function sourceOf(bytes: Uint8Array): ByteSource & { reads: () => number } {
  let reads = 0;
  const source = createByteSource(bytes.length, async (offset, length) => {
    reads += 1;
    return bytes.slice(offset, offset + length);
  });
  return Object.assign(source, { reads: () => reads });
}

export const never = new AbortController().signal;
