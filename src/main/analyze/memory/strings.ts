import { type FoundText, stringsReader, TEXT_MAX } from '../formats/strings';
import type { MemorySpace } from './layout';
import type { OpenMemory } from './open';
import { extent, type Piece, pieces, type Stretch, stretches } from './scan';
import { type ScanEngine, withEngine } from './wasm/engine';

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

/** So much is looked at before texts are made of it: what was found has room in the engine. */
const PIECE = 1 << 18;

/**
 * Texts of memory, as strings(1) finds them but with addresses, in the order of their places; what lies on two mappings is two
 * texts. A page ends before a text, never within one, but for those of more than TEXT_MAX characters, which are given in parts.
 */
export function memoryTexts(memory: OpenMemory, options: TextOptions): Promise<TextPage> {
  return withEngine((engine) => textsWith(engine, memory, options));
}

/** A text that may go on in the next piece; places are of the source. */
interface Part {
  at: number;
  end: number;
  wide: boolean;
  text: string;
}

async function textsWith(
  engine: ScanEngine | undefined,
  memory: OpenMemory,
  { spaces, containing, least, from, limit, budget, signal }: TextOptions,
): Promise<TextPage> {
  const all = stretches(memory.layout, spaces);
  const total = extent(all);
  const wanted = containing?.toLowerCase();
  const texts: MemoryText[] = [];
  /** Of the piece before, ending where this one begins: at most one of each kind, and of UTF-16 one more. */
  let open: Part[] = [];
  let looked = 0;
  let rested = performance.now();
  const page = (next?: number) => ({ texts, next, done: next === undefined ? total : extent(all, next), total });

  /** Adds texts in their order; gives the place of the first that is beyond the limit. */
  const add = (parts: readonly Part[], { space, segment }: Stretch): number | undefined => {
    for (const { at, end, wide, text } of parts) {
      if (text.length < least) continue;
      if (wanted !== undefined && !text.toLowerCase().includes(wanted)) continue;
      if (texts.length >= limit) return at;
      const address = segment.address + BigInt(at - segment.offset);
      const encoding = wide ? 'utf16le' : 'ascii';
      texts.push({ at: at - segment.offset, length: end - at, encoding, text, space, offset: at, address });
    }
    return undefined;
  };

  let before: Stretch | undefined;
  // one byte ahead: the NUL of a character of UTF-16
  const reading = { ahead: 1, from, signal, piece: PIECE, slots: engine?.slots };
  for await (const piece of pieces(memory.source, all, reading)) {
    const { stretch, offset } = piece;
    if (before && before !== stretch) {
      const next = add(open.sort(byPlace), before);
      if (next !== undefined) return page(next);
      open = [];
    }
    before = stretch;
    const start = offset + piece.from;
    if (budget !== undefined && looked >= budget) return page(Math.min(start, ...open.map(({ at }) => at)));
    const end = offset + piece.own;
    const joined = join(open, engine ? engineParts(engine, piece, least) : plainParts(piece, least));
    const parts = joined.flatMap(inParts).sort(byPlace);
    open = parts.filter((part) => part.end >= end);
    // what comes before an open text is told before it, and nothing behind it
    const first = open.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
    open = parts.filter(({ at }) => at >= first);
    const next = add(
      parts.filter(({ at }) => at < first),
      stretch,
    );
    if (next !== undefined) return page(next);
    looked += piece.own - piece.from;
    if (performance.now() - rested < 40) continue;
    await new Promise(setImmediate);
    rested = performance.now();
  }
  const next = before && add(open.sort(byPlace), before);
  return page(next);
}

const byPlace = (a: Part, b: Part): number => a.at - b.at || Number(a.wide) - Number(b.wide);

/** Parts with those that they go on from; what does not go on is given as it is. */
function join(open: readonly Part[], parts: Part[]): Part[] {
  const ended: Part[] = [];
  for (const one of open) {
    const on = parts.find(({ at, wide }) => at === one.end && wide === one.wide);
    if (!on) ended.push(one);
    else {
      on.at = one.at;
      on.text = one.text + on.text;
    }
  }
  return ended.length > 0 ? [...ended, ...parts] : parts;
}

/** A text in parts of TEXT_MAX characters, counted from where it begins. */
function inParts(part: Part): Part[] {
  const { text, at, wide } = part;
  if (text.length <= TEXT_MAX) return [part];
  const unit = wide ? 2 : 1;
  return Array.from({ length: Math.ceil(text.length / TEXT_MAX) }, (_, i) => {
    const cut = text.slice(i * TEXT_MAX, (i + 1) * TEXT_MAX);
    const begin = at + i * TEXT_MAX * unit;
    return { at: begin, end: begin + cut.length * unit, wide, text: cut };
  });
}

/** Texts that begin in a piece's own part, and shorter ones at its borders. */
function engineParts(engine: ScanEngine, piece: Piece, least: number): Part[] {
  const { memory, found, out } = engine;
  const base = engine.hold(piece.bytes);
  const [from, to] = [base + piece.from, base + piece.own];
  const shift = piece.offset - base;
  const parts: Part[] = [];
  const runs = engine.runs(from, to, least, out);
  for (let i = 0; i < runs * 2; i += 2) {
    const [start, end] = [found[i] as number, found[i + 1] as number];
    parts.push({ at: start + shift, end: end + shift, wide: false, text: memory.toString('latin1', start, end) });
  }
  // behind the last byte lies what was read before: no NUL there ends a character
  if (piece.own === piece.bytes.length) memory[to] = 0xff;
  const wides = engine.wides(from, to, least, out);
  for (let i = 0; i < wides * 2; i += 2) {
    const [start, end] = [found[i] as number, found[i + 1] as number];
    parts.push({ at: start + shift, end: end + shift, wide: true, text: memory.toString('utf16le', start, end) });
  }
  return parts;
}

/** The same where the engine cannot run. */
function plainParts({ bytes, from, own, offset }: Piece, least: number): Part[] {
  const parts: Part[] = [];
  const start = offset + from;
  const reader = stringsReader(1, ({ at, length, encoding, text }) => {
    const part = { at: start + at, end: start + at + length, wide: encoding === 'utf16le', text };
    const open = part.at < start + 2 || part.end >= offset + own;
    if ((text.length >= least || open) && part.at < offset + own) parts.push(part);
    return true;
  });
  const ahead = bytes[own] === 0 ? own + 1 : own;
  reader.push(bytes.subarray(from, ahead));
  reader.end();
  return parts;
}
