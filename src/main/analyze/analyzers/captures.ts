import { z } from 'zod';
import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { limitsOf } from '../captures/limits';
import { makeCapture, withCapture } from '../captures/store';
import { beacons } from './lib/net/beacons';
import { type Holders, holdersOf } from './lib/net/holders';
import { downloads, httpUploads, logins, tunnels, unasked, uploads } from './lib/net/look';
import * as rules from './lib/net/rules';
import { insideOf, type Look } from './lib/net/who';
import { eachExhibit, type Hit, type Rule, report } from './lib/rule';

const LOOKS: readonly [Rule, (look: Look) => Hit[]][] = [
  [rules.upload, uploads],
  [rules.httpUpload, httpUploads],
  [rules.download, downloads],
  [rules.dnsTunnel, tunnels],
  [rules.beacon, beacons],
  [rules.plainLogin, logins],
  [rules.odd, unasked],
];

const Inspect = z.object({
  Id: z.string(),
  Name: z.string(),
  NetworkSettings: z
    .object({
      Networks: z
        .record(
          z.string(),
          z.object({ IPAddress: z.string().nullish(), GlobalIPv6Address: z.string().nullish() }).nullable(),
        )
        .nullish(),
    })
    .nullish(),
});
const INSPECTS = ['container.inspect', 'engine.containers.inspect'];

/** Looks at captures for what leaves a machine: uploads, carried data in DNS, beacons, logins in plain text. */
export default defineAnalyzer({
  id: 'captures',
  version: '2',
  title: 'Captures',
  accepts: ({ kind }) => kind === 'pcap',
  async analyze(ctx, exhibits) {
    const byHost = new Map<string | undefined, Holders>();
    await eachExhibit(ctx, exhibits, async (exhibit) => {
      await makeCapture(ctx.dir, exhibit, { signal: ctx.signal, pause: () => new Promise(setImmediate) });
      const owners = await ownersOf(ctx, exhibit);
      const holders = byHost.get(exhibit.host?.id) ?? (await holdersOf(ctx, exhibit.host?.id));
      byHost.set(exhibit.host?.id, holders);
      // a container's own capture on an address that no inspect knows is still of that container
      const look = {
        exhibit: exhibit.id,
        owner: (address: string) => owners.get(address),
        holders,
        inside: insideOf(new Set(owners.keys())),
      };
      const found = withCapture(ctx.dir, exhibit, (db, facts) => ({
        hits: LOOKS.flatMap(([rule, find]) => find({ ...look, db }).map((hit) => [rule, hit] as const)),
        limits: limitsOf(facts),
      }));
      for (const reason of found.limits) ctx.unreadable(exhibit, reason);
      for (const [rule, hit] of found.hits) report(ctx, rule, exhibit.target, hit);
    });
  },
});

/** Containers of the capture's host by their addresses, as inspect gives them; an address of two containers belongs to neither. */
async function ownersOf(ctx: AnalyzeContext, capture: ExhibitRecord): Promise<Map<string, TargetRef>> {
  const owners = new Map<string, TargetRef>();
  const shared = new Set<string>();
  for (const exhibit of ctx.exhibits) {
    if (!INSPECTS.includes(exhibit.collector.id) || exhibit.host?.id !== capture.host?.id) continue;
    let one: z.infer<typeof Inspect>;
    try {
      const json: unknown = JSON.parse((await ctx.read(exhibit)).toString('utf8'));
      one = Inspect.parse(json);
    } catch {
      // the analyzer of configurations says that it cannot be read
      continue;
    }
    for (const network of Object.values(one.NetworkSettings?.Networks ?? {})) {
      for (const address of [network?.IPAddress, network?.GlobalIPv6Address]) {
        if (!address) continue;
        const held = owners.get(address);
        if (held && held.id !== one.Id) shared.add(address);
        owners.set(address, { kind: 'container', id: one.Id, name: one.Name.replace(/^\//, '') });
      }
    }
  }
  for (const address of shared) owners.delete(address);
  return owners;
}
