import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import type { ExhibitRecord } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { evidenceFile, evidenceSize } from './evidence-file';

/** Beyond so many bytes, unpacking ends where the output is more than so many times the input: a bomb, not evidence. */
const FREE_BYTES = 1 << 30;
const MAX_RATIO = 250;

interface Piece {
  path: string;
  /** The exhibit, whole: what is read of it is checked against its record. */
  isExhibit: boolean;
  /** Absent for the whole file. */
  range?: { start: number; end: number };
}

/** Where what `via` unpacks from an exhibit lies, or would: derived, so it can be thrown away and made again. */
export function innerPath(dir: string, exhibit: Pick<ExhibitRecord, 'sha256'>, via: string): string {
  const name = createHash('sha256').update(`${exhibit.sha256} ${via}`).digest('hex');
  return join(dir, 'derived', 'unpacked', name);
}

/**
 * Unpacks what `via` (the steps of a locator before its last bytes) says into derived/unpacked, in constant memory, and gives that
 * file; one that is there already is taken as it is unless `again`. Throws FILE_UNREADABLE where it is not packed as said or broken,
 * NOT_POSSIBLE for a packing that this Node does not know and for what swells beyond reason, CASE_DAMAGED where the whole exhibit is
 * unpacked and is not what was collected, DISK_FULL.
 */
export async function innerFile(
  dir: string,
  exhibit: ExhibitRecord,
  via: string,
  options: { again?: boolean; signal?: AbortSignal } = {},
): Promise<string> {
  const path = innerPath(dir, exhibit, via);
  if (!options.again && (await exists(path))) return path;
  const from = await sourceOf(dir, exhibit, via, options);
  await mkdir(join(dir, 'derived', 'unpacked'), { recursive: true });
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    await unpack(from, exhibit, draft, options.signal);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    options.signal?.throwIfAborted();
    throw asFault(error, exhibit.id);
  }
  return path;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** What the last step unpacks: a file, or a piece of one. */
async function sourceOf(
  dir: string,
  exhibit: ExhibitRecord,
  via: string,
  options: { again?: boolean; signal?: AbortSignal },
): Promise<Piece> {
  const steps = via.split('!');
  if (steps.pop() !== 'unpacked') throw new LadingError('BAD_INPUT', `${via.slice(0, 200)} is no way to packed bytes.`);
  const last = steps.pop();
  const at = last === undefined ? undefined : /^bytes:(\d+)\+(\d+)$/.exec(last);
  const before = steps.join('!');
  const path = before === '' ? evidenceFile(dir, exhibit) : await innerFile(dir, exhibit, before, options);
  const size = before === '' ? await evidenceSize(path, exhibit.id) : (await stat(path)).size;
  if (!at) return { path, isExhibit: before === '' };
  const start = Number(at[1]);
  const end = start + Number(at[2]);
  if (end > size) throw new LadingError('BAD_INPUT', `${exhibit.id} has no such piece: ${via.slice(0, 200)}.`);
  return { path, range: { start, end }, isExhibit: false };
}

async function unpack(from: Piece, exhibit: ExhibitRecord, to: string, signal?: AbortSignal): Promise<void> {
  const { path, range, isExhibit } = from;
  const through = await unpacker(path, range?.start ?? 0);
  const hash = createHash('sha256');
  let packed = 0;
  let bytes = 0;
  const read = createReadStream(path, {
    ...(range && { start: range.start, end: range.end - 1 }),
    highWaterMark: 1 << 20,
    signal,
  });
  await pipeline(
    read,
    async function* counted(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        packed += piece.length;
        if (isExhibit) hash.update(piece);
        yield piece;
      }
    },
    through,
    async function* bounded(pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        bytes += piece.length;
        if (bytes > FREE_BYTES && bytes > packed * MAX_RATIO) {
          throw new LadingError('NOT_POSSIBLE', `It unpacks to more than ${MAX_RATIO} times its size.`);
        }
        yield piece;
      }
    },
    createWriteStream(to, { flags: 'wx' }),
    { signal },
  );
  if (isExhibit && hash.digest('hex') !== exhibit.sha256) {
    throw new LadingError('CASE_DAMAGED', `${exhibit.id} is not the file that was collected.`, {
      advice: 'Verify the case.',
    });
  }
}

/** Which packing it is, by the first bytes (RFC 1952, RFC 8878). */
export function packingOf(head: Uint8Array): 'gzip' | 'zstd' | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd ? 'zstd' : undefined;
}

async function unpacker(path: string, start: number): Promise<Transform> {
  const head = Buffer.alloc(4);
  const file = await open(path, 'r');
  try {
    await file.read(head, 0, 4, start);
  } finally {
    await file.close();
  }
  const packing = packingOf(head);
  if (packing === 'gzip') return zlib.createGunzip({ chunkSize: 1 << 18 });
  // Node has it from 22.15 on
  const make: unknown = packing === 'zstd' ? Reflect.get(zlib, 'createZstdDecompress') : undefined;
  const made: unknown = typeof make === 'function' ? make({ chunkSize: 1 << 18 }) : undefined;
  if (made instanceof Transform) return made;
  throw packing === 'zstd'
    ? new LadingError('NOT_POSSIBLE', 'It is packed with Zstandard, which this runtime does not know.', {
        advice: 'Use a Lading that runs on Node 22.15 or later, as its desktop app does.',
      })
    : new LadingError('FILE_UNREADABLE', 'It is packed neither with gzip nor with Zstandard.');
}

function asFault(error: unknown, id: string): LadingError {
  if (error instanceof LadingError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:Z_|ERR_ZSTD)/.test(code)) {
    return new LadingError('FILE_UNREADABLE', `A packed part of ${id} is broken: ${asLadingError(error).message}`, {
      cause: error,
    });
  }
  return asLadingError(error);
}
