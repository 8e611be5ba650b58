import { type Cell, csvRows, harmless } from '../../shared/tabular';

export { type Cell, csvRows, jsonLine } from '../../shared/tabular';

/**
 * JSON for programs, also harmless to a terminal: what could steer it is written as \uXXXX, which means the same text
 * to every parser.
 */
export function jsonText(value: unknown): string {
  return `${harmless(JSON.stringify(value, null, 2))}\n`;
}

/**
 * CSV (RFC 4180). Every text is quoted, so that a spreadsheet that splits at semicolons does not split inside one; a text
 * that would be a formula gets an apostrophe before it; control characters are shown as in `visible`.
 */
export function csvText(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return csvRows([head, ...rows]);
}
