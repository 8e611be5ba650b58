import { z } from 'zod';
import { authOf } from './auth';
import { type Line, lineReader } from './lines';
import { faultList, type LogFormat, type LogRecord, placeOf } from './record';
import { epochTime, type LogTime } from './time';

/** Fields that are used; the others, of which there are dozens, are passed over. */
const USED = new Set([
  ...['__REALTIME_TIMESTAMP', '_SOURCE_REALTIME_TIMESTAMP', 'MESSAGE', 'SYSLOG_IDENTIFIER', '_COMM', '_PID'],
  ...['SYSLOG_PID', '_UID', '_EXE', '_CMDLINE', '_SYSTEMD_UNIT', 'UNIT', '_HOSTNAME', 'CONTAINER_ID_FULL'],
  ...['CONTAINER_NAME', '_TRANSPORT', 'PRIORITY', '_BOOT_ID', '__CURSOR'],
]);
/** So much of a value is kept, in bytes. */
const VALUE_KEPT = 16 * 1024;
/** A line that is longer is no field's name. */
const NAME_MAX = 256;
const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

type Fields = Map<string, string>;

/** µs since 1970 as journald writes them. The sender's own time, where there is one, is when it happened. */
function timeOf(fields: Fields): LogTime | undefined {
  const stamp = fields.get('_SOURCE_REALTIME_TIMESTAMP') ?? fields.get('__REALTIME_TIMESTAMP');
  return stamp === undefined || !/^\d{16}$/.test(stamp) ? undefined : epochTime(stamp);
}

function recordOf(fields: Fields): Omit<LogRecord, 'offset' | 'length'> {
  const program = fields.get('SYSLOG_IDENTIFIER') ?? fields.get('_COMM') ?? '';
  const pid = fields.get('_PID') ?? fields.get('SYSLOG_PID');
  const text = fields.get('MESSAGE') ?? '';
  const said = authOf(program, text);
  const kept: Record<string, string> = {};
  const keep = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') kept[name] = value;
  };
  keep('program', program);
  keep('pid', pid);
  keep('uid', fields.get('_UID'));
  keep('unit', fields.get('_SYSTEMD_UNIT') ?? fields.get('UNIT'));
  keep('host', fields.get('_HOSTNAME'));
  keep('container', fields.get('CONTAINER_ID_FULL'));
  keep('severity', SEVERITIES[Number(fields.get('PRIORITY') ?? Number.NaN)]);
  const who = program === '' ? '' : `${program}${pid === undefined ? '' : `[${pid}]`}: `;
  return {
    time: timeOf(fields),
    desc: said?.desc ?? 'Logged',
    message: `${who}${text}`,
    fields: { ...kept, ...said?.fields },
  };
}

/**
 * The journal export format (systemd, docs/JOURNAL_EXPORT_FORMATS.md): a field a line as NAME=value, or NAME, a line feed,
 * 8 bytes little-endian length, the value, a line feed, where the value is no plain text; an empty line ends an entry.
 */
