import type { Line } from './lines';
import type { LogPlace, LogTime } from './time';

/** One entry of a log, read. */
export interface LogRecord {
  /** Absent where the entry has none that can be one. */
  time?: LogTime;
  /** What the time is the time of: 'Logged', 'Request', 'Login'. */
  desc: string;
  /** What happened, in the log's own words where it has some. Hostile text: shown through visible() only. */
  message: string;
  /** Names of what it is about, for rules and filters: 'user', 'address', 'status', 'program'. */
  fields: Readonly<Record<string, string>>;
  /** The place in the stream, in bytes. */
  offset: number;
  length: number;
  /** 1-based number of its first line; absent in binary logs. */
  line?: number;
}

/** Something in a log that is not as its format says. */
export interface LogFault {
  offset: number;
  reason: string;
}

/** Reads one kind of log piece by piece, in constant memory: `push` each chunk in order, then `end`. Never throws. */
export interface LogReader {
  push(chunk: Buffer): void;
  /** What could not be understood; of very many faults the first and a count. */
  end(): LogFault[];
}

/** A kind of log that Lading can read. */
export interface LogFormat {
  id: string;
  /** For a person: 'nginx or Apache access log'. */
  title: string;
  /** How surely the first bytes of a file are of this kind, 0 (not at all) to 1. Given up to 64 KiB. */
  sniff(head: Buffer): number;
  reader(take: (record: LogRecord) => void, place: LogPlace): LogReader;
}

const FAULTS_KEPT = 20;

/** Collects faults without growing. */
export function faultList() {
  const kept: LogFault[] = [];
  let more = 0;
  return {
    add(offset: number, reason: string): void {
      if (kept.length < FAULTS_KEPT) kept.push({ offset, reason });
      else more += 1;
    },
    end: (): LogFault[] =>
      more === 0 ? kept : [...kept, { offset: -1, reason: `${more} more faults of its format.` }],
  };
}

/** What a parser of single lines gives; the place is added. */
export type ParsedLine = Omit<LogRecord, 'offset' | 'length' | 'line'>;

/** The place of a line, as a record has it. */
export function placeOf(line: Line): Pick<LogRecord, 'offset' | 'length' | 'line'> {
  return { offset: line.offset, length: line.length, line: line.number };
}
