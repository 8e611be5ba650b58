import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ExhibitRecord } from '../../../shared/domain';
import { asLadingError, LadingError } from '../../../shared/errors';
import { evidenceFile, evidenceSize } from '../context';
import type { ByteSource, MemoryLayout } from './layout';
import { coreLayout, isCore } from './layout-core';
import { criuLayout, criuSet } from './layout-criu';
import { isLime, limeLayout, rawLayout } from './layout-lime';

/** What is asked of an exhibit's record to know whether its bytes are memory. */
export type MemoryRecord = Pick<ExhibitRecord, 'id' | 'file' | 'kind' | 'collector' | 'sha256'>;

const COLLECTORS = new Set([
  'process.memory',
  'process.memory-paused',
  'host.memory',
  'host.memory-avml',
  'container.checkpoint',
  'container.checkpoint-runc',
  'import.memory',
  'import.checkpoint',
]);
/** Beyond the first GiB a packed archive that swells more than this is a bomb. */
const MAX_RATIO = 250;
const FREE_BYTES = 1 << 30;

/** Whether an exhibit may hold memory; `openMemory` looks into it. */
export function holdsMemory({ collector, kind }: Pick<ExhibitRecord, 'collector' | 'kind'>): boolean {
  return COLLECTORS.has(collector.id) && (kind === 'binary' || kind === 'tar');
}

/** Memory that is open to be read. */
export interface OpenMemory {
  layout: MemoryLayout;
  source: ByteSource;
  /** The offsets are those of an unpacked copy, not of the exhibit's file. */
  unpacked: boolean;
  close(): Promise<void>;
}

/**
 * Opens an exhibit of memory and reads where what is in it: ELF core, checkpoint of CRIU (tar, tar.gz), LiME, raw image. A
 * packed archive is unpacked once to `derived/memory`, which can be deleted. Gives undefined for an exhibit without memory
 * (a log beside a core, an archive without a checkpoint). The caller closes it.
 */
export async function openMemory(
  dir: string,
  record: MemoryRecord,
  signal?: AbortSignal,
): Promise<OpenMemory | undefined> {
  let path = evidenceFile(dir, record);
  await evidenceSize(path, record.id);
  const unpacked = await isPacked(path);
  if (unpacked) path = await unpack(dir, path, record, signal);
  const file = await open(path, 'r');
  try {
    const source = fileSource(file, (await file.stat()).size);
    const key = `${path}\0${record.sha256}\0${source.size}`;
    const layout = known.get(key) ?? (await layoutOf(source, record));
    if (layout) keep(key, layout);
    if (layout) return { layout, source, unpacked, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw asLadingError(error);
  }
  await file.close();
  return undefined;
}

/** Layouts of the exhibits used last: a view asks for bytes many times a second. No file is kept open for them. */
const known = new Map<string, MemoryLayout>();
const KNOWN_MAX = 8;

function keep(key: string, layout: MemoryLayout): void {
  known.delete(key);
  known.set(key, layout);
  for (const oldest of known.keys()) {
    if (known.size <= KNOWN_MAX) break;
    known.delete(oldest);
  }
}

/** Reads where what is, by the content; undefined for an exhibit without memory, or one that is packed. */
export async function layoutOf(source: ByteSource, record: MemoryRecord): Promise<MemoryLayout | undefined> {
  const head = await source.read(0, 512);
  if (isCore(head)) return coreLayout(source);
  if (isLime(head)) return limeLayout(source);
  if (head.toString('latin1', 257, 262) === 'ustar') {
    const set = await criuSet(source);
    return set && criuLayout(set);
  }
  // AVML compresses its ranges (Snappy): its bytes are no memory until `avml-convert` made LiME of them
  if (head.toString('latin1', 0, 4) === 'AVML') return undefined;
  const raw = record.collector.id === 'import.memory' || record.collector.id === 'host.memory';
  return raw && source.size > 0 ? rawLayout(source) : undefined;
}

function fileSource(file: FileHandle, size: number): ByteSource {
  return {
    size,
    async read(offset, length, into) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      const bytes = into && into.length >= wanted ? into.subarray(0, wanted) : Buffer.allocUnsafe(wanted);
      let have = 0;
      while (have < wanted) {
        const { bytesRead } = await file.read(bytes, have, wanted - have, offset + have);
        if (bytesRead === 0) break;
        have += bytesRead;
      }
      return bytes.subarray(0, have);
    },
  };
}

/** gzip (RFC 1952). */
async function isPacked(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(3);
    await file.read(head, 0, 3, 0);
    return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
  } finally {
    await file.close();
  }
}

const unpacking = new Map<string, Promise<void>>();

async function unpack(dir: string, path: string, record: MemoryRecord, signal?: AbortSignal): Promise<string> {
  const folder = join(dir, 'derived', 'memory');
  // by its hash: a copy of other bytes is never taken for this one
  const made = join(folder, `${record.id}-${record.sha256.slice(0, 16)}.tar`);
  if (existsSync(made)) return made;
  const running =
    unpacking.get(made) ?? write(folder, path, made, record.id, signal).finally(() => unpacking.delete(made));
  unpacking.set(made, running);
  await running;
  return made;
}

async function write(folder: string, path: string, made: string, id: string, signal?: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = `${made}.new`;
  let packed = 0;
  let bytes = 0;
  const counted = new Transform({
    transform(piece: Buffer, _, done) {
      packed += piece.length;
      done(null, piece);
    },
  });
  const bounded = new Transform({
    transform(piece: Buffer, _, done) {
      bytes += piece.length;
      const bomb = bytes > FREE_BYTES && bytes > packed * MAX_RATIO;
      done(
        bomb ? new LadingError('NOT_POSSIBLE', `${id} unpacks to more than ${MAX_RATIO} times its size.`) : null,
        piece,
      );
    },
  });
  try {
    await pipeline(createReadStream(path), counted, createGunzip(), bounded, createWriteStream(draft), { signal });
    await rename(draft, made);
  } catch (error) {
    await rm(draft, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!code.startsWith('Z_')) throw asLadingError(error);
    throw new LadingError('CASE_DAMAGED', `${id} is a packed archive that is broken or cut off (${code}).`, {
      advice: 'Look at its record: it may be partial.',
      cause: error,
    });
  }
}
