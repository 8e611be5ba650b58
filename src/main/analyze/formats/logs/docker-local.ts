import { faultList, type LogFormat, type LogRecord } from './record';
import type { LogTime } from './time';

/**
 * The file of the log driver local (moby daemon/logger/local): 4 bytes big-endian length, a protobuf LogEntry
 * (api/types/plugins/logdriver/entry.proto), the same 4 bytes again.
 * LogEntry: 1 source, 2 time_nano, 3 line, 4 partial, 5 partial_log_metadata.
 */
const HEAD = 4;
/** The engine cuts lines at 16 KiB; a longer entry is none. */
const ENTRY_MAX = 1 << 20;
/** So much of a line is kept, in bytes. */
const LINE_KEPT = 16 * 1024;

interface Entry {
  source: string;
  nanos: bigint;
  line: Buffer;
  partial: boolean;
}

/** Reads a varint; undefined past the end or beyond 64 bits. */
function varint(bytes: Buffer, at: number): { value: bigint; next: number } | undefined {
  let value = 0n;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), next: at + i + 1 };
  }
  return undefined;
}

/** Reads one LogEntry; undefined where it is none. Fields that it does not know are passed over, as protobuf asks. */
export function parseLocalEntry(bytes: Buffer): Entry | undefined {
  const entry: Entry = { source: '', nanos: 0n, line: Buffer.alloc(0), partial: false };
  for (let at = 0; at < bytes.length; ) {
    const key = varint(bytes, at);
    if (!key || key.value > 0xffff_ffffn) return undefined;
    const [number, wire] = [Number(key.value >> 3n), Number(key.value & 7n)];
    if (number === 0) return undefined;
    if (wire === 0) {
      const value = varint(bytes, key.next);
      if (!value) return undefined;
      if (number === 2) entry.nanos = BigInt.asIntN(64, value.value);
      if (number === 4) entry.partial = value.value !== 0n;
      at = value.next;
    } else if (wire === 2) {
      const size = varint(bytes, key.next);
      if (!size || size.value > BigInt(bytes.length - size.next)) return undefined;
      const value = bytes.subarray(size.next, size.next + Number(size.value));
      if (number === 1) entry.source = value.toString('utf8', 0, 64);
      if (number === 3) entry.line = value;
      at = size.next + value.length;
    } else if (wire === 1 || wire === 5) {
      at = key.next + (wire === 1 ? 8 : 4);
      if (at > bytes.length) return undefined;
    } else return undefined;
  }
  return entry;
}

function nanosTime(nanos: bigint): LogTime | undefined {
  const seconds = nanos / 1_000_000_000n;
  if (seconds <= 0n || seconds > 253_402_300_799n) return undefined;
  const rest = Number(nanos % 1_000_000_000n);
  return { ms: Number(seconds) * 1000 + rest / 1e6, raw: String(nanos), fineness: 'ns', assumed: [] };
}

function recordOf({ source, nanos, line, partial }: Entry, offset: number, length: number): LogRecord {
  return {
    time: nanosTime(nanos),
    desc: 'Logged',
    message: line.toString('utf8', 0, LINE_KEPT),
    fields: { stream: source, ...(partial && { partial: 'yes' }) },
    offset,
    length,
  };
}

export const dockerLocal: LogFormat = {
  id: 'docker-local',
  title: 'log of the driver local',
  sniff(head) {
    if (head.length < HEAD + 2) return 0;
    const size = head.readUInt32BE(0);
    if (size === 0 || size > ENTRY_MAX || head[HEAD] !== 0x0a) return 0;
    if (head.length < 2 * HEAD + size) return 0.5;
    return head.readUInt32BE(HEAD + size) === size && parseLocalEntry(head.subarray(HEAD, HEAD + size)) ? 1 : 0;
  },
  reader(take) {
    const faults = faultList();
    let parts: Buffer[] = [];
    let have = 0;
    let need = HEAD;
    let size: number | undefined;
    let base = 0;
    let lost = false;

    function work(bytes: Buffer): void {
      if (size === undefined) {
        size = bytes.readUInt32BE(0);
        if (size === 0 || size > ENTRY_MAX) {
          faults.add(base, `Here the length of an entry should be; ${size} is none.`);
          lost = true;
        } else need = 2 * HEAD + size;
        return;
      }
      const entry = parseLocalEntry(bytes.subarray(HEAD, HEAD + size));
      if (!entry) faults.add(base, `The ${size} bytes of this entry are no entry of the driver local.`);
      else take(recordOf(entry, base, bytes.length));
      if (bytes.readUInt32BE(HEAD + size) !== size) {
        faults.add(base, 'The lengths before and after this entry differ: what follows cannot be trusted.');
        lost = true;
      }
      base += bytes.length;
      size = undefined;
      need = HEAD;
      parts = [];
      have = 0;
    }

    return {
      push(chunk) {
        for (let from = 0; from < chunk.length && !lost; ) {
          const part = chunk.subarray(from, from + need - have);
          parts.push(part);
          have += part.length;
          from += part.length;
          if (have < need) return;
          const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
          parts = [bytes];
          work(bytes);
        }
      },
      end() {
        if (!lost && have > 0) faults.add(base, `The log ends ${have} bytes into an entry.`);
        return faults.end();
      },
    };
  },
};
