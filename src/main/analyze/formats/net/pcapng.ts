import type { CaptureInfo, PacketSink } from './capture-file';

/** An interface that packets were taken on. */
export interface Interface {
  /** LINKTYPE_… of tcpdump.org. */
  link: number;
  /** Bytes kept of a packet at most; 0: all. */
  snap: number;
  /** Units of its times in a second. */
  unit: number;
  /** Seconds to be added to its times. */
  offset: number;
  name?: string;
  filter?: string;
}

export interface Block {
  bytes: Buffer;
  at: number;
  size: number;
  little: boolean;
  /** Of the block in the file. */
  offset: number;
}

const INTERFACES_MAX = 10_000;

/**
 * Reads one whole block of pcapng (draft-ietf-opsawg-pcapng): packets go to the sink, interfaces and losses to `info`; blocks
 * of other kinds are passed over, as the draft asks. Gives what is wrong with it, to follow "the block …".
 */
export function pcapngBlock(info: CaptureInfo, sink: PacketSink, block: Block): string | undefined {
  const { bytes, at, size, little } = block;
  const u32 = (where: number) => (little ? bytes.readUInt32LE(where) : bytes.readUInt32BE(where));
  const u16 = (where: number) => (little ? bytes.readUInt16LE(where) : bytes.readUInt16BE(where));
  const end = at + size - 4;
  const type = little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  switch (type) {
    case 1: {
      if (size < 20) return 'is too short for an interface';
      if (info.interfaces.length >= INTERFACES_MAX) return 'is one interface too many';
      info.interfaces.push(interfaceOf(block, u16, u32));
      return undefined;
    }
    case 2:
    case 6: {
      if (size < 32) return 'is too short for a packet';
      const on = info.interfaces[type === 6 ? u32(at + 8) : u16(at + 8)];
      if (!on) return 'names an interface that is not there';
      const taken = u32(at + 20);
      if (at + 28 + taken > end) return 'says that more was captured than it has';
      setTime(u32(at + 12), u32(at + 16), on);
      info.packets++;
      sink(bytes, at + 28, at + 28 + taken, u32(at + 24), time.us, time.ns, block.offset, size, on.link);
      return undefined;
    }
    case 3: {
      const [on] = info.interfaces;
      if (!on || size < 16) return 'is a packet without an interface';
      const original = u32(at + 8);
      const taken = Math.min(original, on.snap || original, size - 16);
      info.packets++;
      // these have no time
      sink(bytes, at + 12, at + 12 + taken, original, 0, 0, block.offset, size, on.link);
      return undefined;
    }
    case 5:
      if (size >= 24)
        eachOption(block, at + 20, u16, (code, from, length) => {
          if (code === 5 && length === 8) {
            const low = u32(little ? from : from + 4);
            const high = u32(little ? from + 4 : from);
            info.drops = (info.drops ?? 0) + high * 4294967296 + low;
          }
        });
      return undefined;
    default:
      return undefined;
  }
}

/** One for all packets: an object for each would be most of the work. */
const time = { us: 0, ns: 0 };

function setTime(high: number, low: number, { unit, offset }: Interface): void {
  if (unit === 1e6) {
    time.us = high * 4294967296 + low;
    time.ns = 0;
  } else if (unit === 1e9) {
    // 2^32 = 4294967 · 1000 + 296; each product is exact in a double
    const rest = (high * 296) % 1000;
    time.us = high * 4294967 + (high * 296 - rest) / 1000 + Math.floor((low + rest) / 1000);
    time.ns = (low + rest) % 1000;
  } else {
    const ticks = (BigInt(high) << 32n) | BigInt(low);
    const ns = (ticks * 1_000_000_000n) / BigInt(unit);
    time.us = Number(ns / 1000n);
    time.ns = Number(ns % 1000n);
  }
  time.us += offset * 1e6;
  // a time that no date can show is none
  if (!Number.isSafeInteger(time.us)) time.us = 0;
}

function interfaceOf(block: Block, u16: (at: number) => number, u32: (at: number) => number): Interface {
  const { bytes, at, little } = block;
  const made: Interface = { link: u16(at + 8), snap: u32(at + 12), unit: 1e6, offset: 0 };
  eachOption(block, at + 16, u16, (code, from, length) => {
    const text = () => bytes.toString('utf8', from, from + Math.min(length, 1000));
    if (code === 2) made.name = text();
    else if (code === 11 && length > 1) made.filter = bytes.toString('utf8', from + 1, from + Math.min(length, 4000));
    else if (code === 9 && length === 1) {
      const value = bytes[from] as number;
      const exponent = value & 0x7f;
      // finer than 2^62 or 10^18 there is nothing to tell apart
      if (value & 0x80) made.unit = 2 ** Math.min(62, exponent);
      else made.unit = 10 ** Math.min(18, exponent);
    } else if (code === 14 && length === 8) {
      const value = little ? bytes.readBigInt64LE(from) : bytes.readBigInt64BE(from);
      const seconds = Number(value);
      made.offset = Math.abs(seconds) < 1e11 ? seconds : 0;
    }
  });
  return made;
}

function eachOption(
  { at, size }: Block,
  from: number,
  u16: (at: number) => number,
  see: (code: number, from: number, length: number) => void,
): void {
  const end = at + size - 4;
  let here = from;
  while (here + 4 <= end) {
    const code = u16(here);
    const length = u16(here + 2);
    if (code === 0 || here + 4 + length > end) return;
    see(code, here + 4, length);
    here += 4 + Math.ceil(length / 4) * 4;
  }
}
