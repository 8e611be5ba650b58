import { Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { LadingError } from '../../shared/errors';

export type Packing = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'none';

/** Beyond the first GiB, unpacking ends where the output is more than so many times the input: a bomb, not evidence. */
const MAX_RATIO = 250;
const FREE_BYTES = 1 << 30;

/** How a file is packed, by its first bytes (RFC 1952, RFC 8878, bzip2 and xz formats). */
export function packingOf(head: Buffer): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  if (head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528) return 'zstd';
  if (/^BZh[1-9]/.test(head.toString('latin1', 0, 4))) return 'bzip2';
  if (head.subarray(0, 6).equals(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))) return 'xz';
  return 'none';
}

/** A decompressor, or undefined where this Node has none (zstd came with Node 22.15; bzip2 and xz never did). */
function decompressor(packing: Packing): Transform | undefined {
  if (packing === 'gzip') return zlib.createGunzip({ chunkSize: 1 << 18 });
  if (packing !== 'zstd') return undefined;
  const make: unknown = Reflect.get(zlib, 'createZstdDecompress');
  const made: unknown = typeof make === 'function' ? make({ chunkSize: 1 << 18 }) : undefined;
  return made instanceof Transform ? made : undefined;
}

/** Whether such a file can be looked into here. */
export function canUnpack(packing: Packing): boolean {
  return packing === 'none' || packing === 'gzip' || (packing === 'zstd' && 'createZstdDecompress' in zlib);
}

/**
 * The bytes of a packed stream, unpacked. What zlib throws has a code that begins with 'Z'; a stream that swells beyond
 * reason ends with an error whose details say `bomb`.
 */
export async function* unpacked(
  source: AsyncIterable<Buffer>,
  packing: Packing,
  maxRatio = MAX_RATIO,
  freeBytes = FREE_BYTES,
): AsyncGenerator<Buffer> {
  if (packing === 'none') {
    yield* source;
    return;
  }
  const through = decompressor(packing);
  if (!through) throw new LadingError('NOT_POSSIBLE', `This Lading cannot unpack ${packing}.`);
  let packedBytes = 0;
  let bytes = 0;
  const feeding = feed(source, through, (length) => {
    packedBytes += length;
  });
  try {
    for await (const piece of through as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > freeBytes && bytes > packedBytes * maxRatio) {
        throw new LadingError(
          'NOT_POSSIBLE',
          `it unpacks to more than ${maxRatio} times its size: it was not looked into any further`,
          { details: { bomb: true } },
        );
      }
      yield piece;
    }
  } finally {
    through.destroy();
    await feeding;
  }
}

/** Writes the source into the transform; where the source breaks, the transform breaks with the same error. */
async function feed(
  source: AsyncIterable<Buffer>,
  through: Transform,
  onBytes: (length: number) => void,
): Promise<void> {
  // Its own errors are met where it is read.
  through.on('error', () => undefined);
  try {
    for await (const piece of source) {
      if (through.destroyed) return;
      onBytes(piece.length);
      if (!through.write(piece)) await drained(through);
    }
    through.end();
  } catch (error) {
    through.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Resolves when there is room again, or the stream has ended. */
function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const name of ['drain', 'close', 'error'] as const) stream.off(name, done);
      resolve();
    };
    for (const name of ['drain', 'close', 'error'] as const) stream.once(name, done);
    if (stream.destroyed) done();
  });
}
