import { z } from 'zod';
import { IsoTime, Need, Sha256 } from './basics';

/**
 * How to reach a host, as the examiner gave it: `local`, `unix:///path`, `ssh://user@host[:port]`, a name from
 * ~/.ssh/config or from `docker context ls`. Holds no secret, so it may be stored in the case.
 */
export const HostSpec = z.object({
  address: z.string().min(1).max(1024),
  identity: z.string().optional(),
  knownHosts: z.string().optional(),
  sudo: z.boolean().default(false),
  /** `user@host[:port]`, comma-separated for several, as ssh -J takes it. */
  jump: z.string().optional(),
  /** A static busybox on this machine, to be used there instead of the host's own programs. */
  toolbox: z.string().optional(),
});
export type HostSpec = z.infer<typeof HostSpec>;

/** Answers to what a host asks. Held in memory for one connection; never stored, never logged. */
export const Secrets = z.object({
  password: z.string().optional(),
  passphrase: z.string().optional(),
  /** Answers to keyboard-interactive prompts, in their order. */
  answers: z.array(z.string()).optional(),
  sudoPassword: z.string().optional(),
});
export type Secrets = z.infer<typeof Secrets>;

/** The host's clock against this machine's: host time = local time + offset, give or take the uncertainty. */
export const ClockReading = z.object({
  hostTime: IsoTime,
  localTime: IsoTime,
  offsetMs: z.number(),
  /** Half the round trip. */
  uncertaintyMs: z.number(),
});
export type ClockReading = z.infer<typeof ClockReading>;

export const Capability = z.object({
  need: Need,
  ok: z.boolean(),
  /** Why not, and what would help; or what it rests on. */
  reason: z.string(),
});
export type Capability = z.infer<typeof Capability>;

export const EngineFacts = z.object({
  product: z.string(),
  version: z.string(),
  apiVersion: z.string(),
  id: z.string(),
  name: z.string(),
  storageDriver: z.string(),
  loggingDriver: z.string(),
  cgroupVersion: z.string(),
  rootDir: z.string(),
  experimental: z.boolean(),
  rootless: z.boolean(),
  usernsRemap: z.boolean(),
  containers: z.number(),
  running: z.number(),
  images: z.number(),
  socket: z.string(),
  /** How the socket is reached: straight, forwarded by sshd, or by a command of the host. */
  via: z.string(),
});
export type EngineFacts = z.infer<typeof EngineFacts>;

/** A toolbox that was brought to a host, for as long as the connection lasts. */
export const Toolbox = z.object({
  /** The file on this machine. */
  file: z.string(),
  /** Its folder in the host's memory. */
  path: z.string(),
  sha256: Sha256,
  bytes: z.number().int().positive(),
  /** How many programs it has. */
  programs: z.number().int().nonnegative(),
});
export type Toolbox = z.infer<typeof Toolbox>;

export const HostFacts = z.object({
  /** Stable id in a case: the machine-id where there is one, else made from the address. */
  id: z.string(),
  address: z.string(),
  transport: z.enum(['local', 'ssh', 'engine only']),
  hostKey: z.object({ algorithm: z.string(), fingerprint: z.string() }).optional(),
  hostname: z.string(),
  machineId: z.string().optional(),
  bootId: z.string().optional(),
  os: z.string(),
  kernel: z.string(),
  arch: z.string(),
  user: z.string(),
  uid: z.number().optional(),
  /** Commands can run as root there (uid 0, or sudo works). */
  root: z.boolean(),
  timeZone: z.string().optional(),
  clock: ClockReading.optional(),
  engine: EngineFacts.optional(),
  /** Why there is no engine to talk to. */
  engineError: z.string().optional(),
  capabilities: z.array(Capability),
  /** Commands are run by this instead of the host's own programs. */
  toolbox: Toolbox.optional(),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** A place to connect to that this machine already knows. */
export const HostSuggestion = z.object({
  address: z.string(),
  source: z.enum(['local engine', 'ssh config', 'docker context']),
  detail: z.string(),
});
export type HostSuggestion = z.infer<typeof HostSuggestion>;
