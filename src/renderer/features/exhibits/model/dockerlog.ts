import type { ByteSource } from './source';

/**
 * The engine's multiplexed log stream (Docker Engine API, "Attach to a container", stream format): frames of
 * [stream, 0, 0, 0, length as 32 bits big-endian] and the payload. A container with a terminal has no frames.
 */
export interface LogFrame {
  offset: number;
  stream: 'in' | 'out' | 'err';
  /** The engine's time stamp, where the log was asked for with time stamps. */
  time: string | undefined;
  /** What follows the time stamp; only the first MAX_PAYLOAD bytes. */
  bytes: Uint8Array;
  /** Bytes of the payload in all. */
  length: number;
}

export const MAX_PAYLOAD = 8192;
const STREAMS = ['in', 'out', 'err'] as const;
/** Bytes before each payload. */
export const HEADER = 8;

interface Header {
  stream: (typeof STREAMS)[number];
  length: number;
}

/** Reads a frame's header, or undefined where there is none. */
export function readHeader(bytes: Uint8Array): Header | undefined {
  const stream = STREAMS[bytes[0] ?? -1];
  if (bytes.length < HEADER || stream === undefined || bytes[1] !== 0 || bytes[2] !== 0 || bytes[3] !== 0)
    return undefined;
  return { stream, length: new DataView(bytes.buffer, bytes.byteOffset, HEADER).getUint32(4) };
}

export interface FrameIndex {
  state(): {
    frames: number;
    scanned: number;
    done: boolean /** Where the frames end before the file does. */;
    broken: number | undefined;
  };
  scan(signal: AbortSignal, tell: () => void): Promise<void>;
  frame(n: number): Promise<LogFrame | undefined>;
  /** The frame that a byte is in. */
  frameAt(offset: number): number | undefined;
}

/** Walks from header to header; bytes that are no frame end the walk and are told of, never guessed over. */
export function createFrameIndex(source: ByteSource): FrameIndex {
  const offsets: number[] = [];
  let next = 0;
  let broken: number | undefined;
  const done = () => broken !== undefined || next >= source.total;
  const step = (bytes: Uint8Array): boolean => {
    const header = readHeader(bytes);
    if (!header) {
      broken = next;
      return false;
    }
    offsets.push(next);
    next += HEADER + header.length;
    return true;
  };
  return {
    state: () => ({ frames: offsets.length, scanned: Math.min(next, source.total), done: done(), broken }),
    async scan(signal, tell) {
      let told = 0;
      while (!done() && !signal.aborted) {
        const from = next;
        const piece = await source.bytes(from, 65_536);
        if (signal.aborted || next !== from) return;
        // All headers within the piece, without a wait for each.
        while (!done() && next - from + HEADER <= piece.length) {
          if (!step(piece.subarray(next - from))) break;
        }
        // The file ends within a header: nothing more can be read of it.
        if (next === from && !done()) broken = next;
        if (performance.now() - told > 150) {
          told = performance.now();
          tell();
        }
      }
      tell();
    },
    async frame(n) {
      const offset = offsets[n];
      if (offset === undefined) return undefined;
      const piece = await source.bytes(offset, HEADER + MAX_PAYLOAD);
      const header = readHeader(piece);
      if (!header) return undefined;
      let bytes = piece.subarray(HEADER, HEADER + header.length);
      if (bytes[bytes.length - 1] === 0x0a && bytes.length === header.length) bytes = bytes.subarray(0, -1);
      const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)(?= |$)/.exec(
        latin1(bytes.subarray(0, 40)),
      )?.[0];
      return {
        offset,
        stream: header.stream,
        time: stamp,
        bytes: stamp === undefined ? bytes : bytes.subarray(stamp.length + 1),
        length: header.length,
      };
    },
    frameAt(offset) {
      if (offset >= next) return undefined;
      let low = 0;
      let high = offsets.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if ((offsets[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return low;
    },
  };
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
