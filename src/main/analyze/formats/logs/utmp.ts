import { faultList, type LogFormat, type LogRecord } from './record';
import type { LogTime } from './time';

/** struct utmp of glibc (utmp(5), bits/utmp.h) on 64-bit Linux; little-endian. */
const UTMP = 384;
/** struct lastlog: time, line, host; the place in the file is the user id times this. */
const LASTLOG = 292;

/** ut_type of utmp(5). */
const TYPES: Readonly<Record<number, string>> = {
  1: 'Run level changed',
  2: 'System started',
  3: 'Clock set: time after',
  4: 'Clock set: time before',
  5: 'Process started by init',
  6: 'Login prompt',
  7: 'Login',
  8: 'Logout',
  9: 'Accounting',
};

/** A text in a field of fixed length, to its first NUL. */
function field(bytes: Buffer, from: number, length: number): string {
  const part = bytes.subarray(from, from + length);
  const end = part.indexOf(0);
  return part.toString('utf8', 0, end < 0 ? length : end);
}

/** The address of ut_addr_v6: IPv4 where only its first word is set. */
function addressOf(bytes: Buffer): string {
  const raw = bytes.subarray(348, 364);
  if (raw.every((byte) => byte === 0)) return '';
  if (raw.subarray(4).every((byte) => byte === 0)) return raw.subarray(0, 4).join('.');
  const words = Array.from({ length: 8 }, (_, i) => raw.readUInt16BE(2 * i).toString(16));
  return words.join(':');
}

function secondsTime(seconds: number, micros?: number): LogTime | undefined {
  if (seconds <= 0) return undefined;
  const exact = micros !== undefined && micros >= 0 && micros < 1_000_000;
  return {
    ms: seconds * 1000 + (exact ? micros / 1000 : 0),
    raw: exact ? `${seconds}.${String(micros).padStart(6, '0')}` : String(seconds),
    fineness: exact && micros > 0 ? 'µs' : 's',
    assumed: [],
  };
}

function utmpRecord(bytes: Buffer, offset: number, failed: boolean): LogRecord | string {
  const type = bytes.readInt16LE(0);
  const title = TYPES[type];
  if (title === undefined) return `A record of type ${type} is none of utmp(5).`;
  const [line, user, host] = [field(bytes, 8, 32), field(bytes, 44, 32), field(bytes, 76, 256)];
  const pid = bytes.readInt32LE(4);
  const address = addressOf(bytes);
  const desc = failed && (type === 7 || type === 6) ? 'Login failed' : title;
  const from = [host, address].filter((one, i, all) => one !== '' && all.indexOf(one) === i).join(' ');
  const fields: Record<string, string> = {};
  if (user) fields.user = user;
  if (address || host) fields.address = address || host;
  if (line) fields.terminal = line;
  if (pid > 0) fields.pid = String(pid);
  const words = [user, line && `on ${line}`, from && `from ${from}`, pid > 0 ? `pid ${pid}` : ''];
  return {
    time: secondsTime(bytes.readUInt32LE(340), bytes.readInt32LE(344)),
    desc,
    message: [`${desc}:`, ...words].filter((one) => one !== '').join(' '),
    fields,
    offset,
    length: UTMP,
  };
}

function utmpFormat(id: string, title: string, failed: boolean): LogFormat {
  return {
    id,
    title,
    sniff(head) {
      const whole = Math.min(20, Math.floor(head.length / UTMP));
      if (whole === 0) return 0;
      let good = 0;
      for (let i = 0; i < whole; i++) {
        const type = head.readInt16LE(i * UTMP);
        const padded = head.readInt16LE(i * UTMP + 2) === 0;
        if (padded && type >= 0 && type <= 9 && head.readInt32LE(i * UTMP + 344) < 1_000_000) good += 1;
      }
      // zeros alone are anything
      return head.subarray(0, whole * UTMP).every((byte) => byte === 0) ? 0 : (good / whole) * (failed ? 0.9 : 1);
    },
    reader(take) {
      const faults = faultList();
      return fixedRecords(UTMP, {
        record(bytes, offset) {
          if (bytes.readInt16LE(0) === 0) {
            if (bytes.every((byte) => byte === 0)) faults.add(offset, 'A record was overwritten with zeros.');
            return;
          }
          const read = utmpRecord(bytes, offset, failed);
          if (typeof read === 'string') faults.add(offset, read);
          else take(read);
        },
        end(rest, offset) {
          if (rest > 0) faults.add(offset, `The file ends ${rest} bytes into a record.`);
          return faults.end();
        },
      });
    },
  };
}

/** Cuts a stream into records of one size. */
function fixedRecords<T>(
  size: number,
  on: { record(bytes: Buffer, offset: number): void; end(rest: number, offset: number): T },
) {
  let pending: Buffer = Buffer.alloc(0);
  let base = 0;
  return {
    push(chunk: Buffer): void {
      const bytes = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      let at = 0;
      for (; at + size <= bytes.length; at += size) on.record(bytes.subarray(at, at + size), base + at);
      pending = bytes.subarray(at);
      base += at;
    },
    end: (): T => on.end(pending.length, base),
  };
}

/** utmp and wtmp: who logged in and out, starts of the system, settings of the clock. */
export const wtmp: LogFormat = utmpFormat('wtmp', 'wtmp or utmp', false);
/** btmp: logins that failed. Told from wtmp by its name. */
export const btmp: LogFormat = utmpFormat('btmp', 'btmp', true);

/** lastlog: the last login of each user id. Told by its name. */
export const lastlog: LogFormat = {
  id: 'lastlog',
  title: 'lastlog',
  sniff: () => 0,
  reader(take) {
    const faults = faultList();
    return fixedRecords(LASTLOG, {
      record(bytes, offset) {
        const time = secondsTime(bytes.readUInt32LE(0));
        if (!time) return;
        const [line, host] = [field(bytes, 4, 32), field(bytes, 36, 256)];
        const uid = String(offset / LASTLOG);
        const fields: Record<string, string> = { uid };
        if (host) fields.address = host;
        if (line) fields.terminal = line;
        const message = `Last login of uid ${uid}${line ? ` on ${line}` : ''}${host ? ` from ${host}` : ''}`;
        take({ time, desc: 'Last login', message, fields, offset, length: LASTLOG });
      },
      end(rest, offset) {
        if (rest > 0) faults.add(offset, `The file ends ${rest} bytes into a record.`);
        return faults.end();
      },
    });
  },
};
