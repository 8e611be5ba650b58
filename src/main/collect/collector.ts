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

export interface CaptureOptions extends ExecOptions {
  /** What it means that the command ended well and said nothing; otherwise that alone is the reason of the miss. */
  nothing?: { outcome: Exclude<Outcome, 'found'>; reason: string };
}

/** What a collector is given: the host, and the one door through which bytes become evidence. */
export interface CollectContext {
  readonly facts: HostFacts;
  readonly host: Host;
  /** Throws NOT_POSSIBLE where there is none; a collector that declares need 'engine' never meets that. */
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /**
   * Stores a stream as an exhibit, hashing while it writes. `how` is asked after the stream ended. A stream that
   * breaks leaves a partial exhibit and this rejects with what broke it. `judge` may mark it partial by how it ended.
   */
  exhibit(
    meta: ExhibitMeta,
    source: Readable,
    how: () => How | Promise<How>,
    judge?: (how: How) => string | undefined,
  ): Promise<ExhibitRecord>;
  /**
   * exec + exhibit: stdout is the exhibit; stderr, exit status, argv and both clocks are its record. No output and a
   * failure become a miss, never an empty exhibit; then this gives undefined. Output with a failing exit is kept and
   * marked partial.
   */
  capture(meta: ExhibitMeta, argv: string[], options?: CaptureOptions): Promise<ExhibitRecord | undefined>;
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

/** What an estimate may rest on: nothing is asked of the host for it. */
export interface EstimateFrom {
  facts: HostFacts;
  /** Everything listed on the host. */
  targets: readonly Target[];
  /** What the examiner said, parsed. */
  input: unknown;
}

export interface Estimate {
  bytes?: number;
  seconds?: number;
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
  /**
   * The id of a better way to the same on such a host: of a profile of Lading's own that has both, this runs only where that one
   * cannot. What the examiner names runs in any case.
   */
  standsInFor?(facts: HostFacts): string | undefined;
  /** How long nothing may come from it before it counts as stalled, in milliseconds; 120 s when absent. */
  stallMs?: number;
  /** What it will give, where that is known from the listing; a size that is not known is left out, never guessed. */
  estimate?(target: Target, known: EstimateFrom): Estimate | undefined;
  collect(ctx: CollectContext, target: Target, input: z.output<Input>): Promise<void>;
}

/** Types a collector file's default export. */
export function defineCollector<Input extends ZodType = ZodType>(collector: Collector<Input>): Collector {
  return collector as Collector;
}
