/** One direction of a TCP connection, put in order. */
export interface Direction {
  /** The sequence number that comes next. */
  next: number;
  begun: boolean;
  /** Pieces that came before their turn. */
  waiting: { seq: number; bytes: Buffer; carried: number }[];
  held: number;
  /** Bytes that the capture does not have. */
  lost: number;
}

/** Takes the bytes in their order, `bytes[from, to)` good during the call; and how many bytes are missing before the next. */
export interface Ordered {
  data(bytes: Buffer, from: number, to: number): void;
  missing(count: number): void;
}

/** Bytes that wait for an earlier piece, at most; then what is missing is taken as lost. */
const HELD_MAX = 256 * 1024;
const PIECES_MAX = 256;

export function direction(): Direction {
  return { next: 0, begun: false, waiting: [], held: 0, lost: 0 };
}

/**
 * Takes a segment's payload: `bytes[from, to)` is what was captured of the `carried` bytes that were sent. Bytes that came
 * already are left out, whatever they say this time (the first word counts, as with Wireshark).
 */
export function takeSegment(
  d: Direction,
  segment: { seq: number; flags: number; bytes: Buffer; from: number; to: number; carried: number },
  out: Ordered,
): void {
  const { seq, bytes, from, to, carried } = segment;
  const syn = (segment.flags & 2) !== 0;
  const first = syn ? (seq + 1) >>> 0 : seq;
  if (!d.begun) {
    if (carried === 0 && !syn) return;
    d.begun = true;
    d.next = first;
  }
  if (carried === 0) return;
  const ahead = (first - d.next) | 0;
  if (ahead > 0) {
    d.waiting.push({ seq: first, bytes: Buffer.from(bytes.subarray(from, to)), carried });
    d.held += to - from;
    if (d.held > HELD_MAX || d.waiting.length > PIECES_MAX) skip(d, out);
    return;
  }
  put(d, -ahead, bytes, from, to, carried, out);
  if (d.waiting.length > 0) drain(d, out);
}

/** Gives what still waits, with what is missing between. */
export function endDirection(d: Direction, out: Ordered): void {
  while (d.waiting.length > 0) skip(d, out);
}

function put(d: Direction, old: number, bytes: Buffer, from: number, to: number, carried: number, out: Ordered): void {
  if (old >= carried) return;
  d.next = (d.next + carried - old) >>> 0;
  const start = from + old;
  if (start < to) out.data(bytes, start, to);
  const missing = carried - Math.max(old, to - from);
  if (missing > 0) {
    d.lost += missing;
    out.missing(missing);
  }
}

function drain(d: Direction, out: Ordered): void {
  for (let again = true; again; ) {
    again = false;
    for (let i = 0; i < d.waiting.length; i++) {
      const one = d.waiting[i] as Direction['waiting'][number];
      const ahead = (one.seq - d.next) | 0;
      if (ahead > 0) continue;
      d.waiting.splice(i, 1);
      d.held -= one.bytes.length;
      put(d, -ahead, one.bytes, 0, one.bytes.length, one.carried, out);
      again = true;
      break;
    }
  }
}

function skip(d: Direction, out: Ordered): void {
  let least = Number.POSITIVE_INFINITY;
  for (const { seq } of d.waiting) least = Math.min(least, (seq - d.next) | 0);
  if (least > 0 && Number.isFinite(least)) {
    d.lost += least;
    d.next = (d.next + least) >>> 0;
    out.missing(least);
  }
  drain(d, out);
}
