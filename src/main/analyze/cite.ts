import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Citation, ExhibitRecord } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { atPointer, type Place, parseLocator } from '../../shared/locator';
import { evidenceFile, evidenceSize, READ_LIMIT } from './context';
import { innerFile } from './inner';

/** At most so many bytes of the cited place are given, in bytes. */
export const CITED_LIMIT = 1024 * 1024;

/** What is at a cited place. */
export interface Cited {
  record: ExhibitRecord;
  place: Place;
  /** The value at a JSON pointer. */
  value?: unknown;
  /** The place in bytes, for all but JSON pointers. A line has no line end. */
  offset?: number;
  length?: number;
  /** Its bytes, at most CITED_LIMIT of them. */
  bytes?: Buffer;
}

function nothingThere(citation: Citation): LadingError {
  return new LadingError('BAD_INPUT', `${citation.exhibit} has nothing at ${citation.locator.slice(0, 200)}.`, {
    advice: 'The citation and the exhibit do not belong together: analyse or verify the case again.',
  });
}

/** An exhibit's record as it lies beside its file; throws CASE_DAMAGED for one that is none. */
export async function readRecord(dir: string, id: string): Promise<ExhibitRecord> {
  const path = evidenceFile(dir, { id, file: 'exhibit.json' });
  try {
    return ExhibitRecord.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    throw new LadingError('CASE_DAMAGED', `The record of ${id} cannot be read.`, { advice: 'Verify the case.', cause });
  }
}

/** Gives what is at a citation's place in the case folder. Throws BAD_INPUT when the exhibit has no such place. */
export async function resolveCitation(dir: string, citation: Citation): Promise<Cited> {
  const record = await readRecord(dir, citation.exhibit);
  const place = parseLocator(citation.locator);
  const path = evidenceFile(dir, record);
  const size = await evidenceSize(path, record.id);
  switch (place.kind) {
    case 'json': {
      if (size > READ_LIMIT) {
        throw new LadingError('NOT_POSSIBLE', `${record.id} is too large to look up a JSON pointer (${size} bytes).`);
      }
      let whole: unknown;
      try {
        whole = JSON.parse(await readFile(path, 'utf8'));
      } catch (cause) {
        throw new LadingError('BAD_INPUT', `${record.id} is not JSON.`, { cause });
      }
      const value = atPointer(whole, place.pointer);
      if (value === undefined) throw nothingThere(citation);
      return { record, place, value };
    }
    case 'line': {
      const range = await findLine(path, place.line);
      if (!range) throw nothingThere(citation);
      return { record, place, ...range, bytes: await readPiece(path, range.offset, range.length) };
    }
    case 'bytes': {
      const { offset, length } = place;
      if (!Number.isSafeInteger(offset + length) || offset + length > size) throw nothingThere(citation);
      return { record, place, offset, length, bytes: await readPiece(path, offset, length) };
    }
    case 'inside': {
      const inner = await innerFile(dir, record, place.via);
      const { offset, length } = place;
      if (!Number.isSafeInteger(offset + length) || offset + length > (await stat(inner)).size) {
        throw nothingThere(citation);
      }
      return { record, place, offset, length, bytes: await readPiece(inner, offset, length) };
    }
    case 'whole':
      return { record, place, offset: 0, length: size, bytes: await readPiece(path, 0, size) };
  }
}

async function readPiece(path: string, offset: number, length: number): Promise<Buffer> {
  const piece = Buffer.alloc(Math.min(length, CITED_LIMIT));
  const file = await open(path, 'r');
  try {
    const { bytesRead } = await file.read(piece, 0, piece.length, offset);
    return piece.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Bytes of the n-th line (1-based) without its line feed; lines end at \n, whatever else is in them. */
async function findLine(path: string, line: number): Promise<{ offset: number; length: number } | undefined> {
  let at = 0;
  let current = 1;
  let start = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10, from); end !== -1; end = chunk.indexOf(10, from)) {
      if (current === line) return { offset: start, length: at + end - start };
      current++;
      from = end + 1;
      start = at + from;
    }
    at += chunk.length;
  }
  return current === line && start < at ? { offset: start, length: at - start } : undefined;
}

/** Where an exhibit's record lies. */
export function recordPath(dir: string, id: string): string {
  return join(evidenceFile(dir, { id, file: 'exhibit.json' }));
}
