import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ExhibitRecord } from '../../../shared/domain';
import { asLadingError, LadingError } from '../../../shared/errors';
import { evidenceFile, evidenceSize } from '../context';
import { createDb, type Db, openDb } from '../index/db';
import { recorder } from './recorder';
import { captureScan, type Scanned } from './scan';
import { CAPTURE_FORMAT, CAPTURE_INDEX_SQL } from './schema';

/** A piece that is read at once, in bytes: larger ones are no faster (measured). */
const PIECE = 2 * 1024 * 1024;

/** What the database of a capture says of the capture as a whole. */
export const CaptureFacts = z.object({
  format: z.enum(['pcap', 'pcapng']).optional(),
  order: z.enum(['little', 'big']),
  packets: z.number(),
  read: z.number(),
  unreadable: z.number(),
  fault: z.string().optional(),
  interfaces: z.array(
    z.object({
      link: z.number(),
      snap: z.number(),
      unit: z.number(),
      offset: z.number(),
      name: z.string().optional(),
      filter: z.string().optional(),
    }),
  ),
  drops: z.number().optional(),
  first: z.number().optional(),
  last: z.number().optional(),
  wire: z.number(),
  unknownLink: z.number(),
  malformed: z.number(),
  fragmentsLost: z.number(),
  streamsGiven: z.number(),
  rowsLeft: z.number(),
  bar: z.number(),
});
export type CaptureFacts = z.infer<typeof CaptureFacts>;

type Capture = Pick<ExhibitRecord, 'id' | 'file' | 'sha256'>;

/** Where a capture's database lies: named after the capture's bytes, so it is good for as long as they are. */
export function capturePath(dir: string, { sha256 }: Pick<Capture, 'sha256'>): string {
  return join(dir, 'derived', 'captures', `${sha256}.sqlite`);
}

/**
 * Makes the database of a capture, where there is none: its bytes are read once, compared with the record's SHA-256, and what
 * is in them is written. Rejects with CASE_DAMAGED where the bytes are others, with what the disk says, and when cancelled; then
 * nothing stays.
 */
export async function makeCapture(
  dir: string,
  capture: Capture,
  options: { signal?: AbortSignal; pause?: () => Promise<void>; flows?: number } = {},
): Promise<void> {
  const path = capturePath(dir, capture);
  if (existsSync(path) && isCurrent(path)) return;
  await mkdir(join(dir, 'derived', 'captures'), { recursive: true });
  // of this process alone: a window and a command may both be making it
  const draft = `${path}.${process.pid}.new`;
  await rm(draft, { force: true });
  const db = createDb(draft);
  let closed = false;
  try {
    await fill(db, dir, capture, options);
    db.close();
    closed = true;
    await rename(draft, path);
  } catch (error) {
    if (!closed) db.close();
    await rm(draft, { force: true });
    throw asLadingError(error);
  }
}

async function fill(
  db: Db,
  dir: string,
  capture: Capture,
  { signal, pause, flows }: { signal?: AbortSignal; pause?: () => Promise<void>; flows?: number },
): Promise<void> {
  const path = evidenceFile(dir, capture);
  await evidenceSize(path, capture.id);
  // what is cached beyond this gives nothing: rows are written in order
  db.exec('PRAGMA cache_size = -16384');
  const out = recorder(db);
  const scan = captureScan(out, { flows });
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE);
    for (let at = 0; ; ) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(piece, 0, PIECE, at);
      if (bytesRead === 0) break;
      const bytes = piece.subarray(0, bytesRead);
      hash.update(bytes);
      scan.push(bytes);
      at += bytesRead;
      await pause?.();
    }
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== capture.sha256) {
    throw new LadingError(
      'CASE_DAMAGED',
      `${capture.id} is not the file that was collected: its SHA-256 differs from its record.`,
      { advice: 'Verify the case. Nothing was read from this exhibit.' },
    );
  }
  const facts: Scanned = scan.end(db);
  out.meta('facts', JSON.stringify(facts));
  out.meta('exhibit', capture.sha256);
  out.meta('format', String(CAPTURE_FORMAT));
  out.finish();
  for (const sql of CAPTURE_INDEX_SQL) db.exec(sql);
}

const Meta = z.object({ value: z.string() }).optional();

function metaOf(db: Db, key: string): string | undefined {
  return Meta.parse(db.prepare('SELECT value FROM meta WHERE key = ?').get(key) ?? undefined)?.value;
}

function isCurrent(path: string): boolean {
  let db: Db | undefined;
  try {
    db = openDb(path);
    return metaOf(db, 'format') === String(CAPTURE_FORMAT);
  } catch {
    // no database, or half of one: it is made anew
    return false;
  } finally {
    db?.close();
  }
}

/** Opens a capture's database for a few queries, which `work` makes at once. Throws NOT_POSSIBLE where it is not made yet. */
export function withCapture<T>(
  dir: string,
  capture: Pick<Capture, 'id' | 'sha256'>,
  work: (db: Db, facts: CaptureFacts) => T,
): T {
  const path = capturePath(dir, capture);
  if (!existsSync(path)) {
    throw new LadingError('NOT_POSSIBLE', `The capture ${capture.id} was not read yet.`, {
      advice: 'Analyse the case first.',
    });
  }
  const db = openDb(path);
  try {
    return work(db, CaptureFacts.parse(JSON.parse(metaOf(db, 'facts') ?? 'null')));
  } catch (cause) {
    if (cause instanceof LadingError) throw cause;
    throw new LadingError('CASE_DAMAGED', `What was read from the capture ${capture.id} cannot be used.`, {
      advice: 'Delete the folder derived/captures of the case and analyse again: it is made anew from the exhibit.',
      cause,
    });
  } finally {
    db.close();
  }
}
