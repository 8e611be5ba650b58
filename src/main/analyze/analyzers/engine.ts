import type { ExhibitRecord } from '../../../shared/domain';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { readDoc } from './lib/doc';
import { activityRules, type EventRule } from './lib/engine/activity';
import { distinctEvents, type EngineEvent, healthChecks, readEvents } from './lib/engine/events';
import { distinctExecs, type ExecRecord, forgottenExec, privilegedExec, readExecs } from './lib/engine/execs';
import { infoRules } from './lib/engine/info';
import { type DocRule, oldRuntime } from './lib/engine/versions';
import { eachExhibit, type Rule, report } from './lib/rule';

/** The engine keeps so many events in memory: moby, daemon/events/events.go (eventsLimit). */
const KEPT = 256;

const ringFull: Rule = {
  id: 'engine.events-cut',
  version: '1',
  title: 'Earlier events of the engine are lost',
  severity: 'informational',
  confidence: 'certain',
  techniques: [],
  benign: 'A busy host, or frequent health checks, fill the list in minutes; so does whoever wants it filled.',
};

const eventRules: readonly EventRule[] = [...activityRules, privilegedExec, forgottenExec];

/** Every rule on the engine itself. */
export const engineRules: readonly Rule[] = [ringFull, ...eventRules, oldRuntime, ...infoRules];

async function checkEvents(
  ctx: AnalyzeContext,
  ofEvents: readonly ExhibitRecord[],
  ofExecs: readonly ExhibitRecord[],
): Promise<void> {
  const byHost = new Map<string, { events: EngineEvent[]; records: ExecRecord[] }>();
  const hostOf = ({ host }: ExhibitRecord) => {
    const key = host?.id ?? 'imported';
    const known = byHost.get(key) ?? { events: [], records: [] };
    byHost.set(key, known);
    return known;
  };
  await eachExhibit(ctx, ofEvents, async (exhibit) => {
    const events = await readEvents(ctx, exhibit);
    const host = hostOf(exhibit);
    // not spread into push(): a long file would overflow the stack
    host.events = host.events.concat(events);
    if (events.length >= KEPT) {
      report(ctx, ringFull, exhibit.target, {
        claim: `The engine gave ${events.length} events; it keeps no more than ${KEPT}, so what happened before the first of them is not in this exhibit.`,
        cites: [{ exhibit: exhibit.id, locator: 'whole' }],
      });
    }
  });
  await eachExhibit(ctx, ofExecs, async (exhibit) => {
    const host = hostOf(exhibit);
    host.records = host.records.concat(await readExecs(ctx, exhibit));
  });
  const checks = await healthChecks(ctx);
  for (const host of byHost.values()) {
    const activity = {
      events: distinctEvents(host.events),
      records: distinctExecs(host.records),
      healthChecks: checks,
    };
    for (const rule of eventRules) {
      for (const hit of rule.check(activity)) report(ctx, rule, hit.target, hit);
    }
  }
}

/** What was done through the engine, and what the engine says of itself. Reads GET /events, /exec/{id}/json, /version and /info. */
export default defineAnalyzer({
  id: 'engine',
  version: '1',
  title: 'Engine and its events',
  accepts: ({ collector }) =>
    ['engine.events', 'engine.version', 'engine.info', 'container.execs'].includes(collector.id),
  async analyze(ctx, exhibits) {
    const of = (id: string) => exhibits.filter(({ collector }) => collector.id === id);
    const docs = (id: string, rules: readonly DocRule[]) =>
      eachExhibit(ctx, of(id), async (exhibit) => {
        const doc = await readDoc(ctx, exhibit);
        for (const rule of rules) {
          for (const hit of rule.check(doc)) report(ctx, rule, exhibit.target, hit);
        }
      });
    await checkEvents(ctx, of('engine.events'), of('container.execs'));
    await docs('engine.version', [oldRuntime]);
    await docs('engine.info', infoRules);
  },
});
