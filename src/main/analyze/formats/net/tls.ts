import { createHash, X509Certificate } from 'node:crypto';

/** What a client says when it begins, RFC 8446 section 4.1.2. */
export interface ClientHello {
  kind: 'client';
  /** The highest that it offers. */
  version: string;
  serverName: string | undefined;
  alpn: string[];
  ja3: string;
  ja4: string;
}
export interface ServerHello {
  kind: 'server';
  version: string;
  /** 'C02F', as IANA numbers them. */
  cipher: string;
  alpn: string[];
  ja3s: string;
}
export interface Certificates {
  kind: 'certificates';
  certificates: CertificateFacts[];
}
export interface CertificateFacts {
  subject: string;
  issuer: string;
  from: string;
  to: string;
  serial: string;
  names: string;
  /** SHA-256 of its DER, lower-case hex. */
  sha256: string;
}
export type Handshake = ClientHello | ServerHello | Certificates;

const VERSIONS = new Map([
  [0x0300, 'SSL 3.0'],
  [0x0301, 'TLS 1.0'],
  [0x0302, 'TLS 1.1'],
  [0x0303, 'TLS 1.2'],
  [0x0304, 'TLS 1.3'],
]);
const versionName = (version: number) => VERSIONS.get(version) ?? `0x${version.toString(16).padStart(4, '0')}`;
const JA4_VERSIONS = new Map([
  [0x0304, '13'],
  [0x0303, '12'],
  [0x0302, '11'],
  [0x0301, '10'],
  [0x0300, 's3'],
]);
/** Values that are sent to be ignored, RFC 8701. */
const isGrease = (value: number) => (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 255);
/** Of a chain at most so many are kept. */
const CERTIFICATES = 10;

/** Whether bytes begin as a TLS handshake record does. */
export function looksTls(bytes: Buffer, from: number, to: number): boolean {
  return (
    to - from >= 6 &&
    bytes[from] === 22 &&
    bytes[from + 1] === 3 &&
    (bytes[from + 2] as number) <= 4 &&
    (bytes[from + 5] === 1 || bytes[from + 5] === 2)
  );
}

