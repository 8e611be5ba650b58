import type { Outcome } from '../../../shared/domain';

/**
 * Framed output: many small reads of a host in one stream, so in one round trip and one exhibit. Made by the scripts of
 * collect/frames.ts; docs/evidence-formats.md describes it. In the grammar below B is the boundary:
 *
 *     LADING-FRAMES 1 B <source>\n
 *     B <kind> <pid or -> <name> <limit or 0>\n  <body, raw bytes>  \nB = <exit status>\n      (a frame, any number)
 *     B end\n
 *
 * B is 32 hex digits, drawn at random for each run and given to the script on its standard input: no process can see it
 * in a command line or an environment, so nothing a host's files say can look like the end or the beginning of a frame.
 * A frame of kind `error` is what the command of the frame before it said on its standard error.
 */
export type FrameKind = 'file' | 'links' | 'output' | 'note';

/** One read of the host. `offset` and `length` are the body's place in the exhibit, in bytes. */
export interface Frame {
  /** `file`: bytes of a file; `links`: name TAB target NUL, repeated; `output`: a command's; `note`: the script's own. */
  kind: FrameKind;
  pid?: number;
  /** 'status', 'maps', 'net/tcp', 'exe.sha256'. */
  name: string;
  offset: number;
  length: number;
  /** Empty where the body is longer than what the reader was asked to keep; `length` says so. */
  body: Buffer;
  /** At most so many bytes were asked for; 0 for no limit. */
  limit: number;
  /** Exit status of the command that read it; undefined where the stream ended inside the frame. */
  exit?: number;
  /** What that command said on its standard error. */
  error: string;
  outcome: Outcome;
}

export interface FrameSet {
  /** The collector that asked; empty where the stream is no framed output at all. */
  source: string;
  frames: Frame[];
  /** The script ran to its end. */
  complete: boolean;
  /** What is not as the format says, and where. */
  faults: { offset: number; reason: string }[];
}

export interface FrameReaderOptions {
  /** Bodies up to so many bytes are kept; longer ones are only measured. */
  keep?: number;
}

const HEAD = /^LADING-FRAMES 1 ([0-9a-f]{32}) ([a-z0-9.-]{1,64})$/;
const FRAME = /^(file|links|output|note|error) (-|\d{1,10}) ([A-Za-z0-9_.,:/+-]{1,128}) (\d{1,15})$/;
/** Longer than any line of the format itself. */
const LINE_MAX = 512;

type Open = Pick<Frame, 'pid' | 'name' | 'offset' | 'limit'> & { kind: FrameKind | 'error' };

/** Reads framed output piece by piece. `push` each chunk in order, then `end`. */
export interface FrameReader {
  push(chunk: Buffer): void;
  /** Takes out the frames that are whole, but for the last, which an error may still belong to: for streams of any length. */
  drain(): Frame[];
  end(): FrameSet;
}

