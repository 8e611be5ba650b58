import {
  FOOTPRINTS,
  type Footprint,
  type HostFacts,
  type HostSpec,
  type Need,
  type Plan,
  type PlanItem,
  type Target,
  VOLATILITY,
} from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Collector } from './collector';

/** A connected host with what can be collected there. */
export interface PlanHost {
  spec: HostSpec;
  facts: HostFacts;
  targets: Target[];
}

/** The deepest footprint that needs no deliberate yes. */
export const FREE_FOOTPRINT: Footprint = 'reads host';

export function footprintRank(footprint: Footprint): number {
  return FOOTPRINTS.indexOf(footprint);
}

/**
 * What will happen: every collector on every target of its scope, in the order of volatility, with what cannot run and
 * why. `wanted` are names, whole ids or prefixes of ids of at least four characters; none means every target. Host
 * collectors run whatever is chosen. `oneWay`: of two ways to the same only the better one. Throws BAD_INPUT for a name that no host has, or that means several.
 */
export function makePlan(
  hosts: readonly PlanHost[],
  collectors: readonly Collector[],
  wanted: readonly string[] | undefined,
  options: { profile?: string; inputs?: Readonly<Record<string, unknown>>; oneWay?: boolean } = {},
): Plan {
  const chosen = wanted && wanted.length > 0 ? choose(hosts, wanted) : undefined;
  const items = hosts.flatMap((host) =>
    collectors.flatMap((collector) =>
      host.targets
        .filter((target) => target.kind === collector.scope && isChosen(target, host, chosen))
        .filter((target) => !(options.oneWay && hasBetter(host, collector, target, collectors)))
        .map((target) => item(host, collector, target, options.inputs?.[collector.id])),
    ),
  );
  items.sort(
    (a, b) => rank(a) - rank(b) || a.collector.localeCompare(b.collector, 'en') || a.host.localeCompare(b.host, 'en'),
  );
  const deepest = Math.max(0, ...items.filter((one) => !one.impossible).map((one) => footprintRank(one.footprint)));
  return { profile: options.profile, items, footprint: FOOTPRINTS[deepest] ?? 'none' };
}

/** Whether a better way to the same is in the plan and can run: see `standsInFor`. */
function hasBetter({ facts }: PlanHost, collector: Collector, target: Target, all: readonly Collector[]): boolean {
  const id = collector.standsInFor?.(facts);
  const better = all.find((one) => one.id === id);
  return better?.needs?.every((need) => unmet(need, facts, target) === undefined) ?? false;
}

function rank(one: PlanItem): number {
  return VOLATILITY.indexOf(one.volatility);
}

function item(host: PlanHost, collector: Collector, target: Target, said: unknown): PlanItem {
  const needs = collector.needs ?? [];
  const asked = collector.input?.safeParse(said ?? {});
  const missing =
    asked?.success === false
      ? `It needs to be told: ${asked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}.`
      : needs.map((need) => unmet(need, host.facts, target)).find((reason) => reason !== undefined);
  return {
    key: `${host.facts.address} ${collector.id} ${target.kind}:${target.id}`,
    host: host.facts.address,
    collector: collector.id,
    title: collector.title,
    target: { kind: target.kind, id: target.id, name: target.name },
    volatility: collector.volatility,
    footprint: collector.footprint,
    replaces: collector.replaces ?? [],
    needs,
    input: asked?.data,
    ...(missing === undefined && estimated(host, collector, target, asked?.data)),
    impossible: missing,
  };
}

/** What is known beforehand. An estimate is a help for the examiner: where it cannot be made, it is not known. */
function estimated(
  { facts, targets }: PlanHost,
  collector: Collector,
  target: Target,
  input: unknown,
): Pick<PlanItem, 'estimatedBytes' | 'estimatedMs'> {
  const { bytes, seconds } = collector.estimate?.(target, { facts, targets, input }) ?? {};
  return {
    ...(bytes !== undefined && { estimatedBytes: bytes }),
    ...(seconds !== undefined && { estimatedMs: Math.round(seconds * 1000) }),
  };
}

function unmet(need: Need, facts: HostFacts, target: Target): string | undefined {
  if (need === 'running') {
    return target.state === 'running' || target.state === 'paused'
      ? undefined
      : `The container does not run (${visible(target.state ?? 'state unknown', { max: 40 })}): there is no process to look at.`;
  }
  const capability = facts.capabilities.find((one) => one.need === need);
  return capability?.ok ? undefined : (capability?.reason ?? `It is not known whether the host has this: ${need}.`);
}

function choose(hosts: readonly PlanHost[], wanted: readonly string[]): Set<Target> {
  const chosen = new Set<Target>();
  for (const word of wanted) {
    const all = hosts.flatMap((host) => host.targets);
    const exact = all.filter((target) => target.id === word || target.name === word || target.aliases.includes(word));
    const found = exact.length > 0 ? exact : all.filter((target) => isPrefix(word, target.id));
    if (found.length === 0) {
      throw new LadingError('BAD_INPUT', `No target is called "${visible(word, { max: 80 })}".`, {
        advice: 'Give a name or an id as the list of targets shows it.',
      });
    }
    if (exact.length === 0 && new Set(found.map((target) => target.id)).size > 1) {
      throw new LadingError('BAD_INPUT', `"${visible(word, { max: 80 })}" begins the id of ${found.length} targets.`, {
        advice: 'Give more digits of the id.',
      });
    }
    for (const target of found) chosen.add(target);
  }
  return chosen;
}

function isPrefix(word: string, id: string): boolean {
  return word.length >= 4 && id.replace(/^sha256:/, '').startsWith(word.replace(/^sha256:/, ''));
}

/** A chosen container brings the image it was made from along: an examiner who asks for the one asks what it began as. */
function isChosen(target: Target, host: PlanHost, chosen: Set<Target> | undefined): boolean {
  if (!chosen || target.kind === 'host' || chosen.has(target)) return true;
  if (target.kind !== 'image') return false;
  return host.targets.some((one) => one.kind === 'container' && chosen.has(one) && one.aliases.includes(target.id));
}
