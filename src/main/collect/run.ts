import {
  type Access,
  type ExhibitRecord,
  type Outcome,
  type Plan,
  type PlanItem,
  type Target,
  type TaskItem,
  VOLATILITY,
} from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import type { CaseSession } from '../cases/session';
import { measureSessionClock } from '../docker/clock';
import type { HostSession } from '../docker/session';
import { withAccessLog } from '../hosts/access';
import type { Collector } from './collector';
import { collectContext, type KnownBytes, missOf } from './context';

/** Items under way at once on one host: more would only queue in sshd, which grants ten sessions a connection. */
const AT_ONCE = 6;

export interface RunOptions {
  session: CaseSession;
  plan: Plan;
  /** By address, with the targets the plan was made of. */
  hosts: Map<string, { session: HostSession; targets: Target[] }>;
  collectors: readonly Collector[];
  reason?: string;
  signal: AbortSignal;
  onItem(key: string, change: Partial<Omit<TaskItem, 'key'>>): void;
  onBytes(bytes: number, key: string): void;
  onDone(done: number, total: number): void;
}

/** What a collection gave. */
export interface RunResult {
  collection: string;
  exhibits: number;
  partial: number;
  misses: number;
  bytes: number;
}

interface Count {
  exhibits: number;
  partial: number;
  misses: number;
  bytes: number;
  done: number;
}

/**
 * Runs a plan. The plan is in the ledger before anything is touched, each exhibit as it is done, each miss with its
 * reason. On each host the kinds follow the order of volatility, several targets at once; hosts run side by side. A
 * failing item ends itself alone; a lost connection ends its host's items; a full disk or a cancel ends all. Whatever
 * arrived is kept. Rejects only with DISK_FULL, CANCELLED or a fault of Lading, after the ledger says how it ended.
 */
export async function runCollection(options: RunOptions): Promise<RunResult> {
  const { session, plan, signal } = options;
  const collection = `C${session.data.collections.length + 1}`;
  await session.append('collection.begun', collection, {
    profile: plan.profile,
    reason: options.reason,
    hosts: [...options.hosts.keys()],
    plan: plan.items.map(({ key, host, collector, target, footprint, input, impossible }) => ({
      key,
      host,
      collector,
      target,
      footprint,
      input,
      impossible,
    })),
  });
  const count: Count = { exhibits: 0, partial: 0, misses: 0, bytes: 0, done: 0 };
  for (const item of plan.items) {
    options.onItem(item.key, {
      label: `${item.title} · ${item.target.name}`,
      state: item.impossible ? 'skipped' : 'waiting',
      note: item.impossible,
    });
    if (item.impossible) count.misses += 1;
  }
  // One that fails for all (a full disk) stops all; the examiner's cancel does too.
  const stop = new AbortController();
  const all = AbortSignal.any([signal, stop.signal]);
  let failed: LadingError | undefined;
  const onFatal = (error: LadingError) => {
    failed ??= error;
    stop.abort(error);
  };
  await Promise.all([...options.hosts.keys()].map((host) => runHost(host, collection, options, count, all, onFatal)));
  const cancelled = signal.aborted;
  await session.append('collection.ended', collection, {
    state: failed ? 'failed' : cancelled ? 'cancelled' : 'done',
    exhibits: count.exhibits,
    misses: count.misses,
    bytes: count.bytes,
    error: failed?.toData(),
  });
  await session.save().catch((error) => onFatal(asLadingError(error)));
  if (failed) throw failed;
  if (cancelled)
    throw new LadingError('CANCELLED', `Collection ${collection} was cancelled; ${count.exhibits} exhibits are kept.`);
  return { collection, exhibits: count.exhibits, partial: count.partial, misses: count.misses, bytes: count.bytes };
}

async function runHost(
  address: string,
  collection: string,
  options: RunOptions,
  count: Count,
  signal: AbortSignal,
  onFatal: (error: LadingError) => void,
): Promise<void> {
  const host = options.hosts.get(address);
  if (!host) return;
  const items = options.plan.items.filter((item) => item.host === address && !item.impossible);
  for (const volatility of VOLATILITY) {
    const queue = items.filter((item) => item.volatility === volatility);
    const workers = Array.from({ length: Math.min(AT_ONCE, queue.length) }, async () => {
      for (let item = queue.shift(); item; item = queue.shift()) {
        await runItem(item, host, collection, options, count, signal).catch((error) => onFatal(asLadingError(error)));
        count.done += 1;
        options.onDone(count.done, options.plan.items.length);
      }
    });
    await Promise.all(workers);
  }
  if (host.session.host.lost.aborted || signal.aborted) return;
  const accesses: Access[] = [];
  try {
    const clock = await withAccessLog(accesses, () => measureSessionClock(host.session));
    if (clock) await options.session.append('collection.clock', collection, { host: address, clock, accesses });
  } catch (error) {
    if (asLadingError(error).code === 'DISK_FULL') onFatal(asLadingError(error));
    // else: the report says that the clock was not measured again
  }
}

