import type { LogRecord } from './record';

/** Entries that are written at once may cross by a little: in ms. */
const CROSSING = 1000;
/** Below it a silence is nothing, in ms. */
const HOLE_LEAST = 3_600_000;
/** A log must be this long before its silences say anything. */
const ENTRIES_LEAST = 100;
const KEPT = 50;

/** A place in a log between two entries. Times are ms since 1970 on the log's own clock. */
export interface LogStep {
  from: number;
  to: number;
  before: Pick<LogRecord, 'offset' | 'length' | 'line'>;
  after: Pick<LogRecord, 'offset' | 'length' | 'line'>;
}

export interface LogSteps {
  entries: number;
  timed: number;
  /** Entries that are earlier than one before them. */
  backward: { count: number; steps: LogStep[] };
  /** Silences that stand out: an hour at least, and 20 times as long as nearly all others of this log. */
  holes: LogStep[];
}

/**
 * Looks for jumps in a log's time in constant memory. How long silences usually are is counted in powers of two of a second;
 * "nearly all" is 99 of 100.
 */
export function stepReader() {
  const spans = new Uint32Array(64);
  const longest: LogStep[] = [];
  const backward: LogStep[] = [];
  let backwards = 0;
  let entries = 0;
  let timed = 0;
  let latest: { at: number; record: LogStep['before'] } | undefined;
  const placeOf = ({ offset, length, line }: LogRecord) => ({ offset, length, ...(line !== undefined && { line }) });

  return {
    take(record: LogRecord): void {
      entries += 1;
      if (!record.time) return;
      timed += 1;
      const at = record.time.ms;
      if (!latest) {
        latest = { at, record: placeOf(record) };
        return;
      }
      const tolerance =
        record.time.fineness === 'min' ? 60_000 : record.time.fineness === 'day' ? 86_400_000 : CROSSING;
      const step = { from: latest.at, to: at, before: latest.record, after: placeOf(record) };
      if (at < latest.at - tolerance) {
        backwards += 1;
        if (backward.length < KEPT) backward.push(step);
      }
      if (at < latest.at) return;
      const span = at - latest.at;
      const bucket = Math.min(63, Math.floor(Math.log2(1 + span / 1000)));
      spans[bucket] = (spans[bucket] ?? 0) + 1;
      if (span >= HOLE_LEAST) {
        longest.push(step);
        if (longest.length > 2 * KEPT) {
          longest.sort((a, b) => b.to - b.from - (a.to - a.from));
          longest.length = KEPT;
        }
      }
      latest = { at, record: step.after };
    },
    end(): LogSteps {
      const usual = 20 * usualSpan(spans, timed);
      const holes =
        timed < ENTRIES_LEAST
          ? []
          : longest
              .filter(({ from, to }) => to - from >= Math.max(HOLE_LEAST, usual))
              .sort((a, b) => b.to - b.from - (a.to - a.from) || a.from - b.from)
              .slice(0, KEPT);
      return { entries, timed, backward: { count: backwards, steps: backward }, holes };
    },
  };
}

/** The upper end of the bucket below which 99 of 100 silences lie, in ms. */
function usualSpan(spans: Uint32Array, timed: number): number {
  let seen = 0;
  for (const [bucket, count] of spans.entries()) {
    seen += count;
    if (seen >= 0.99 * (timed - 1)) return (2 ** (bucket + 1) - 1) * 1000;
  }
  return Number.POSITIVE_INFINITY;
}
