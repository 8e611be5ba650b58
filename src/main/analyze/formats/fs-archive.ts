import type { FsEntry, FsType } from './fs-entry';
import { checksumOk, extendedRecords, number, type Records, seconds, text } from './fs-header';
import { pathOfMember, textOfName } from './fs-path';

const BLOCK = 512;
/** Larger extended headers are hostile: Linux takes no path above 4 KiB and no attribute above 64 KiB. */
const EXTENDED_MAX = 4 << 20;
const TYPES: Record<string, FsType | 'hard link' | undefined> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'fifo',
};

/** What is told of an archive while it is read. */
export interface ArchiveSink {
  /** A member, before its content. */
  entry(entry: FsEntry): void;
  /** A piece of the content of the member told last. */
  content?(piece: Buffer): void;
  /** The member told last is over; `whole` unless the archive ended inside it. */
  ended?(entry: FsEntry, whole: boolean): void;
  /** Something that is not as an archive is, at a byte of it. */
  fault(offset: number, reason: string): void;
}

/** Takes an archive in pieces of any size, in constant memory. */
export interface ArchiveReader {
  push(piece: Buffer): void;
  end(): void;
}

/**
 * Reads a tar archive as a list of a file system's entries: ustar, POSIX pax with extended attributes (SCHILY.xattr), GNU
 * long names. Names are bytes (fs-path.ts). A member that leads out of the root is told as a fault and is no entry. Where a
 * header is broken the rest cannot be told from content, and is not read. Nothing is ever written anywhere.
 */
