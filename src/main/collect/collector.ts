import type { Readable } from 'node:stream';
import type { ZodType, z } from 'zod';
import type {
  ExhibitMeta,
  ExhibitRecord,
  Footprint,
  HostFacts,
  How,
  Need,
  Outcome,
  Target,
  TargetKind,
  Volatility,
} from '../../shared/domain';
import type { Engine, Query } from '../docker/engine';
import type { ExecOptions, Host } from '../hosts/host';

/** What a collector is given: the host, and the one door through which bytes become evidence. */
export interface CollectContext {
  readonly facts: HostFacts;
  readonly host: Host;
  /** Throws NOT_POSSIBLE where there is none; a collector that declares need 'engine' never meets that. */
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /**
   * Stores a stream as an exhibit, hashing while it writes. `how` is asked after the stream ended. A stream that
   * breaks leaves a partial exhibit and this rejects with what broke it.
   */
  exhibit(meta: ExhibitMeta, source: Readable, how: () => How | Promise<How>): Promise<ExhibitRecord>;
  /**
   * exec + exhibit: stdout is the exhibit; stderr, exit status, argv and both clocks are its record. No output and a
   * failure become a miss, never an empty exhibit; then this gives undefined. Output with a failing exit is kept and
   * marked partial.
   */
  capture(meta: ExhibitMeta, argv: string[], options?: ExecOptions): Promise<ExhibitRecord | undefined>;
  /** Engine GET + exhibit. An error status becomes a miss with the engine's own words; then this gives undefined. */
  fetch(meta: ExhibitMeta, path: string, query?: Query): Promise<ExhibitRecord | undefined>;
  /** Says that there was nothing, or that it could not be looked at, and why. In the ledger and in the report. */
  miss(outcome: Exclude<Outcome, 'found'>, reason: string): Promise<void>;
  /**
   * Every byte once: when the case has a whole exhibit with this SHA-256 already, from whatever host, target or
   * collection, the ledger gets a reference to it and `take` is not called. Of several that ask at once, one takes it.
   */
  once(digest: string, take: () => Promise<ExhibitRecord | undefined>): Promise<void>;
  progress(done: number, total?: number): void;
}

/** Knows how to take one kind of evidence. Adding one = adding one file in collectors/. */
export interface Collector<Input extends ZodType = ZodType> {
  /** 'process.table'. */
  id: string;
  /** Goes up when what it takes, or how, changes. */
  version: string;
  title: string;
  /** The question it answers, for the examiner. */
  answers: string;
  /** What it does on the target, in one plain sentence. */
  how: string;
  /** The command lines an examiner would have typed: 'docker top <container_id>'. */
  replaces?: string[];
  scope: TargetKind;
  volatility: Volatility;
  footprint: Footprint;
  needs?: Need[];
  /** What the examiner says beyond the target: paths, a time window. Each property has a `.describe()` for the window. */
  input?: Input;
  collect(ctx: CollectContext, target: Target, input: z.output<Input>): Promise<void>;
}

/** Types a collector file's default export. */
export function defineCollector<Input extends ZodType = ZodType>(collector: Collector<Input>): Collector {
  return collector as Collector;
}
