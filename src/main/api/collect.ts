import type { Selection } from '../../shared/contract/collect';
import type { Plan, Target } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { CaseSession } from '../cases/session';
import type { Collector } from '../collect/collector';
import { FREE_FOOTPRINT, footprintRank, makePlan } from '../collect/plan';
import { profiles } from '../collect/profiles';
import { catalogue, collectors } from '../collect/registry';
import { runCollection } from '../collect/run';
import type { HostSession } from '../docker/session';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function collectApi(os: Implementer, s: Services) {
  const prepare = async (session: CaseSession, selection: Selection) => {
    const chosen = chosenCollectors(selection);
    const hosts = new Map<string, { session: HostSession; targets: Target[] }>();
    const planHosts = await Promise.all(
      selection.hosts.map(async (spec) => {
        const host = await s.connections.connect(session, spec);
        const targets = await s.connections.targets(session, spec);
        hosts.set(host.facts.address, { session: host, targets });
        return { spec, facts: host.facts, targets };
      }),
    );
    const plan = makePlan(planHosts, chosen, selection.targets, {
      profile: selection.collectors ? undefined : profileOf(selection).id,
      inputs: selection.inputs,
    });
    return { plan, hosts, collectors: chosen };
  };
  return {
    catalogue: os.collect.catalogue.handler(() => catalogue()),
    profiles: os.collect.profiles.handler(() => profiles()),
    plan: os.collect.plan.handler(async ({ input }) => (await prepare(await s.shelf.open(input.case), input)).plan),
    start: os.collect.start.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      if (s.tasks.running(session.dir).some((task) => task.kind === 'collect')) {
        throw new LadingError('BAD_INPUT', 'A collection into this case is running already.', {
          advice: 'Wait for it or cancel it. One collection can take several hosts at once.',
        });
      }
      const prepared = await prepare(session, input);
      checkPlan(prepared.plan, input.acceptFootprint);
      const title = `Collect from ${[...prepared.hosts.keys()].join(', ')}`;
      const task = s.tasks.start({ kind: 'collect', title, case: session.dir }, (handle) =>
        runCollection({
          session,
          ...prepared,
          reason: input.reason,
          signal: handle.signal,
          onItem: handle.item,
          onBytes: handle.bytes,
          onDone: handle.progress,
        }),
      );
      return { task };
    }),
  };
}

function checkPlan(plan: Plan, accepted: boolean): void {
  if (!plan.items.some((item) => !item.impossible)) {
    throw new LadingError('NOT_POSSIBLE', 'Nothing of this plan can be collected.', {
      advice: plan.items[0]?.impossible ?? 'Choose other collectors or targets.',
    });
  }
  if (footprintRank(plan.footprint) > footprintRank(FREE_FOOTPRINT) && !accepted) {
    throw new LadingError('BAD_INPUT', `This plan goes beyond reading: its deepest footprint is "${plan.footprint}".`, {
      advice: 'Accept that deliberately (in the window a tick, on the command line --yes), or take the triage profile.',
      details: { footprint: plan.footprint },
    });
  }
}

function profileOf(selection: Selection) {
  const id = selection.profile ?? 'triage';
  const profile = profiles().find((one) => one.id === id);
  if (profile) return profile;
  throw new LadingError('BAD_INPUT', `There is no profile "${id}".`, {
    advice: `There are: ${profiles()
      .map((one) => one.id)
      .join(', ')}.`,
  });
}

function chosenCollectors(selection: Selection): Collector[] {
  const ids = selection.collectors ?? profileOf(selection).collectors;
  return ids.map((id) => {
    const found = collectors().find((collector) => collector.id === id);
    if (found) return found;
    throw new LadingError('BAD_INPUT', `There is no collector "${id}".`, {
      advice: '`lading collectors` lists them.',
    });
  });
}
