import { z } from 'zod';
import { Footprint, Need, TargetKind, TargetRef, Volatility } from './basics';

/** The catalogue's row of a collector: what the examiner and the docs see. */
export const CollectorInfo = z.object({
  id: z.string(),
  version: z.string(),
  title: z.string(),
  answers: z.string(),
  replaces: z.array(z.string()),
  scope: TargetKind,
  volatility: Volatility,
  footprint: Footprint,
  /** What it does on the target in one plain sentence. */
  how: z.string(),
  needs: z.array(Need),
  /** JSON Schema of what the examiner must or may say beyond the target; absent where there is nothing to say. */
  input: z.record(z.string(), z.unknown()).optional(),
});
export type CollectorInfo = z.infer<typeof CollectorInfo>;

/** What collectors are told beyond the target, by their id. */
export const Inputs = z.record(z.string(), z.unknown());
export type Inputs = z.infer<typeof Inputs>;

/** A profile as it is written down, saved and shared: one JSON file. */
export const OwnProfile = z.strictObject({
  /** Also its file's name: letters, digits, spaces, dots, dashes. */
  id: z.string().regex(/^(?!.* {2})[a-z0-9](?:[a-z0-9 .-]{0,60}[a-z0-9])?$/i, {
    error: 'letters, digits, single spaces, dots and dashes, at most 62, the first and the last a letter or a digit',
  }),
  title: z.string().min(1).max(100),
  description: z.string().max(1000).default(''),
  collectors: z.array(z.string().min(1).max(100)).min(1).max(500),
  inputs: Inputs.optional(),
});
export type OwnProfile = z.infer<typeof OwnProfile>;

export const Profile = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string(),
  collectors: z.array(z.string()),
  inputs: Inputs.optional(),
  /** Made by the examiner; the others are Lading's. */
  own: z.boolean().optional(),
  /** Why it cannot be used: its file is broken, or names a collector that is not there. */
  unusable: z.string().optional(),
});
export type Profile = z.infer<typeof Profile>;

/** One collector on one target of one host, before it runs. */
export const PlanItem = z.object({
  key: z.string(),
  host: z.string(),
  collector: z.string(),
  title: z.string(),
  target: TargetRef,
  volatility: Volatility,
  footprint: Footprint,
  replaces: z.array(z.string()),
  needs: z.array(Need),
  /** What the examiner said for it beyond the target. */
  input: z.unknown().optional(),
  /** What it will give, in bytes, where that is known from the listing; absent where it is not. */
  estimatedBytes: z.number().nonnegative().optional(),
  /** How long it will take, in milliseconds, where that is known. */
  estimatedMs: z.number().nonnegative().optional(),
  /** Set when it will not run: what is missing and what would help. */
  impossible: z.string().optional(),
});
export type PlanItem = z.infer<typeof PlanItem>;

export const Plan = z.object({
  profile: z.string().optional(),
  items: z.array(PlanItem),
  /** The deepest footprint among what will run. */
  footprint: Footprint,
});
export type Plan = z.infer<typeof Plan>;

/** What to collect where. No targets: every target of the scopes that the collectors have. */
export const PlanRequest = z.object({
  hosts: z.array(z.string()).min(1),
  profile: z.string().optional(),
  collectors: z.array(z.string()).optional(),
  targets: z.array(z.string()).optional(),
});
export type PlanRequest = z.infer<typeof PlanRequest>;
