/** Records of a pax extended header by key; values are bytes. */
export type Records = Map<string, Buffer>;

/** A field of a header up to its NUL. */
export function text(block: Buffer, offset: number, length: number): Buffer {
  const end = block.indexOf(0, offset);
  return block.subarray(offset, end === -1 || end > offset + length ? offset + length : end);
}

/** A number of a header: octal digits, or GNU's base 256 where the first bit is set. NaN for anything else. */
export function number(block: Buffer, offset: number, length: number): number {
  const first = block[offset] ?? 0;
  if (first & 0x80) {
    // two's complement: the second bit is the sign
    let value = first & 0x40 ? (first & 0x7f) - 0x80 : first & 0x3f;
    for (let at = offset + 1; at < offset + length; at++) value = value * 256 + (block[at] ?? 0);
    return value;
  }
  let value = 0;
  for (let at = offset; at < offset + length; at++) {
    const byte = block[at] ?? 0;
    if (byte >= 0x30 && byte <= 0x37) value = value * 8 + (byte - 0x30);
    else if (byte !== 0x20 && byte !== 0) return Number.NaN;
    else if (byte === 0) break;
  }
  return value;
}

/** The sum of the header's bytes, with its own field taken as blanks (POSIX.1-2017, pax). */
export function checksumOk(block: Buffer): boolean {
  let sum = 8 * 0x20;
  for (let at = 0; at < 148; at++) sum += block[at] ?? 0;
  for (let at = 156; at < 512; at++) sum += block[at] ?? 0;
  return sum === number(block, 148, 8);
}

/** A decimal number of a pax record, with a fraction where it has one; undefined where there is none. */
export function seconds(value: Buffer | undefined): number | undefined {
  if (value === undefined) return undefined;
  const said = value.toString('latin1');
  return /^-?\d{1,17}(?:\.\d{0,32})?$/.test(said) ? Number(said) : undefined;
}

/** "length key=value\n", the length counting itself; what comes after a broken one is not read. */
export function extendedRecords(bytes: Buffer): Records {
  const records: Records = new Map();
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    if (space === -1 || space - at > 10) break;
    const length = Number(bytes.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at + 1 || at + length > bytes.length) break;
    const equals = bytes.indexOf(0x3d, space);
    if (equals === -1 || equals >= at + length) break;
    records.set(bytes.toString('latin1', space + 1, equals), bytes.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}
