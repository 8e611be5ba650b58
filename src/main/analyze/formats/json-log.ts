import { z } from 'zod';
import type { LogEntry, LogResult } from './docker-log';

/**
 * The file of the log driver json-file: `{"log":"text\n","stream":"stdout","time":"RFC 3339"}` one a line (moby
 * daemon/logger/jsonfilelog). An entry of more than 16 KiB is cut by the engine into several, of which only the last
 * ends with a line feed.
 */
const Line = z.object({
  log: z.string().default(''),
  stream: z.enum(['stdin', 'stdout', 'stderr']).default('stdout'),
  time: z.string().optional(),
});

/** A line that is longer is no entry: 16 KiB, each byte escaped at its longest, and attributes. */
const MAX_LINE = 1 << 20;
/** So many places are named that are no entries; the count of the others is said at the end. */
const FAULTS = 100;
/** Characters of an entry that are given; its place names all of it. */
const KEPT = 16 << 10;

/** Reads a log in pieces and in constant memory; `entry` is called for each entry in its order. */
export function jsonLogReader(entry: (entry: LogEntry) => void) {
  const result: LogResult = { entries: 0, multiplexed: false, faults: [] };
  let parts: Buffer[] = [];
  let kept = 0;
  let length = 0;
  let start = 0;
  let more = 0;

  function fault(reason: string): void {
    if (result.faults.length < FAULTS) result.faults.push({ offset: start, reason });
    else more += 1;
  }

  function close(): void {
    if (length > MAX_LINE) fault(`A line of ${length} bytes is no log entry.`);
    else if (length > 0) {
      const text = Buffer.concat(parts).toString('utf8');
      const said = text.trim() === '' ? undefined : parse(text);
      if (said) {
        const whole = said.log.endsWith('\n');
        const shown = whole ? said.log.slice(0, -1) : said.log;
        entry({ stream: said.stream, time: said.time, text: shown.slice(0, KEPT), whole, offset: start, length });
        result.entries += 1;
      } else if (text.trim() !== '') fault('This line is no entry of a json-file log.');
    }
    parts = [];
    kept = 0;
    length = 0;
  }

  return {
    push(chunk: Buffer): void {
      for (let at = 0; at < chunk.length; ) {
        const feed = chunk.indexOf(10, at);
        const end = feed < 0 ? chunk.length : feed;
        const part = chunk.subarray(at, end);
        length += part.length;
        if (kept < MAX_LINE && part.length > 0) {
          parts.push(part);
          kept += part.length;
        }
        if (feed < 0) return;
        const next = start + length + 1;
        close();
        start = next;
        at = feed + 1;
      }
    },
    end(): LogResult {
      close();
      if (more > 0) result.faults.push({ offset: start, reason: `${more} more lines are no entries.` });
      return result;
    },
  };
}

function parse(text: string): z.infer<typeof Line> | undefined {
  try {
    return Line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
