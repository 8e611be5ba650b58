import { z } from 'zod';
import type { CollectorInfo } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { Collector } from './collector';

/** The folder is the registry: every file in collectors/ exports one collector and is called by its id. */
const files = import.meta.glob<Collector>('./collectors/*.ts', { eager: true, import: 'default' });

/** Refuses a file that exports no collector or is not called by its id, so two of one id as well; gives them by id. */
export function checkedCollectors(found: Record<string, Collector | undefined>): Map<string, Collector> {
  const byId = new Map<string, Collector>();
  for (const file of Object.keys(found).sort()) {
    const collector = found[file];
    if (!collector?.id) throw new LadingError('INTERNAL', `${file} exports no collector.`);
    if (!file.endsWith(`/${collector.id}.ts`)) {
      throw new LadingError(
        'INTERNAL',
        `${file} holds the collector ${collector.id}, which has to be in ${collector.id}.ts.`,
      );
    }
    byId.set(collector.id, collector);
  }
  return byId;
}

let cached: Map<string, Collector> | undefined;

function all(): Map<string, Collector> {
  cached ??= checkedCollectors(files);
  return cached;
}

/** Every collector there is, sorted by id. */
export function collectors(): Collector[] {
  return [...all().values()];
}

export function collectorById(id: string): Collector | undefined {
  return all().get(id);
}

/** What the examiner and the docs see of them. */
export function catalogue(): CollectorInfo[] {
  return collectors().map(
    ({ id, version, title, answers, how, replaces, scope, volatility, footprint, needs, input }) => ({
      id,
      version,
      title,
      answers,
      how,
      replaces: replaces ?? [],
      scope,
      volatility,
      footprint,
      needs: needs ?? [],
      input: input && (z.toJSONSchema(input, { io: 'input' }) as Record<string, unknown>),
    }),
  );
}
