import { visible } from '../../shared/visible';

/** Bytes for a person, in powers of 1000: 999 B, 12.3 kB, 1.5 GB. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
  } while (value >= 999.95 && unit < units.length - 1);
  return `${value.toFixed(1)} ${units[unit]}`;
}

/** "1 exhibit", "2 exhibits"; `many` for words that do not take an s. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** Milliseconds of clock offset: "+12 ms", "-1 h 02 min 03 s". */
export function offsetText(ms: number): string {
  const sign = ms < 0 ? '-' : '+';
  const size = Math.abs(ms);
  if (size < 10_000) return `${sign}${Math.round(size)} ms`;
  const seconds = Math.round(size / 1000);
  const h = Math.floor(seconds / 3600);
  const min = Math.floor((seconds % 3600) / 60);
  const s = seconds % 60;
  return `${sign}${h > 0 ? `${h} h ` : ''}${h > 0 || min > 0 ? `${min} min ` : ''}${s} s`;
}

/** An id as it is shown: `sha256:` left out and 12 hex digits. Whole ids are in --json. */
export function shortId(id: string): string {
  const hex = id.replace(/^sha256:/, '');
  return visible(/^[0-9a-f]{64}$/.test(hex) ? hex.slice(0, 12) : id, { max: 40 });
}

/** A target for a person: its name, or its short id. */
export function targetText(target: { kind: string; id: string; name: string }): string {
  const named = target.name !== '' && !/^sha256:[0-9a-f]{64}$/.test(target.name);
  return `${target.kind} ${named ? visible(target.name, { max: 60 }) : shortId(target.id)}`;
}

/** Columns that a text takes on a terminal: 2 for East Asian wide and emoji, 0 for combining marks (UAX #11, roughly). */
export function width(text: string): number {
  let columns = 0;
  for (const char of text) {
    if (/\p{M}/u.test(char)) continue;
    columns += WIDE.test(char) ? 2 : 1;
  }
  return columns;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Fills a text up with spaces to so many columns; a longer text stays whole. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

/** Cuts a text to so many columns, with … where something was cut. */
export function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = '';
  let used = 0;
  for (const char of text) {
    const next = width(char);
    if (used + next > columns - 1) break;
    kept += char;
    used += next;
  }
  return `${kept}…`;
}

export interface Column {
  head: string;
  right?: boolean;
}

/** Rows under a heading, aligned; cells must be harmless text (see visible) of one line. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, i) => Math.max(width(column.head), ...rows.map((row) => width(row[i] ?? ''))));
  const line = (cells: readonly string[]) =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? '';
        const fill = (widths[i] ?? 0) - width(cell);
        return column.right ? ' '.repeat(Math.max(0, fill)) + cell : pad(cell, widths[i] ?? 0);
      })
      .join('  ')
      .trimEnd();
  return `${[columns.map((column) => column.head), ...rows].map(line).join('\n')}\n`;
}

type Colour = 'bold' | 'dim' | 'red' | 'yellow' | 'green';
const CODES: Record<Colour, string> = { bold: '1', dim: '2', red: '31', yellow: '33', green: '32' };

/** Paints for a terminal; leaves text as it is elsewhere, and where NO_COLOR (no-color.org) or TERM=dumb says so. */
export function painter(terminal: boolean, env: Record<string, string | undefined>): (c: Colour, t: string) => string {
  const on = terminal && !env.NO_COLOR && env.TERM !== 'dumb';
  return (colour, text) => (on ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}
