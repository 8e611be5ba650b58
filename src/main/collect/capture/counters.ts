/** What tcpdump counts (tcpdump(1)). */
export interface Counters {
  /** Written to the capture. */
  captured: number;
  /** Passed the filter; those beyond `captured` were not handed over yet when it ended. */
  received: number;
  /** Lost in the kernel because its buffer was full. */
  dropped: number;
}

const LIVE = /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped by kernel/g;
const FINAL =
  /(?:^|\n)(\d+) packets? captured\r?\n(\d+) packets? received by filter\r?\n(\d+) packets? dropped by kernel/g;

function last(text: string, pattern: RegExp): Counters | undefined {
  const match = [...text.matchAll(pattern)].at(-1);
  return match && { captured: Number(match[1]), received: Number(match[2]), dropped: Number(match[3]) };
}

/** The newest counters told while it runs (SIGUSR1), in the last part of standard error. */
export const liveCounters = (stderr: string): Counters | undefined => last(stderr, LIVE);

/** The counters told at the end; undefined where it did not come to its end. */
export const finalCounters = (stderr: string): Counters | undefined => last(stderr, FINAL);

/** Counters in words, for records and progress. */
export function countersText({ captured, received, dropped }: Counters): string {
  const waiting = received - captured;
  return `${captured} packets captured, ${received} received by filter, ${dropped} dropped by kernel${
    waiting > 0 ? ` (${waiting} received were not handed over when it ended)` : ''
  }`;
}
