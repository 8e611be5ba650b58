import {
  type Access,
  FOOTPRINTS,
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
import { Gate } from '../hosts/gate';
import type { Collector } from './collector';
import { type HostLink, hostLink } from './link';
import { runItem } from './run-item';
import type { Count, Running } from './running';

/** Items under way at once on one host: more would only queue in sshd, which grants ten sessions a connection. */
const AT_ONCE = 6;
/**
 * What waits for the more volatile to be over, and what only begins after it: what lies on the host's disk does not
 * vanish while a big upper directory is under way, so a layer need not wait for it.
 */
const ON_DISK = VOLATILITY.indexOf('file system');
const STAGES = [...VOLATILITY.slice(0, ON_DISK).map((each) => [each]), VOLATILITY.slice(ON_DISK)];
/** Items under way at once over all hosts: this machine hashes and writes for all of them. */
const ALL_AT_ONCE = 24;

export interface RunOptions {
  session: CaseSession;
  plan: Plan;
  /** By address, with the targets the plan was made of. */
  hosts: Map<string, { session: HostSession; targets: Target[] }>;
  collectors: readonly Collector[];
  reason?: string;
  signal: AbortSignal;
  /** Makes a lost connection to a host anew, with its own entries in the ledger. Without it, lost is lost. */
  reconnect?: (address: string) => Promise<HostSession>;
  /** Patience, where it shall be another than that of watch.ts and link.ts; in milliseconds. */
  patience?: { stallMs?: number; pingMs?: number; reconnectAfter?: readonly number[] };
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

/**
 * Runs a plan. The plan is in the ledger before anything is touched, each exhibit as it is done, each miss with its
 * reason. On each host the kinds follow the order of volatility, several targets at once; hosts run side by side. A
 * failing or stalled item ends itself alone; a lost connection is made again and its items are tried once more; a full
 * disk or a cancel ends all. Whatever arrived is kept. Rejects only with DISK_FULL, CANCELLED or a fault of Lading, after the ledger says how it ended.
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
      host: item.host,
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
  const run: Running = {
    session,
    collection,
    collectors: options.collectors,
    count,
    gate: new Gate(ALL_AT_ONCE),
    signal: all,
    stallMs: options.patience?.stallMs,
    retries: options.reconnect !== undefined,
    onItem: options.onItem,
    onBytes: options.onBytes,
  };
  await Promise.all(
    [...options.hosts].map(([address, given]) => {
      const link = hostLink(address, given, {
        reconnect: options.reconnect,
        signal: all,
        delays: options.patience?.reconnectAfter,
        pingMs: options.patience?.pingMs,
      });
      return runHost(link, options, run, onFatal);
    }),
  );
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
  link: HostLink,
  options: RunOptions,
  run: Running,
  onFatal: (error: LadingError) => void,
): Promise<void> {
  const items = options.plan.items.filter((item) => item.host === link.address && !item.impossible);
  for (const stage of STAGES) {
    const lanes = lanesOf(stage.flatMap((volatility) => items.filter((item) => item.volatility === volatility)));
    const workers = Array.from({ length: Math.min(AT_ONCE, lanes.length) }, async (_, worker) => {
      // One sees to the images first: an image's layers are mostly the longest item, and would run alone at the end.
      const next = () => lanes.splice(worker > 0 ? 0 : Math.max(0, lanes.findIndex(ofImage)), 1)[0];
      for (let lane = next(); lane; lane = next()) {
        for (const item of lane) {
          await runItem(item, link, run).catch((error) => onFatal(asLadingError(error)));
          run.count.done += 1;
          options.onDone(run.count.done, options.plan.items.length);
        }
      }
    });
    await Promise.all(workers);
  }
  if (link.lost || run.signal.aborted) return;
  const accesses: Access[] = [];
  try {
    const clock = await withAccessLog(accesses, () => measureSessionClock(link.session));
    if (clock)
      await options.session.append('collection.clock', run.collection, { host: link.address, clock, accesses });
  } catch (error) {
    if (asLadingError(error).code === 'DISK_FULL') onFatal(asLadingError(error));
    // else: the report says that the clock was not measured again
  }
}

const ofImage = ([first]: PlanItem[]) => first?.volatility === 'image';

const ALONE = FOOTPRINTS.indexOf('runs in container');

/**
 * What runs side by side, and what one after the other: items that run in a container or stop it would see and disturb
 * each other, so those of one container follow each other.
 */
function lanesOf(items: readonly PlanItem[]): PlanItem[][] {
  const lanes: PlanItem[][] = [];
  const alone = new Map<string, PlanItem[]>();
  for (const item of items) {
    const free = FOOTPRINTS.indexOf(item.footprint) < ALONE || item.target.kind !== 'container';
    const lane = free ? undefined : alone.get(item.target.id);
    if (lane) {
      lane.push(item);
      continue;
    }
    const made = [item];
    lanes.push(made);
    if (!free) alone.set(item.target.id, made);
  }
  return lanes;
}
