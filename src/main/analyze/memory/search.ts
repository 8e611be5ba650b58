import { LadingError } from '../../../shared/errors';
import { fastMatcher } from './fast-terms';
import { type MemorySpace, regionAt } from './layout';
import type { OpenMemory } from './open';
import { extent, type Piece, pieces, stretches } from './scan';
import { type TermBytes, termMatcher, textTerms } from './terms';
import { type ScanEngine, withEngine } from './wasm/engine';

/** What is looked for. */
export type MemoryQuery =
  | { kind: 'text'; terms: string[]; ignoreCase: boolean; wide: boolean }
  | { kind: 'hex'; hex: string }
  | { kind: 'regex'; pattern: string; ignoreCase: boolean; wide: boolean };

/** One place of memory where it was found. */
export interface MemoryHit {
  space: MemorySpace;
  address: bigint;
  /** In the source. */
  offset: number;
  length: number;
  /** Index of the term, 0 for hex and regular expressions. */
  term: number;
  encoding: 'bytes' | 'utf16le';
  /** Some bytes before and behind. */
  before: Buffer;
  found: Buffer;
  after: Buffer;
}

export interface SearchPage {
  hits: MemoryHit[];
  /** Place of the source to go on from; absent when all was looked at. */
  next?: number;
  /** Bytes looked at so far, and in all. */
  done: number;
  total: number;
}

/** A match of a regular expression has at most so many bytes; a longer one is cut. */
export const REGEX_BYTES = 4096;
const CONTEXT = 48;

export interface SearchOptions {
  spaces?: ReadonlySet<string>;
  /** `next` of the page before. */
  from?: number;
  /** Hits at most; more are on the next page. */
  limit: number;
  /** Bytes at most that one call looks at, so that a caller can show how far it is. */
  budget?: number;
  signal?: AbortSignal;
}

/** Looks for something in memory, in the order of the source. Throws BAD_INPUT for what cannot be looked for. */
export async function searchMemory(
  memory: OpenMemory,
  query: MemoryQuery,
  options: SearchOptions,
): Promise<SearchPage> {
  if (query.kind === 'regex') return searchWith(undefined, memory, query, options);
  return withEngine((engine) => searchWith(engine, memory, query, options));
}

async function searchWith(
  engine: ScanEngine | undefined,
  memory: OpenMemory,
  query: MemoryQuery,
  options: SearchOptions,
): Promise<SearchPage> {
  const finder = finderOf(query, engine);
  const all = stretches(memory.layout, options.spaces);
  const total = extent(all);
  const from = options.from ?? 0;
  const hits: MemoryHit[] = [];
  let looked = 0;
  let rested = performance.now();
  const reading = { ahead: finder.longest, from, signal: options.signal, slots: engine?.slots };
  for await (const piece of pieces(memory.source, all, reading)) {
    if (options.budget !== undefined && looked >= options.budget) {
      const next = piece.offset + piece.from;
      return { hits, next, done: extent(all, next), total };
    }
    let stopped: number | undefined;
    finder.find(piece, (at, length, term, encoding) => {
      const place = piece.offset + at;
      // terms that begin at one place are told on one page: the next begins at another
      if (hits.length >= options.limit && hits.at(-1)?.offset !== place) {
        stopped = place;
        return false;
      }
      hits.push(hitOf(piece, at, length, term, encoding));
      return true;
    });
    if (stopped !== undefined) return { hits, next: stopped, done: extent(all, stopped), total };
    looked += piece.own - piece.from;
    // a window must be able to draw, and a cancel to arrive
    if (performance.now() - rested < 40) continue;
    await new Promise(setImmediate);
    rested = performance.now();
  }
  return { hits, done: total, total };
}

type Tell = (at: number, length: number, term: number, encoding: MemoryHit['encoding']) => boolean;

interface Finder {
  longest: number;
  /** Tells what begins in the piece's own part, by its place. */
  find(piece: Piece, tell: Tell): void;
}

function finderOf(query: MemoryQuery, engine: ScanEngine | undefined): Finder {
  if (query.kind === 'regex') return regexFinder(query.pattern, query.ignoreCase, query.wide);
  if (query.kind === 'hex') {
    const pattern = hexPattern(query.hex);
    return typeof pattern === 'string' ? regexFinder(pattern, false, false) : termFinder([pattern], false, engine);
  }
  const terms = query.terms.filter((term) => term !== '');
  return termFinder(textTerms(terms, query.wide), query.ignoreCase, engine);
}

