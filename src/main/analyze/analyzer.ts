import type { Readable } from 'node:stream';
import type { ExhibitRecord, FindingInput } from '../../shared/domain';

/** A finding as an analyzer makes it; id, ATT&CK version and the machine mark are added by analyze/run.ts. */
export type MachineFinding = FindingInput & { rule: string; ruleVersion: string };

export interface AnalyzeContext {
  /** The case folder, for what is derived from exhibits once and used by several. */
  readonly dir: string;
  /** Ends with the analysis when it is cancelled. */
  readonly signal?: AbortSignal;
  /** Every exhibit of the case, in the order of their numbers, for joins across kinds. */
  readonly exhibits: readonly ExhibitRecord[];
  /** The whole file; refuses more than 64 MiB, which `stream` is for. */
  read(exhibit: ExhibitRecord): Promise<Buffer>;
  /** `via`: of what is unpacked by those steps of a locator (shared/locator.ts); derived/unpacked holds it. */
  stream(exhibit: ExhibitRecord, range?: { start: number; end: number }, via?: string): Readable;
  finding(finding: MachineFinding): void;
  /** Says that an exhibit, or a part of it, could not be understood. Counted and shown; never silent. */
  unreadable(exhibit: ExhibitRecord, reason: string): void;
}

/** Reads exhibits, makes findings. Pure in its inputs: no clock, no network, no randomness; run twice, same result. */
export interface Analyzer {
  id: string;
  version: string;
  title: string;
  accepts(exhibit: ExhibitRecord): boolean;
  analyze(ctx: AnalyzeContext, exhibits: ExhibitRecord[]): Promise<void>;
}

/** Types an analyzer file's default export. */
export function defineAnalyzer(analyzer: Analyzer): Analyzer {
  return analyzer;
}
