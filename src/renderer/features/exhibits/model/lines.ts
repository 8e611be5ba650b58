import { type ByteSource, WINDOW } from './source';

/** A line of a text, as far as it is shown. */
export interface TextLine {
  /** Byte offset of its first byte. */
  offset: number;
  /** Bytes without the line break; only the first MAX_LINE are in `bytes`. */
  bytes: Uint8Array;
  cut: boolean;
}

/** Longer lines are cut on screen, and say so. */
export const MAX_LINE = 8192;

/**
 * Where the lines of a file of any size are: only the number of line breaks before each window is kept, so that a
 * gigabyte of log costs some kilobytes. A line ends at \n; a \n at the very end starts no further line.
 */
export interface LineIndex {
  /** Lines known so far, bytes looked at, and whether that is all. */
  state(): { lines: number; scanned: number; done: boolean };
  /** Looks on until the end or `signal`; tells now and then. */
  scan(signal: AbortSignal, tell: () => void): Promise<void>;
  /** Line `n`, from 0; undefined where there is none (yet). */
  line(n: number): Promise<TextLine | undefined>;
  /** The number (from 0) of the line that a byte is in; undefined while the scan has not come there. */
  lineAt(offset: number): Promise<number | undefined>;
}

const LF = 0x0a;

function breaksIn(bytes: Uint8Array, end = bytes.length): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at !== -1 && at < end; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

export function createLineIndex(source: ByteSource): LineIndex {
  /** before[w] line breaks come before window w; one more entry than windows were looked at. */
  const before: number[] = [0];
  let endsWithBreak = false;
  const windows = Math.ceil(source.total / WINDOW);
  const known = () => before.length - 1;
  const breaks = () => before[known()] ?? 0;
  const state = () => {
    const done = known() >= windows;
    const lines = source.total === 0 ? 0 : breaks() + (done && endsWithBreak ? 0 : 1);
    return { lines, scanned: Math.min(known() * WINDOW, source.total), done };
  };

  /** The offset at which line n starts. */
  const startOf = async (n: number): Promise<number | undefined> => {
    if (n === 0) return 0;
    if (n > breaks()) return undefined;
    // The window that holds the n-th line break: the last one with fewer than n before it.
    let low = 0;
    let high = known() - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((before[middle] ?? 0) < n) low = middle;
      else high = middle - 1;
    }
    const bytes = await source.bytes(low * WINDOW, WINDOW);
    let at = -1;
    for (let left = n - (before[low] ?? 0); left > 0; left -= 1) at = bytes.indexOf(LF, at + 1);
    return low * WINDOW + at + 1;
  };

  return {
    state,
    async scan(signal, tell) {
      let told = 0;
      while (known() < windows && !signal.aborted) {
        const from = known();
        const count = Math.min(4, windows - from);
        const pieces = await Promise.all(
          Array.from({ length: count }, (_, index) => source.bytes((from + index) * WINDOW, WINDOW)),
        );
        // Another scan of the same index may have come first.
        if (signal.aborted || known() !== from) return;
        for (const piece of pieces) {
          before.push(breaks() + breaksIn(piece));
          endsWithBreak = piece[piece.length - 1] === LF;
        }
        if (performance.now() - told > 150) {
          told = performance.now();
          tell();
        }
      }
      tell();
    },
    async line(n) {
      if (n < 0 || n >= state().lines) return undefined;
      const offset = await startOf(n);
      if (offset === undefined) return undefined;
      const piece = await source.bytes(offset, MAX_LINE + 1);
      const end = piece.indexOf(LF);
      if (end !== -1) return { offset, bytes: piece.subarray(0, end), cut: false };
      return { offset, bytes: piece.subarray(0, MAX_LINE), cut: piece.length > MAX_LINE };
    },
    async lineAt(offset) {
      const window = Math.floor(offset / WINDOW);
      const base = before[window];
      if (window >= known() || base === undefined || offset >= source.total) return undefined;
      return base + breaksIn(await source.bytes(window * WINDOW, WINDOW), offset - window * WINDOW);
    },
  };
}
