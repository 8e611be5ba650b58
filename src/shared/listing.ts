/** One entry of a folder's listing, as find(1) or stat(1) of the host gave it. */
export interface ListedFile {
  /** As find(1) names types: 'f', 'd', 'l', 'p', 's', 'b', 'c'. */
  type: string;
  /** Permission bits with setuid, setgid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Hard links. */
  names: number;
  size: number;
  /** 'device:inode', device as one decimal number. */
  file: string;
  /** Seconds since 1970, with a fraction where the host's find gives one. */
  atime: number;
  mtime: number;
  ctime: number;
  /** Below the folder, beginning with './'; bytes that are not UTF-8 are replaced. */
  path: string;
  /** Of a link: where it leads. */
  target?: string;
}

const META =
  /^(?:([a-zA-Z?]):([0-7]{1,5})|([0-9a-f]{1,8})) (\d+) (\d+) (\d+) (\d+) (\d+:\d+) (-?[\d.]+) (-?[\d.]+) (-?[\d.]+)$/;
/** S_IFMT of inode(7), shifted by 12 bits. */
const TYPES: Record<number, string> = { 1: 'p', 2: 'c', 4: 'd', 6: 'b', 8: 'f', 10: 'l', 12: 's' };

/** Reads a listing: metadata NUL path NUL target NUL, repeated. `faults` counts what could not be read. */
export function parseListing(bytes: Uint8Array): { files: ListedFile[]; faults: number } {
  const decoder = new TextDecoder();
  const texts: string[] = [];
  let at = 0;
  for (let end = bytes.indexOf(0, at); end >= 0; end = bytes.indexOf(0, at)) {
    texts.push(decoder.decode(bytes.subarray(at, end)));
    at = end + 1;
  }
  const files: ListedFile[] = [];
  let faults = at < bytes.length ? 1 : 0;
  for (let i = 0; i < texts.length; i += 3) {
    const [meta = '', path, target] = texts.slice(i, i + 3);
    const match = META.exec(meta);
    if (!match || path === undefined || target === undefined) {
      faults += 1;
      continue;
    }
    const [, letter, perms, hex, uid, gid, names, size, file = '', atime, mtime, ctime] = match;
    const bits = hex === undefined ? Number.parseInt(perms ?? '0', 8) : Number.parseInt(hex, 16);
    files.push({
      type: letter ?? TYPES[bits >> 12] ?? '?',
      mode: bits & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      names: Number(names),
      size: Number(size),
      file,
      atime: Number(atime),
      mtime: Number(mtime),
      ctime: Number(ctime),
      path,
      target: target === '' ? undefined : target,
    });
  }
  return { files, faults };
}
