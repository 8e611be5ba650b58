import { type BigIntStats, constants } from 'node:fs';
import { access, lstat, readdir, readlink } from 'node:fs/promises';
import { sep } from 'node:path';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { END, headerOf, type NewEntry, padding } from '../tar/write';
import { openSource, piecesOf } from './source';

/** What of a folder did not come into its archive, or not as it was. */
export interface Unread {
  path: string;
  reason: string;
}

export interface Walked {
  entries: number;
  /** Each that could not be read, at most UNREAD_KEPT of them. */
  unread: Unread[];
  unreadCount: number;
  /** Sockets: a tar has no form for them. Their names, the first few. */
  sockets: string[];
}

/** So many are listed by name; the count goes on. */
const UNREAD_KEPT = 100_000;
/** Inodes with several names that are remembered; beyond it each name is stored with its bytes. */
const LINKS_KEPT = 2_000_000;

/**
 * A folder as one tar archive, streamed: sorted by the bytes of its names, links not followed, owners as numbers, times
 * to the nanosecond, devices and FIFOs as entries, hard links as such. An unchanged folder gives the same bytes again: so
 * access times of folders and links, which walking itself moves, are in it only where the file system is read-only.
 * What cannot be read is in `walked` and is left out; a file that changes size meanwhile is filled up or cut, and said.
 */
export async function* folderTar(root: string, walked: Walked, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const links = new Map<string, Buffer>();
  const still = await isReadOnly(root);
  const miss = (name: Buffer, reason: string) => {
    walked.unreadCount += 1;
    if (walked.unread.length < UNREAD_KEPT) walked.unread.push({ path: name.toString('utf8'), reason });
  };
  const base = Buffer.from(root.endsWith(sep) ? root.slice(0, -sep.length) : root);
  const pathOf = (name: Buffer): Buffer => (name.length === 0 ? Buffer.from(root) : onDisk(base, name));

  async function* entry(name: Buffer): AsyncGenerator<Buffer> {
    signal?.throwIfAborted();
    const path = pathOf(name);
    let stats: BigIntStats;
    try {
      stats = await lstat(path, { bigint: true });
    } catch (error) {
      miss(name, `it could not be looked at: ${why(error)}`);
      return;
    }
    if (stats.isSocket()) {
      if (walked.sockets.length < 100) walked.sockets.push(name.toString('utf8'));
      return;
    }
    const type = typeOf(stats);
    if (!type) {
      miss(name, 'it is of a kind that a tar archive does not have');
      return;
    }
    const made: NewEntry = {
      name: name.length === 0 ? Buffer.from('.') : name,
      type,
      mode: Number(stats.mode),
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      size: 0,
      times: {
        mtime: stats.mtimeNs,
        atime: type === 'folder' || type === 'link' ? (still ? stats.atimeNs : undefined) : stats.atimeNs,
        ctime: stats.ctimeNs,
        birth: stats.birthtimeNs || undefined,
      },
      device: type.endsWith('device') ? deviceOf(stats.rdev) : undefined,
    };
    if (type !== 'folder' && stats.nlink > 1n) {
      const inode = `${stats.dev}:${stats.ino}`;
      const first = links.get(inode);
      if (first) {
        walked.entries += 1;
        yield headerOf({ ...made, type: 'hard link', link: first });
        return;
      }
      if (links.size < LINKS_KEPT) links.set(inode, name);
    }
    if (type === 'file') {
      yield* fileBytes(name, path, made, stats);
      return;
    }
    if (type === 'link') {
      try {
        made.link = await readlink(path, { encoding: 'buffer' });
      } catch (error) {
        miss(name, `where the link leads could not be read: ${why(error)}`);
        return;
      }
    }
    walked.entries += 1;
    yield headerOf(made);
    if (type !== 'folder') return;
    let inside: Buffer[];
    try {
      inside = await namesIn(path);
    } catch (error) {
      miss(name, `the folder could not be listed: ${why(error)}`);
      return;
    }
    for (const one of inside) yield* entry(name.length === 0 ? one : Buffer.concat([name, Buffer.from('/'), one]));
  }

  async function* fileBytes(name: Buffer, path: Buffer, made: NewEntry, looked: BigIntStats): AsyncGenerator<Buffer> {
    const file = await openSource(path).catch((error: unknown) => {
      miss(name, `it could not be opened: ${why(error)}`);
      return undefined;
    });
    if (!file) return;
    try {
      const opened = await file.stat({ bigint: true });
      if (opened.ino !== looked.ino || opened.dev !== looked.dev || !opened.isFile()) {
        miss(name, 'another file took its place while it was being opened');
        return;
      }
      const size = Number(opened.size);
      walked.entries += 1;
      yield headerOf({ ...made, size });
      let have = 0;
      try {
        for await (const piece of piecesOf(file, size)) {
          signal?.throwIfAborted();
          have += piece.length;
          yield piece;
        }
        if (have < size) miss(name, `it became shorter while it was read: ${size - have} zero bytes fill it up`);
        else if ((await file.stat({ bigint: true })).mtimeNs !== opened.mtimeNs) {
          miss(name, 'it was changed while it was read');
        }
      } catch (error) {
        signal?.throwIfAborted();
        miss(name, `it could not be read beyond byte ${have}: ${why(error)}; zero bytes fill it up`);
      }
      for (let left = size - have; left > 0; left -= 1 << 20) yield Buffer.alloc(Math.min(left, 1 << 20));
      yield padding(size);
    } finally {
      await file.close();
    }
  }

  yield* entry(Buffer.alloc(0));
  yield END;
}

