import { visible } from './visible';

/** C1, DEL, soft hyphen, bidi and zero-width characters, BOM, tags: what JSON.stringify leaves as it is. */
const HIDDEN = /[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** One line of JSON, harmless to a terminal: what could steer it is written as \uXXXX, the same text to every parser. */
export function jsonLine(value: unknown): string {
  return `${harmless(JSON.stringify(value))}\n`;
}

/** JSON in which nothing can steer a terminal. */
export function harmless(json: string): string {
  return json.replace(HIDDEN, (char) =>
    Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}

export type Cell = string | number | boolean | null | undefined;

/** Starts of a cell that a spreadsheet takes for a formula, also after white space and in full width (OWASP, CSV injection). */
const FORMULA = /^\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/u;

/**
 * Rows of CSV (RFC 4180). Every text is quoted, so that a spreadsheet that splits at semicolons does not split inside one; a
 * text that would be a formula gets an apostrophe before it; control characters are shown as in `visible`.
 */
export function csvRows(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  const shown = visible(cell, { keepLines: true });
  return `"${(FORMULA.test(cell) ? `'${shown}` : shown).replaceAll('"', '""')}"`;
}
