import { z } from 'zod';
import { IsoTime, JsonObject, Sha256 } from './basics';

/**
 * One line of ledger.jsonl: RFC 8785 canonical JSON. `hash` = SHA-256 of the canonical entry without `hash`; `prev` is
 * the hash of the entry before, 64 zeros for the first.
 */
export const Entry = z.object({
  seq: z.number().int().nonnegative(),
  time: IsoTime,
  examiner: z.string(),
  workstation: z.string(),
  action: z.string(),
  subject: z.string(),
  details: JsonObject,
  prev: Sha256,
  hash: Sha256,
});
export type Entry = z.infer<typeof Entry>;

/** `seals/<seq>.json`: the signed message; its Ed25519 signature (RFC 8032) lies beside it as `<seq>.sig`. */
export const SealStatement = z.object({
  format: z.literal(1),
  case: z.string(),
  seq: z.number().int().nonnegative(),
  head: Sha256,
  /** SHA-256 of manifest-sha256.txt at that moment. */
  manifest: Sha256,
  time: IsoTime,
  examiner: z.string(),
  /** SHA-256 of the public key's DER (SPKI), hex; the key is `seals/<fingerprint>.pem`. */
  fingerprint: Sha256,
});
export type SealStatement = z.infer<typeof SealStatement>;

export const FAULT_KINDS = [
  'ledger line unreadable',
  'ledger entry changed', // its hash is not that of its content
  'ledger chain broken', // prev is not the hash before it: lines swapped, removed or inserted
  'ledger cut short', // a seal covers more than there is
  'seal missing',
  'seal broken', // signature does not match
  'seal foreign', // made with a key that the ledger does not introduce
  'exhibit missing',
  'exhibit changed',
  'record missing',
  'record changed',
  'file added',
  'report missing',
  'report changed',
  'manifest wrong',
  'case file differs', // case.json is not what the ledger says
] as const;
export const Fault = z.object({ kind: z.enum(FAULT_KINDS), path: z.string(), detail: z.string() });
export type Fault = z.infer<typeof Fault>;

export const VerifyResult = z.object({
  ok: z.boolean(),
  time: IsoTime,
  exhibits: z.number(),
  bytes: z.number(),
  entries: z.number(),
  seals: z.number(),
  head: z.object({ seq: z.number(), hash: z.string() }),
  /** Entries after the last seal; null when never sealed. */
  unsealed: z.number().nullable(),
  faults: z.array(Fault),
  /** What a crash or a power cut left: not a fault; recorded when the case is opened next. */
  interrupted: z.array(z.string()),
});
export type VerifyResult = z.infer<typeof VerifyResult>;

export const KeyState = z.object({
  /** none: made at the first seal. */
  state: z.enum(['none', 'locked', 'ready']),
  where: z.enum(['keychain', 'file']),
  path: z.string(),
  fingerprint: z.string().optional(),
});
export type KeyState = z.infer<typeof KeyState>;
