import { addressText } from './address';

/** One resource record that says something of a name. */
export interface DnsAnswer {
  name: string;
  type: string;
  ttl: number;
  /** An address, a name, a text; of other types their length in bytes. */
  value: string;
}

export interface DnsMessage {
  id: number;
  response: boolean;
  /** 0 none, 2 server failure, 3 no such name, 5 refused … */
  code: number;
  /** The first question; a message has one. */
  name: string;
  type: string;
  /** Answers, at most 64. */
  answers: DnsAnswer[];
  /** Answers that it says it has. */
  said: number;
}

/** Types that are named; others are TYPE123, as RFC 3597 writes them. */
const TYPES = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [10, 'NULL'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [41, 'OPT'],
  [43, 'DS'],
  [46, 'RRSIG'],
  [48, 'DNSKEY'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [252, 'AXFR'],
  [255, 'ANY'],
  [257, 'CAA'],
]);
const typeName = (type: number) => TYPES.get(type) ?? `TYPE${type}`;
const ANSWERS = 64;

/**
 * Reads a DNS message (RFC 1035) at `bytes[from, to)`; undefined for what is none. Compressed names are followed at most 32
 * times, and only backwards, so that no message loops.
 */
export function parseDns(bytes: Buffer, from: number, to: number): DnsMessage | undefined {
  if (to - from < 12) return undefined;
  const flags = bytes.readUInt16BE(from + 2);
  const questions = bytes.readUInt16BE(from + 4);
  const said = bytes.readUInt16BE(from + 6);
  // opcode other than query, notify, update; the reserved bit
  if (((flags >> 11) & 15) > 5 || questions > 32) return undefined;
  const message: DnsMessage = {
    id: bytes.readUInt16BE(from),
    response: (flags & 0x8000) !== 0,
    code: flags & 15,
    name: '',
    type: '',
    answers: [],
    said,
  };
  let at = from + 12;
  for (let n = 0; n < questions; n++) {
    const name = nameAt(bytes, from, at, to);
    if (!name || name.next + 4 > to) return undefined;
    if (n === 0) {
      message.name = name.text;
      message.type = typeName(bytes.readUInt16BE(name.next));
    }
    at = name.next + 4;
  }
  for (let n = 0; n < Math.min(said, ANSWERS); n++) {
    const name = nameAt(bytes, from, at, to);
    if (!name || name.next + 10 > to) break;
    const type = bytes.readUInt16BE(name.next);
    const length = bytes.readUInt16BE(name.next + 8);
    const data = name.next + 10;
    if (data + length > to) break;
    message.answers.push({
      name: name.text,
      type: typeName(type),
      ttl: bytes.readUInt32BE(name.next + 4),
      value: dataText(bytes, from, data, length, type, to),
    });
    at = data + length;
  }
  return message;
}

function dataText(bytes: Buffer, from: number, at: number, length: number, type: number, to: number): string {
  if (type === 1 && length === 4) return bytes.subarray(at, at + 4).join('.');
  if (type === 28 && length === 16) {
    const words = [0, 4, 8, 12].map((i) => bytes.readUInt32BE(at + i));
    return addressText(words, 0);
  }
  if (type === 2 || type === 5 || type === 12) return nameAt(bytes, from, at, to)?.text ?? '';
  if (type === 15 && length > 2) return nameAt(bytes, from, at + 2, to)?.text ?? '';
  if (type === 33 && length > 6) return nameAt(bytes, from, at + 6, to)?.text ?? '';
  if (type === 16) {
    const parts: string[] = [];
    for (let here = at; here < at + length; ) {
      const size = bytes[here] as number;
      parts.push(bytes.toString('latin1', here + 1, Math.min(at + length, here + 1 + size)));
      here += 1 + size;
    }
    return parts.join('').slice(0, 2000);
  }
  return `${length} bytes`;
}

/** A name of labels; bytes that are no printable ASCII, and dots within labels, as RFC 4343 writes them: \DDD. */
function nameAt(bytes: Buffer, from: number, start: number, to: number): { text: string; next: number } | undefined {
  const labels: string[] = [];
  let at = start;
  let next = -1;
  let total = 0;
  for (let hops = 0; ; ) {
    if (at >= to) return undefined;
    const size = bytes[at] as number;
    if (size === 0) {
      if (next < 0) next = at + 1;
      return { text: labels.join('.'), next };
    }
    if (size >= 0xc0) {
      if (at + 1 >= to || ++hops > 32) return undefined;
      const target = from + (((size & 0x3f) << 8) | (bytes[at + 1] as number));
      if (next < 0) next = at + 2;
      if (target >= at) return undefined;
      at = target;
      continue;
    }
    if (size > 63 || at + 1 + size > to) return undefined;
    total += size + 1;
    if (total > 255) return undefined;
    labels.push(
      bytes
        .toString('latin1', at + 1, at + 1 + size)
        .replace(/[^!-~]|[.\\]/g, (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`),
    );
    at += 1 + size;
  }
}
