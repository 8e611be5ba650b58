/** A line of a file with its place. */
export interface Line {
  /** Without its line feed and a carriage return before it; bytes that are no UTF-8 become U+FFFD. Cut at `keep` bytes. */
  text: string;
  /** 1-based; lines end at \n, whatever else is in them, as citations count them. */
  number: number;
  offset: number;
  /** Without the line feed. */
  length: number;
  /** The text is only the beginning. */
  cut: boolean;
}

/** So much of a line is kept, in bytes; its place always names all of it. */
export const LINE_KEPT = 64 * 1024;

/** Reads lines piece by piece in constant memory, however long a line is. `push` each chunk in order, then `end`. */
export function lineReader(take: (line: Line) => void, keep = LINE_KEPT) {
  let parts: Buffer[] = [];
  let kept = 0;
  let start = 0;
  let length = 0;
  let number = 1;

  function add(piece: Buffer): void {
    length += piece.length;
    if (kept >= keep) return;
    const part = piece.subarray(0, keep - kept);
    parts.push(part);
    kept += part.length;
  }

  function close(): void {
    let bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    const cut = kept < length;
    if (!cut && bytes.at(-1) === 13) bytes = bytes.subarray(0, -1);
    take({ text: bytes.toString('utf8'), number, offset: start, length, cut });
    start += length + 1;
    number += 1;
    parts = [];
    kept = 0;
    length = 0;
  }

  return {
    push(chunk: Buffer): void {
      let from = 0;
      for (let end = chunk.indexOf(10, from); end >= 0; end = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, end));
        close();
        from = end + 1;
      }
      if (from < chunk.length) add(chunk.subarray(from));
    },
    end(): void {
      if (length > 0) close();
    },
  };
}

/** The lines of bytes that are in memory. */
export function linesOf(bytes: Buffer, keep?: number): Line[] {
  const lines: Line[] = [];
  const reader = lineReader((line) => lines.push(line), keep);
  reader.push(bytes);
  reader.end();
  return lines;
}
