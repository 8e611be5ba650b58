import type { ExhibitRecord } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { listedChanges, type StateChange } from '../files/states';
import { frameLocator, parseFrames } from '../formats/frames';
import { linksOf, processesOf } from '../formats/proc-frames';
import { readChanges } from './lib/changes/changed';
import { containerConfig } from './lib/config/container';
import { readDoc } from './lib/doc';
import { suspiciousCommand } from './lib/process/command';
import { driftRules } from './lib/process/drift';
import { executableRules } from './lib/process/executable';
import { memoryRules } from './lib/process/memory';
import { processSet, readProcesses } from './lib/process/model';
import { networkRules } from './lib/process/network';
import { hidingCommand } from './lib/process/odd';
import { privilegeRules } from './lib/process/privilege';
import type { ProcessRule, Scene } from './lib/process/rule';
import { NO_SOCKETS, readSockets } from './lib/process/sockets';
import { eachExhibit, report } from './lib/rule';

/** Every rule on processes. */
export const processRules: readonly ProcessRule[] = [
  ...executableRules,
  ...driftRules,
  ...memoryRules,
  ...networkRules,
  ...privilegeRules,
  suspiciousCommand,
  hidingCommand,
];

const COLLECTOR = 'container.processes';

/**
 * Another kind of evidence of the same target and host: of the same collection where there is one. What lasts, as the
 * configuration does, may be of another; PIDs and inodes are used again, so what names them may not.
 */
function beside(
  ctx: AnalyzeContext,
  exhibit: ExhibitRecord,
  collector: string,
  options: { lasts: boolean; target?: boolean },
): ExhibitRecord | undefined {
  const fitting = ctx.exhibits.filter(
    (other) =>
      other.collector.id === collector &&
      other.host?.id === exhibit.host?.id &&
      (options.target === false ||
        (other.target.kind === exhibit.target.kind && other.target.id === exhibit.target.id)),
  );
  const together = fitting.find((other) => other.collection === exhibit.collection);
  return together ?? (options.lasts ? fitting.at(-1) : undefined);
}

/**
 * What is read only for a join. Where it cannot be read the join is left out, and said so: the exhibit's own analyzer,
 * where there is one, says the same of it.
 */
async function joined<T>(
  ctx: AnalyzeContext,
  exhibit: ExhibitRecord | undefined,
  otherwise: T,
  read: (exhibit: ExhibitRecord) => Promise<T>,
): Promise<T> {
  if (!exhibit) return otherwise;
  try {
    return await read(exhibit);
  } catch (error) {
    const { code, message } = asLadingError(error);
    if (code === 'CANCELLED') throw error;
    ctx.unreadable(exhibit, message);
    return otherwise;
  }
}

/** The namespaces of the host's first process, for comparison. */
async function namespacesOfHost(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Scene['hostNamespaces']> {
  const first = processesOf(parseFrames(await ctx.read(exhibit))).find(({ pid }) => pid === 1);
  const found = new Map<string, { target: string; cite: { exhibit: string; locator: string } }>();
  for (const [name, link] of first ? linksOf(first) : []) {
    if (!name.startsWith('ns/')) continue;
    const locator = frameLocator(link.frame, { offset: link.offset, length: link.length });
    found.set(name.slice('ns/'.length), { target: link.target, cite: { exhibit: exhibit.id, locator } });
  }
  return found;
}

/** Files, not the folders that are listed for what is in them. */
function byPath(all: readonly StateChange[]): Scene['changes'] {
  return new Map(all.filter(({ folder }) => !folder).map(({ path, kind, cite }) => [path, { kind, cite }]));
}

async function sceneOf(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Scene> {
  const sockets = beside(ctx, exhibit, 'container.sockets', { lasts: false });
  const inspect = beside(ctx, exhibit, 'container.inspect', { lasts: true });
  const changes = beside(ctx, exhibit, 'container.changes', { lasts: true });
  const host = beside(ctx, exhibit, 'host.processes', { lasts: false, target: false });
  return {
    ...processSet(exhibit.target, await readProcesses(ctx, exhibit)),
    sockets: await joined(ctx, sockets, NO_SOCKETS, (one) => readSockets(ctx, one)),
    config: await joined(ctx, inspect, undefined, async (one) => containerConfig(await readDoc(ctx, one))),
    changes: changes
      ? await joined(ctx, changes, new Map(), async (one) => byPath(readChanges(await readDoc(ctx, one)).all))
      : byPath((await listedChanges(ctx, exhibit)) ?? []),
    hostNamespaces: await joined(ctx, host, new Map(), (one) => namespacesOfHost(ctx, one)),
  };
}

/** What ran in a container, and with whom it talked. Reads 'container.processes', joined with its other exhibits. */
export default defineAnalyzer({
  id: 'processes',
  version: '1',
  title: 'Processes of containers',
  accepts: ({ collector, kind }) => collector.id === COLLECTOR && kind === 'frames',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const scene = await sceneOf(ctx, exhibit);
      for (const process of scene.processes) {
        for (const rule of processRules) {
          for (const hit of rule.check(process, scene)) report(ctx, rule, exhibit.target, hit);
        }
      }
    }),
});
