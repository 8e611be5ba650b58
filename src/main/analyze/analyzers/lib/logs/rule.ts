import type { Citation } from '../../../../../shared/domain';
import type { LogEntry } from '../../../formats/docker-log';
import { CITES_LIMIT, type Hit, type Rule } from '../rule';

/** A rule on logs looks at one entry after the other, so that a log of any size needs no memory. */
export interface LogLook {
  entry(entry: LogEntry, cite: (entry: LogEntry) => Citation): void;
  end(): Hit[];
}

export type LogRule = Rule & { begin: () => LogLook };

/** Entries that fit: how many, the first of them with their places. */
export interface Fitting {
  count: number;
  first?: LogEntry;
  cites: Citation[];
}

/** Counts the entries that fit and keeps the places of the first. */
export function gather(fits: (entry: LogEntry) => boolean, tell: (fitting: Fitting, first: LogEntry) => Hit): LogLook {
  const fitting: Fitting = { count: 0, cites: [] };
  return {
    entry(entry, cite) {
      if (!fits(entry)) return;
      fitting.count++;
      fitting.first ??= entry;
      if (fitting.cites.length < CITES_LIMIT) fitting.cites.push(cite(entry));
    },
    end: () => (fitting.first ? [tell(fitting, fitting.first)] : []),
  };
}
