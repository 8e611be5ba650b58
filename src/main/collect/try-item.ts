import type { Access, ExhibitRecord, Outcome, PlanItem, Target, TaskItem } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { withAccessLog } from '../hosts/access';
import type { Collector } from './collector';
import { collectContext, followKey, missOf } from './context';
import type { HostLink } from './link';
import { knownBytes, type Running, sayMiss } from './running';
import { endWith, STALL_MS, watchItem } from './watch';

/** How one try of an item ended. */
export interface Tried {
  /** The connection was lost, and the item may be tried again. */
  cut: boolean;
  /** What it cut off, by followKey. */
  partials: Map<string, string>;
}

export interface Try {
  item: PlanItem;
  collector: Collector;
  target: Target;
  link: HostLink;
  run: Running;
  accesses: Access[];
  /** Gives the item's place to others. */
  leave(): void;
  /** It was tried before and cut off. */
  again: boolean;
  follows?: ReadonlyMap<string, string>;
}

/** Runs a collector on its target, and records whatever comes of it. Throws only what ends the whole collection. */
export async function tryItem({
  item,
  collector,
  target,
  link,
  run,
  accesses,
  leave,
  again,
  follows,
}: Try): Promise<Tried> {
  const { session, collection, count, signal, onItem } = run;
  const here = { exhibits: 0, partial: 0, misses: 0 };
  const partials = new Map<string, string>();
  const held: string[] = [];
  const { facts, host } = link.session;
  let storing = 0;
  let over = false;
  const stallMs = collector.stallMs ?? run.stallMs ?? STALL_MS;
  const watch = watchItem({ address: item.host, stallMs, accesses }, leave);
  const ends = AbortSignal.any([signal, host.lost, watch.stalled]);
  const mayRetry = () => run.retries && !again && host.lost.aborted && !signal.aborted;
  const isStoring = () => storing > 0;

  const context = collectContext({
    session: link.session,
    target,
    door: {
      store: async (...given) => {
        storing += 1;
        try {
          return await session.door.store(...given);
        } finally {
          storing -= 1;
        }
      },
    },
    provenance: {
      collector: { id: collector.id, version: collector.version },
      tool: session.place.tool,
      collection,
      host: { id: facts.id, address: facts.address, hostname: facts.hostname },
      target: item.target,
      clockOffsetMs: facts.clock?.offsetMs,
      examiner: session.who.examiner,
      workstation: session.who.workstation,
    },
    follows,
    accesses,
    signal: ends,
    onBytes: (bytes) => {
      watch.alive();
      run.onBytes(bytes, item.key);
    },
    onStored: (record: ExhibitRecord) => {
      here.exhibits += 1;
      count.exhibits += 1;
      count.bytes += record.bytes;
      if (record.follows) onItem(item.key, { note: followed(record.follows) });
      if (!record.partial) return;
      here.partial += 1;
      count.partial += 1;
      partials.set(followKey(record), record.id);
      onItem(item.key, { note: record.reason });
    },
    onMiss: async (outcome: Exclude<Outcome, 'found'>, reason: string) => {
      if (over) return;
      watch.alive();
      // What fails because the connection is gone is no miss yet: it will be tried again.
      if (mayRetry()) held.push(reason);
      else {
        here.misses += 1;
        await sayMiss(item, run, outcome, reason, accesses.splice(0));
      }
    },
    known: knownBytes(session),
    onReferred: async (exhibit, digest) => {
      here.exhibits += 1;
      await session.append('exhibit.referred', exhibit, {
        collection,
        collector: collector.id,
        host: item.host,
        target: item.target,
        digest,
      });
      onItem(item.key, { note: `in the case already: ${exhibit}` });
    },
    onProgress: (done, total) => {
      watch.alive();
      onItem(item.key, { note: total === undefined ? `${done}` : `${done} of ${total}` });
    },
  });

  let error: LadingError | undefined;
  try {
    const working = withAccessLog(accesses, async () => collector.collect(context, target, item.input));
    await endWith(working, ends, { storing: isStoring });
  } catch (thrown) {
    const why = signal.aborted ? signal.reason : watch.stalled.aborted ? watch.stalled.reason : thrown;
    error = asLadingError(why);
  }
  watch.stop();
  over = true;
  if (watch.stalled.aborted && collector.needs?.includes('engine')) link.suspectEngine();
  if (error?.code === 'DISK_FULL') {
    onItem(item.key, { state: here.partial > 0 ? 'partial' : 'failed', note: error.message });
    throw error;
  }
  const cut = mayRetry() && (error !== undefined || here.partial > 0 || held.length > 0);
  if (error && here.partial === 0 && !cut) {
    // With a partial exhibit its record says what broke it; without one this is the only trace.
    const { outcome, reason } = signal.aborted
      ? { outcome: 'truncated' as const, reason: error.message }
      : missOf(error);
    await sayMiss(item, run, outcome, reason, accesses.splice(0));
  }
  if (accesses.length > 0) {
    await session.append('collection.touched', collection, {
      collector: collector.id,
      host: item.host,
      target: target.id,
      accesses: accesses.splice(0),
    });
  }
  // A collector that was left behind may touch nothing more: nobody would keep a record of it.
  accesses.push = () => {
    throw new LadingError('CANCELLED', `${collector.id} ended before it could go on.`);
  };
  if (!cut) onItem(item.key, { state: stateOf(here, error, signal.aborted) });
  return { cut, partials };
}

const followed = (exhibit: string) =>
  `taken again from the start; ${exhibit} is what came before the connection was cut`;

function stateOf(
  here: { exhibits: number; partial: number },
  error: LadingError | undefined,
  cancelled: boolean,
): TaskItem['state'] {
  if (here.partial > 0) return 'partial';
  if (error) return cancelled ? 'cancelled' : 'failed';
  if (here.exhibits > 0) return 'done';
  return 'none';
}
