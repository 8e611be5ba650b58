import { setTimeout as sleep } from 'node:timers/promises';
import type { Access } from '../../shared/domain';
import { LadingError } from '../../shared/errors';

/** So long may nothing come from an item before it counts as stalled, in milliseconds. */
export const STALL_MS = 120_000;
/** An item that is so long silent costs this machine nothing, so it gives its place to others, in milliseconds. */
const IDLE_MS = 5000;
/** How long an item that was told to end may take to put away what it has, in milliseconds. */
const GRACE_MS = 5000;

export interface Watched {
  /** Aborted with TIMED_OUT when nothing came for too long. */
  readonly stalled: AbortSignal;
  /** Something came. */
  alive(): void;
  stop(): void;
}

/** Watches one item for signs of life: bytes, progress, calls that begin or go on. `onIdle` is called at most once. */
export function watchItem(
  about: { address: string; stallMs: number; accesses: readonly Access[] },
  onIdle: () => void,
): Watched {
  const stop = new AbortController();
  let last = performance.now();
  const soFar = () => `${about.accesses.length} ${about.accesses.reduce((sum, { bytes }) => sum + bytes, 0)}`;
  let seen = soFar();
  let idle = false;
  const alive = () => {
    last = performance.now();
  };
  const timer = setInterval(
    () => {
      const now = soFar();
      if (now !== seen) {
        seen = now;
        alive();
      }
      const quiet = performance.now() - last;
      if (!idle && quiet >= Math.min(IDLE_MS, about.stallMs)) {
        idle = true;
        onIdle();
      }
      if (quiet < about.stallMs) return;
      const seconds = Math.round(about.stallMs / 1000);
      stop.abort(
        new LadingError('TIMED_OUT', `Stalled: nothing came from ${about.address} for ${seconds} s.`, {
          advice: 'See whether the host or its engine hangs; what arrived is kept.',
        }),
      );
      clearInterval(timer);
    },
    Math.min(1000, Math.max(20, about.stallMs / 4)),
  );
  timer.unref();
  return { stalled: stop.signal, alive, stop: () => clearInterval(timer) };
}

/**
 * Waits for work that `signal` may end. Work that does not heed it is left behind after a grace, once nothing is being
 * stored any more: a host that hangs must not hang the collection. Rejects with the work's error or the signal's reason.
 */
export async function endWith(
  work: Promise<unknown>,
  signal: AbortSignal,
  options: { storing(): boolean; graceMs?: number },
): Promise<void> {
  const over = new AbortController();
  const given = { signal: over.signal };
  const left = async (): Promise<never> => {
    await aborted(signal, over.signal);
    do await sleep(options.graceMs ?? GRACE_MS, undefined, given);
    while (options.storing());
    throw signal.reason;
  };
  const leaving = left();
  // Whichever comes second is of no interest any more.
  leaving.catch(() => undefined);
  work.catch(() => undefined);
  try {
    await Promise.race([work, leaving]);
  } finally {
    over.abort();
  }
}

function aborted(signal: AbortSignal, unless: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(), { once: true, signal: unless });
    unless.addEventListener('abort', () => reject(unless.reason), { once: true });
  });
}
