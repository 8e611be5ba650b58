/**
 * One header block of a tar archive: POSIX.1-1988 ustar, GNU tar's extensions (base-256 numbers, long names, sparse
 * files) and POSIX.1-2001 pax records. Layout: POSIX pax(1), and tar(5) of GNU tar's manual, "Basic Tar Format".
 */
export interface Header {
  /** Bytes of the name, as they stand. */
  name: Buffer;
  link: Buffer;
  /** The type flag: '0' file, '1' hard link, '2' link, '3' and '4' devices, '5' folder, '6' FIFO, … */
  type: string;
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of the body. */
  size: number;
  /** Seconds since 1970. */
  mtime: number;
}

export const BLOCK = 512;

const ZEROS = Buffer.alloc(1 << 20);

/** Whether every byte is zero; two such blocks end an archive. */
export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const piece = bytes.subarray(at, at + ZEROS.length);
    if (!piece.equals(ZEROS.subarray(0, piece.length))) return false;
  }
  return true;
}

/** Whether the block's checksum is right: the sum of its bytes with the sum's own field taken as blanks. */
export function sumFits(block: Buffer): boolean {
  if (block.length !== BLOCK) return false;
  let unsigned = 8 * 0x20;
  let signed = unsigned; // old Sun tars added signed bytes
  for (let i = 0; i < BLOCK; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = block[i] ?? 0;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const said = number(block, 148, 8);
  return said !== undefined && (said === unsigned || said === signed);
}

/** Reads a header block whose checksum fits; undefined where a number in it is none. */
export function readHeader(block: Buffer): Header | undefined {
  const size = number(block, 124, 12);
  if (size === undefined) return undefined;
  const magic = block.toString('latin1', 257, 263);
  const prefix = magic === 'ustar\0' ? text(block, 345, 155) : Buffer.alloc(0);
  const own = text(block, 0, 100);
  const flag = block[156] ?? 0;
  return {
    name: prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), own]) : own,
    link: text(block, 157, 100),
    type: flag === 0 ? '0' : String.fromCharCode(flag),
    mode: number(block, 100, 8) ?? 0,
    uid: number(block, 108, 8) ?? 0,
    gid: number(block, 116, 8) ?? 0,
    size,
    mtime: number(block, 136, 12) ?? 0,
  };
}

/** A field up to its NUL. */
function text(block: Buffer, from: number, length: number): Buffer {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

/** An octal or base-256 field; undefined for one that is neither, is negative, or is beyond 2^53. */
function number(block: Buffer, from: number, length: number): number | undefined {
  const field = block.subarray(from, from + length);
  const first = field[0] ?? 0;
  if (first & 0x80) {
    if (first !== 0x80) return undefined; // 0xff: negative
    let value = 0n;
    for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  }
  const digits = field.toString('latin1').replace(/\0.*$/s, '').trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** pax records, `LENGTH KEY=VALUE\n` repeated, keyed by name; what does not fit the form ends the reading. */
export function readPax(body: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < body.length; ) {
    const blank = body.indexOf(0x20, at);
    if (blank < 0 || blank - at > 20) break;
    const length = Number(body.toString('latin1', at, blank));
    if (!Number.isSafeInteger(length) || length <= blank - at + 1 || at + length > body.length) break;
    const record = body.subarray(blank + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals <= 0) break;
    records.set(record.toString('utf8', 0, equals), record.subarray(equals + 1));
    at += length;
  }
  return records;
}
