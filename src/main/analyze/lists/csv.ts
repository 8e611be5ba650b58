/** A line of a table with its place in the file, in bytes. */
export interface CsvRow {
  cells: string[];
  offset: number;
  length: number;
}

/** A line longer than this is no line of a list, in bytes. */
const LINE_MAX = 1 << 20;

/**
 * Rows of a CSV, or of a text with blanks or tabs between words, read piece by piece in constant memory (RFC 4180, but a
 * cell has no line end: no list of digests or indicators has one). Comments (#, ;, //) and empty lines are left out.
 */
export async function* csvRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<CsvRow> {
  let rest: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let feed = bytes.indexOf(10, from); feed !== -1; feed = bytes.indexOf(10, from)) {
      const row = rowOf(bytes.subarray(from, feed), at + from);
      if (row) yield row;
      from = feed + 1;
    }
    rest = bytes.subarray(from);
    at += from;
    if (rest.length > LINE_MAX) {
      at += rest.length;
      rest = Buffer.alloc(0);
    }
  }
  const last = rowOf(rest, at);
  if (last) yield last;
}

function rowOf(line: Buffer, offset: number): CsvRow | undefined {
  const end = line.at(-1) === 13 ? line.length - 1 : line.length;
  if (end > LINE_MAX) return undefined;
  const text = line.toString('utf8', 0, end).replace(/^\uFEFF/, '');
  if (text.trim() === '' || /^\s*(?:#|;|\/\/)/.test(text)) return undefined;
  return { cells: cellsOf(text), offset, length: end };
}

/** Cells of a line: by commas, semicolons or tabs where it has some, else by blanks. */
export function cellsOf(text: string): string[] {
  const separator = /[",]/.test(text) ? ',' : text.includes('\t') ? '\t' : text.includes(';') ? ';' : undefined;
  if (separator === undefined) return text.trim().split(/\s+/);
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (char === separator) {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  cells.push(cell.trim());
  return cells;
}
