import { PassThrough } from 'node:stream';
import type { ClockReading } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { Host } from './host';

const SAMPLES = 5;
/** A host that takes longer for five lines is not worth waiting for. */
const LIMIT_MS = 15_000;

/** Since the start of the process this machine's clock may have been set, which monotonic time does not know. */
let drift = 0;

/** This machine's clock in milliseconds, finer than Date.now(). */
export function localNow(): number {
  const fine = performance.timeOrigin + performance.now();
  if (Math.abs(Date.now() - fine - drift) > 2) drift = Date.now() - fine;
  return fine + drift;
}

/** One question and its answer: local times around it, and what the host said. */
export interface ClockSample {
  askedMs: number;
  answeredMs: number;
  hostMs: number;
  /** Milliseconds: what the host's clock is read to; half of it counts as uncertainty. */
  resolutionMs: number;
}

/**
 * The host's clock against ours, as NTP does it (RFC 5905, 8): of several questions the one with the shortest round
 * trip counts. All are asked within one command that answers each line with the time. Undefined for a host that runs
 * no commands or whose `date` is of no use; throws CONNECTION_LOST.
 */
export async function measureClock(host: Host): Promise<ClockReading | undefined> {
  if (host.transport === 'engine only') return undefined;
  const questions = new PassThrough();
  const loop = 'while read -r _; do date -u +%s.%N; done';
  const execution = await host.exec(['sh', '-c', loop], { stdin: questions, timeoutMs: LIMIT_MS });
  execution.stderr.resume();
  const samples: ClockSample[] = [];
  let text = '';
  try {
    let askedMs = localNow();
    questions.write('\n');
    for await (const piece of execution.stdout) {
      const answeredMs = localNow();
      text += String(piece);
      const end = text.indexOf('\n');
      if (end < 0) {
        if (text.length > 200) break;
        continue;
      }
      const sample = parseSample(text.slice(0, end), askedMs, answeredMs);
      text = '';
      if (sample) samples.push(sample);
      if (!sample || samples.length === SAMPLES) break;
      askedMs = localNow();
      questions.write('\n');
    }
    questions.end();
    await execution.done.catch(ignoreUnlessLost);
  } catch (error) {
    questions.end();
    ignoreUnlessLost(error);
  }
  return bestReading(samples);
}

function ignoreUnlessLost(error: unknown): void {
  if (error instanceof LadingError && error.code === 'CONNECTION_LOST') throw error;
}

/** `1764063600.123456789`; a busybox without %N says `1764063600.%N` or ends at the point. */
export function parseSample(line: string, askedMs: number, answeredMs: number): ClockSample | undefined {
  const parts = /^(\d{1,12})(?:\.(\d{1,9}|N|%N)?)?\s*$/.exec(line);
  if (!parts) return undefined;
  const fraction = /^\d+$/.test(parts[2] ?? '') ? Number(`0.${parts[2]}`) * 1000 : undefined;
  // Without a fraction the second has begun somewhere: its middle is the best guess.
  return {
    askedMs,
    answeredMs,
    hostMs: Number(parts[1]) * 1000 + (fraction ?? 500),
    resolutionMs: fraction === undefined ? 1000 : 0,
  };
}

/** The sample with the shortest round trip, as a reading. */
export function bestReading(samples: readonly ClockSample[]): ClockReading | undefined {
  const trip = (one: ClockSample) => one.answeredMs - one.askedMs + one.resolutionMs;
  const best = [...samples].sort((a, b) => trip(a) - trip(b))[0];
  if (!best) return undefined;
  const middle = (best.askedMs + best.answeredMs) / 2;
  const hostTime = new Date(best.hostMs);
  if (Number.isNaN(hostTime.getTime())) return undefined;
  return {
    hostTime: hostTime.toISOString(),
    localTime: new Date(middle).toISOString(),
    offsetMs: Math.round((best.hostMs - middle) * 10) / 10,
    uncertaintyMs: Math.round((trip(best) / 2 + 0.5) * 10) / 10,
  };
}
