import { type Interface, pcapngBlock } from './pcapng';

/**
 * Takes each packet of a capture, in the order of the file. Nothing is copied: `bytes[start, end)` is what was captured and is
 * good during the call alone. `us` is µs since 1970, `ns` the nanoseconds within it; `at` and `length` are the packet's whole
 * record in the file, header included; `original` is its length on the wire.
 */
export type PacketSink = (
  bytes: Buffer,
  start: number,
  end: number,
  original: number,
  us: number,
  ns: number,
  at: number,
  length: number,
  link: number,
) => void;

/** What a capture says of itself, and how far it could be read. */
export interface CaptureInfo {
  /** undefined: the bytes are no capture. */
  format?: 'pcap' | 'pcapng';
  order: 'little' | 'big';
  packets: number;
  /** Bytes that were read as what they are. */
  read: number;
  /** Bytes that could not be read: after damage, or of a record that is cut off. */
  unreadable: number;
  /** Why, in a sentence; undefined where everything was read. */
  fault?: string;
  interfaces: Interface[];
  /** Packets that the capturing system says it lost; undefined where the file does not say. */
  drops?: number;
}

/** Records beyond this are damage: no link type has longer packets (as Wireshark, 256 KiB, with room). */
const PACKET_MAX = 1 << 20;
/** A pcapng block may hold other things than packets. */
const BLOCK_MAX = 16 << 20;

/** Magic number of pcap (draft-ietf-opsawg-pcap), as it reads in little endian: [little endian, units of ns, bytes of a record's header]. */
const MAGIC: ReadonlyMap<number, readonly [little: boolean, ns: boolean, header: number]> = new Map([
  [0xa1b2c3d4, [true, false, 16]],
  [0xd4c3b2a1, [false, false, 16]],
  [0xa1b23c4d, [true, true, 16]],
  [0x4d3cb2a1, [false, true, 16]],
  // Kuznetsov's, of old Linux
  [0xa1b2cd34, [true, false, 24]],
  [0x34cdb2a1, [false, false, 24]],
]);
const SECTION_HEADER = 0x0a0d0d0a;

/**
 * Reads a capture piece by piece, pieces of any size; larger ones are faster. Never throws for what is in the bytes: at damage
 * it stops, and what follows is counted as unreadable.
 */
