import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { crc64 } from '../formats/crc64';
import { archiveReader } from '../formats/fs-archive';
import type { FsEntry } from '../formats/fs-entry';
import { baseOf, folderOf, pathOfMember, textOfName, within } from '../formats/fs-path';
import { tarSplitParts } from '../formats/tar-split';
import { linkNames } from './listing';

/** Bytes that stand for content that is not looked at. */
const NOTHING = Buffer.alloc(1 << 20);

export interface SplitLayer {
  entries: FsEntry[];
  /** Of the layer's archive as it was put together again; absent where only its list was read. */
  sha256?: string;
  /** Files whose bytes are not those that the list has: it keeps a CRC-64 of each. */
  differing: string[];
}

/** The files of the layer's folder as they were found, and how their bytes are read. */
export interface SplitFiles {
  byPath: ReadonlyMap<string, FsEntry>;
  bytes(entry: FsEntry): AsyncIterable<Buffer>;
  pause?(): Promise<void>;
}

/**
 * A layer from tar-split's list (gzip). Without its files that is a listing, whose lines `cite` says the place of; with them its
 * archive is put together bit for bit, hashed, and each entry is cited where its file was found. Throws FILE_UNREADABLE for what is no
 * such list; what zlib throws has a code that begins with 'Z'.
 */
export async function splitLayer(
  exhibit: string,
  split: AsyncIterable<Buffer>,
  cite: FsEntry['header'],
  files?: SplitFiles,
): Promise<SplitLayer> {
  const entries: FsEntry[] = [];
  const differing: string[] = [];
  const hash = files && createHash('sha256');
  const reader = archiveReader(exhibit, {
    entry: (entry) => {
      entry.header = { ...cite };
      entry.content = undefined;
      if (files) found(entry, files.byPath);
      entries.push(entry);
    },
    fault: () => undefined,
  });
  const give = (piece: Buffer) => {
    hash?.update(piece);
    reader.push(piece);
  };
  for await (const part of tarSplitParts(gunzip(split))) {
    if (part.kind === 'bytes') {
      give(part.bytes);
      continue;
    }
    await files?.pause?.();
    const name = textOfName(part.name);
    const held = files?.byPath.get(pathOfMember(name) ?? '');
    let left = part.size;
    const sum = crc64();
    if (files && held?.content && held.size === part.size) {
      for await (const piece of files.bytes(held)) {
        sum.update(piece);
        left -= piece.length;
        give(piece);
      }
    }
    if (files && (left > 0 || sum.hex() !== part.crc64)) differing.push(name);
    for (; left > 0; left -= NOTHING.length) give(NOTHING.subarray(0, Math.min(left, NOTHING.length)));
  }
  reader.end();
  linkNames(entries);
  return { entries, differing, ...(hash && { sha256: hash.digest('hex') }) };
}

/** Gives an entry of the list the place of its file: of a whiteout that of the mark which stands for it on the disk. */
function found(entry: FsEntry, byPath: ReadonlyMap<string, FsEntry>): void {
  const name = baseOf(entry.path);
  const path =
    name === '.wh..wh..opq'
      ? folderOf(entry.path)
      : name.startsWith('.wh.')
        ? within(folderOf(entry.path), name.slice(4))
        : entry.path;
  const held = byPath.get(path);
  if (!held) return;
  entry.exhibit = held.exhibit;
  entry.header = held.header;
  if (held.via !== undefined) entry.via = held.via;
  if (path !== entry.path || held.type !== entry.type || held.type !== 'file') return;
  if (held.size === entry.size || entry.hardLink !== undefined) {
    entry.content = held.content;
    entry.sha256 = held.sha256;
  }
}

async function* gunzip(split: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const through = createGunzip();
  const feeding = (async () => {
    try {
      for await (const piece of split) {
        if (through.destroyed) return;
        if (!through.write(piece)) {
          await new Promise<void>((resolve) => {
            through.once('drain', resolve);
            through.once('close', resolve);
          });
        }
      }
      through.end();
    } catch (error) {
      through.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  })();
  try {
    yield* through as AsyncIterable<Buffer>;
  } finally {
    through.destroy();
    await feeding;
  }
}
