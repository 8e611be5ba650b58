import type { ExhibitRecord } from '../../../../shared/domain';
import { type LogTime, microsOfTime } from '../../formats/logs/time';

/** Milliseconds that the host's clock was ahead of the examiner's; undefined where it was not measured. */
export function correctionOf({ clockOffsetMs }: Pick<ExhibitRecord, 'clockOffsetMs'>): number | undefined {
  return clockOffsetMs === undefined ? undefined : Math.round(clockOffsetMs);
}

/** The columns of a row that say its time: corrected by the clock's offset, and as the evidence has it. */
export interface EventTime {
  us: number;
  precision: string;
  raw: string;
  offset_ms?: number;
}

/** Undefined where the corrected time is before 1970 or beyond what a number holds exactly in µs (the year 2255). */
export function eventTime(time: LogTime, correction: number | undefined): EventTime | undefined {
  const us = microsOfTime(time) - (correction ?? 0) * 1000;
  if (!Number.isSafeInteger(us) || us < 0) return undefined;
  const fineness = time.fineness === 'µs' ? 'us' : time.fineness;
  return {
    us,
    precision: [fineness, ...time.assumed.map((what) => `${what} assumed`)].join(', '),
    raw: time.raw,
    ...(correction !== undefined && { offset_ms: correction }),
  };
}
