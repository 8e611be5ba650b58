import { archiveReader } from './fs-archive';
import type { FsEntry, FsType, Span } from './fs-entry';
import { pathOfMember, textOfName } from './fs-path';

/** Frames of a folder's listing (collect/fs/script.ts, FOLDER_LISTING) that it is put together from. */
export interface ListingFrames {
  /** `metadata NUL path NUL target NUL`, repeated; `offset` is its place in the exhibit. */
  list: { body: Buffer; offset: number };
  /** `seconds NUL path NUL`, repeated. */
  births?: { body: Buffer };
  /** `major:minor path` in hex, one a line. */
  devices?: { body: Buffer };
  /** All that has no content, with its extended attributes. */
  bare?: { body: Buffer };
  /** getfattr -d -e hex. */
  attributes?: { body: Buffer };
}

const META =
  /^(?:([a-zA-Z?]):([0-7]{1,5})|([0-9a-f]{1,8})) (\d+) (\d+) (\d+) (\d+) (\d+:\d+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+)$/;
/** As find(1) names types, and S_IFMT of inode(7) shifted by 12 bits, as stat(1) gives them. */
const TYPES: Record<string, FsType> = {
  f: 'file',
  d: 'directory',
  l: 'symbolic link',
  c: 'character device',
  b: 'block device',
  p: 'fifo',
  s: 'socket',
};
const IFMT: Record<number, string> = { 1: 'p', 2: 'c', 4: 'd', 6: 'b', 8: 'f', 10: 'l', 12: 's' };

/**
 * The entries of a folder on a host's disk, from its listing: all that an archive would say but content, and times of birth. Names are
 * bytes (fs-path.ts). `faults` counts what could not be read. A name that climbs is none.
 */
export function listingEntries(exhibit: string, frames: ListingFrames): { entries: FsEntry[]; faults: number } {
  const entries: FsEntry[] = [];
  const byInode = new Map<string, FsEntry>();
  let faults = 0;
  for (const { parts, span } of records(frames.list.body, 3)) {
    const [meta, name, target] = parts;
    const match = meta && META.exec(meta.toString('latin1'));
    const path = name && pathOfMember(textOfName(name));
    if (!match || path === undefined || !target) {
      faults += 1;
      continue;
    }
    const [, letter, perms, hex, uid, gid, names, size, file = '', atime, mtime, ctime] = match;
    const bits = hex === undefined ? Number.parseInt(perms ?? '0', 8) : Number.parseInt(hex, 16);
    const type = TYPES[letter ?? IFMT[bits >> 12] ?? ''] ?? 'other';
    const entry: FsEntry = {
      path,
      type,
      mode: bits & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      size: type === 'file' ? Number(size) : 0,
      mtime: Number(mtime),
      atime: Number(atime),
      ctime: Number(ctime),
      inode: Number(file.slice(file.indexOf(':') + 1)),
      exhibit,
      header: { offset: frames.list.offset + span.offset, length: span.length },
      ...(type === 'symbolic link' && { link: textOfName(target) }),
    };
    const first = Number(names) > 1 && type === 'file' ? byInode.get(file) : undefined;
    if (first) entry.hardLink = first.path;
    else if (Number(names) > 1) byInode.set(file, entry);
    entries.push(entry);
  }
  if (frames.list.body.length > 0 && frames.list.body.at(-1) !== 0) faults += 1;
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  for (const { parts } of records(frames.births?.body ?? Buffer.alloc(0), 2)) {
    const entry = byPath.get(pathOfMember(textOfName(parts[1] ?? Buffer.alloc(0))) ?? '');
    const born = Number(parts[0]?.toString('latin1'));
    // 0 is what stat says where the file system keeps none
    if (entry && Number.isFinite(born) && born > 0) entry.btime = born;
  }
  takeDevices(byPath, frames.devices?.body);
  takeAttributes(byPath, frames.attributes?.body);
  // last, since nobody can put into an archive's header what a name may look like in lines
  takeBare(byPath, exhibit, frames.bare?.body);
  return { entries, faults };
}

/** NUL-terminated texts, so many at once, with their place. */
function* records(body: Buffer, many: number): Generator<{ parts: Buffer[]; span: Span }> {
  let parts: Buffer[] = [];
  let start = 0;
  let at = 0;
  for (let end = body.indexOf(0); end >= 0; end = body.indexOf(0, at)) {
    parts.push(body.subarray(at, end));
    at = end + 1;
    if (parts.length < many) continue;
    yield { parts, span: { offset: start, length: at - start } };
    parts = [];
    start = at;
  }
}

function takeDevices(byPath: ReadonlyMap<string, FsEntry>, body: Buffer | undefined): void {
  for (const line of lines(body)) {
    const match = /^([0-9a-f]{1,8}):([0-9a-f]{1,8}) (.+)$/s.exec(line.toString('latin1'));
    const entry = byPath.get(pathOfMember(textOfName(Buffer.from(match?.[3] ?? '', 'latin1'))) ?? '');
    if (!match || (entry?.type !== 'character device' && entry?.type !== 'block device')) continue;
    entry.device = { major: Number.parseInt(match[1] ?? '', 16), minor: Number.parseInt(match[2] ?? '', 16) };
  }
}

function takeAttributes(byPath: ReadonlyMap<string, FsEntry>, body: Buffer | undefined): void {
  let entry: FsEntry | undefined;
  for (const line of lines(body)) {
    const text = line.toString('latin1');
    const file = /^# file: (.+)$/s.exec(text)?.[1];
    if (file !== undefined) {
      // getfattr writes line ends and backslashes of names in octal
      const name = file.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
      entry = byPath.get(pathOfMember(textOfName(Buffer.from(name, 'latin1'))) ?? '');
      continue;
    }
    const attribute = /^([^=]+)(?:=0x([0-9a-f]*))?$/i.exec(text);
    if (!entry || !attribute) continue;
    const value = Buffer.from(attribute[2] ?? '', 'hex').toString('latin1');
    entry.xattrs = { ...entry.xattrs, [attribute[1] ?? '']: value };
  }
}

function takeBare(byPath: ReadonlyMap<string, FsEntry>, exhibit: string, body: Buffer | undefined): void {
  if (!body || body.length === 0) return;
  const reader = archiveReader(exhibit, {
    entry: ({ path, type, device, xattrs }) => {
      const entry = byPath.get(path);
      if (entry?.type !== type) return;
      if (device) entry.device = device;
      if (xattrs) entry.xattrs = { ...entry.xattrs, ...xattrs };
    },
    // what of it cannot be read the list itself still has
    fault: () => undefined,
  });
  reader.push(body);
  reader.end();
}

function* lines(body: Buffer | undefined): Generator<Buffer> {
  if (!body) return;
  let from = 0;
  for (let end = body.indexOf(10); end >= 0; end = body.indexOf(10, from)) {
    yield body.subarray(from, end);
    from = end + 1;
  }
}
