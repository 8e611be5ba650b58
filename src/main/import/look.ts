import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { gunzipSync, constants as zlibConstants } from 'node:zlib';
import { asLadingError, LadingError } from '../../shared/errors';
import { openSource, piecesOf } from './folder/source';
import { byHead, HEAD, maybeJson } from './recognise/head';
import { byJson, JSON_LIMIT } from './recognise/json';
import type { Recognised } from './recognise/kinds';
import { type Survey, surveyTar } from './recognise/survey';
import { BLOCK, sumFits } from './tar/header';
import { canUnpack, type Packing, packingOf, unpacked } from './unpack';

/** What the first reading of a file told; not a byte of it is in the case yet. */
export interface Looked {
  sha256: string;
  bytes: number;
  /** As it was when it was opened. */
  stats: BigIntStats;
  packing: Packing;
  recognised: Recognised;
  /** Of an archive. */
  survey?: Survey;
}

/** Reads a file once, from its beginning to its end, in constant memory: its hash, and what it is by its content. */
export async function lookAt(path: string, signal: AbortSignal, onBytes: (bytes: number) => void): Promise<Looked> {
  const file = await openSource(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const stats = await file.stat({ bigint: true });
    if (!stats.isFile()) {
      throw new LadingError('BAD_INPUT', `${path} is neither a file nor a folder.`, {
        advice: 'Make an image of a device first, and import that.',
      });
    }
    const hash = createHash('sha256');
    let bytes = 0;
    const whole = (async function* () {
      for await (const piece of piecesOf(file)) {
        signal.throwIfAborted();
        hash.update(piece);
        bytes += piece.length;
        onBytes(piece.length);
        yield piece;
      }
    })();
    const head = await firstBytes(piecesOf(file, HEAD));
    const packing = packingOf(head);
    const found = await recognise(head, packing, Number(stats.size), keptOpen(whole));
    for await (const _ of whole); // what recognition did not need is hashed all the same
    return { sha256: hash.digest('hex'), bytes, stats, packing, ...found };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof LadingError ? error : unreadable(path, error);
  } finally {
    await file.close();
  }
}

/** What a file is, by its first bytes and, for archives and JSON, by its content. `whole` is the file from its beginning. */
export async function recognise(
  head: Buffer,
  packing: Packing,
  size: number,
  whole: AsyncIterable<Buffer>,
): Promise<Pick<Looked, 'recognised' | 'survey'>> {
  if (!canUnpack(packing)) {
    const why = `it is packed with ${packing}, which this Lading cannot look into: unpack a copy and import that as well`;
    return { recognised: { kind: 'binary', why } };
  }
  const inside = packing === 'none' ? head : await unpackedHead(head, packing);
  const simple = byHead(inside);
  if (simple) return { recognised: simple };
  if (sumFits(inside.subarray(0, BLOCK))) {
    const survey = await surveyTar(unpacked(whole, packing));
    return { recognised: survey.recognised, survey };
  }
  if (packing === 'none' && size <= JSON_LIMIT && maybeJson(head)) {
    return { recognised: byJson((await firstBytes(whole)).toString('utf8')) };
  }
  const what = packing === 'none' ? '' : `it is packed with ${packing}; `;
  return { recognised: { kind: 'binary', why: `${what}nothing in it is of a kind that Lading knows` } };
}

/** The beginning of what is packed, as far as the first bytes of the file give it; empty where they are broken. */
async function unpackedHead(head: Buffer, packing: Packing): Promise<Buffer> {
  try {
    if (packing === 'gzip') {
      // 16 KiB cannot swell beyond 17 MiB (1032 to 1 is the most that deflate can do)
      return gunzipSync(head.subarray(0, 16 << 10), { finishFlush: zlibConstants.Z_SYNC_FLUSH }).subarray(0, HEAD);
    }
    for await (const piece of unpacked(
      (async function* () {
        yield head;
      })(),
      packing,
    )) {
      return piece;
    }
  } catch {
    // broken from the start: then it is not recognised, and stored as it is
  }
  return Buffer.alloc(0);
}

/** An iteration that its user cannot end: what was not read of it is read afterwards. */
function keptOpen(source: AsyncGenerator<Buffer>): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}

async function firstBytes(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of source) parts.push(piece);
  return Buffer.concat(parts);
}

/** Why a file of this machine cannot be read, and what to do. */
export function unreadable(path: string, cause: unknown): LadingError {
  if (cause instanceof LadingError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT') {
    return new LadingError('FILE_UNREADABLE', `${path} is not there.`, { advice: 'Check the path.', cause });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new LadingError('FILE_UNREADABLE', `${path} may not be read by this account.`, {
      advice: 'Give this account the right to read it, or run Lading as one that may.',
      cause,
    });
  }
  return new LadingError('FILE_UNREADABLE', `${path} cannot be read: ${asLadingError(cause).message}`, { cause });
}