export function frameReader(options: FrameReaderOptions = {}): FrameReader {
  const keep = options.keep ?? Number.POSITIVE_INFINITY;
  const set: FrameSet = { source: '', frames: [], complete: false, faults: [] };
  let pending: Buffer = Buffer.alloc(0);
  /** Offset of pending[0] in the stream. */
  let base = 0;
  let state: 'head' | 'between' | 'body' | 'exit' | 'over' = 'head';
  let boundary = '';
  let marker: Buffer = Buffer.alloc(0);
  let open: Open | undefined;
  let parts: Buffer[] = [];
  let length = 0;
  /** A run of stray bytes is one fault, however many chunks it comes in. */
  let lost = false;

  const fault = (reason: string, offset = base) => set.faults.push({ offset, reason });

  function consume(count: number): void {
    pending = pending.subarray(count);
    base += count;
  }

  function takeBody(count: number): void {
    length += count;
    if (length <= keep) parts.push(pending.subarray(0, count));
    else parts = [];
    consume(count);
  }

  /** A line without its line feed; undefined while it is not whole; null when it can be none of ours. */
  function line(final: boolean): string | null | undefined {
    const end = pending.subarray(0, LINE_MAX).indexOf(10);
    if (end < 0) return final || pending.length >= LINE_MAX ? null : undefined;
    const text = pending.toString('latin1', 0, end);
    consume(end + 1);
    return text;
  }

  function close(exit: number | undefined): void {
    if (!open) return;
    const { kind, ...rest } = open;
    const body = length <= keep ? Buffer.concat(parts) : Buffer.alloc(0);
    if (kind === 'error') {
      const last = set.frames.at(-1);
      if (last && last.pid === rest.pid && last.name === rest.name) {
        last.error = body.toString('utf8');
        last.outcome = outcomeOf(last);
      } else fault(`An error is reported for ${rest.name}, which was not read.`, rest.offset);
    } else {
      const frame: Frame = { ...rest, kind, length, body, exit, error: '', outcome: 'found' };
      frame.outcome = outcomeOf(frame);
      set.frames.push(frame);
    }
    open = undefined;
    parts = [];
    length = 0;
  }

  /** Works off `pending` as far as it goes; `final` when nothing more will come. */
  function work(final: boolean): void {
    for (;;) {
      if (state === 'head') {
        const text = line(final);
        if (text === undefined) return;
        const match = HEAD.exec(text ?? '');
        if (!match?.[1] || !match[2]) {
          fault('This is no framed output: its first line is not that of the format.', 0);
          state = 'over';
          continue;
        }
        boundary = match[1];
        set.source = match[2];
        marker = Buffer.from(`\n${boundary} = `, 'latin1');
        state = 'between';
      } else if (state === 'between') {
        if (pending.length === 0) return;
        const wanted = `${boundary} `;
        if (pending.length < wanted.length && !final) return;
        if (pending.toString('latin1', 0, wanted.length) !== wanted) {
          if (!lost) fault('There are bytes between two frames.');
          lost = true;
          const at = pending.indexOf(wanted, 1, 'latin1');
          if (at < 0) {
            consume(final ? pending.length : Math.max(1, pending.length - wanted.length));
            return;
          }
          consume(at);
          continue;
        }
        lost = false;
        const start = base;
        const text = line(final);
        if (text === undefined) return;
        if (text === `${wanted}end`) {
          set.complete = true;
          state = 'over';
          continue;
        }
        const match = FRAME.exec(text?.slice(wanted.length) ?? '');
        if (!match?.[3]) {
          fault('The first line of a frame cannot be read.', start);
          if (text === null) consume(Math.min(pending.length, wanted.length));
          continue;
        }
        open = {
          kind: match[1] as Open['kind'],
          pid: match[2] === '-' ? undefined : Number(match[2]),
          name: match[3],
          limit: Number(match[4]),
          offset: base,
        };
        state = 'body';
      } else if (state === 'body') {
        const at = pending.indexOf(marker);
        if (at < 0) {
          // the end of what is there may be the beginning of the marker
          const safe = final ? pending.length : pending.length - marker.length + 1;
          if (safe > 0) takeBody(safe);
          return;
        }
        takeBody(at);
        consume(marker.length);
        state = 'exit';
      } else if (state === 'exit') {
        const text = line(final);
        if (text === undefined) return;
        const exit = /^\d{1,3}$/.test(text ?? '') ? Number(text) : undefined;
        if (exit === undefined) fault('The last line of a frame cannot be read.');
        close(exit);
        state = 'between';
      } else {
        if (pending.length > 0 && set.complete && !lost) {
          lost = true;
          fault('There are bytes after the end.');
        }
        consume(pending.length);
        return;
      }
    }
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      work(false);
    },
    drain: () => set.frames.splice(0, Math.max(0, set.frames.length - 1)),
    end() {
      work(true);
      if (open) {
        fault('The stream ends inside a frame.', base);
        close(undefined);
      } else if (!set.complete && set.source) fault('The stream ends before the script did.', base);
      return set;
    },
  };
}

/** Reads a whole exhibit of frames. Never throws: what cannot be read is in `faults`. */
export function parseFrames(bytes: Buffer): FrameSet {
  const reader = frameReader();
  reader.push(bytes);
  return reader.end();
}

/** The same from a stream, in constant memory when `keep` is given. Rejects only with what breaks the stream. */
export async function readFrames(
  source: AsyncIterable<Buffer | string>,
  options?: FrameReaderOptions,
): Promise<FrameSet> {
  const reader = frameReader(options);
  for await (const chunk of source) reader.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return reader.end();
}

/** The place of a frame's body, or of a part of it, as a citation names it. */
export function frameLocator(
  frame: Pick<Frame, 'offset' | 'length'>,
  part?: { offset: number; length: number },
): string {
  return part ? `bytes:${frame.offset + part.offset}+${part.length}` : `bytes:${frame.offset}+${frame.length}`;
}

/** One link of a `links` frame; the place is that of its target, counted from the body's first byte. */
export interface Link {
  /** 'exe', 'fd/3', 'ns/net'. */
  name: string;
  target: string;
  offset: number;
  length: number;
}

/** Reads the body of a `links` frame: name TAB target NUL, repeated. A last one without its NUL is left out. */
export function parseLinks(body: Buffer): Link[] {
  const links: Link[] = [];
  let at = 0;
  for (let end = body.indexOf(0, at); end >= 0; end = body.indexOf(0, at)) {
    const tab = body.indexOf(9, at);
    if (tab >= 0 && tab < end) {
      const target = body.subarray(tab + 1, end);
      links.push({
        name: body.toString('utf8', at, tab),
        target: target.toString('utf8'),
        offset: tab + 1,
        length: target.length,
      });
    }
    at = end + 1;
  }
  return links;
}

/** What the exit status and the words of head(1), readlink(1)… say; LC_ALL=C is set, so the words are strerror(3)'s. */
function outcomeOf(frame: Omit<Frame, 'outcome'>): Outcome {
  if (frame.exit === undefined) return 'truncated';
  if (frame.exit !== 0) {
    if (frame.length > 0) return 'truncated';
    if (/No such (file|process|device)|not found/i.test(frame.error)) return 'missing';
    if (/Permission denied|not permitted/i.test(frame.error)) return 'denied';
    return 'unreadable';
  }
  if (frame.limit > 0 && frame.length >= frame.limit) return 'truncated';
  return frame.length === 0 ? 'none' : 'found';
}
