import type { Selection } from '../../shared/contract/collect';
import type { Plan, Profile, Target } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { CaseSession } from '../cases/session';
import type { Collector } from '../collect/collector';
import { FREE_FOOTPRINT, footprintRank, makePlan } from '../collect/plan';
import { profiles } from '../collect/profiles';
import { catalogue, collectorById, collectors } from '../collect/registry';
import { runCollection } from '../collect/run';
import type { HostSession } from '../docker/session';
import type { Services } from '../services';
import type { Implementer } from './kit';

/** A listing that a plan rests on serves the collection that follows it, for so long; in milliseconds. */
const FRESH_MS = 30_000;

type Listed = Map<string, { session: HostSession; targets: Target[] }>;

export function collectApi(os: Implementer, s: Services) {
  /** The last plan's listing of each case. */
  const planned = new Map<CaseSession, { key: string; at: number; hosts: Listed }>();

  const list = async (session: CaseSession, selection: Selection): Promise<Listed> => {
    const hosts: Listed = new Map();
    await Promise.all(
      selection.hosts.map(async (spec) => {
        const host = await s.connections.connect(session, spec);
        hosts.set(host.facts.address, { session: host, targets: await s.connections.targets(session, spec) });
      }),
    );
    return hosts;
  };
  /** The examiner starts what the plan showed: the same targets, and no second look at the host. */
  const fresh = (session: CaseSession, key: string): Listed | undefined => {
    const last = planned.get(session);
    planned.delete(session);
    // One that was lost since is connected to again by the run itself, and the others do not wait for it.
    return last && last.key === key && performance.now() - last.at <= FRESH_MS ? last.hosts : undefined;
  };
  const prepare = async (session: CaseSession, selection: Selection, keep: boolean) => {
    const { hosts: specs, profile, collectors: given, targets, inputs, without } = selection;
    const key = JSON.stringify([specs, profile, given, targets, inputs, without]);
    const chosen = await choose(selection);
    const hosts = fresh(session, key) ?? (await list(session, selection));
    if (keep) planned.set(session, { key, at: performance.now(), hosts });
    const planHosts = [...hosts.values()].map(({ session: { spec, facts }, targets: listed }) => ({
      spec,
      facts,
      targets: listed,
    }));
    const plan = makePlan(planHosts, chosen.collectors, targets, {
      profile: chosen.name,
      inputs: chosen.inputs,
      oneWay: chosen.oneWay,
    });
    return { plan, hosts, collectors: chosen.collectors };
  };
  const all = async () => [...profiles(), ...(await s.profiles.list(collectors()))];
  const choose = async (selection: Selection) => {
    const own = selection.collectors;
    const profile = own ? undefined : profileOf(selection, await all());
    const ids = own ?? profile?.collectors ?? [];
    const without = new Set(selection.without);
    for (const id of without) {
      if (!ids.includes(id))
        throw new LadingError('BAD_INPUT', `"${visible(id, { max: 80 })}" is not among what was chosen.`);
    }
    const left = profile && without.size > 0 ? `${profile.id} without ${[...without].join(', ')}` : profile?.id;
    return {
      name: left,
      // an examiner's own list means what it says
      oneWay: profile !== undefined && !profile.own,
      collectors: collectorsOf(ids.filter((id) => !without.has(id))),
      inputs: { ...profile?.inputs, ...selection.inputs },
    };
  };
  return {
    catalogue: os.collect.catalogue.handler(() => catalogue()),
    profiles: os.collect.profiles.handler(() => all()),
    saveProfile: os.collect.saveProfile.handler(({ input }) =>
      s.profiles.save(
        input,
        collectors(),
        profiles().map(({ id }) => id),
      ),
    ),
    removeProfile: os.collect.removeProfile.handler(({ input }) => s.profiles.remove(input.id, collectors())),
    shareProfile: os.collect.shareProfile.handler(({ input }) => s.profiles.share(input.id, input.to, collectors())),
    plan: os.collect.plan.handler(
      async ({ input }) => (await prepare(await s.shelf.open(input.case), input, true)).plan,
    ),
    start: os.collect.start.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      if (s.tasks.running(session.dir).some((task) => task.kind === 'collect')) {
        throw new LadingError('BAD_INPUT', 'A collection into this case is running already.', {
          advice: 'Wait for it or cancel it. One collection can take several hosts at once.',
        });
      }
      // What is refused for its footprint is asked for again in a moment, with the examiner's yes.
      const prepared = await prepare(session, input, !input.acceptFootprint);
      checkPlan(prepared.plan, input.acceptFootprint);
      planned.delete(session);
      const title = `Collect from ${[...prepared.hosts.keys()].join(', ')}`;
      const task = s.tasks.start({ kind: 'collect', title, case: session.dir }, (handle) =>
        runCollection({
          session,
          ...prepared,
          reason: input.reason,
          signal: handle.signal,
          reconnect: (address) => {
            const held = prepared.hosts.get(address);
            if (!held) throw new LadingError('INTERNAL', `${address} is not part of this collection.`);
            return s.connections.connect(session, held.session.spec);
          },
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

function profileOf(selection: Selection, all: readonly Profile[]): Profile {
  const id = selection.profile ?? 'triage';
  const found = all.filter((one) => one.id === id);
  const profile = found.find((one) => one.unusable === undefined) ?? found[0];
  if (!profile) {
    throw new LadingError('BAD_INPUT', `There is no profile "${visible(id, { max: 80 })}".`, {
      advice: `There are: ${all.map((one) => visible(one.id, { max: 80 })).join(', ')}.`,
    });
  }
  if (profile.unusable === undefined) return profile;
  throw new LadingError('BAD_INPUT', `The profile "${visible(id, { max: 80 })}" cannot be used. ${profile.unusable}`);
}

function collectorsOf(ids: readonly string[]): Collector[] {
  return ids.map((id) => {
    const found = collectorById(id);
    if (found) return found;
    throw new LadingError('BAD_INPUT', `There is no collector "${visible(id, { max: 80 })}".`, {
      advice: '`lading collectors` lists them.',
    });
  });
}