/** Whether the file system is mounted for reading only (EROFS, access(2)): then nothing can move a time in it. */
async function isReadOnly(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => false,
    (error: unknown) => error instanceof Error && 'code' in error && error.code === 'EROFS',
  );
}

/** Nothing walked yet. */
export function newWalk(): Walked {
  return { entries: 0, unread: [], unreadCount: 0, sockets: [] };
}

/** The listing of what could not be read, one JSON object a line. */
export function unreadLines(walked: Walked): string {
  const lines = walked.unread.map(({ path, reason }) => JSON.stringify({ path, reason }));
  const over = walked.unreadCount - walked.unread.length;
  if (over > 0) lines.push(JSON.stringify({ more: over }));
  return lines.map((line) => `${line}\n`).join('');
}

/** The names in a folder, sorted by their bytes. On Windows they are read as text: its names are no bytes. */
async function namesIn(path: Buffer): Promise<Buffer[]> {
  const names =
    process.platform === 'win32'
      ? (await readdir(path.toString('utf8'))).map((name) => Buffer.from(name))
      : (await readdir(path, { encoding: 'buffer', withFileTypes: false })).map((name) => Buffer.from(name));
  return names.sort(Buffer.compare);
}

function onDisk(base: Buffer, name: Buffer): Buffer {
  const inside = process.platform === 'win32' ? Buffer.from(name.toString('utf8').replaceAll('/', sep)) : name;
  return Buffer.concat([base, Buffer.from(sep), inside]);
}

function typeOf(stats: BigIntStats): NewEntry['type'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isCharacterDevice()) return 'char device';
  if (stats.isBlockDevice()) return 'block device';
  return stats.isFIFO() ? 'fifo' : undefined;
}

/** Linux's form of a device number (sysmacros.h, gnu_dev_major and gnu_dev_minor). */
function deviceOf(rdev: bigint): { major: number; minor: number } {
  return {
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)),
  };
}

function why(error: unknown): string {
  if (error instanceof LadingError) return error.message;
  if (error instanceof Error && 'code' in error) return String(error.code);
  return visible(error instanceof Error ? error.message : String(error), { max: 200 });
}
