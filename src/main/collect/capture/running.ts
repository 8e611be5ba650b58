import type { Counters } from './counters';

/** A capture or a series of samples that runs, for who watches and stops it. */
export interface RunningCapture {
  id: string;
  collector: string;
  host: string;
  target: string;
  interface: string;
  begun: string;
  bytes: number;
  counters?: Counters;
  /** Ends it as if its limit were reached: what came is whole, not partial. */
  stop(): void;
}

const running = new Map<string, RunningCapture>();
let last = 0;

/** Makes a capture known until `forget` is called. */
export function announce(one: Omit<RunningCapture, 'id'>): { capture: RunningCapture; forget(): void } {
  last += 1;
  const capture: RunningCapture = Object.assign(one, { id: `capture-${last}` });
  running.set(capture.id, capture);
  return { capture, forget: () => void running.delete(capture.id) };
}

/** All that run now. */
export function runningCaptures(): RunningCapture[] {
  return [...running.values()];
}
