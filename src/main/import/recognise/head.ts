import type { Recognised } from './kinds';

/** So many first bytes are looked at for what they are. */
export const HEAD = 64 << 10;

const PCAP: Record<string, string> = {
  a1b2c3d4: 'microseconds, big-endian',
  d4c3b2a1: 'microseconds, little-endian',
  a1b23c4d: 'nanoseconds, big-endian',
  '4d3cb2a1': 'nanoseconds, little-endian',
};

/** Recognises packets, memory images and logs by their first bytes (unpacked). Undefined for anything else. */
export function byHead(head: Buffer): Recognised | undefined {
  return packets(head) ?? memory(head) ?? jsonLog(head);
}

/** libpcap: pcap-savefile(5). pcapng: draft-ietf-opsawg-pcapng, section header block. */
function packets(head: Buffer): Recognised | undefined {
  if (head.length < 24) return undefined;
  const form = PCAP[head.toString('hex', 0, 4)];
  if (form !== undefined) return { kind: 'pcap', why: `it begins as a pcap file does (${form})` };
  const order = head.toString('hex', 8, 12);
  if (head.toString('hex', 0, 4) === '0a0d0d0a' && (order === '1a2b3c4d' || order === '4d3c2b1a')) {
    return { kind: 'pcap', why: 'it begins with a section header of pcapng' };
  }
  return undefined;
}

/** LiME's header ("EMiL", doc/README of LiME), AVML's (0x4c4d5641), an ELF core (e_type 4; elf(5)). */
function memory(head: Buffer): Recognised | undefined {
  if (head.length < 32) return undefined;
  const magic = head.toString('latin1', 0, 4);
  if (magic === 'EMiL') return { kind: 'memory', why: 'it begins with the header of a LiME memory image' };
  if (magic === 'AVML') return { kind: 'memory', why: 'it begins with the header of an AVML memory image' };
  if (magic === '\x7fELF' && (head[5] === 2 ? head.readUInt16BE(16) : head.readUInt16LE(16)) === 4) {
    return { kind: 'memory', why: 'it is an ELF core file' };
  }
  return undefined;
}

/** Lines as the driver json-file writes them: `{"log":"…","stream":"stdout","time":"…"}`. */
function jsonLog(head: Buffer): Recognised | undefined {
  const line = head.toString('utf8').split('\n', 1)[0] ?? '';
  const start = /^\{"log":"/.test(line);
  // a line may be longer than the head: its beginning alone then decides
  if (!start) return undefined;
  if (head.indexOf(10) >= 0) {
    const time = /"time":"\d{4}-\d\d-\d\dT[\d:.]+Z"\}\s*$/.test(line);
    if (!time || !/"stream":"(?:stdout|stderr)"/.test(line)) return undefined;
  }
  return { kind: 'json-log', why: 'its first line is one of the log driver json-file' };
}

/** Whether it may be a JSON document: its first character is one that begins an object or an array. */
export function maybeJson(head: Buffer): boolean {
  return /^\uFEFF?\s*[[{]/.test(head.toString('utf8', 0, 256));
}