export function archiveReader(exhibit: string, sink: ArchiveSink): ArchiveReader {
  let at = 0; // of the byte that comes next
  let rest: Buffer = Buffer.alloc(0); // an unfinished header
  let start = 0; // of the header with its extensions
  let left = 0; // of the content
  let padding = 0;
  let current: FsEntry | undefined;
  let collect: { type: string; pieces: Buffer[] } | undefined;
  let local: Records = new Map();
  let global: Records = new Map();
  let zeros = 0;
  /** Old GNU sparse files: bytes of content that come after further blocks of their map. */
  let afterMap: number | undefined;
  let over = false;

  const stop = (offset: number, reason: string) => {
    over = true;
    sink.fault(offset, reason);
  };

  function finishContent(): void {
    if (collect) {
      const bytes = Buffer.concat(collect.pieces);
      if (collect.type === 'g') global = extendedRecords(bytes);
      else if (collect.type === 'x') local = new Map([...local, ...extendedRecords(bytes)]);
      else local.set(collect.type === 'L' ? 'path' : 'linkpath', bytes.subarray(0, cut(bytes)));
      collect = undefined;
    } else if (current) {
      sink.ended?.(current, true);
      current = undefined;
    }
  }

  function header(block: Buffer): void {
    const offset = at - BLOCK;
    if (afterMap !== undefined) {
      if (block[504] !== 0) return;
      content(afterMap);
      afterMap = undefined;
      return;
    }
    if (isZero(block)) {
      zeros++;
      return;
    }
    if (zeros > 1) {
      stop(offset, 'There is more after the end of the archive; it was not read.');
      return;
    }
    zeros = 0;
    if (!checksumOk(block)) {
      stop(offset, 'This is no header of an archive: what follows was not read.');
      return;
    }
    const type = String.fromCharCode(block[156] ?? 0);
    const extension = type === 'x' || type === 'g' || type === 'L' || type === 'K';
    const record = (key: string): Buffer | undefined => local.get(key) ?? global.get(key);
    const sizeText = extension ? undefined : record('size');
    const size = sizeText ? Number(sizeText.toString('latin1')) : number(block, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0 || !Number.isSafeInteger(at + size)) {
      stop(offset, 'A member says a size that cannot be: what follows was not read.');
      return;
    }
    if (extension) {
      if (size > EXTENDED_MAX) {
        stop(offset, `A header of ${size} bytes: what follows was not read.`);
        return;
      }
      collect = { type, pieces: [] };
      content(size);
      return;
    }
    const length = member(block, offset, type, size, record);
    local = new Map();
    if (type === 'S' && block[482] !== 0) afterMap = length;
    else content(length);
  }

  /** So many bytes of content come now, and fill whole blocks. */
  function content(length: number): void {
    left = length;
    padding = (BLOCK - (left % BLOCK)) % BLOCK;
    if (!collect) start = at + left + padding;
    if (left === 0) finishContent();
  }

  /** Tells a member; gives the bytes of its content. */
  function member(
    block: Buffer,
    offset: number,
    type: string,
    size: number,
    record: (key: string) => Buffer | undefined,
  ): number {
    const kind = TYPES[type] ?? 'other';
    // the size of a link or a folder is that of nothing that follows, in archives of every kind
    const length = kind === 'file' || kind === 'other' ? size : 0;
    const sparse = record('GNU.sparse.name');
    const name = textOfName(sparse ?? record('path') ?? longName(block));
    const path = pathOfMember(name);
    if (path === undefined) {
      sink.fault(offset, `A name that leads out of the file system was passed over: ${name}`);
      return length;
    }
    const linkName = textOfName(record('linkpath') ?? text(block, 157, 100));
    const target = kind === 'hard link' ? pathOfMember(linkName) : undefined;
    if (kind === 'hard link' && target === undefined) {
      sink.fault(offset, `A hard link out of the file system was passed over: ${name}`);
      return length;
    }
    const real = record('GNU.sparse.realsize') ?? record('GNU.sparse.size');
    const isSparse = type === 'S' || sparse !== undefined || real !== undefined;
    if (isSparse) sink.fault(offset, `${name} is stored without its holes: its content is not put together.`);
    const xattrs: Record<string, string> = {};
    for (const [key, value] of new Map([...global, ...local])) {
      if (key.startsWith('SCHILY.xattr.')) xattrs[key.slice('SCHILY.xattr.'.length)] = value.toString('latin1');
    }
    const device = kind === 'character device' || kind === 'block device';
    const names = (key: string, field: Buffer) => textOfName(record(key) ?? field) || undefined;
    const entry: FsEntry = {
      path,
      type: kind === 'hard link' ? 'file' : kind,
      mode: number(block, 100, 8) & 0o7777,
      uid: seconds(record('uid')) ?? known(number(block, 108, 8)),
      gid: seconds(record('gid')) ?? known(number(block, 116, 8)),
      uname: names('uname', text(block, 265, 32)),
      gname: names('gname', text(block, 297, 32)),
      size: isSparse ? (seconds(real) ?? (type === 'S' ? number(block, 483, 12) : size)) : length,
      mtime: seconds(record('mtime')) ?? known(number(block, 136, 12)),
      atime: seconds(record('atime')),
      ctime: seconds(record('ctime')),
      exhibit,
      header: { offset: start, length: at - start },
      ...(kind === 'symbolic link' && { link: linkName }),
      ...(target !== undefined && { hardLink: target }),
      ...(device && { device: { major: known(number(block, 329, 8)), minor: known(number(block, 337, 8)) } }),
      ...(Object.keys(xattrs).length > 0 && { xattrs }),
      ...(kind === 'file' && !isSparse && { content: { exhibit, offset: at, length } }),
    };
    current = entry;
    sink.entry(entry);
    return length;
  }

  function push(piece: Buffer): void {
    let from = 0;
    while (from < piece.length && !over) {
      if (left > 0) {
        const part = piece.subarray(from, from + left);
        from += part.length;
        at += part.length;
        left -= part.length;
        if (collect) collect.pieces.push(part);
        else if (current) sink.content?.(part);
        if (left === 0) finishContent();
      } else if (padding > 0) {
        const part = Math.min(padding, piece.length - from);
        from += part;
        at += part;
        padding -= part;
      } else {
        const need = BLOCK - rest.length;
        const part = piece.subarray(from, from + need);
        from += part.length;
        at += part.length;
        if (rest.length === 0 && part.length === BLOCK) header(part);
        else {
          rest = Buffer.concat([rest, part]);
          if (rest.length < BLOCK) continue;
          const block = rest;
          rest = Buffer.alloc(0);
          header(block);
        }
      }
    }
  }

  return {
    push,
    end() {
      if (over) return;
      if (left > 0 && current) sink.ended?.(current, false);
      if (left > 0 || rest.length > 0 || padding > 0) sink.fault(at, 'The archive ends in the middle of a member.');
      else if (zeros === 0 && at > 0) sink.fault(at, 'The archive ends without its end mark: more may be missing.');
    },
  };
}

/** A field that holds no number counts as 0, as tar(1) takes it. */
const known = (value: number): number => (Number.isNaN(value) ? 0 : value);

const isZero = (block: Buffer): boolean => block.every((byte) => byte === 0);

function cut(bytes: Buffer): number {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes.length : end;
}

/** ustar's name: its prefix, a slash, and the name. GNU tar has times where the prefix would be. */
function longName(block: Buffer): Buffer {
  const name = text(block, 0, 100);
  if (block.toString('latin1', 257, 263) !== 'ustar\0') return name;
  const prefix = text(block, 345, 155);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}
