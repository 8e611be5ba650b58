import type { Readable } from 'node:stream';
import { LadingError } from '../../shared/errors';

/** stderr kept as text, in bytes. */
const KEPT = 64 << 10;
const HEADER = 8;

/** The two outputs of an exec, apart. `stderr` is what came until now. */
export interface Demuxed {
  stdout: AsyncGenerator<Buffer>;
  stderr(): { text: string; bytes: number };
}

/**
 * Takes the stream of POST /exec/{id}/start without a terminal apart (Docker Engine API, "Stream format"): 1 byte stream, 3 zero
 * bytes, 4 bytes length, big-endian, the bytes. In constant memory. Throws CONNECTION_LOST where it ends inside a
 * frame, and ENGINE_ERROR where it is none.
 */
export function demux(body: Readable): Demuxed {
  const kept: Buffer[] = [];
  let have = 0;
  let bytes = 0;
  async function* stdout(): AsyncGenerator<Buffer> {
    let pending: Buffer = Buffer.alloc(0);
    let left = 0;
    let stream = 1;
    for await (const piece of body as AsyncIterable<Buffer>) {
      pending = pending.length === 0 ? piece : Buffer.concat([pending, piece]);
      for (;;) {
        if (left === 0) {
          if (pending.length < HEADER) break;
          stream = pending[0] ?? 255;
          if (stream > 2 || pending[1] !== 0 || pending[2] !== 0 || pending[3] !== 0) {
            throw new LadingError('ENGINE_ERROR', 'The output of the program is not as the engine should send it.');
          }
          left = pending.readUInt32BE(4);
          pending = pending.subarray(HEADER);
          continue;
        }
        if (pending.length === 0) break;
        const part = pending.subarray(0, left);
        pending = pending.subarray(part.length);
        left -= part.length;
        if (stream !== 2) {
          yield part;
          continue;
        }
        bytes += part.length;
        if (have < KEPT) kept.push(part.subarray(0, KEPT - have));
        have += part.length;
      }
    }
    if (left > 0 || pending.length > 0) {
      throw new LadingError('CONNECTION_LOST', 'The engine broke the output of the program off.', {
        advice: 'See whether the engine still runs; what arrived is kept.',
      });
    }
  }
  return { stdout: stdout(), stderr: () => ({ text: Buffer.concat(kept).toString('utf8'), bytes }) };
}
