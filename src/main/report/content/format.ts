import type { TargetRef } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import type { Line, Look, Piece } from '../types';

/** Longest name, path or word of a host that a cell shows; the exhibit has the whole. */
export const SHORT = 160;
/** Longest command, reason or claim. */
export const MEDIUM = 600;
/** Longest claim of a rule, or explanation. */
export const LONG = 3_000;
/** Longest text that an examiner wrote: never cut in earnest, but a pasted log of gigabytes must not end the report. */
export const WRITTEN = 500_000;

/** Text of whatever origin on one line, harmless and cut with a mark that says how long it was. */
export function clip(text: string, max: number = SHORT): string {
  return visible(text, { max });
}

export function piece(text: string, look?: Look, to?: string): Piece {
  return { text, ...(look && { look }), ...(to && { to }) };
}

export function line(...pieces: (Piece | string)[]): Line {
  return { pieces: pieces.map((one) => (typeof one === 'string' ? { text: one } : one)) };
}

export function small(...pieces: (Piece | string)[]): Line {
  return { ...line(...pieces), size: 'small' };
}

/** Text that a person wrote, split where it has line ends; never empty. */
export function paragraphs(text: string, max: number = WRITTEN): string[] {
  return visible(text.replace(/\r\n?/g, '\n'), { keepLines: true, max })
    .replaceAll('\t', '    ')
    .split('\n')
    .map((one) => one.trimEnd())
    .filter((one) => one !== '');
}

/** `2026-11-25 09:40:12.123 UTC`. */
export function time(iso: string): string {
  const text = iso.replace('T', ' ');
  return clip(text.endsWith('Z') ? `${text.slice(0, -1)} UTC` : text, 40);
}

/** `25 November 2026`. */
export function day(iso: string): string {
  const date = new Date(iso);
  const month = MONTHS[date.getUTCMonth()] ?? '';
  return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}`;
}
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `1 234 567` with narrow spaces kept out: plain spaces, so that any font has them. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ' ');
}

/** `1 234 567 bytes (1.2 MB)`. */
export function bytes(value: number): string {
  const exact = `${number(value)} ${value === 1 ? 'byte' : 'bytes'}`;
  if (value < 10_000) return exact;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let size = value / 1000;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${exact} (${size.toFixed(size < 10 ? 1 : 0)} ${units[unit]})`;
}

export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`;
}

/** `container web`, and below it the whole id where that is another text. */
export function target(ref: TargetRef, ...after: Piece[]): Line[] {
  const name = clip(ref.name === '' ? ref.id : ref.name);
  const lines = [line(piece(`${ref.kind} `), piece(name, 'strong'), ...after)];
  if (ref.id !== ref.name && ref.name !== '') lines.push(small(piece(clip(ref.id), 'mono')));
  return lines;
}

/** A duration in the unit that suits it, with its sign: `+0.412 s`. */
export function offset(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  if (size < 100_000) return `${sign}${(size / 1000).toFixed(3)} s`;
  const seconds = Math.round(size / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${sign}${parts.map((part) => String(part).padStart(2, '0')).join(':')} (h:min:s)`;
}

/** A command as it was given: words that hold blanks, quotes or nothing are quoted, so that their borders are seen. */
export function command(argv: readonly string[], max: number = MEDIUM): string {
  return clip(argv.map(quoted).join(' '), max);
}

function quoted(word: string): string {
  if (/^\{(n|id|pid)\}$/.test(word)) return word; // stands for a value, see touches.ts
  if (/^[^\s'"\\`$;&|<>(){}*?#!~]+$/.test(word) || /^\/[^\s'"\\]*$/.test(word)) return word;
  return word.includes("'") ? JSON.stringify(word) : `'${word}'`;
}
