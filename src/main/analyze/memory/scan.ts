import { LadingError } from '../../../shared/errors';
import type { ByteSource, MemoryLayout, MemorySpace, Segment } from './layout';

/** A segment with the space that it belongs to. */
export interface Stretch {
  space: MemorySpace;
  segment: Segment;
}

/** Bytes in memory order. What is reported belongs to this piece when it begins in [from, own). */
export interface Piece {
  stretch: Stretch;
  bytes: Buffer;
  /** Address of bytes[0]. */
  address: bigint;
  /** In the source, of bytes[0]. */
  offset: number;
  /** Before it are bytes of the piece before, for looking back. */
  from: number;
  /** Where the next piece goes on; bytes behind it are there for what does not end before it. */
  own: number;
}

/** Small enough for a cache of the processor, large enough that reading is not the work. */
export const PIECE_BYTES = 2 << 20;
/** Bytes before a piece that patterns may look back at. */
export const LOOK_BACK = 64;

/** Every stretch of the chosen spaces, in the order of the source, so that a disk is read from front to back. */
export function stretches(layout: MemoryLayout, chosen?: ReadonlySet<string>): Stretch[] {
  return layout.spaces
    .filter(({ id }) => !chosen || chosen.has(id))
    .flatMap((space) => space.segments.map((segment) => ({ space, segment })))
    .sort((a, b) => a.segment.offset - b.segment.offset);
}

/**
 * Reads stretches piece by piece, from a place of the source on, reading the next while one is looked at. `ahead` is how long what is
 * looked for may be, in bytes: so many overlap. Bytes that are neighbours in the file but not in memory are never in one piece.
 * Memory: the `slots`, or two pieces; the bytes of a piece are overwritten when others are asked for, so what is kept of it must
 * be copied.
 */
export async function* pieces(
  source: ByteSource,
  all: readonly Stretch[],
  options: { ahead: number; from?: number; signal?: AbortSignal; piece?: number; slots?: readonly Buffer[] },
): AsyncGenerator<Piece> {
  const size = options.piece ?? PIECE_BYTES;
  const plan = planned(all, options.from ?? 0, size);
  // in turn: new memory for each piece costs more than looking at it
  const pool = options.slots ?? [0, 1].map(() => Buffer.allocUnsafe(size + options.ahead + LOOK_BACK));
  let turn = 0;
  const load = async (step: Step) => {
    const slot = pool[turn++ % pool.length];
    const { segment } = step.stretch;
    const back = Math.min(LOOK_BACK, step.start - segment.offset);
    const end = Math.min(segment.offset + segment.length, step.end + options.ahead);
    const bytes = await source.read(step.start - back, end - step.start + back, slot);
    return {
      stretch: step.stretch,
      bytes,
      address: segment.address + BigInt(step.start - back - segment.offset),
      offset: step.start - back,
      from: Math.min(back, bytes.length),
      own: Math.min(back + step.end - step.start, bytes.length),
    };
  };
  const reading: Promise<Piece>[] = [];
  const readOn = () => {
    const next = plan.next();
    if (next.done) return;
    const piece = load(next.value);
    // a rejection is met when it is awaited, or not at all where the reader stops here
    piece.catch(() => undefined);
    reading.push(piece);
  };
  for (let i = 1; i < pool.length; i++) readOn();
  try {
    for (let next = reading.shift(); next; next = reading.shift()) {
      if (options.signal?.aborted) throw new LadingError('CANCELLED', 'Cancelled by the examiner.');
      const piece = await next;
      readOn();
      yield piece;
    }
  } finally {
    // nothing may be written to the slots when their owner has them back
    await Promise.allSettled(reading);
  }
}

interface Step {
  stretch: Stretch;
  start: number;
  end: number;
}

function* planned(all: readonly Stretch[], from: number, size: number): Generator<Step> {
  for (const stretch of all) {
    const { offset, length } = stretch.segment;
    for (let start = Math.max(offset, from); start < offset + length; start += size) {
      yield { stretch, start, end: Math.min(start + size, offset + length) };
    }
  }
}

/** Bytes of stretches in all, and those that lie before a place of the source. */
export function extent(all: readonly Stretch[], before = Number.POSITIVE_INFINITY): number {
  let sum = 0;
  for (const { segment } of all) sum += Math.max(0, Math.min(segment.length, before - segment.offset));
  return sum;
}
