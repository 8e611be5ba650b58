import { z } from 'zod';
import { fromBase64 } from '../../../base64';

const Head = z.object({
  version: z.literal(2),
  width: z.number().int().min(2).max(1000),
  height: z.number().int().min(2).max(1000),
  timestamp: z.number().optional(),
  title: z.string().optional(),
  command: z.string().optional(),
});
const Line = z.tuple([z.number().nonnegative(), z.string(), z.string()]);

export type CastEvent =
  | { at: number; shown: Uint8Array }
  | { at: number; typed: Uint8Array }
  | { at: number; columns: number; rows: number };

/** A session to be replayed; `at` in seconds since its begin. */
export interface Cast {
  head: z.infer<typeof Head>;
  events: CastEvent[];
  /** Seconds. */
  length: number;
  /** Lines that are no event; nothing of them is replayed. */
  unread: number;
}

/**
 * Reads an asciicast v2 (docs.asciinema.org). Where the bytes were no UTF-8, Lading's line `lading.o` or `lading.i` before holds them, and
 * they are what is replayed. Throws where the first line is no head; a line cut off at the end counts as unread.
 */
export function readCast(bytes: Uint8Array): Cast {
  const [first = '', ...lines] = new TextDecoder().decode(bytes).split('\n');
  const head = Head.safeParse(parsed(first));
  if (!head.success) throw new Error('The first line is not the head of an asciicast v2.');
  const events: CastEvent[] = [];
  let unread = 0;
  let exact: Uint8Array | undefined;
  for (const text of lines) {
    if (text === '') continue;
    const line = Line.safeParse(parsed(text));
    const event = line.success ? eventOf(line.data, exact) : undefined;
    exact = event instanceof Uint8Array ? event : undefined;
    if (event === undefined) unread += 1;
    else if (!(event instanceof Uint8Array)) events.push(event);
  }
  return { head: head.data, events, length: events.at(-1)?.at ?? 0, unread };
}

/** An event, or the exact bytes of the one that follows. */
function eventOf(
  [at, code, data]: z.infer<typeof Line>,
  exact: Uint8Array | undefined,
): CastEvent | Uint8Array | undefined {
  if (code === 'o') return { at, shown: exact ?? new TextEncoder().encode(data) };
  if (code === 'i') return { at, typed: exact ?? new TextEncoder().encode(data) };
  if (code === 'lading.o' || code === 'lading.i') {
    try {
      return fromBase64(data);
    } catch {
      return undefined;
    }
  }
  const size = /^(\d{1,4})x(\d{1,4})$/.exec(data);
  if (code !== 'r' || !size) return undefined;
  const [columns, rows] = [Number(size[1]), Number(size[2])];
  return columns >= 2 && columns <= 1000 && rows >= 2 && rows <= 1000 ? { at, columns, rows } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
