import type { Plan } from './domain';

/** What a plan will give in all, as far as it is known. */
export interface PlanTotals {
  /** Of those whose size is known. */
  bytes: number;
  known: number;
  unknown: number;
  /** The longest of those whose duration is known, in milliseconds: they run side by side. */
  ms: number;
}

/** Adds a plan's estimates up. What is not known is counted, never guessed; what will not run gives nothing. */
export function planTotals(plan: Pick<Plan, 'items'>): PlanTotals {
  const totals: PlanTotals = { bytes: 0, known: 0, unknown: 0, ms: 0 };
  for (const item of plan.items) {
    if (item.impossible !== undefined) continue;
    totals.ms = Math.max(totals.ms, item.estimatedMs ?? 0);
    if (item.estimatedBytes === undefined) totals.unknown += 1;
    else {
      totals.known += 1;
      totals.bytes += item.estimatedBytes;
    }
  }
  return totals;
}

/** "about 1.2 GB for 3 items, unknown for 40"; `size` writes bytes as the screen or the terminal does. */
export function totalsText(totals: PlanTotals, size: (bytes: number) => string): string {
  const { known, unknown, bytes, ms } = totals;
  if (known + unknown === 0) return 'nothing';
  const time = ms > 0 ? `; at least ${Math.ceil(ms / 1000)} s` : '';
  if (known === 0) return `size not known beforehand${time}`;
  const rest = unknown === 0 ? '' : `, unknown for ${unknown}`;
  return `about ${size(bytes)} for ${known} ${known === 1 ? 'item' : 'items'}${rest}${time}`;
}
