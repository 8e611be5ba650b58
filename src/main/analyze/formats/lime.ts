/** LiME images of version 1 (LiME, doc/README.md): each range is a header of 32 bytes, then its bytes. Little-endian. */
export const LIME_HEADER = 32;
const MAGIC = 0x4c694d45;

/** A range of physical memory. `length` in bytes. */
export interface PhysicalRange {
  start: bigint;
  length: number;
}

/** The header before a range's bytes. */
export function limeHeader({ start, length }: PhysicalRange): Buffer {
  const head = Buffer.alloc(LIME_HEADER);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(1, 4);
  head.writeBigUInt64LE(start, 8);
  head.writeBigUInt64LE(start + BigInt(length) - 1n, 16);
  return head;
}

/** Reads one; undefined for what is none, or a range that cannot be. */
export function parseLimeHeader(head: Buffer): PhysicalRange | undefined {
  if (head.length < LIME_HEADER || head.readUInt32LE(0) !== MAGIC || head.readUInt32LE(4) !== 1) return undefined;
  const start = head.readBigUInt64LE(8);
  const length = Number(head.readBigUInt64LE(16) - start) + 1;
  return length > 0 && Number.isSafeInteger(length) ? { start, length } : undefined;
}
