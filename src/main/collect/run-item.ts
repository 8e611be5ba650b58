import type { Access, PlanItem } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { missOf } from './context';
import type { HostLink } from './link';
import { type Running, sayMiss } from './running';
import { type Tried, tryItem } from './try-item';

/**
 * Runs one item. When the connection is cut it is made again, and the item is tried once more from its start; what came
 * before is kept as a partial exhibit that the new one names. Throws only what ends the whole collection.
 */
export async function runItem(item: PlanItem, link: HostLink, run: Running): Promise<void> {
  const first = await begin(item, link, run, { again: false });
  if (!first?.cut) return;
  run.onItem(item.key, { state: 'reconnecting', note: 'The connection was lost; it is being made again.' });
  const why = await link.restore();
  if (why) {
    if (first.partials.size === 0) await sayMiss(item, run, missOf(why).outcome, why.message);
    run.onItem(item.key, { state: first.partials.size > 0 ? 'partial' : 'failed', note: why.message });
    return;
  }
  await begin(item, link, run, { again: true, follows: first.partials });
}

/** One try, where it can be made at all; undefined where it could not, which is recorded. */
async function begin(
  item: PlanItem,
  link: HostLink,
  run: Running,
  options: { again: boolean; follows?: ReadonlyMap<string, string> },
): Promise<Tried | undefined> {
  const collector = run.collectors.find((one) => one.id === item.collector);
  const target = link.targets.find((one) => one.kind === item.target.kind && one.id === item.target.id);
  if (!collector || !target) throw new LadingError('INTERNAL', `The plan names ${item.collector}, which is not there.`);
  // While the connection is made again nobody's place is taken.
  const gone = run.signal.aborted ? undefined : await link.restore();
  const leave = await run.gate.enter(run.signal).catch(() => undefined);
  if (!leave) {
    run.onItem(item.key, { state: 'cancelled' });
    await sayMiss(item, run, 'not applicable', 'The collection ended before this began.');
    return undefined;
  }
  try {
    const accesses: Access[] = [];
    const trouble = gone ?? (collector.needs?.includes('engine') ? await link.engineTrouble(accesses) : undefined);
    if (trouble) {
      run.onItem(item.key, { state: 'failed' });
      await sayMiss(item, run, 'unreadable', trouble.message, accesses);
      return undefined;
    }
    run.onItem(item.key, { state: 'running', note: undefined });
    return await tryItem({ item, collector, target, link, run, accesses, leave, ...options });
  } finally {
    leave();
  }
}
