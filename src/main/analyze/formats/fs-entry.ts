import { baseOf, folderOf, within } from './fs-path';

/** What an entry of a file system is (inode(7)). */
export const FS_TYPES = [
  'file',
  'directory',
  'symbolic link',
  'character device',
  'block device',
  'fifo',
  'socket',
  'other',
] as const;
export type FsType = (typeof FS_TYPES)[number];

/** Bytes of an exhibit. */
export interface Span {
  offset: number;
  length: number;
}

/** Bytes of an exhibit that is named. */
export interface Place extends Span {
  exhibit: string;
  /** The steps of a locator to what is unpacked, where the bytes are packed (shared/locator.ts). */
  via?: string;
}

/** One file as an archive, or a listing, has it. */
export interface FsEntry {
  /** Absolute and normal; bytes that are no UTF-8 as fs-path.ts writes them. '/' is the root. */
  path: string;
  type: FsType;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** As the archive names them, which is how the host calls those numbers, not the container. */
  uname?: string;
  gname?: string;
  size: number;
  /** Seconds since 1970, with a fraction where the archive has one. */
  mtime?: number;
  atime?: number;
  /** Of the change of the inode, which no ordinary program can set; only PAX archives have it. */
  ctime?: number;
  /** When the file came to be on its file system; only listings of a host's disk have it. */
  btime?: number;
  inode?: number;
  /** Where a symbolic link leads. */
  link?: string;
  /** Of a further name of one file: the name that has the content. */
  hardLink?: string;
  device?: { major: number; minor: number };
  /** Extended attributes by name, with their bytes as latin1 text. */
  xattrs?: Readonly<Record<string, string>>;
  exhibit: string;
  /** The header with its extensions, or the line of a listing. */
  header: Span;
  /** Of the header, where it is packed: as of a Place. */
  via?: string;
  /** Where the content lies, most often in the same exhibit; absent where no exhibit holds it. */
  content?: Place;
  /** Lower-case hex, of the content. */
  sha256?: string;
}

/** How deletions are written: in an upper directory as the kernel does, in a layer's archive as OCI images do. */
export type Flavour = 'overlay' | 'oci';

/** A mark is no file of the container: it says what of the layers below is gone. */
export type Mark = { kind: 'whiteout'; path: string } | { kind: 'opaque'; path: string } | { kind: 'none' };

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** An attribute of overlayfs, in either namespace that the kernel takes (`userxattr` mounts use user.*). */
export function overlayXattr(entry: FsEntry, name: string): string | undefined {
  return entry.xattrs?.[`trusted.overlay.${name}`] ?? entry.xattrs?.[`user.overlay.${name}`];
}

/**
 * Whether an entry is such a mark. A character device 0/0, or an empty file with the attribute `overlay.whiteout` (Linux
 * 6.7), hides what is below it (Documentation/filesystems/overlayfs.rst); in an image's layer, `.wh.NAME` does, and
 * `.wh..wh..opq` empties its folder (OCI image spec, layer.md, "Whiteouts"). `none`: bookkeeping of AUFS, no file either.
 */
export function markOf(entry: FsEntry, flavour: Flavour): Mark | undefined {
  if (entry.type === 'character device' && entry.device?.major === 0 && entry.device.minor === 0) {
    return { kind: 'whiteout', path: entry.path };
  }
  if (entry.type === 'file' && entry.size === 0 && overlayXattr(entry, 'whiteout') !== undefined) {
    return { kind: 'whiteout', path: entry.path };
  }
  if (flavour !== 'oci') return undefined;
  const name = baseOf(entry.path);
  if (!name.startsWith(WHITEOUT)) return undefined;
  const folder = folderOf(entry.path);
  if (name === OPAQUE) return { kind: 'opaque', path: folder };
  const hidden = name.slice(WHITEOUT.length);
  if (hidden === '' || hidden === '.' || hidden === '..' || hidden.startsWith(WHITEOUT)) return { kind: 'none' };
  return { kind: 'whiteout', path: within(folder, hidden) };
}

/** A folder whose content in the layers below is hidden. */
export function isOpaque(entry: FsEntry): boolean {
  return entry.type === 'directory' && overlayXattr(entry, 'opaque') === 'y';
}

/** Attributes that are the file's own, not overlayfs's bookkeeping; in a stable order. */
export function ownXattrs(entry: Pick<FsEntry, 'xattrs'>): [name: string, value: string][] {
  return Object.entries(entry.xattrs ?? {})
    .filter(([name]) => !/^(?:trusted|user)\.overlay\./.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Whether rights, owner and attributes are the same. */
export function sameRights(a: FsEntry, b: FsEntry): boolean {
  return (
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    JSON.stringify(ownXattrs(a)) === JSON.stringify(ownXattrs(b))
  );
}

/** Times are compared in whole seconds: an image's archive most often has no more. */
const sameTime = (a: FsEntry, b: FsEntry): boolean =>
  a.mtime === undefined || b.mtime === undefined || Math.floor(a.mtime) === Math.floor(b.mtime);

/** Whether the content is the same: by hash where both have one, by size and time of last write otherwise. */
export function sameContent(a: FsEntry, b: FsEntry): boolean {
  if (a.type !== b.type) return false;
  switch (a.type) {
    case 'file':
      if (a.size !== b.size) return false;
      return a.sha256 !== undefined && b.sha256 !== undefined ? a.sha256 === b.sha256 : sameTime(a, b);
    case 'symbolic link':
      return a.link === b.link;
    case 'character device':
    case 'block device':
      return a.device?.major === b.device?.major && a.device?.minor === b.device?.minor;
    case 'directory':
      return sameTime(a, b);
    default:
      return true;
  }
}
