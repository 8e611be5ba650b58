import type { Readable } from 'node:stream';

/** Reads a stream to its end, keeping at most so many bytes of its beginning as text. A broken stream gives what came. */
export async function readText(stream: Readable, limit: number): Promise<string> {
  const kept: Buffer[] = [];
  let have = 0;
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      if (have < limit) kept.push(piece.subarray(0, limit - have));
      have += piece.length;
    }
  } catch {
    // how the command ended says what broke
  }
  return Buffer.concat(kept).toString('utf8');
}

/** The beginning and the end of what a command says, in constant memory: a long capture tells its counters every second. */
export function headAndTail(head: number, tail: number) {
  let first = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  let bytes = 0;
  return {
    push(piece: Buffer): void {
      bytes += piece.length;
      const room = Math.max(0, head - first.length);
      if (room > 0) first = Buffer.concat([first, piece.subarray(0, room)]);
      const rest = piece.subarray(room);
      if (rest.length > 0) last = Buffer.concat([last, rest]).subarray(-tail);
    },
    /** Bytes in all. */
    get bytes(): number {
      return bytes;
    },
    text(): string {
      const left = bytes - first.length - last.length;
      const gap = left > 0 ? `\n[${left} bytes left out]\n` : '';
      return `${first.toString('utf8')}${gap}${last.toString('utf8')}`;
    },
  };
}
