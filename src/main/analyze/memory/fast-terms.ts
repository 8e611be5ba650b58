import { type TermBytes, type TermMatcher, termMatcher } from './terms';
import { OUT_BYTES, type ScanEngine, TABLE_BYTES, windowHash } from './wasm/engine';

/** Up to so many terms each is looked for by itself; more of them together. */
const FEW = 6;
/** Places that are looked at for each of few terms in turn: they stay in the processor's cache, and `out` has room for all. */
const BLOCK = 1 << 17;
/** The same for many terms. */
const MANY_BLOCK = OUT_BYTES / 4;
/** Bytes of a piece that are counted to know which are rare. */
const SAMPLES = 4096;

interface Folded {
  given: TermBytes;
  /** Order among all. */
  order: number;
  bytes: Uint8Array;
}

/**
 * The same as `termMatcher`, with the part that looks at each byte in WebAssembly, sixteen bytes at a time for few terms.
 * `scan` takes bytes that lie in the engine's memory, or copies them there. Throws as termMatcher does.
 */
export function fastMatcher(terms: readonly TermBytes[], ignoreCase: boolean, engine: ScanEngine): TermMatcher {
  const plain = termMatcher(terms, ignoreCase);
  const folded = terms.map((given, order) => ({
    given,
    order,
    bytes: Uint8Array.from(given.bytes, foldOf(ignoreCase)),
  }));
  const { longest, shortest } = plain;
  if (terms.length <= FEW) return { longest, shortest, scan: fewScan(folded, ignoreCase, engine) };
  return shortest < 3 ? plain : { longest, shortest, scan: manyScan(folded, shortest, ignoreCase, engine) };
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
const foldOf = (ignoreCase: boolean) => (byte: number) => (ignoreCase && isLetter(byte) ? byte | 0x20 : byte);

/** Whether a term stands at a place. */
function standsAt(memory: Uint8Array, at: number, term: Uint8Array, ignoreCase: boolean): boolean {
  for (let i = 0; i < term.length; i++) {
    const byte = memory[at + i] as number;
    const same = byte === term[i] || (ignoreCase && isLetter(byte) && (byte | 0x20) === term[i]);
    if (!same) return false;
  }
  return true;
}

function fewScan(terms: readonly Folded[], ignoreCase: boolean, engine: ScanEngine): TermMatcher['scan'] {
  const { memory, found, out } = engine;
  return (bytes, from, to, hit) => {
    const base = engine.hold(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const rare = rarity(memory.subarray(base + from, base + to), ignoreCase);
    const plans = terms.map((term) => ({ term, ...twoRarest(term.bytes, rare) }));
    const mask = (byte: number) => (ignoreCase && isLetter(byte) ? 0x20 : 0);
    for (let block = from; block < to; block += BLOCK) {
      const hits: { at: number; term: Folded }[] = [];
      for (const { term, a, b } of plans) {
        const end = Math.min(block + BLOCK, to - term.bytes.length + 1);
        if (end <= block) continue;
        const [one, two] = [term.bytes[a] as number, term.bytes[b] as number];
        const count = engine.pairs(base + block, base + end, one, mask(one), a, two, mask(two), b, out);
        for (let i = 0; i < count; i++) {
          const at = found[i] as number;
          if (standsAt(memory, at, term.bytes, ignoreCase)) hits.push({ at: at - base, term });
        }
      }
      if (plans.length > 1) hits.sort((x, y) => x.at - y.at || x.term.order - y.term.order);
      for (const { at, term } of hits) if (!hit(at, term.given)) return at + 1;
    }
    return to;
  };
}

/** How often each byte stands at places of a piece that are far from each other; letters alike where case does not matter. */
function rarity(bytes: Uint8Array, ignoreCase: boolean): Uint32Array {
  const counts = new Uint32Array(256);
  const fold = foldOf(ignoreCase);
  // no power of two: structures that repeat would be seen at one place only
  const step = Math.max(1, Math.floor(bytes.length / SAMPLES)) | 1;
  for (let at = 0; at < bytes.length; at += step) {
    const byte = fold(bytes[at] as number);
    counts[byte] = (counts[byte] as number) + 1;
  }
  return counts;
}

/** Places of the two bytes of a term that are rarest; two places even where a byte stands twice. */
function twoRarest(term: Uint8Array, counts: Uint32Array): { a: number; b: number } {
  const count = (at: number) => counts[term[at] as number] as number;
  let [a, b] = count(0) <= count(1) ? [0, 1] : [1, 0];
  for (let at = 2; at < term.length; at++) {
    if (count(at) < count(a)) [a, b] = [at, a];
    else if (count(at) < count(b)) b = at;
  }
  return { a, b };
}

function manyScan(
  terms: readonly Folded[],
  shortest: number,
  ignoreCase: boolean,
  engine: ScanEngine,
): TermMatcher['scan'] {
  const { memory, found, out, table } = engine;
  // letters differ from their capitals in this bit; other bytes that then look alike are told apart when a term is compared
  const fold = ignoreCase ? 0x202020 : 0;
  const hashAt = (bytes: Uint8Array, end: number) =>
    windowHash((bytes[end - 2] as number) | ((bytes[end - 1] as number) << 8) | ((bytes[end] as number) << 16) | fold);
  const shift = new Uint8Array(TABLE_BYTES).fill(Math.min(255, shortest - 2));
  const buckets = new Map<number, Folded[]>();
  for (const term of terms) {
    for (let end = 2; end < shortest; end++) {
      const at = hashAt(term.bytes, end);
      shift[at] = Math.min(shift[at] as number, shortest - 1 - end);
    }
    const last = hashAt(term.bytes, shortest - 1);
    const bucket = buckets.get(last);
    if (bucket) bucket.push(term);
    else buckets.set(last, [term]);
  }
  return (bytes, from, to, hit) => {
    const base = engine.hold(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    // an engine is used by one scan at a time, but by another after it
    memory.set(shift, table);
    const end = base + to;
    for (let block = base + from; block + shortest <= end; block += MANY_BLOCK) {
      const last = Math.min(block + MANY_BLOCK, end - shortest + 1);
      const count = engine.windows(block, last, shortest, table, fold, out);
      for (const at of found.subarray(0, count).sort()) {
        for (const { bytes: term, given } of buckets.get(hashAt(memory, at + shortest - 1)) ?? []) {
          if (at + term.length > end || !standsAt(memory, at, term, ignoreCase)) continue;
          if (!hit(at - base, given)) return at - base + 1;
        }
      }
    }
    return to;
  };
}
