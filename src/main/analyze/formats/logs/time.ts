/** How finely a source wrote its times. 'min' and 'day' are of sources that write no seconds. */
export type Fineness = 'ns' | 'µs' | 'ms' | 's' | 'min' | 'day';

/** What a source did not write and was therefore supplied: said beside the time, never silently. */
export type Assumed = 'year' | 'zone';

/** A time as a log has it. */
export interface LogTime {
  /** Milliseconds since 1970 in UTC on the clock of whoever wrote it; with a fraction where the source is finer. */
  ms: number;
  /** As it stands in the log. */
  raw: string;
  fineness: Fineness;
  assumed: readonly Assumed[];
}

/** What is known of where a log was written, for times that do not say all. */
export interface LogPlace {
  /** Milliseconds since 1970 on the host's clock when the log was collected: a log holds nothing later. */
  collected: number;
  /** Minutes east of UTC of the host's local time; UTC is assumed where it is not known. */
  zoneMinutes?: number;
}

/** '1 s, year assumed': how far a time can be relied on. */
export function precisionText({ fineness, assumed }: Pick<LogTime, 'fineness' | 'assumed'>): string {
  return [
    fineness === 'min' || fineness === 'day' ? `1 ${fineness}` : fineness,
    ...assumed.map((what) => `${what} assumed`),
  ].join(', ');
}

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Milliseconds since 1970 of a calendar time in UTC, or undefined where there is no such day or hour; 60 is a leap second. */
export function utcOf(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  fraction = 0,
): number | undefined {
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60 || year < 1970 || year > 9999)
    return undefined;
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day < 1 || day > days) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second) + fraction * 1000;
}

/** By the number of decimals of its seconds. */
function finenessOf(decimals: number): Fineness {
  if (decimals === 0) return 's';
  if (decimals <= 3) return 'ms';
  return decimals <= 6 ? 'µs' : 'ns';
}

/** Minutes east of UTC of 'Z', '+02:00', '-0730'; undefined for anything else. */
export function zoneOf(text: string): number | undefined {
  if (text === 'Z' || text === 'z' || text === 'UTC' || text === 'GMT') return 0;
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return minutes > 14 * 60 ? undefined : match[1] === '-' ? -minutes : minutes;
}

const ISO =
  /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:\s?(Z|z|UTC|GMT|[+-]\d\d:?\d\d)(?![\d:]))?/;

/**
 * An ISO 8601 or RFC 3339 time at the beginning of a text, also with a blank for the T, a comma before the decimals (Python's
 * logging) or slashes (nginx, Go's log). Without a zone it is taken for the host's local time.
 */
export function isoTime(text: string, place: LogPlace): LogTime | undefined {
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [raw, year, month, day, hour, minute, second, decimals = '', zone] = match;
  const fraction = decimals === '' ? 0 : Number(`0.${decimals}`);
  const at = utcOf(
    Number(year),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
    fraction,
  );
  if (at === undefined) return undefined;
  const minutes = zone === undefined ? place.zoneMinutes : zoneOf(zone);
  return {
    ms: at - (minutes ?? 0) * MINUTE,
    raw,
    fineness: second === undefined ? 'min' : finenessOf(decimals.length),
    assumed: zone === undefined || minutes === undefined ? ['zone'] : [],
  };
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** 1 for 'Jan', in any case; undefined for no month. */
export function monthOf(name: string): number | undefined {
  const at = MONTHS.indexOf(name.toLowerCase());
  return at < 0 ? undefined : at + 1;
}

/**
 * A time without a year (RFC 3164 section 4.1.2) is of the latest year in which it is not after the collection; a day is
 * allowed for clocks and zones that differ. 29 February goes back to a leap year.
 */
export function withoutYear(
  at: { month: number; day: number; hour: number; minute: number; second: number; raw: string },
  place: LogPlace,
): LogTime | undefined {
  const shift = (place.zoneMinutes ?? 0) * MINUTE;
  const last = new Date(place.collected + shift + DAY);
  const latest = last.getUTCFullYear();
  for (let year = latest; year > latest - 9; year--) {
    const local = utcOf(year, at.month, at.day, at.hour, at.minute, at.second);
    if (local !== undefined && local <= last.getTime()) {
      return { ms: local - shift, raw: at.raw, fineness: 's', assumed: ['year', 'zone'] };
    }
  }
  return undefined;
}

const CLF = /^(\d\d)\/([A-Za-z]{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})$/;

/** The time of common and combined access logs, without its brackets: 25/Nov/2026:09:41:07 +0100. */
export function clfTime(text: string): LogTime | undefined {
  const match = CLF.exec(text);
  if (!match) return undefined;
  const [, day, name = '', year, hour, minute, second, zone = ''] = match;
  const month = monthOf(name);
  const minutes = zoneOf(zone);
  if (month === undefined || minutes === undefined) return undefined;
  const at = utcOf(Number(year), month, Number(day), Number(hour), Number(minute), Number(second));
  return at === undefined ? undefined : { ms: at - minutes * MINUTE, raw: text, fineness: 's', assumed: [] };
}

/** From 1990 to 2100: outside of it, digits are rather a number than a time. */
const EPOCH_FROM = 631_152_000;
const EPOCH_TO = 4_102_444_800;

/** Seconds since 1970 with decimals, or whole milli-, micro- or nanoseconds by their number of digits. */
export function epochTime(text: string): LogTime | undefined {
  const match = /^(\d{9,19})(?:\.(\d{1,9}))?$/.exec(text);
  if (!match?.[1]) return undefined;
  const [, whole, decimals = ''] = match;
  const kind =
    whole.length <= 10 ? 0 : whole.length === 13 ? 3 : whole.length === 16 ? 6 : whole.length === 19 ? 9 : -1;
  if (kind < 0 || (kind > 0 && decimals !== '')) return undefined;
  const seconds = Number(whole.slice(0, whole.length - kind));
  if (seconds < EPOCH_FROM || seconds > EPOCH_TO) return undefined;
  const fine = kind > 0 ? whole.slice(-kind) : decimals;
  const fraction = fine === '' ? 0 : Number(`0.${fine}`);
  return { ms: seconds * 1000 + fraction * 1000, raw: text, fineness: finenessOf(fine.length), assumed: [] };
}

/**
 * The time in whole µs since 1970, finer digits cut. From the digits of the source: a number of ms with a fraction holds only
 * a quarter of a µs in our time.
 */
export function microsOfTime({ ms, raw, fineness }: LogTime): number {
  if (fineness !== 'µs' && fineness !== 'ns') return Math.round(ms * 1000);
  const digits = /^\d{16}(?:\d{3})?$/.test(raw) ? raw.slice(10) : /[.,](\d{1,9})/.exec(raw)?.[1];
  if (digits === undefined) return Math.floor(ms * 1000);
  const micros = Number(digits.padEnd(6, '0').slice(0, 6));
  return Math.round((ms - micros / 1000) / 1000) * 1_000_000 + micros;
}
