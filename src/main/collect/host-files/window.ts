import { z } from 'zod';

/** RFC 3339 with a zone, so that nobody has to guess whose midnight is meant. */
const Moment = z.iso.datetime({ offset: true, error: 'a time like 2026-11-25T03:00:00Z' });

/** The time in which the examiner is interested; without it everything is taken. */
export const TimeWindow = z
  .object({
    since: Moment.optional().describe('Leave out what is older than this time (2026-11-25T03:00:00Z).'),
    until: Moment.optional().describe('Leave out journal entries newer than this time (2026-11-25T12:00:00Z).'),
  })
  .refine(({ since, until }) => !since || !until || Date.parse(since) <= Date.parse(until), {
    error: 'the window ends before it begins',
  })
  .default({});
export type TimeWindow = z.output<typeof TimeWindow>;

/** The window for journalctl, in seconds since 1970 (systemd.time(7)), which depend on no zone. The end is rounded up. */
export function windowWords(window: TimeWindow): string[] {
  return [
    ...(window.since ? [`--since=@${seconds(window.since, Math.floor)}`] : []),
    ...(window.until ? [`--until=@${seconds(window.until, Math.ceil)}`] : []),
  ];
}

/** Files last written before this, in seconds since 1970, hold nothing of the window; 0 where it has no beginning. */
export function windowSince(window: TimeWindow): number {
  return window.since ? Math.max(0, seconds(window.since, Math.floor)) : 0;
}

function seconds(moment: string, round: (value: number) => number): number {
  return round(Date.parse(moment) / 1000);
}
