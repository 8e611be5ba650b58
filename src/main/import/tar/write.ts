import { BLOCK } from './header';

/** One entry of an archive that is being made. Names are bytes: a file system has names that are no text. */
export interface NewEntry {
  name: Buffer;
  type: 'file' | 'folder' | 'link' | 'hard link' | 'char device' | 'block device' | 'fifo';
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Nanoseconds since 1970. */
  times: { mtime: bigint; atime?: bigint; ctime: bigint; birth?: bigint };
  link?: Buffer;
  device?: { major: number; minor: number };
}

const FLAGS: Record<NewEntry['type'], string> = {
  file: '0',
  'hard link': '1',
  link: '2',
  'char device': '3',
  'block device': '4',
  folder: '5',
  fifo: '6',
};

/** Zeros that end an archive: two blocks. */
export const END = Buffer.alloc(2 * BLOCK);

/** Zeros from the end of a body to the next block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/**
 * The header blocks of an entry: a pax extended header with its times to the nanosecond, and with what does not fit an
 * ustar header, then that header (POSIX pax(1)). Owners are numbers only. The same entry gives the same bytes. Names
 * that are no UTF-8 stand as they are, under `hdrcharset=BINARY`, as GNU tar writes them.
 */
export function headerOf(entry: NewEntry): Buffer {
  const name = entry.type === 'folder' ? Buffer.concat([entry.name, Buffer.from('/')]) : entry.name;
  const link = entry.link ?? Buffer.alloc(0);
  const records: Buffer[] = [];
  const say = (key: string, value: Buffer | string) => records.push(paxRecord(key, Buffer.from(value)));
  if (!isText(name) || !isText(link)) say('hdrcharset', 'BINARY');
  if (name.length > 100 || !isAscii(name)) say('path', name);
  if (link.length > 100 || !isAscii(link)) say('linkpath', link);
  if (entry.size > 0o77777777777) say('size', String(entry.size));
  if (entry.uid > 0o7777777) say('uid', String(entry.uid));
  if (entry.gid > 0o7777777) say('gid', String(entry.gid));
  say('mtime', seconds(entry.times.mtime));
  if (entry.times.atime !== undefined) say('atime', seconds(entry.times.atime));
  say('ctime', seconds(entry.times.ctime));
  // libarchive's word for it; GNU tar passes over what it does not know
  if (entry.times.birth !== undefined) say('LIBARCHIVE.creationtime', seconds(entry.times.birth));
  const pax = Buffer.concat(records);
  const whole = entry.times.mtime / 1_000_000_000n;
  const mtime = whole < 0n || whole > 0o77777777777n ? 0 : Number(whole);
  return Buffer.concat([
    block({ name: Buffer.from('PaxHeader'), flag: 'x', mode: 0o644, uid: 0, gid: 0, size: pax.length, mtime: 0 }),
    pax,
    padding(pax.length),
    block({
      name,
      flag: FLAGS[entry.type],
      mode: entry.mode & 0o7777,
      uid: entry.uid > 0o7777777 ? 0 : entry.uid,
      gid: entry.gid > 0o7777777 ? 0 : entry.gid,
      size: entry.size > 0o77777777777 ? 0 : entry.size,
      mtime,
      link,
      device: entry.device,
    }),
  ]);
}

interface Ustar {
  name: Buffer;
  flag: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: number;
  link?: Buffer;
  device?: { major: number; minor: number };
}

function block(entry: Ustar): Buffer {
  const out = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number) =>
    out.write(
      value
        .toString(8)
        .padStart(length - 1, '0')
        .slice(-(length - 1)),
      at,
      'latin1',
    );
  entry.name.copy(out, 0, 0, 100);
  octal(entry.mode, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(entry.size, 124, 12);
  octal(entry.mtime, 136, 12);
  out.write(entry.flag, 156, 'latin1');
  entry.link?.copy(out, 157, 0, 100);
  out.write('ustar\x0000', 257, 'latin1');
  if (entry.device) {
    octal(entry.device.major, 329, 8);
    octal(entry.device.minor, 337, 8);
  }
  out.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of out) sum += byte;
  out.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return out;
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts its own digits too. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Seconds with the fraction in full: `1732521239.000000001`. */
function seconds(ns: bigint): string {
  const sign = ns < 0n ? '-' : '';
  const size = ns < 0n ? -ns : ns;
  return `${sign}${size / 1_000_000_000n}.${String(size % 1_000_000_000n).padStart(9, '0')}`;
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes);
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}
