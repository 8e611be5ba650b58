/**
 * A session as asciicast v2 (docs.asciinema.org, "asciicast v2"): a line of JSON for its head, then one an event, `[seconds, code, data]`:
 * `o` what was shown, `i` what was typed, `r` a new size. Where the bytes are no UTF-8 the text cannot hold them: then the line before has
 * them all the same, `[seconds, "lading.o", base64]`, a code that players leave out.
 */
export interface CastHead {
  width: number;
  height: number;
  /** Unix time of the begin, in seconds. */
  timestamp: number;
  title: string;
  command: string;
  env: Record<string, string>;
}

export function castHead(head: CastHead): Buffer {
  return Buffer.from(`${JSON.stringify({ version: 2, ...head })}\n`);
}

/** Makes lines of one session; `now` gives milliseconds since its begin. */
export function castLines(now: () => number) {
  const held = { o: Buffer.alloc(0), i: Buffer.alloc(0) };
  const line = (code: string, data: string) =>
    `[${(Math.max(0, now()) / 1000).toFixed(6)},${JSON.stringify(code)},${JSON.stringify(data)}]\n`;
  const data = (code: 'o' | 'i', bytes: Buffer): string => {
    if (bytes.length === 0) return '';
    const text = bytes.toString('utf8');
    const exact = Buffer.from(text, 'utf8').equals(bytes);
    return `${exact ? '' : line(`lading.${code}`, bytes.toString('base64'))}${line(code, text)}`;
  };
  return {
    /** Bytes of one direction; a letter that is cut at their end waits for its rest. */
    bytes(code: 'o' | 'i', piece: Uint8Array): string {
      const all = Buffer.concat([held[code], piece]);
      const cut = all.length - unfinished(all);
      held[code] = Buffer.from(all.subarray(cut));
      return data(code, all.subarray(0, cut));
    },
    resize: (columns: number, rows: number): string => line('r', `${columns}x${rows}`),
    /** What still waited. */
    end: (): string => data('o', held.o) + data('i', held.i),
  };
}

/** How many bytes at the end are the beginning of a UTF-8 letter that is not whole (RFC 3629). */
export function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needs > back ? back : 0;
  }
  return 0;
}
