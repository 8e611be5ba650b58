import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ExhibitSummary } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { EVIDENCE } from '../custody/record';

/** Where an exhibit's file lies. */
export function exhibitPath(dir: string, exhibit: Pick<ExhibitSummary, 'id' | 'file'>): string {
  return join(dir, EVIDENCE, exhibit.id, exhibit.file);
}

/** A piece of a file and the file's size, in bytes; the piece is shorter at the end. */
export async function readPiece(
  path: string,
  offset: number,
  length: number,
): Promise<{ bytes: Buffer; total: number }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return { bytes: bytes.subarray(0, bytesRead), total: size };
  } finally {
    await file.close();
  }
}

/** Offsets at which a text (as UTF-8) occurs, without regard to the case of ASCII letters; in constant memory. `end`: the byte after the last. */
export async function findText(
  path: string,
  text: string,
  from: number,
  limit: number,
  end?: number,
): Promise<{ hits: number[]; more: boolean }> {
  const needle = lower(Buffer.from(text));
  const hits: number[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let at = from; // where `rest` begins
  if (end !== undefined && end <= from) return { hits, more: false };
  const source = createReadStream(path, {
    start: from,
    end: end === undefined ? undefined : end - 1,
    highWaterMark: 1 << 20,
  });
  for await (const piece of source as AsyncIterable<Buffer>) {
    const here = Buffer.concat([rest, lower(piece)]);
    for (let hit = here.indexOf(needle); hit !== -1; hit = here.indexOf(needle, hit + 1)) {
      if (hits.length === limit) return { hits, more: true };
      hits.push(at + hit);
    }
    const keep = Math.min(needle.length - 1, here.length);
    rest = here.subarray(here.length - keep);
    at += here.length - keep;
  }
  return { hits, more: false };
}

function lower(bytes: Buffer): Buffer {
  const out = Buffer.from(bytes);
  for (let i = 0; i < out.length; i++) {
    const byte = out[i] as number;
    if (byte >= 0x41 && byte <= 0x5a) out[i] = byte + 0x20;
  }
  return out;
}

/** Makes a file that does not exist yet, outside the case folder. Throws BAD_INPUT for any other place. */
export async function newFileOutside(dir: string, to: string) {
  const path = resolve(to);
  const inside = relative(dir, path);
  if (inside !== '..' && !inside.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(inside)) {
    throw new LadingError('BAD_INPUT', `${path} is inside the case folder.`, {
      advice: 'Choose a place outside: nothing is added to a case but by the ledger.',
    });
  }
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx').catch((cause) => {
    throw new LadingError(
      'BAD_INPUT',
      `${path} cannot be made: ${cause.code === 'EEXIST' ? 'it exists' : cause.message}.`,
      {
        advice: 'Choose another name or folder.',
        cause,
      },
    );
  });
  return { path, file };
}

/**
 * Copies an exhibit, or a piece of it, out of the case to a path that does not exist yet, hashing what is written. Throws
 * BAD_INPUT for a place inside the case, CASE_DAMAGED when the bytes are not those of `sha256`; then no copy is left.
 */
export async function copyOut(
  dir: string,
  exhibit: Pick<ExhibitSummary, 'id' | 'file'> & { sha256?: string },
  to: string,
  /** `of`: another file that the piece is of, made from the exhibit: what is unpacked. */
  piece?: { offset: number; length: number; of?: string },
): Promise<{ path: string; sha256: string }> {
  const { path, file } = await newFileOutside(dir, to);
  const hash = createHash('sha256');
  const range = piece && { start: piece.offset, end: piece.offset + piece.length - 1 };
  let written = 0;
  try {
    if (piece?.length !== 0) {
      const source = createReadStream(piece?.of ?? exhibitPath(dir, exhibit), { ...range, highWaterMark: 1 << 20 });
      for await (const part of source as AsyncIterable<Buffer>) {
        hash.update(part);
        written += part.length;
        await file.writeFile(part);
      }
    }
    await file.sync();
    const sha256 = hash.digest('hex');
    const short = piece !== undefined && written !== piece.length;
    if (short || (exhibit.sha256 !== undefined && sha256 !== exhibit.sha256)) {
      throw new LadingError('CASE_DAMAGED', `${exhibit.id} is not what was collected: its SHA-256 is ${sha256}.`, {
        advice: 'Verify the case. No copy was made.',
      });
    }
    return { path, sha256 };
  } catch (error) {
    await rm(path, { force: true });
    throw asLadingError(error);
  } finally {
    await file.close();
  }
}
