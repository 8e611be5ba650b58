import type { Readable } from 'node:stream';

/** Why a log that was followed ended. */
export type LogEnd = 'time' | 'size' | 'engine';

/** Bytes of a frame's header: GET /containers/{id}/logs, "Stream format" of the Docker Engine API. */
const HEADER = 8;
/** How long an entry that is under way may take to come to its end once it was decided to stop, in milliseconds. */
const GRACE_MS = 2000;

/**
 * Knows where the entries of a log end, of which only the lengths are kept. A log without frames (a container with a
 * terminal) may end anywhere.
 */
export function entryEnds(framed: boolean): {
  take(piece: Buffer): void;
  between(): boolean;
  toEnd(piece: Buffer): number;
} {
  let head: Buffer = Buffer.alloc(0);
  let left = 0;
  /** Goes over a piece; with `stop` only as far as the first place between two entries. Gives how far it went. */
  const go = (piece: Buffer, stop: boolean): number => {
    if (!framed) return stop ? 0 : piece.length;
    let at = 0;
    while (at < piece.length) {
      if (stop && left === 0 && head.length === 0) return at;
      if (left === 0) {
        const part = piece.subarray(at, at + HEADER - head.length);
        head = Buffer.concat([head, part]);
        at += part.length;
        if (head.length < HEADER) continue;
        left = head.readUInt32BE(4);
        head = Buffer.alloc(0);
      } else {
        const part = Math.min(left, piece.length - at);
        left -= part;
        at += part;
      }
    }
    return at;
  };
  return {
    take: (piece) => void go(piece, false),
    between: () => !framed || (left === 0 && head.length === 0),
    toEnd: (piece) => go(piece, true),
  };
}

/**
 * Passes a log on until `ms` have gone by, `bytes` have come, or the engine ends it; ends between two entries, so that
 * none is cut. `onEnd` hears why. Constant memory. Rejects with what breaks the log itself.
 */
export async function* limitedLog(
  body: Readable,
  limits: { ms: number; bytes: number; framed: boolean },
  onEnd: (why: LogEnd) => void,
): AsyncGenerator<Buffer> {
  const ends = entryEnds(limits.framed);
  let why: LogEnd | undefined;
  let grace: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    why ??= 'time';
    if (ends.between()) body.destroy();
    else grace = setTimeout(() => body.destroy(), GRACE_MS);
  }, limits.ms);
  let have = 0;
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      if (why) {
        // The rest of the entry that was under way, and no more.
        const rest = piece.subarray(0, ends.between() ? 0 : ends.toEnd(piece));
        if (rest.length > 0) yield rest;
        if (ends.between()) return;
        continue;
      }
      have += piece.length;
      if (have >= limits.bytes) {
        why = 'size';
        const over = have - limits.bytes;
        const within = piece.subarray(0, piece.length - over);
        ends.take(within);
        const rest = piece.subarray(within.length);
        const end = within.length + (ends.between() ? 0 : ends.toEnd(rest));
        if (end > 0) yield piece.subarray(0, end);
        if (ends.between()) return;
        grace = setTimeout(() => body.destroy(), GRACE_MS);
        continue;
      }
      ends.take(piece);
      yield piece;
    }
    why ??= 'engine';
  } catch (error) {
    // A stream that was ended on purpose says that it ended too early.
    if (!why) throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    body.destroy();
    if (why) onEnd(why);
  }
}
