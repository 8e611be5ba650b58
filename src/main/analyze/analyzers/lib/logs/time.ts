import type { Citation } from '../../../../../shared/domain';
import type { LogEntry } from '../../../formats/docker-log';
import { CITES_LIMIT } from '../rule';
import type { LogRule } from './rule';

/** The engine takes the time of each entry as it comes, so stdout and stderr may cross by a little. In ms. */
const CROSSING = 1000;

export const backwardTime: LogRule = {
  id: 'logs.backward-time',
  version: '1',
  title: "The log's time goes backward",
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1685', 'T1070.002'],
  benign: "The host's clock was set back. Otherwise entries were put in, or the file was changed.",
  begin: () => {
    let latest: { at: number; time: string; entry: LogEntry } | undefined;
    let count = 0;
    let told = '';
    const cites: Citation[] = [];
    return {
      entry(entry, cite) {
        const at = entry.time === undefined ? Number.NaN : Date.parse(entry.time);
        if (Number.isNaN(at) || entry.time === undefined) return;
        if (latest && at < latest.at - CROSSING) {
          count++;
          told ||= `an entry of ${entry.time} stands after one of ${latest.time}`;
          if (cites.length < CITES_LIMIT - 1) cites.push(cite(latest.entry), cite(entry));
        } else if (!latest || at > latest.at) latest = { at, time: entry.time, entry };
      },
      end: () =>
        count === 0
          ? []
          : [
              {
                claim: `In ${count === 1 ? 'one place' : `${count} places`} the log's time goes backward: ${told}.`,
                cites,
              },
            ],
    };
  },
};
