/**
 * The body of GET /containers/{id}/logs?timestamps=1 (Docker Engine API, "Stream format"). Without a TTY it is a
 * sequence of frames: 1 byte stream (0 stdin, 1 stdout, 2 stderr, 3 the engine's own error), 3 zero bytes, 4 bytes
 * length, big-endian, and so many bytes: one log entry. With a TTY it is bare lines. An entry of more than 16 KiB is cut
 * by the engine into several, of which only the last ends with a line feed.
 */
export interface LogEntry {
  stream: 'stdin' | 'stdout' | 'stderr' | 'engine' | 'tty';
  /** RFC 3339 in UTC with nanoseconds: when the engine got it, as the engine wrote it. */
  time?: string;
  /** Without time and final line feed; bytes that are no UTF-8 become U+FFFD. Cut at `keep` bytes. */
  text: string;
  /** It ends with a line feed: the next entry of this stream begins a new line. */
  whole: boolean;
  /** The place of the entry, its time included, without the frame's header. */
  offset: number;
  length: number;
}

export interface LogResult {
  entries: number;
  multiplexed: boolean;
  /** Where the stream stopped being what it should be. */
  faults: { offset: number; reason: string }[];
}

export interface LogOptions {
  /** Bytes of an entry that are kept as text; the place always names all of it. */
  keep?: number;
}

const STREAMS = ['stdin', 'stdout', 'stderr', 'engine'] as const;
const HEADER = 8;
/** The engine's fixed form of RFC 3339 (30 characters in UTC) and its trimmed one. */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) /;

/** Reads a log in pieces and in constant memory; `entry` is called for each entry in its order. */
export function dockerLogReader(entry: (entry: LogEntry) => void, options: LogOptions = {}) {
  const keep = options.keep ?? 1024 * 1024;
  const result: LogResult = { entries: 0, multiplexed: false, faults: [] };
  let pending: Buffer = Buffer.alloc(0);
  let base = 0;
  let mode: 'unknown' | 'multiplexed' | 'lines' | 'lost' = 'unknown';
  let stream: LogEntry['stream'] = 'tty';
  /** Bytes of the open entry still to come; undefined between entries. For bare lines it is not known. */
  let left: number | undefined;
  let start = 0;
  let length = 0;
  let parts: Buffer[] = [];
  let kept = 0;
  let last = 0;

  function consume(count: number): void {
    pending = pending.subarray(count);
    base += count;
  }

  function take(count: number): void {
    if (count === 0) return;
    if (kept < keep) {
      const part = pending.subarray(0, Math.min(count, keep - kept));
      parts.push(part);
      kept += part.length;
    }
    last = pending[count - 1] ?? 0;
    length += count;
    consume(count);
  }

  function close(): void {
    const whole = length > 0 && last === 10;
    let bytes = Buffer.concat(parts);
    if (whole && kept === length) bytes = bytes.subarray(0, -1);
    const time = TIME.exec(bytes.toString('latin1', 0, 40))?.[1];
    const text = bytes.toString('utf8', time === undefined ? 0 : time.length + 1);
    entry({ stream, time, text, whole, offset: start, length });
    result.entries++;
    left = undefined;
    length = 0;
    kept = 0;
    parts = [];
  }

  function begin(): void {
    start = base;
    last = 0;
  }

  function work(): void {
    while (pending.length > 0) {
      if (mode === 'unknown') {
        if (pending.length < HEADER) return;
        // a bare line begins with its time, so never with one of these bytes
        mode = isHeader(pending) ? 'multiplexed' : 'lines';
        result.multiplexed = mode === 'multiplexed';
      } else if (mode === 'lines') {
        if (length === 0) begin();
        const feed = pending.indexOf(10);
        take(feed < 0 ? pending.length : feed + 1);
        if (feed >= 0) close();
      } else if (mode === 'multiplexed') {
        if (left === undefined) {
          if (pending.length < HEADER) return;
          if (!isHeader(pending)) {
            result.faults.push({ offset: base, reason: 'Here the header of a log entry should be.' });
            mode = 'lost';
            continue;
          }
          stream = STREAMS[pending[0] ?? 0] ?? 'engine';
          left = pending.readUInt32BE(4);
          consume(HEADER);
          begin();
          if (left === 0) {
            close();
            continue;
          }
        }
        const count = Math.min(left, pending.length);
        take(count);
        left -= count;
        if (left === 0) close();
      } else {
        consume(pending.length);
      }
    }
  }

  return {
    push(chunk: Buffer): void {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      work();
    },
    end(): LogResult {
      if (mode === 'unknown' && pending.length > 0) {
        mode = 'lines';
        work();
      }
      if (left !== undefined) {
        result.faults.push({ offset: base, reason: `The log ends ${left} bytes before the end of its last entry.` });
        close();
      } else if (mode === 'lines' && length > 0) close();
      else if (pending.length > 0)
        result.faults.push({ offset: base, reason: 'The log ends inside the header of an entry.' });
      return result;
    },
  };
}

function isHeader(bytes: Buffer): boolean {
  return (bytes[0] ?? 255) < STREAMS.length && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0;
}

/** Reads a log that is in memory. Never throws. */
export function parseDockerLog(bytes: Buffer, options?: LogOptions): LogResult & { lines: LogEntry[] } {
  const lines: LogEntry[] = [];
  const reader = dockerLogReader((one) => lines.push(one), options);
  reader.push(bytes);
  return { ...reader.end(), lines };
}

/** Reads a log of any size from a stream. Rejects only with what breaks the stream. */
export async function readDockerLog(
  source: AsyncIterable<Buffer | string>,
  entry: (entry: LogEntry) => void,
  options?: LogOptions,
): Promise<LogResult> {
  const reader = dockerLogReader(entry, options);
  for await (const chunk of source) reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return reader.end();
}
