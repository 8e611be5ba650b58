import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AnalyzerInfo, ExhibitId, type ExhibitRecord, Finding, Sha256 } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Analyzer, MachineFinding } from './analyzer';
import { analyzeContext, type Unreadable } from './context';
import { ATTACK_VERSION, canonical, finishFindings } from './findings';
import { analyzers as registered } from './registry';

/** What analysis gave. No time and no path in it: the same exhibits give the same bytes on any machine. */
export const AnalysisResult = z.object({
  format: z.literal(1),
  attackVersion: z.string(),
  /** What it was made from. */
  inputs: z.array(z.object({ exhibit: ExhibitId, sha256: Sha256 })),
  analyzers: z.array(AnalyzerInfo),
  findings: z.array(Finding),
  /** What could not be understood, and why. */
  unreadable: z.array(z.object({ exhibit: z.string(), reason: z.string() })),
});
export type AnalysisResult = z.infer<typeof AnalysisResult>;

export interface AnalyzeOptions {
  /** The case folder. */
  dir: string;
  records: readonly ExhibitRecord[];
  signal?: AbortSignal;
  /** Before each analyzer and at the end; `title` is that of the analyzer that begins. */
  progress?: (at: { done: number; total: number; title?: string }) => void;
  /** Those of the registry unless a test gives others. */
  analyzers?: readonly Analyzer[];
}

/**
 * Runs every analyzer over a case's exhibits. One that fails is reported for the exhibits it was given, keeps what it
 * found before, and the others go on. Rejects only when cancelled.
 */
export async function analyzeCase(options: AnalyzeOptions): Promise<AnalysisResult> {
  const { dir, signal, progress } = options;
  const all = options.analyzers ?? registered();
  const records = [...options.records].sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
  const made: MachineFinding[] = [];
  const unreadable: Unreadable[] = [];
  const context = analyzeContext(
    dir,
    records,
    { finding: (finding) => made.push(finding), unreadable: (one) => unreadable.push(one) },
    signal,
  );
  for (const [done, analyzer] of all.entries()) {
    stopIfCancelled(signal);
    progress?.({ done, total: all.length, title: analyzer.title });
    let accepted: ExhibitRecord[] = [];
    try {
      accepted = records.filter((record) => analyzer.accepts(record));
      if (accepted.length > 0) await analyzer.analyze(context, accepted);
    } catch (error) {
      stopIfCancelled(signal);
      const { message } = asLadingError(error);
      const reason = `${analyzer.title} stopped: ${message.replaceAll(dir, '<case>')}`;
      for (const { id } of accepted.length > 0 ? accepted : records.slice(0, 1))
        unreadable.push({ exhibit: id, reason });
    }
  }
  stopIfCancelled(signal);
  progress?.({ done: all.length, total: all.length });
  return {
    format: 1,
    attackVersion: ATTACK_VERSION,
    inputs: records.map(({ id, sha256 }) => ({ exhibit: id, sha256 })),
    analyzers: all.map(({ id, version, title }) => ({ id, version, title })),
    findings: finishFindings(made),
    unreadable: tidy(unreadable),
  };
}

function stopIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw asLadingError(signal.reason);
}

/** Each said once, in the order of exhibits, harmless to look at: several analyzers meet the same broken file. */
function tidy(unreadable: readonly Unreadable[]): Unreadable[] {
  const once = new Map<string, Unreadable>();
  for (const { exhibit, reason } of unreadable) {
    const shown = { exhibit, reason: visible(reason, { max: 500 }) };
    once.set(JSON.stringify([exhibit, shown.reason]), shown);
  }
  return [...once.values()].sort(
    (a, b) => Number(a.exhibit.slice(1)) - Number(b.exhibit.slice(1)) || (a.reason < b.reason ? -1 : 1),
  );
}

/** `derived/findings.json`. */
export function derivedPath(dir: string): string {
  return join(dir, 'derived', 'findings.json');
}

/** Writes the result as RFC 8785 canonical JSON with a final newline; a reader never sees half of it. */
export async function writeDerived(dir: string, result: AnalysisResult): Promise<string> {
  const path = derivedPath(dir);
  await mkdir(join(dir, 'derived'), { recursive: true });
  const draft = `${path}.new`;
  try {
    await writeFile(draft, `${canonical(result)}\n`);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw asLadingError(error);
  }
  return path;
}

/** The last result, or undefined when the case has not been analysed. Throws CASE_DAMAGED where it is no such file. */
export async function readDerived(dir: string): Promise<AnalysisResult | undefined> {
  let text: string;
  try {
    text = await readFile(derivedPath(dir), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw asLadingError(error);
  }
  try {
    return AnalysisResult.parse(JSON.parse(text));
  } catch (cause) {
    throw new LadingError('CASE_DAMAGED', 'The stored results of the analysis cannot be read.', {
      advice: 'Run the analysis again: it makes them anew from the exhibits.',
      cause,
    });
  }
}
