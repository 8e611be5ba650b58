import { type FoundText, stringsReader } from '../formats/strings';
import type { MemorySpace } from './layout';
import type { OpenMemory } from './open';
import { extent, pieces, stretches } from './scan';

/** Text in memory with its address. */
export interface MemoryText extends FoundText {
  space: MemorySpace;
  address: bigint;
  /** In the source. */
  offset: number;
}

export interface TextPage {
  texts: MemoryText[];
  /** Place of the source to go on from; absent at the end. */
  next?: number;
  done: number;
  total: number;
}

export interface TextOptions {
  spaces?: ReadonlySet<string>;
  /** Only texts that hold this. */
  containing?: string;
  least: number;
  from?: number;
  limit: number;
  budget?: number;
  signal?: AbortSignal;
}

/**
 * Texts of memory, as strings(1) finds them but with addresses, in the order of the source. A page ends with a
 * piece of 256 KiB, so it may have more than `limit`; a text across that border is given in two parts.
 */
export async function memoryTexts(memory: OpenMemory, options: TextOptions): Promise<TextPage> {
  const all = stretches(memory.layout, options.spaces);
  const total = extent(all);
  const texts: MemoryText[] = [];
  const wanted = options.containing?.toLowerCase();
  let base = 0; // place in the source of what the reader counts as 0
  let current: (typeof all)[number] | undefined;
  let looked = 0;
  let rounds = 0;
  let reader = stringsReader(options.least, () => true);
  for await (const piece of pieces(memory.source, all, {
    ahead: 0,
    from: options.from,
    signal: options.signal,
    piece: 1 << 18,
  })) {
    const start = piece.offset + piece.from;
    const full = texts.length >= options.limit || (options.budget !== undefined && looked >= options.budget);
    const fresh = piece.stretch !== current;
    if (fresh || full) reader.end();
    if (full) return { texts, next: start, done: extent(all, start), total };
    if (fresh) {
      current = piece.stretch;
      base = start;
      const { space, segment } = piece.stretch;
      const from = base;
      reader = stringsReader(options.least, (found) => {
        if (wanted !== undefined && !found.text.toLowerCase().includes(wanted)) return true;
        const offset = from + found.at;
        texts.push({ ...found, space, offset, address: segment.address + BigInt(offset - segment.offset) });
        return true;
      });
    }
    reader.push(piece.bytes.subarray(piece.from, piece.own));
    looked += piece.own - piece.from;
    if (++rounds % 16 === 0) await new Promise(setImmediate);
  }
  reader.end();
  return { texts, done: total, total };
}
