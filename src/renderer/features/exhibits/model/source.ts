/** Bytes of one exhibit, read in windows of 256 KiB and remembered for a while: viewers never hold a whole file. */
export interface ByteSource {
  readonly total: number;
  /** The bytes from `offset`, fewer at the end of the file. */
  bytes(offset: number, length: number): Promise<Uint8Array>;
}

export const WINDOW = 262_144;
const KEPT = 48; // 12 MiB

/** A source over any way to read a piece (at most 1 MiB a call). */
export function createByteSource(
  total: number,
  read: (offset: number, length: number) => Promise<Uint8Array>,
): ByteSource {
  const kept = new Map<number, Promise<Uint8Array>>();
  const window = (index: number): Promise<Uint8Array> => {
    let piece = kept.get(index);
    if (piece) kept.delete(index);
    else {
      piece = read(index * WINDOW, Math.min(WINDOW, total - index * WINDOW));
      // A failed read is asked again next time.
      piece.catch(() => kept.delete(index));
    }
    kept.set(index, piece);
    const oldest = kept.keys().next().value;
    if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    return piece;
  };
  return {
    total,
    async bytes(offset, length) {
      const end = Math.min(offset + length, total);
      if (offset >= end) return new Uint8Array(0);
      const first = Math.floor(offset / WINDOW);
      const last = Math.floor((end - 1) / WINDOW);
      const pieces = await Promise.all(Array.from({ length: last - first + 1 }, (_, index) => window(first + index)));
      const [only] = pieces;
      if (only && pieces.length === 1) return only.subarray(offset - first * WINDOW, end - first * WINDOW);
      const joined = new Uint8Array(end - offset);
      let at = 0;
      for (const [index, piece] of pieces.entries()) {
        const start = (first + index) * WINDOW;
        const part = piece.subarray(Math.max(0, offset - start), Math.max(0, end - start));
        joined.set(part, at);
        at += part.length;
      }
      return joined.subarray(0, at);
    },
  };
}
