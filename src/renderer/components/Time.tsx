import { Tooltip } from '@mantine/core';
import classes from './text.module.css';

interface Props {
  /** UTC, ISO 8601. */
  at: string;
  /** The same moment on the host's clock, or the host clock's offset to ours in milliseconds. */
  host?: string;
  offsetMs?: number;
  /** Shows milliseconds. */
  precise?: boolean;
}

/** `+1.234 s`: how far a host's clock is from this machine's. */
export function formatOffset(ms: number): string {
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  if (size < 1000) return `${sign}${Math.round(size)} ms`;
  if (size < 120_000) return `${sign}${(size / 1000).toFixed(1)} s`;
  if (size < 7_200_000) return `${sign}${Math.round(size / 60_000)} min`;
  return `${sign}${(size / 3_600_000).toFixed(1)} h`;
}

/** `2026-11-25 03:53:59`, in UTC. */
export function formatUtc(at: string, precise = false): string {
  return at
    .replace('T', ' ')
    .replace('Z', '')
    .slice(0, precise ? 23 : 19);
}

/** `3 min ago`; for the moment, not for the record. */
export function ago(at: string, now = Date.now()): string {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  if (seconds < 45) return 'just now';
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

function localZone(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.valueOf()) ? '' : date.toLocaleString(undefined, { timeZoneName: 'short' });
}

/** A time in UTC, zone always printed; on hover to the millisecond, with the host's clock and the examiner's zone. */
export function Time({ at, host, offsetMs, precise }: Props) {
  const date = Date.parse(at);
  const onHost =
    host ?? (offsetMs === undefined || Number.isNaN(date) ? undefined : new Date(date + offsetMs).toISOString());
  const label = (
    <>
      <div>{formatUtc(at, true)} UTC</div>
      {onHost && (
        <div>
          host clock {formatUtc(onHost, true)} UTC
          {` (${formatOffset(offsetMs ?? Date.parse(onHost) - date)})`}
        </div>
      )}
      <div>here {localZone(at)}</div>
    </>
  );
  return (
    <Tooltip label={label}>
      <time dateTime={at} className={classes.time}>
        {formatUtc(at, precise)}
        <span className={classes.zone}>UTC</span>
      </time>
    </Tooltip>
  );
}
