import { z } from 'zod';

/** UTC, ISO 8601, milliseconds: 2026-11-25T03:53:59.123Z. */
export const IsoTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Lower-case hex SHA-256 (FIPS 180-4). */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A JSON object with every key it was read with. z.record would leave out a key named `__proto__` without a word, and
 * what a host names so must neither vanish from an analysis nor from the ledger.
 */
export const JsonObject = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'not a JSON object',
);

/** An exhibit's number in its case. */
export const ExhibitId = z.string().regex(/^E\d{4,}$/);

/**
 * The order in which evidence disappears, most volatile first (RFC 3227 section 2.1, and what a Docker host overwrites
 * by itself: the engine keeps only 256 events). The runner sorts by the place in this list.
 */
export const VOLATILITY = [
  'clock',
  'engine events',
  'engine state',
  'memory',
  'process',
  'network',
  'logs',
  'file listing',
  'file system',
  'volume',
  'image',
  'host',
] as const;
export const Volatility = z.enum(VOLATILITY);
export type Volatility = z.infer<typeof Volatility>;

/** What taking the evidence does to the target, least first. Beyond 'reads host' needs a deliberate yes. */
export const FOOTPRINTS = [
  'none', // an engine read that leaves no event
  'reads host', // reads files of the host; an access time may move
  'engine event', // the engine writes an event of it
  'runs in container',
  'pauses container',
  'writes on host',
] as const;
export const Footprint = z.enum(FOOTPRINTS);
export type Footprint = z.infer<typeof Footprint>;

/** What a collector may ask of a host or a target. */
export const NEEDS = [
  'engine', // the Docker Engine API answers
  'procfs', // a Linux host whose /proc can be read by command (not an engine in another machine's VM)
  'root', // root on the host, by login or by sudo
  'running', // the container runs
  'criu', // the engine can make checkpoints: experimental features on, CRIU on the host
  'kcore', // the kernel shows its memory in /proc/kcore
  'ssh', // commands are run over SSH, where each may have a terminal of its own
] as const;
export const Need = z.enum(NEEDS);
export type Need = z.infer<typeof Need>;

/** How a look at something ended. "Looked and found nothing" and "could not look" are different. */
export const Outcome = z.enum([
  'found',
  'none', // looked, and there is nothing
  'missing', // what was to be looked at is not there (any more)
  'denied',
  'unreadable',
  'truncated', // only a part arrived
  'not applicable',
]);
export type Outcome = z.infer<typeof Outcome>;

export const TargetKind = z.enum(['host', 'container', 'image', 'volume', 'network']);
export type TargetKind = z.infer<typeof TargetKind>;

/** A container, image, volume, network, or the host itself. Names come from the host and are hostile text. */
export const TargetRef = z.object({ kind: TargetKind, id: z.string(), name: z.string() });
export type TargetRef = z.infer<typeof TargetRef>;

/** A target as the host lists it. */
export const Target = TargetRef.extend({
  /** 'running', 'exited', … for containers. */
  state: z.string().optional(),
  /** What a person wants to see beside the name: image, driver, size. */
  detail: z.string().optional(),
  created: z.string().optional(),
  /** Its size as the engine lists it, in bytes, for images; nobody is asked for more. */
  bytes: z.number().nonnegative().optional(),
  /** Other ids that name the same target: repo tags, a container's image id. */
  aliases: z.array(z.string()).default([]),
});
export type Target = z.infer<typeof Target>;

/**
 * One touch of a host: a command, an Engine API call, a socket. Every touch makes one; the ledger keeps them.
 * `what` is the argv, or `[method, path]`.
 */
export const Access = z.object({
  at: IsoTime,
  host: z.string(),
  kind: z.enum(['exec', 'api', 'connect']),
  what: z.array(z.string()),
  asRoot: z.boolean().default(false),
  exit: z.number().nullable().optional(),
  status: z.number().optional(),
  bytes: z.number().default(0),
  ms: z.number().optional(),
  error: z.string().optional(),
});
export type Access = z.infer<typeof Access>;
