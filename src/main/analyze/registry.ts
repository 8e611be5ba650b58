import { LadingError } from '../../shared/errors';
import type { Analyzer } from './analyzer';

/** The folder is the registry: a file directly in analyzers/ exports one analyzer; what they share is in analyzers/lib. */
const files = import.meta.glob<Analyzer>('./analyzers/*.ts', { eager: true, import: 'default' });

/** Refuses two analyzers of one id, and a file that exports none; gives them sorted by id. */
export function checkedAnalyzers(found: Record<string, Analyzer | undefined>): Analyzer[] {
  const byId = new Map<string, Analyzer>();
  for (const [file, analyzer] of Object.entries(found)) {
    if (!analyzer?.id) throw new LadingError('INTERNAL', `${file} exports no analyzer.`);
    if (byId.has(analyzer.id)) throw new LadingError('INTERNAL', `Two analyzers call themselves ${analyzer.id}.`);
    byId.set(analyzer.id, analyzer);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

let cached: Analyzer[] | undefined;

/** Every analyzer there is, sorted by id. */
export function analyzers(): Analyzer[] {
  cached ??= checkedAnalyzers(files);
  return cached;
}
