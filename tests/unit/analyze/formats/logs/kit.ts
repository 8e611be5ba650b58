import type { LogFault, LogFormat, LogRecord } from '../../../../../src/main/analyze/formats/logs/record';
import type { LogPlace } from '../../../../../src/main/analyze/formats/logs/time';

export const PLACE: LogPlace = { collected: Date.parse('2026-11-25T12:00:00Z') };

/** Reads a log in pieces of a size, so that no format rests on where a piece ends. */
export function readAll(
  format: LogFormat,
  bytes: Buffer | string,
  size = 7,
  place = PLACE,
): { records: LogRecord[]; faults: LogFault[] } {
  const records: LogRecord[] = [];
  const reader = format.reader((record) => records.push(record), place);
  const all = Buffer.from(bytes);
  for (let at = 0; at < all.length; at += size) reader.push(all.subarray(at, at + size));
  return { records, faults: reader.end() };
}

/** The bytes that a record says it is. */
export function at(bytes: Buffer | string, { offset, length }: Pick<LogRecord, 'offset' | 'length'>): string {
  return Buffer.from(bytes).toString('utf8', offset, offset + length);
}

/** ISO time of a record. */
export function iso({ time }: LogRecord): string {
  return time ? new Date(Math.floor(time.ms)).toISOString() : 'none';
}

/** The n-th, which a test says is there. */
export function nth<T>(list: readonly T[], n: number): T {
  const found = list[n];
  if (found === undefined) throw new Error(`There are ${list.length}, none at ${n}.`);
  return found;
}
