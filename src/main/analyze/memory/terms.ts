import { LadingError } from '../../../shared/errors';

/** Bytes to be found; `term` is given back with each hit. */
export interface TermBytes {
  term: number;
  bytes: Uint8Array;
  /** The bytes of a text in UTF-16LE. */
  wide: boolean;
}

/** Finds many byte strings in one pass. */
export interface TermMatcher {
  /** Of the longest of them, in bytes. */
  readonly longest: number;
  readonly shortest: number;
  /**
   * Tells every occurrence that begins at `from` or later and ends at `to` or before, by its start, then the order of terms;
   * also those that overlap. `hit` gives false to stop; then the place to go on from is given, else `to`.
   */
  scan(bytes: Uint8Array, from: number, to: number, hit: (at: number, term: TermBytes) => boolean): number;
}

/** A list of a million indicators would take a gigabyte; a hundred thousand are more than any list in use has. */
export const TERMS_MAX = 100_000;
export const TERM_BYTES_MAX = 4096;
const HASH_BITS = 17;
const HASH_SIZE = 1 << HASH_BITS;

/**
 * Prepares a set of byte strings (Wu and Manber, "A fast algorithm for multi-pattern searching", TR-94-17, 1994): blocks of
 * two or three bytes say how far the window may be moved, so most bytes of memory are never looked at. Chosen over
 * Aho-Corasick, which looks at each byte: its table for a thousand terms (8 MB and more) does not fit a cache. Time in the worst
 * case is that of looking at each term at each place. Throws BAD_INPUT for no term, and for one of a single byte.
 */
export function termMatcher(terms: readonly TermBytes[], ignoreCase: boolean): TermMatcher {
  if (terms.length === 0) throw new LadingError('BAD_INPUT', 'There is nothing to look for.');
  if (terms.length > 2 * TERMS_MAX) {
    throw new LadingError('BAD_INPUT', `More than ${TERMS_MAX} terms are not searched at once.`, {
      advice: 'Split the list.',
    });
  }
  const fold = foldTable(ignoreCase);
  const folded = terms.map(({ bytes }) => Uint8Array.from(bytes, (byte) => fold[byte] as number));
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  for (const bytes of folded) {
    shortest = Math.min(shortest, bytes.length);
    longest = Math.max(longest, bytes.length);
  }
  if (shortest < 2 || longest > TERM_BYTES_MAX) {
    throw new LadingError('BAD_INPUT', `A term must have 2 to ${TERM_BYTES_MAX} bytes.`, {
      advice: 'One byte alone is found everywhere in memory.',
    });
  }
  const block = shortest === 2 ? 2 : 3;
  const key = (bytes: Uint8Array, end: number): number =>
    block === 2
      ? (bytes[end - 1] as number) | ((bytes[end] as number) << 8)
      : hash3(bytes[end - 2] as number, bytes[end - 1] as number, bytes[end] as number);
  const size = block === 2 ? 1 << 16 : HASH_SIZE;
  const most = shortest - block + 1;
  const shift = new Uint8Array(size).fill(Math.min(255, most));
  const count = new Uint32Array(size + 1);
  for (const bytes of folded) {
    for (let end = block - 1; end < shortest; end++) {
      const at = key(bytes, end);
      shift[at] = Math.min(shift[at] as number, shortest - 1 - end);
    }
    const last = key(bytes, shortest - 1) + 1;
    count[last] = (count[last] as number) + 1;
  }
  for (let i = 1; i <= size; i++) count[i] = (count[i] as number) + (count[i - 1] as number);
  const next = count.slice();
  const bucket = new Uint32Array(folded.length);
  for (const [i, bytes] of folded.entries()) {
    const at = key(bytes, shortest - 1);
    bucket[next[at] as number] = i;
    next[at] = (next[at] as number) + 1;
  }
  // the first two bytes of each, so that most terms of a bucket are ruled out by one number
  const heads = Uint16Array.from(folded, (bytes) => (bytes[0] as number) | ((bytes[1] as number) << 8));

  /** Looks at each term whose block stands at the window's end; false to stop. */
  function verify(
    bytes: Uint8Array,
    start: number,
    to: number,
    at: number,
    hit: (at: number, term: TermBytes) => boolean,
  ) {
    const head = (fold[bytes[start] as number] as number) | ((fold[bytes[start + 1] as number] as number) << 8);
    for (let b = count[at] as number; b < (count[at + 1] as number); b++) {
      const index = bucket[b] as number;
      if (heads[index] !== head) continue;
      const term = folded[index] as Uint8Array;
      if (start + term.length > to) continue;
      let i = 2;
      while (i < term.length && fold[bytes[start + i] as number] === term[i]) i++;
      if (i === term.length && !hit(start, terms[index] as TermBytes)) return false;
    }
    return true;
  }

  function scan2(bytes: Uint8Array, from: number, to: number, hit: (at: number, term: TermBytes) => boolean): number {
    for (let end = from + shortest - 1; end < to; ) {
      const at = (fold[bytes[end - 1] as number] as number) | ((fold[bytes[end] as number] as number) << 8);
      const move = shift[at] as number;
      if (move > 0) end += move;
      else {
        if (!verify(bytes, end - shortest + 1, to, at, hit)) return end - shortest + 2;
        end++;
      }
    }
    return to;
  }

  function scan3(bytes: Uint8Array, from: number, to: number, hit: (at: number, term: TermBytes) => boolean): number {
    for (let end = from + shortest - 1; end < to; ) {
      const at = hash3(
        fold[bytes[end - 2] as number] as number,
        fold[bytes[end - 1] as number] as number,
        fold[bytes[end] as number] as number,
      );
      const move = shift[at] as number;
      if (move > 0) end += move;
      else {
        if (!verify(bytes, end - shortest + 1, to, at, hit)) return end - shortest + 2;
        end++;
      }
    }
    return to;
  }

  /** The same without folding, half the reads: the common case of a list of indicators. */
  function exact3(bytes: Uint8Array, from: number, to: number, hit: (at: number, term: TermBytes) => boolean): number {
    for (let end = from + shortest - 1; end < to; ) {
      const at = hash3(bytes[end - 2] as number, bytes[end - 1] as number, bytes[end] as number);
      const move = shift[at] as number;
      if (move > 0) end += move;
      else {
        if (!verify(bytes, end - shortest + 1, to, at, hit)) return end - shortest + 2;
        end++;
      }
    }
    return to;
  }

  return { longest, shortest, scan: block === 2 ? scan2 : ignoreCase ? scan3 : exact3 };
}

function hash3(a: number, b: number, c: number): number {
  return (a ^ (b << 5) ^ (c << 9)) & (HASH_SIZE - 1);
}

/** Letters of ASCII as their small ones, where case does not matter. */
function foldTable(ignoreCase: boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) =>
    ignoreCase && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
  );
}

/** A text as it may stand in memory: UTF-8, and UTF-16LE where `wide`. */
export function textTerms(texts: readonly string[], wide: boolean): TermBytes[] {
  return texts.flatMap((text, term) => {
    const narrow = { term, bytes: Buffer.from(text, 'utf8'), wide: false };
    return wide ? [narrow, { term, bytes: Buffer.from(text, 'utf16le'), wide: true }] : [narrow];
  });
}
