import type { Access, Outcome, PlanItem, TaskItem } from '../../shared/domain';
import type { CaseSession } from '../cases/session';
import type { Gate } from '../hosts/gate';
import type { Collector } from './collector';
import type { KnownBytes } from './context';

export interface Count {
  exhibits: number;
  partial: number;
  misses: number;
  bytes: number;
  done: number;
}

/** What all items of a collection share. */
export interface Running {
  session: CaseSession;
  collection: string;
  collectors: readonly Collector[];
  count: Count;
  /** Places over all hosts. */
  gate: Gate;
  signal: AbortSignal;
  /** For those collectors that say nothing else; STALL_MS when absent. */
  stallMs?: number;
  /** A lost connection can be made again. */
  retries: boolean;
  onItem(key: string, change: Partial<Omit<TaskItem, 'key'>>): void;
  onBytes(bytes: number, key: string): void;
}

/** Records that an item, or a part of it, was not taken, and shows it. */
export async function sayMiss(
  item: PlanItem,
  { session, collection, count, onItem }: Running,
  outcome: Exclude<Outcome, 'found'>,
  reason: string,
  accesses: Access[] = [],
): Promise<void> {
  count.misses += 1;
  await session.append('collection.miss', collection, {
    collection,
    collector: item.collector,
    host: item.host,
    target: item.target,
    outcome,
    reason,
    accesses,
  });
  onItem(item.key, { note: reason });
}

const knownByCase = new WeakMap<CaseSession, KnownBytes>();

/** One a case, so that two collections of it do not fetch the same bytes either. */
export function knownBytes(session: CaseSession): KnownBytes {
  const held = knownByCase.get(session);
  if (held) return held;
  const known: KnownBytes = {
    find: (digest) => session.data.exhibits.find((exhibit) => exhibit.sha256 === digest && !exhibit.partial)?.id,
    taking: new Map(),
  };
  knownByCase.set(session, known);
  return known;
}
