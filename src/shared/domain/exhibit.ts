import { z } from 'zod';
import { Access, ExhibitId, IsoTime, Outcome, Sha256, TargetRef } from './basics';

/** What the bytes are, for viewers and analyzers. 'frames' is the framed output of analyze/formats/frames.ts. */
export const ExhibitKind = z.enum(['json', 'jsonl', 'text', 'log', 'frames', 'docker log', 'tar', 'pcap', 'binary']);
export type ExhibitKind = z.infer<typeof ExhibitKind>;

/** How an exhibit's bytes came here: the exact command or call, with its end. */
export const How = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('exec'),
    argv: z.array(z.string()),
    asRoot: z.boolean(),
    exit: z.number().nullable(),
    signal: z.string().optional(),
    stderr: z.string(),
    /** Bytes of stderr in all; the text above is cut at 64 KiB. */
    stderrBytes: z.number(),
  }),
  /** A program that the engine ran inside the container (POST /containers/{id}/exec); the calls are in `accesses`. */
  z.object({
    kind: z.literal('inside'),
    argv: z.array(z.string()),
    /** Absent: the container's own user. */
    user: z.string().optional(),
    /** null: the engine did not say how it ended. */
    exit: z.number().nullable(),
    stderr: z.string(),
    /** Bytes of stderr in all; the text above is cut at 64 KiB. */
    stderrBytes: z.number(),
    /** GET /exec/{id}/json after the end, as the engine sent it; absent where it could not be asked. */
    inspect: z.string().optional(),
  }),
  z.object({
    kind: z.literal('api'),
    method: z.string(),
    path: z.string(),
    status: z.number(),
    contentType: z.string().optional(),
    /** Why an answer without an end of its own ended. */
    note: z.string().optional(),
  }),
  /** Made by Lading from several calls, which `accesses` lists. */
  z.object({ kind: z.literal('composed'), note: z.string() }),
  z.object({
    kind: z.literal('import'),
    /** Who gave it, when and how; for a member, the exhibit it was taken out of and its name there. */
    from: z.string(),
    note: z.string().optional(),
    /** The exhibit that this is a member of. */
    parent: ExhibitId.optional(),
    /** Its name in there, as it stands. Hostile text. */
    member: z.string().optional(),
  }),
]);
export type How = z.infer<typeof How>;

export const ClockPair = z.object({
  /** This machine's clock. */
  local: IsoTime,
  /** The same moment on the host's clock, by the measured offset. */
  host: IsoTime.optional(),
});
export type ClockPair = z.infer<typeof ClockPair>;

/** `evidence/E0001/exhibit.json`: one file of evidence and how it was taken. */
export const ExhibitRecord = z.object({
  format: z.literal(1),
  id: ExhibitId,
  /** Name of the file beside this record. */
  file: z.string(),
  kind: ExhibitKind,
  title: z.string(),
  collector: z.object({ id: z.string(), version: z.string() }),
  tool: z.object({ name: z.string(), version: z.string() }),
  collection: z.string().optional(),
  /** Host id and address; absent for imports. */
  host: z.object({ id: z.string(), address: z.string(), hostname: z.string() }).optional(),
  target: TargetRef,
  /** Taken again from the start after a lost connection had cut this exhibit off. */
  follows: ExhibitId.optional(),
  how: How,
  /** Other touches of the host that were made for this exhibit. */
  accesses: z.array(Access).default([]),
  started: ClockPair,
  finished: ClockPair,
  clockOffsetMs: z.number().optional(),
  outcome: Outcome,
  /** Only a part arrived; `reason` says why. What is here is hashed all the same. */
  partial: z.boolean(),
  reason: z.string().optional(),
  bytes: z.number().int().nonnegative(),
  sha256: Sha256,
  examiner: z.string(),
  workstation: z.string(),
});
export type ExhibitRecord = z.infer<typeof ExhibitRecord>;

/** What a collector says of an exhibit before its bytes flow. */
export interface ExhibitMeta {
  /** File name on the examiner's side; made safe for every file system by the evidence door. */
  file: string;
  kind: ExhibitKind;
  title: string;
}
