import type { ByteSource } from './source';

/** One member of a tar archive, by its header (POSIX pax interchange format, ustar, and GNU tar's long names). */
export interface TarMember {
  /** Offset of its header: also its identity in a list. */
  offset: number;
  name: string;
  kind: 'file' | 'directory' | 'symbolic link' | 'hard link' | 'character device' | 'block device' | 'FIFO' | 'other';
  link: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since 1970, maybe with a fraction. */
  mtime: number;
}

const BLOCK = 512;
const MAX_EXTENSION = 1_048_576;
const KINDS: Record<string, TarMember['kind']> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hard link',
  '2': 'symbolic link',
  '3': 'character device',
  '4': 'block device',
  '5': 'directory',
  '6': 'FIFO',
};
const utf8 = new TextDecoder();

function field(block: Uint8Array, offset: number, length: number): string {
  const bytes = block.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return utf8.decode(end === -1 ? bytes : bytes.subarray(0, end));
}

/** Octal, or GNU's base 256 where the first bit is set. */
function numeric(block: Uint8Array, offset: number, length: number): number {
  if ((block[offset] ?? 0) & 0x80) {
    let value = (block[offset] ?? 0) & 0x7f;
    for (let at = offset + 1; at < offset + length; at += 1) value = value * 256 + (block[at] ?? 0);
    return value;
  }
  const text = field(block, offset, length).trim();
  return text === '' ? 0 : Number.parseInt(text, 8);
}

/** The sum of the header's bytes with the sum's own field as blanks. */
function checksumOk(block: Uint8Array): boolean {
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  return sum === numeric(block, 148, 8);
}

/** Records of a pax extended header: "length key=value\n", the length counting itself. */
export function paxRecords(bytes: Uint8Array): Record<string, string> {
  const records: Record<string, string> = {};
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(utf8.decode(bytes.subarray(at, space)));
    if (!Number.isInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = utf8.decode(bytes.subarray(space + 1, at + length - 1));
    const equals = record.indexOf('=');
    if (equals > 0) records[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return records;
}

export interface TarListing {
  members: TarMember[];
  scanned: number;
  done: boolean;
  /** Why the listing ended before the archive did. */
  fault?: string;
}

/** Lists an archive's members in order without their contents; `tell` gets what there is, now and then and at the end. */
export async function listTar(
  source: ByteSource,
  signal: AbortSignal,
  tell: (listing: TarListing) => void,
): Promise<void> {
  const members: TarMember[] = [];
  let offset = 0;
  let told = performance.now();
  let pax: Record<string, string> = {};
  let global: Record<string, string> = {};
  let longName: string | undefined;
  let longLink: string | undefined;
  const end = (fault?: string) => tell({ members: [...members], scanned: offset, done: true, fault });
  while (!signal.aborted) {
    const block = await source.bytes(offset, BLOCK);
    if (signal.aborted) return;
    if (block.length === 0)
      return end(members.length === 0 ? 'The archive is empty.' : 'The archive has no end mark: it may be cut off.');
    if (block.length < BLOCK) return end(`The archive is cut off within a header at byte ${offset}.`);
    if (block.every((byte) => byte === 0)) return end();
    if (!checksumOk(block)) return end(`No tar header at byte ${offset}: the check sum is wrong.`);
    const type = String.fromCharCode(block[156] ?? 0);
    const stored = numeric(block, 124, 12);
    const records = { ...global, ...pax };
    const extension = type === 'x' || type === 'g' || type === 'L' || type === 'K';
    const size = !extension && records.size !== undefined ? Number(records.size) : stored;
    if (!Number.isSafeInteger(size) || size < 0) return end(`The size in the header at byte ${offset} makes no sense.`);
    if (extension) {
      if (size > MAX_EXTENSION) return end(`The extended header at byte ${offset} is larger than 1 MiB.`);
      const content = await source.bytes(offset + BLOCK, size);
      if (type === 'x') pax = paxRecords(content);
      else if (type === 'g') global = { ...global, ...paxRecords(content) };
      else if (type === 'L') longName = field(content, 0, content.length);
      else longLink = field(content, 0, content.length);
    } else {
      const prefix = field(block, 257, 5) === 'ustar' && block[262] === 0 ? field(block, 345, 155) : '';
      const name = field(block, 0, 100);
      members.push({
        offset,
        name: records.path ?? longName ?? (prefix === '' ? name : `${prefix}/${name}`),
        kind: KINDS[type] ?? 'other',
        link: records.linkpath ?? longLink ?? field(block, 157, 100),
        size,
        mode: numeric(block, 100, 8),
        uid: records.uid === undefined ? numeric(block, 108, 8) : Number(records.uid),
        gid: records.gid === undefined ? numeric(block, 116, 8) : Number(records.gid),
        mtime: records.mtime === undefined ? numeric(block, 136, 12) : Number(records.mtime),
      });
      pax = {};
      longName = undefined;
      longLink = undefined;
    }
    // Links and devices store no content, whatever their size field says.
    const stores = extension || !(type >= '1' && type <= '6');
    offset += BLOCK + (stores ? Math.ceil(size / BLOCK) * BLOCK : 0);
    if (performance.now() - told > 250) {
      told = performance.now();
      tell({ members: [...members], scanned: Math.min(offset, source.total), done: false });
    }
  }
}

/** `drwxr-xr-x`, as ls prints it. */
export function modeText(kind: TarMember['kind'], mode: number): string {
  const first =
    { directory: 'd', 'symbolic link': 'l', 'character device': 'c', 'block device': 'b', FIFO: 'p' }[kind as string] ??
    '-';
  const bits = [...'rwxrwxrwx'].map((letter, index) => (mode & (0o400 >> index) ? letter : '-'));
  const special = (bit: number, at: number, letter: string) => {
    if (mode & bit) bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(0o4000, 2, 's');
  special(0o2000, 5, 's');
  special(0o1000, 8, 't');
  return first + bits.join('');
}