export function captureReader(sink: PacketSink): { push(chunk: Buffer): void; end(): CaptureInfo } {
  const info: CaptureInfo = { order: 'little', packets: 0, read: 0, unreadable: 0, interfaces: [] };
  let parts: Buffer[] = [];
  let held = 0;
  /** Bytes that must be there before it is worth looking again. */
  let need = 4;
  let stopped = false;
  let nano = false;
  let header = 0;
  let little = true;
  let link = 0;
  /** In the file, of the first byte that is held. */
  let offset = 0;

  const stop = (reason: string) => {
    stopped = true;
    info.fault = reason;
  };

  /** Each gives how many bytes it took, 0 where more are needed first. */
  function start(bytes: Buffer): number {
    const magic = bytes.readUInt32LE(0);
    if (magic === SECTION_HEADER) {
      info.format = 'pcapng';
      return pcapng(bytes, 0);
    }
    const known = MAGIC.get(magic);
    if (!known) {
      stop('The bytes are no capture: neither pcap nor pcapng begins so.');
      return 0;
    }
    if (bytes.length < 24) {
      need = 24;
      return 0;
    }
    [little, nano, header] = known;
    info.format = 'pcap';
    info.order = little ? 'little' : 'big';
    const word = little ? bytes.readUInt32LE(20) : bytes.readUInt32BE(20);
    link = word & 0xffff;
    info.interfaces.push({
      link,
      snap: little ? bytes.readUInt32LE(16) : bytes.readUInt32BE(16),
      unit: nano ? 1e9 : 1e6,
      offset: 0,
    });
    need = header;
    return 24;
  }

  /** All whole records of pcap from `at` on; gives where it stopped. */
  function pcap(bytes: Buffer, from: number): number {
    let at = from;
    const { length } = bytes;
    while (length - at >= header) {
      // by hand: the checked calls of Buffer are half of the time
      const a = at + 8;
      const taken = little
        ? (bytes[a] as number) +
          (bytes[a + 1] as number) * 0x100 +
          (bytes[a + 2] as number) * 0x10000 +
          (bytes[a + 3] as number) * 0x1000000
        : bytes.readUInt32BE(a);
      if (taken > PACKET_MAX) {
        stop(`The record at byte ${offset + at} says that ${taken} bytes were captured: the file is damaged there.`);
        return at;
      }
      const whole = header + taken;
      if (length - at < whole) {
        need = whole;
        return at;
      }
      const seconds = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
      const part = little ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4);
      const original = little ? bytes.readUInt32LE(at + 12) : bytes.readUInt32BE(at + 12);
      const us = seconds * 1e6 + (nano ? Math.floor(part / 1000) : part);
      info.packets++;
      sink(bytes, at + header, at + whole, original, us, nano ? part % 1000 : 0, offset + at, whole, link);
      at += whole;
    }
    need = header;
    return at;
  }

  function pcapng(bytes: Buffer, from: number): number {
    let at = from;
    while (bytes.length - at >= 12) {
      const head = bytes.readUInt32LE(at);
      if (head === SECTION_HEADER) {
        const order = bytes.readUInt32LE(at + 8);
        if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) {
          stop(`The section at byte ${offset + at} has no byte order: the file is damaged there.`);
          return at;
        }
        little = order === 0x1a2b3c4d;
        info.order = little ? 'little' : 'big';
        info.interfaces = [];
      }
      const size = little ? bytes.readUInt32LE(at + 4) : bytes.readUInt32BE(at + 4);
      if (size < 12 || size % 4 !== 0 || size > BLOCK_MAX) {
        stop(`The block at byte ${offset + at} says that it has ${size} bytes: the file is damaged there.`);
        return at;
      }
      if (bytes.length - at < size) {
        need = size;
        return at;
      }
      const last = little ? bytes.readUInt32LE(at + size - 4) : bytes.readUInt32BE(at + size - 4);
      if (last !== size) {
        stop(`The block at byte ${offset + at} ends with another length than it begins: the file is damaged there.`);
        return at;
      }
      const fault = pcapngBlock(info, sink, { bytes, at, size, little, offset: offset + at });
      if (fault !== undefined) {
        stop(`The block at byte ${offset + at} ${fault}: the file is damaged there.`);
        return at;
      }
      at += size;
    }
    need = 12;
    return at;
  }

  return {
    push(chunk) {
      if (stopped) {
        info.unreadable += chunk.length;
        return;
      }
      parts.push(chunk);
      held += chunk.length;
      if (held < need) {
        // the caller may use its buffer again
        parts[parts.length - 1] = Buffer.from(chunk);
        return;
      }
      const bytes = parts.length === 1 ? chunk : Buffer.concat(parts, held);
      let at = info.format === undefined ? start(bytes) : 0;
      if (!stopped && info.format !== undefined && need <= held) {
        at = info.format === 'pcap' ? pcap(bytes, at) : pcapng(bytes, at);
      }
      info.read += at;
      offset += at;
      held = bytes.length - at;
      parts = held === 0 ? [] : [Buffer.from(bytes.subarray(at))];
      if (stopped) {
        info.unreadable += held;
        parts = [];
      }
    },
    end() {
      if (!stopped && held > 0) {
        info.unreadable += held;
        info.fault =
          info.format === undefined
            ? 'The bytes are too few for a capture.'
            : `The record at byte ${offset} is cut off.`;
      }
      if (!stopped && held === 0 && info.format === undefined) info.fault = 'There are no bytes.';
      parts = [];
      return info;
    },
  };
}