export const journalExport: LogFormat = {
  id: 'journal-export',
  title: 'journal (export format)',
  sniff: (head) =>
    /^__CURSOR=[^\n]{1,500}\n__REALTIME_TIMESTAMP=\d+\n/.test(head.toString('latin1', 0, 1000)) ? 1 : 0,
  reader(take) {
    const faults = faultList();
    let fields: Fields = new Map();
    let entryAt = 0;
    let at = 0;
    let state: 'line' | 'size' | 'value' | 'feed' = 'line';
    let parts: Buffer[] = [];
    let kept = 0;
    let length = 0;
    let name = '';
    let left = 0;
    let lines = 0;
    let entryLine = 1;

    function set(field: string, value: Buffer): void {
      // of several values the last one counts; there are several only where a program gave them
      if (USED.has(field)) fields.set(field, value.toString('utf8'));
    }
    function add(piece: Buffer): void {
      length += piece.length;
      if (kept >= VALUE_KEPT) return;
      const part = piece.subarray(0, VALUE_KEPT - kept);
      parts.push(part);
      kept += part.length;
    }
    function taken(): Buffer {
      const bytes = Buffer.concat(parts);
      parts = [];
      kept = 0;
      length = 0;
      return bytes;
    }
    function entry(end: number): void {
      if (fields.size > 0) take({ ...recordOf(fields), offset: entryAt, length: end - entryAt, line: entryLine });
      fields = new Map();
    }
    function line(end: number): void {
      const whole = length;
      const bytes = taken();
      if (whole === 0) {
        entry(end);
        entryAt = end + 1;
        entryLine = lines + 1;
        return;
      }
      const equals = bytes.indexOf(61);
      if (equals > 0) set(bytes.toString('latin1', 0, Math.min(equals, NAME_MAX)), bytes.subarray(equals + 1));
      else if (equals < 0 && whole <= NAME_MAX && /^[A-Z0-9_]+$/.test(bytes.toString('latin1'))) {
        name = bytes.toString('latin1');
        state = 'size';
        left = 8;
      } else faults.add(end - whole, 'A line of the journal names no field.');
    }

    return {
      push(chunk) {
        for (let from = 0; from < chunk.length; ) {
          if (state === 'line') {
            const feed = chunk.indexOf(10, from);
            const end = feed < 0 ? chunk.length : feed;
            add(chunk.subarray(from, end));
            if (feed >= 0) {
              lines += 1;
              line(at + feed);
            }
            from = feed < 0 ? end : end + 1;
            continue;
          }
          if (state === 'feed') {
            if (chunk[from] !== 10) faults.add(at + from, `After a value of ${name} a line feed should be.`);
            else from += 1;
            state = 'line';
            continue;
          }
          const count = Math.min(left, chunk.length - from);
          add(chunk.subarray(from, from + count));
          left -= count;
          from += count;
          if (left > 0) continue;
          const bytes = taken();
          if (state === 'size') {
            const size = bytes.readBigUInt64LE(0);
            if (size > BigInt(2 ** 40)) {
              faults.add(at + from - 8, `A value of ${name} says to be ${size} bytes long.`);
              state = 'line';
            } else {
              left = Number(size);
              state = left === 0 ? 'feed' : 'value';
              if (left === 0) set(name, Buffer.alloc(0));
            }
          } else {
            set(name, bytes);
            state = 'feed';
          }
        }
        at += chunk.length;
      },
      end() {
        if (state !== 'line') faults.add(at, `The journal ends inside a value of ${name}.`);
        else if (length > 0) line(at);
        entry(at);
        return faults.end();
      },
    };
  },
};

/** Values of the JSON forms: text, null where it is too long, bytes as numbers, or several of them. */
const JsonEntry = z.record(z.string(), z.unknown());

function jsonValue(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  if (value.every((one): one is number => typeof one === 'number')) return Buffer.from(value).toString('utf8');
  return jsonValue(value.at(-1));
}

function parseJsonEntry(line: Line): Omit<LogRecord, 'offset' | 'length'> | undefined {
  if (!line.text.startsWith('{') || line.cut) return undefined;
  try {
    const entry = JsonEntry.safeParse(JSON.parse(line.text)).data;
    if (!entry || !('__REALTIME_TIMESTAMP' in entry)) return undefined;
    const fields: Fields = new Map();
    for (const field of USED) {
      const value = Object.hasOwn(entry, field) ? jsonValue(entry[field]) : undefined;
      if (value !== undefined) fields.set(field, value.slice(0, VALUE_KEPT));
    }
    return recordOf(fields);
  } catch {
    return undefined;
  }
}

/** `journalctl -o json`: an object a line. */
export const journalJson: LogFormat = {
  id: 'journal-json',
  title: 'journal (JSON)',
  sniff: (head) => (/^\{[^\n]{0,4000}"__REALTIME_TIMESTAMP"/.test(head.toString('latin1', 0, 5000)) ? 1 : 0),
  reader(take) {
    const faults = faultList();
    const lines = lineReader((line) => {
      if (line.text.trim() === '') return;
      const parsed = parseJsonEntry(line);
      if (parsed) take({ ...parsed, ...placeOf(line) });
      else faults.add(line.offset, `Line ${line.number} is no entry of a journal.`);
    }, 1 << 20);
    return {
      push: (chunk) => lines.push(chunk),
      end() {
        lines.end();
        return faults.end();
      },
    };
  },
};
