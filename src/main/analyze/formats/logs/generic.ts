import { lineFormat } from './line-format';
import type { ParsedLine } from './record';
import { epochTime, isoTime, type LogPlace, type LogTime } from './time';

/** Names under which programs that log in JSON write the time, and the words. */
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 't', 'datetime', 'asctime', 'date'];
const TEXT_KEYS = ['msg', 'message', '@message', 'event', 'log'];
const LEVEL_KEYS = ['level', 'lvl', 'severity', 'levelname'];
/** Longer ones are shown as they are, without being taken apart. */
const JSON_MAX = 60_000;

function first(object: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
}

function timeOf(text: string, place: LogPlace): LogTime | undefined {
  return isoTime(text, place) ?? epochTime(text);
}

/** A line of JSON: {"time": …, "level": …, "msg": …}, by any of the usual names. */
function jsonLine(text: string, place: LogPlace): ParsedLine | undefined {
  if (!text.startsWith('{') || text.length > JSON_MAX) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = Object.fromEntries(Object.entries(value));
  const stamp = first(object, TIME_KEYS);
  const time = stamp === undefined ? undefined : timeOf(stamp, place);
  if (!time) return undefined;
  const level = first(object, LEVEL_KEYS);
  const message = first(object, TEXT_KEYS) ?? text;
  return {
    time,
    desc: 'Logged',
    message: level === undefined ? message : `[${level}] ${message}`,
    fields: level === undefined ? {} : { level },
  };
}

/** logfmt, as dockerd and containerd write it: time="2026-…" level=info msg="…". */
function logfmtLine(text: string, place: LogPlace): ParsedLine | undefined {
  const match = /^(?:time|ts|t)=(?:"([^"]{1,64})"|(\S{1,64}))(?: (.*))?$/s.exec(text);
  const time = match ? timeOf(match[1] ?? match[2] ?? '', place) : undefined;
  if (!match || !time) return undefined;
  const rest = match[3] ?? '';
  const level = /(?:^| )level=(\w{1,20})/.exec(rest)?.[1];
  return { time, desc: 'Logged', message: rest, fields: level === undefined ? {} : { level } };
}

/** Reads a line of an application's log that begins with a time: ISO 8601, seconds since 1970, JSON or logfmt. */
export function parseGenericLine(text: string, place: LogPlace): ParsedLine | undefined {
  const structured = jsonLine(text, place) ?? logfmtLine(text, place);
  if (structured) return structured;
  const start = text.startsWith('[') ? 1 : 0;
  const rest = text.slice(start, start + 80);
  const digits = /^\d{9,19}(?:\.\d{1,9})?(?=[\]\s,;:|]|$)/.exec(rest)?.[0];
  const time = digits === undefined ? isoTime(rest, place) : epochTime(digits);
  if (!time) return undefined;
  const message = text.slice(start + time.raw.length).replace(/^[\]\s,;:|-]{1,8}/, '');
  return { time, desc: 'Logged', message, fields: {} };
}

/** Logs of applications, by the time at the beginning of their lines. More exact kinds win over it. */
export const genericLog = lineFormat({
  id: 'application',
  title: 'log with a time in each line',
  weight: 0.5,
  parse: parseGenericLine,
});