function termFinder(terms: readonly TermBytes[], ignoreCase: boolean, engine: ScanEngine | undefined): Finder {
  const matcher = engine ? fastMatcher(terms, ignoreCase, engine) : termMatcher(terms, ignoreCase);
  return {
    longest: matcher.longest - 1,
    find({ bytes, from, own }, tell) {
      matcher.scan(bytes, from, bytes.length, (at, { bytes: { length }, term, wide }) => {
        // what begins behind is the next piece's
        if (at >= own) return false;
        return tell(at, length, term, wide ? 'utf16le' : 'bytes');
      });
    },
  };
}

/**
 * Regular expressions of JavaScript over bytes (one character a byte), and over UTF-16LE at even places where `wide`. A
 * pattern that takes too long can only be cancelled between pieces.
 */
function regexFinder(pattern: string, ignoreCase: boolean, wide: boolean): Finder {
  const flags = `gs${ignoreCase ? 'i' : ''}`;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, flags);
  } catch (cause) {
    throw new LadingError(
      'BAD_INPUT',
      `This is no regular expression: ${cause instanceof Error ? cause.message : ''}`,
      {
        advice: 'Write it as JavaScript takes it, without slashes around it.',
        cause,
      },
    );
  }
  return {
    longest: REGEX_BYTES,
    find({ bytes, from, own }, tell) {
      const narrow = matches(expression, bytes.toString('latin1'), from, own);
      const odd = from % 2;
      const units = wide ? bytes.toString('utf16le', odd) : '';
      // an expression of its own: each keeps its place
      const broad = matches(new RegExp(expression), units, (from - odd) / 2, (own - odd) / 2);
      let [a, b] = [narrow.next(), broad.next()];
      while (!a.done || !b.done) {
        const at = b.done ? Number.POSITIVE_INFINITY : b.value.at * 2 + odd;
        if (!a.done && a.value.at <= at) {
          if (!tell(a.value.at, Math.min(a.value.length, REGEX_BYTES), 0, 'bytes')) return;
          a = narrow.next();
        } else if (!b.done) {
          if (!tell(at, Math.min(b.value.length * 2, REGEX_BYTES), 0, 'utf16le')) return;
          b = broad.next();
        }
      }
    },
  };
}

/** Matches that begin in [from, own), one at a time: hostile memory may have one at each byte. */
function* matches(
  expression: RegExp,
  text: string,
  from: number,
  own: number,
): Generator<{ at: number; length: number }> {
  expression.lastIndex = from;
  for (let match = expression.exec(text); match && match.index < own; match = expression.exec(text)) {
    if (match[0] === '') expression.lastIndex += 1;
    else yield { at: match.index, length: match[0].length };
  }
}

/** '4d 5a ?? 00': bytes, or with ?? a pattern. Throws BAD_INPUT for anything else. */
function hexPattern(hex: string): TermBytes | string {
  const pairs: readonly string[] = hex.replaceAll(/\s|0x/gi, '').match(/.{1,2}/g) ?? [];
  if (pairs.length === 0 || !pairs.every((pair) => /^([0-9a-f]{2}|\?\?)$/i.test(pair))) {
    throw new LadingError('BAD_INPUT', 'Bytes are written as pairs of hex digits, ?? for any byte.', {
      advice: 'For example: 7f 45 4c 46 ?? 01',
    });
  }
  if (!hex.includes('?')) return { term: 0, bytes: Buffer.from(pairs.join(''), 'hex'), wide: false };
  if (pairs.length > REGEX_BYTES || pairs.every((pair) => pair === '??')) {
    throw new LadingError('BAD_INPUT', 'At least one byte must be given, and at most 4096.');
  }
  return pairs.map((pair) => (pair === '??' ? '.' : `\\x${pair}`)).join('');
}

function hitOf(piece: Piece, at: number, length: number, term: number, encoding: MemoryHit['encoding']): MemoryHit {
  const { bytes, stretch } = piece;
  const end = Math.min(bytes.length, at + length);
  return {
    space: stretch.space,
    address: piece.address + BigInt(at),
    offset: piece.offset + at,
    length,
    term,
    encoding,
    // copies: a view would keep the whole piece in memory
    before: Buffer.from(bytes.subarray(Math.max(0, at - CONTEXT), at)),
    found: Buffer.from(bytes.subarray(at, end)),
    after: Buffer.from(bytes.subarray(end, end + CONTEXT)),
  };
}

/** The region of a hit, by its space. */
export const regionOf = ({ space, address }: Pick<MemoryHit, 'space' | 'address'>) => regionAt(space.regions, address);
