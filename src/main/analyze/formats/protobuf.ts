/** A field's value: a number of the wire (varint, 64 and 32 bit), or bytes (text, message, packed list). */
export type WireValue = bigint | Buffer;

/** A message's fields by their numbers, each with its values in their order. */
export type WireMessage = Map<number, WireValue[]>;

/** A message has so few fields in CRIU's images; more of one is no message. */
const FIELDS_MAX = 4_000_000;

/**
 * Reads one protocol-buffer message without its schema (protobuf.dev, Encoding). Undefined for what is none: cut off, a
 * varint beyond 64 bits, a group (wire types 3 and 4), field 0. Constant stack: nothing is read recursively.
 */
export function readMessage(bytes: Buffer): WireMessage | undefined {
  const fields: WireMessage = new Map();
  let at = 0;
  let count = 0;
  while (at < bytes.length) {
    if (++count > FIELDS_MAX) return undefined;
    const key = readVarint(bytes, at);
    if (!key) return undefined;
    at = key.end;
    const field = Number(key.value >> 3n);
    if (field === 0 || field > 536_870_911) return undefined;
    const wire = Number(key.value & 7n);
    let value: WireValue;
    if (wire === 0) {
      const read = readVarint(bytes, at);
      if (!read) return undefined;
      value = read.value;
      at = read.end;
    } else if (wire === 1 || wire === 5) {
      const size = wire === 1 ? 8 : 4;
      if (at + size > bytes.length) return undefined;
      value = wire === 1 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
      at += size;
    } else if (wire === 2) {
      const length = readVarint(bytes, at);
      if (!length || length.value > BigInt(bytes.length - length.end)) return undefined;
      const end = length.end + Number(length.value);
      value = bytes.subarray(length.end, end);
      at = end;
    } else return undefined;
    const held = fields.get(field);
    if (held) held.push(value);
    else fields.set(field, [value]);
  }
  return fields;
}

function readVarint(bytes: Buffer, start: number): { value: bigint; end: number } | undefined {
  let low = 0;
  // most are short: no bigint until 28 bits are used up
  for (let i = 0; i < 4; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    low |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: BigInt(low), end: start + i + 1 };
  }
  let value = BigInt(low);
  for (let i = 4; i < 10; i++) {
    const byte = bytes[start + i];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + i + 1 };
  }
  return undefined;
}

/** The last value of a field as a number of the wire; undefined where it is absent or bytes. */
export function wireInt(message: WireMessage, field: number): bigint | undefined {
  const value = message.get(field)?.at(-1);
  return typeof value === 'bigint' ? value : undefined;
}

/** The same where it fits a number exactly. */
export function wireNumber(message: WireMessage, field: number): number | undefined {
  const value = wireInt(message, field);
  return value !== undefined && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

/** The last value of a field as bytes. */
export function wireBytes(message: WireMessage, field: number): Buffer | undefined {
  const value = message.get(field)?.at(-1);
  return typeof value === 'bigint' ? undefined : value;
}

/** The last value of a field as UTF-8 text; what is none becomes U+FFFD. */
export function wireText(message: WireMessage, field: number): string | undefined {
  return wireBytes(message, field)?.toString('utf8');
}

/** The last value of a field as a message. */
export function wireMessage(message: WireMessage, field: number): WireMessage | undefined {
  const bytes = wireBytes(message, field);
  return bytes && readMessage(bytes);
}

/** Every value of a field that is a message; those that are none are left out. */
export function wireMessages(message: WireMessage, field: number): WireMessage[] {
  return (message.get(field) ?? []).flatMap((value) => {
    const read = typeof value === 'bigint' ? undefined : readMessage(value);
    return read ? [read] : [];
  });
}

/** Every number of a field, packed or not. */
export function wireInts(message: WireMessage, field: number): bigint[] {
  return (message.get(field) ?? []).flatMap((value) => {
    if (typeof value === 'bigint') return [value];
    const values: bigint[] = [];
    for (let at = 0; at < value.length; ) {
      const read = readVarint(value, at);
      if (!read) return values;
      values.push(read.value);
      at = read.end;
    }
    return values;
  });
}
