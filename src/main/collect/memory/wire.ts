import type { Readable } from 'node:stream';
import { LadingError } from '../../../shared/errors';

const LINE_MAX = 1 << 20;

/** Reads a host's answer of lines and lengths, in constant memory. */
export interface Wire {
  /** The next line without its line feed; undefined where the answer ended before it. */
  line(): Promise<string | undefined>;
  /** Exactly so many bytes, or fewer where the answer ended. */
  take(length: number): AsyncGenerator<Buffer, number>;
  /** Everything that is left, at most `limit` bytes. */
  rest(limit: number): Promise<Buffer>;
  close(): void;
}

/** Rejects with what breaks the stream itself. */
export function wire(stream: Readable): Wire {
  const pieces = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await pieces.next();
    if (next.done) return false;
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  };
  return {
    async line() {
      for (let from = 0; ; ) {
        const feed = held.indexOf(10, from);
        if (feed >= 0) {
          const text = held.toString('latin1', 0, feed);
          held = held.subarray(feed + 1);
          return text;
        }
        if (held.length > LINE_MAX)
          throw new LadingError('COMMAND_FAILED', 'The host’s answer is not as it should be.');
        from = held.length;
        if (!(await more())) return undefined;
      }
    },
    async *take(length) {
      let left = length;
      while (left > 0) {
        if (held.length === 0 && !(await more())) break;
        const part = held.subarray(0, left);
        held = held.subarray(part.length);
        left -= part.length;
        yield part;
      }
      return length - left;
    },
    async rest(limit) {
      while (held.length < limit && (await more()));
      return held.subarray(0, limit);
    },
    close: () => void stream.destroy(),
  };
}