/** The handshake bytes of the whole records that `bytes` begins with, and whether others come after them. */
export function handshakeOf(bytes: Buffer): { data: Buffer; ended: boolean } {
  const parts: Buffer[] = [];
  let at = 0;
  while (bytes.length - at >= 5) {
    if (bytes[at] !== 22) return { data: Buffer.concat(parts), ended: true };
    const length = bytes.readUInt16BE(at + 3);
    if (bytes.length - at - 5 < length) break;
    parts.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return { data: Buffer.concat(parts), ended: false };
}

/** The messages of a handshake that are understood, as far as they are whole; those of which it is not are left out. */
export function parseHandshake(data: Buffer): Handshake[] {
  const found: Handshake[] = [];
  let at = 0;
  while (data.length - at >= 4) {
    const type = data[at] as number;
    const length = data.readUIntBE(at + 1, 3);
    if (data.length - at - 4 < length) break;
    const body = data.subarray(at + 4, at + 4 + length);
    const one = message(type, body);
    if (one) found.push(one);
    at += 4 + length;
  }
  return found;
}

function message(type: number, body: Buffer): Handshake | undefined {
  try {
    if (type === 1) return clientHello(body);
    if (type === 2) return serverHello(body);
    if (type === 11) return certificates(body);
    return undefined;
  } catch (error) {
    // lengths in it that lead beyond its end
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Extensions {
  types: number[];
  get: Map<number, Buffer>;
}

function extensionsAt(body: Buffer, start: number): Extensions {
  const types: number[] = [];
  const get = new Map<number, Buffer>();
  if (start + 2 > body.length) return { types, get };
  let at = start + 2;
  const end = Math.min(body.length, at + body.readUInt16BE(start));
  while (at + 4 <= end) {
    const type = body.readUInt16BE(at);
    const length = body.readUInt16BE(at + 2);
    types.push(type);
    get.set(type, body.subarray(at + 4, Math.min(end, at + 4 + length)));
    at += 4 + length;
  }
  return { types, get };
}

function list16(data: Buffer | undefined, prefix: 1 | 2): number[] {
  if (!data || data.length < prefix) return [];
  const values: number[] = [];
  for (let at = prefix; at + 2 <= data.length; at += 2) values.push(data.readUInt16BE(at));
  return values;
}

function alpnOf(data: Buffer | undefined): string[] {
  const names: string[] = [];
  if (!data) return names;
  for (let at = 2; at < data.length; ) {
    const size = data[at] as number;
    names.push(data.toString('latin1', at + 1, at + 1 + size));
    at += 1 + size;
  }
  return names.slice(0, 32);
}

function clientHello(body: Buffer): ClientHello {
  const offered = body.readUInt16BE(0);
  let at = 34;
  at += 1 + body.readUInt8(at);
  const ciphers = list16(body.subarray(at, at + 2 + body.readUInt16BE(at)), 2);
  at += 2 + body.readUInt16BE(at);
  at += 1 + body.readUInt8(at);
  const { types, get } = extensionsAt(body, at);
  const name = get.get(0);
  const serverName = name && name.length > 5 ? name.toString('latin1', 5, 5 + name.readUInt16BE(3)) : undefined;
  const versions = list16(get.get(43), 1).filter((value) => !isGrease(value));
  const version = versions.length > 0 ? Math.max(...versions) : offered;
  const alpn = alpnOf(get.get(16));
  const plain = (values: number[]) => values.filter((value) => !isGrease(value));
  const formats = get.get(11);
  const ja3 = [
    offered,
    plain(ciphers).join('-'),
    plain(types).join('-'),
    plain(list16(get.get(10), 2)).join('-'),
    formats ? [...formats.subarray(1)].join('-') : '',
  ].join(',');
  return {
    kind: 'client',
    version: versionName(version),
    serverName,
    alpn,
    ja3: createHash('md5').update(ja3).digest('hex'),
    ja4: ja4Of(version, plain(ciphers), plain(types), alpn[0], list16(get.get(13), 2), serverName !== undefined),
  };
}

/** FoxIO's JA4 of TLS over TCP (github.com/FoxIO-LLC/ja4, technical_details/JA4.md). */
function ja4Of(
  version: number,
  ciphers: number[],
  types: number[],
  alpn: string | undefined,
  algorithms: number[],
  named: boolean,
): string {
  const hex = (value: number) => value.toString(16).padStart(4, '0');
  const count = (list: unknown[]) => String(Math.min(99, list.length)).padStart(2, '0');
  const hash = (text: string) =>
    text === '' ? '000000000000' : createHash('sha256').update(text).digest('hex').slice(0, 12);
  const sorted = (list: number[]) => list.map(hex).sort().join(',');
  const ends = alpnEnds(alpn);
  const signed = algorithms.length > 0 ? `_${algorithms.map(hex).join(',')}` : '';
  const own = sorted(types.filter((type) => type !== 0 && type !== 16));
  return `t${JA4_VERSIONS.get(version) ?? '00'}${named ? 'd' : 'i'}${count(ciphers)}${count(types)}${ends}_${hash(sorted(ciphers))}_${hash(own === '' ? '' : `${own}${signed}`)}`;
}

/** First and last character of the first protocol; of others than letters and digits, those of its hex. */
function alpnEnds(alpn: string | undefined): string {
  if (!alpn) return '00';
  const [first, last] = [alpn[0] as string, alpn.at(-1) as string];
  if (/[0-9A-Za-z]/.test(first) && /[0-9A-Za-z]/.test(last)) return `${first}${last}`;
  const text = Buffer.from(alpn, 'latin1').toString('hex');
  return `${text[0]}${text.at(-1)}`;
}

function serverHello(body: Buffer): ServerHello {
  const said = body.readUInt16BE(0);
  const at = 34 + 1 + body.readUInt8(34);
  const cipher = body.readUInt16BE(at);
  const { types, get } = extensionsAt(body, at + 3);
  const chosen = get.get(43);
  const version = chosen && chosen.length >= 2 ? chosen.readUInt16BE(0) : said;
  return {
    kind: 'server',
    version: versionName(version),
    cipher: cipher.toString(16).toUpperCase().padStart(4, '0'),
    alpn: alpnOf(get.get(16)),
    ja3s: createHash('md5')
      .update(`${said},${cipher},${types.join('-')}`)
      .digest('hex'),
  };
}

function certificates(body: Buffer): Certificates | undefined {
  const found: CertificateFacts[] = [];
  let at = 3;
  const end = Math.min(body.length, 3 + body.readUIntBE(0, 3));
  while (at + 3 <= end && found.length < CERTIFICATES) {
    const length = body.readUIntBE(at, 3);
    if (at + 3 + length > end) break;
    const one = certificate(body.subarray(at + 3, at + 3 + length));
    if (one) found.push(one);
    at += 3 + length;
  }
  return found.length > 0 ? { kind: 'certificates', certificates: found } : undefined;
}

function certificate(der: Buffer): CertificateFacts | undefined {
  try {
    const one = new X509Certificate(der);
    return {
      subject: one.subject.replaceAll('\n', ', '),
      issuer: one.issuer.replaceAll('\n', ', '),
      from: one.validFrom,
      to: one.validTo,
      serial: one.serialNumber,
      names: one.subjectAltName ?? '',
      sha256: createHash('sha256').update(der).digest('hex'),
    };
  } catch {
    // no DER, or one that OpenSSL refuses: the bytes are in the exhibit all the same
    return undefined;
  }
}
