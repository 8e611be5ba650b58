import { setTimeout as sleep } from 'node:timers/promises';
import type { Access, Target } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import type { HostSession } from '../docker/session';
import { withAccessLog } from '../hosts/access';

/** Waits before each try to connect again, in milliseconds. */
export const RECONNECT_AFTER = [1000, 4000, 10_000] as const;
/** How long an engine that stalled an item may take to answer a ping, in milliseconds. */
export const PING_MS = 30_000;
/** After so many unanswered pings in a row the engine is given up for this collection. */
const PINGS = 3;

/** A tried answer means that a further try would only lock the account, or talk to a stranger. */
const FINAL = new Set([
  'HOST_KEY_CHANGED',
  'HOST_KEY_UNKNOWN',
  'AUTH_REQUIRED',
  'AUTH_FAILED',
  'BAD_INPUT',
  'DISK_FULL',
]);

/** The connection to one host during a collection: it can be made anew, and it knows whether the engine answers. */
export interface HostLink {
  readonly address: string;
  readonly targets: readonly Target[];
  readonly session: HostSession;
  /** The connection is gone at this moment. */
  readonly lost: boolean;
  /**
   * Connects again where the connection is gone; all who wait share one try. Gives why it cannot be had any more, which
   * stays so for the collection.
   */
  restore(): Promise<LadingError | undefined>;
  /** An item that needed the engine stalled: it is asked before the next one. */
  suspectEngine(): void;
  /** Why the engine is not to be asked; undefined where it answers. Asks only after a stall. */
  engineTrouble(accesses: Access[]): Promise<LadingError | undefined>;
}

export interface LinkOptions {
  /** Makes the connection anew, with its own entries in the ledger. */
  reconnect?: (address: string) => Promise<HostSession>;
  signal: AbortSignal;
  delays?: readonly number[];
  pingMs?: number;
}

export function hostLink(
  address: string,
  given: { session: HostSession; targets: readonly Target[] },
  options: LinkOptions,
): HostLink {
  const { reconnect, signal, delays = RECONNECT_AFTER, pingMs = PING_MS } = options;
  let session = given.session;
  let gone: LadingError | undefined;
  let restoring: Promise<LadingError | undefined> | undefined;
  let suspect = false;
  let unanswered = 0;
  let pinging: Promise<LadingError | undefined> | undefined;

  async function tryAgain(): Promise<LadingError | undefined> {
    const lost = asLadingError(session.host.lost.reason);
    if (!reconnect) return lost;
    let why = lost;
    for (const delay of delays) {
      try {
        await sleep(delay, undefined, { signal });
        const next = await reconnect(address);
        if (next.facts.id !== session.facts.id) {
          await next.close();
          return new LadingError('HOST_KEY_CHANGED', `Another machine answers at ${address} than before.`, {
            advice: 'Find out why before you collect from it.',
          });
        }
        session = next;
        return undefined;
      } catch (error) {
        if (signal.aborted) return asLadingError(signal.reason);
        why = asLadingError(error);
        if (FINAL.has(why.code)) break;
      }
    }
    return new LadingError(
      'CONNECTION_LOST',
      `The connection to ${address} was lost and could not be made again: ${why.message}`,
      { advice: why.advice, cause: why },
    );
  }

  async function ping(accesses: Access[]): Promise<LadingError | undefined> {
    const { engine } = session;
    if (!engine) return undefined; // the item says so itself
    try {
      const soon = AbortSignal.any([signal, AbortSignal.timeout(pingMs)]);
      const response = await withAccessLog(accesses, () => engine.request('GET', '/_ping', undefined, soon));
      response.body.destroy();
      suspect = false;
      unanswered = 0;
      return undefined;
    } catch (error) {
      const { code, message } = asLadingError(error);
      // An engine that is gone says so at once, to each who asks.
      if (code !== 'CANCELLED' && code !== 'TIMED_OUT') return new LadingError('ENGINE_ABSENT', message);
      unanswered += 1;
      return noAnswer();
    }
  }

  const noAnswer = () =>
    new LadingError(
      'TIMED_OUT',
      `The engine on ${address} stalled: it did not answer ${unanswered > 1 ? `${unanswered} pings` : 'a ping'} of ${Math.round(pingMs / 1000)} s.`,
      { advice: 'See whether the engine hangs; collect again when it answers.' },
    );

  return {
    address,
    targets: given.targets,
    get session() {
      return session;
    },
    get lost() {
      return session.host.lost.aborted;
    },
    restore() {
      if (!session.host.lost.aborted) return Promise.resolve(undefined);
      if (gone) return Promise.resolve(gone);
      restoring ??= tryAgain().then((why) => {
        gone = why;
        restoring = undefined;
        return why;
      });
      return restoring;
    },
    suspectEngine() {
      suspect = true;
    },
    engineTrouble(accesses) {
      if (!suspect) return Promise.resolve(undefined);
      if (unanswered >= PINGS) return Promise.resolve(noAnswer());
      pinging ??= ping(accesses).finally(() => {
        pinging = undefined;
      });
      return pinging;
    },
  };
}