async function runItem(
  item: PlanItem,
  host: { session: HostSession; targets: Target[] },
  collection: string,
  options: RunOptions,
  count: Count,
  signal: AbortSignal,
): Promise<void> {
  const { session, onItem } = options;
  const collector = options.collectors.find((one) => one.id === item.collector);
  const target = host.targets.find((one) => one.kind === item.target.kind && one.id === item.target.id);
  if (!collector || !target) throw new LadingError('INTERNAL', `The plan names ${item.collector}, which is not there.`);
  const accesses: Access[] = [];
  const here = { exhibits: 0, partial: 0, misses: 0 };
  const onMiss = async (outcome: Exclude<Outcome, 'found'>, reason: string) => {
    here.misses += 1;
    count.misses += 1;
    await session.append('collection.miss', collection, {
      collection,
      collector: collector.id,
      host: item.host,
      target: item.target,
      outcome,
      reason,
      accesses: accesses.splice(0),
    });
    onItem(item.key, { note: reason });
  };
  if (signal.aborted) {
    onItem(item.key, { state: 'cancelled' });
    await onMiss('not applicable', 'The collection ended before this began.');
    return;
  }
  if (host.session.host.lost.aborted) {
    onItem(item.key, { state: 'failed' });
    await onMiss('unreadable', asLadingError(host.session.host.lost.reason).message);
    return;
  }
  onItem(item.key, { state: 'running' });
  const { facts } = host.session;
  const onStored = (record: ExhibitRecord) => {
    here.exhibits += 1;
    count.exhibits += 1;
    count.bytes += record.bytes;
    if (!record.partial) return;
    here.partial += 1;
    count.partial += 1;
    onItem(item.key, { note: record.reason });
  };
  const context = collectContext({
    session: host.session,
    target,
    door: session.door,
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
    accesses,
    signal: AbortSignal.any([signal, host.session.host.lost]),
    onBytes: (bytes) => options.onBytes(bytes, item.key),
    onStored,
    onMiss,
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
    onProgress: (done, total) => onItem(item.key, { note: total === undefined ? `${done}` : `${done} of ${total}` }),
  });
  let error: LadingError | undefined;
  try {
    await withAccessLog(accesses, () => collector.collect(context, target, item.input));
  } catch (thrown) {
    error = asLadingError(signal.aborted ? signal.reason : thrown);
  }
  if (error?.code === 'DISK_FULL') {
    onItem(item.key, { state: here.partial > 0 ? 'partial' : 'failed', note: error.message });
    throw error;
  }
  if (error && here.partial === 0) {
    // With a partial exhibit its record says what broke it; without one this is the only trace.
    const { outcome, reason } = signal.aborted
      ? { outcome: 'truncated' as const, reason: error.message }
      : missOf(error);
    await onMiss(outcome, reason);
  }
  if (accesses.length > 0) {
    await session.append('collection.touched', collection, {
      collector: collector.id,
      host: item.host,
      target: target.id,
      accesses: accesses.splice(0),
    });
  }
  onItem(item.key, { state: stateOf(here, error, signal.aborted) });
}

const knownByCase = new WeakMap<CaseSession, KnownBytes>();

/** One a case, so that two collections of it do not fetch the same bytes either. */
function knownBytes(session: CaseSession): KnownBytes {
  const held = knownByCase.get(session);
  if (held) return held;
  const known: KnownBytes = {
    find: (digest) => session.data.exhibits.find((exhibit) => exhibit.sha256 === digest && !exhibit.partial)?.id,
    taking: new Map(),
  };
  knownByCase.set(session, known);
  return known;
}

function stateOf(
  here: { exhibits: number; partial: number; misses: number },
  error: LadingError | undefined,
  cancelled: boolean,
): TaskItem['state'] {
  if (here.partial > 0) return 'partial';
  if (error) return cancelled ? 'cancelled' : 'failed';
  if (here.exhibits > 0) return 'done';
  return 'none';
}
