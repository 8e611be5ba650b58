import { z } from 'zod';
import { ExhibitId, IsoTime, Sha256, TargetRef } from './basics';
import { ExhibitRecord } from './exhibit';
import { FindingInput, FindingStatus } from './finding';
import { HostFacts, HostSpec } from './host';

/** A note as saved. Never changed; a correction is a new version with the same id. */
export const NoteVersion = z.object({
  id: z.string(),
  version: z.number().int().positive(),
  text: z.string(),
  time: IsoTime,
  examiner: z.string(),
});
export type NoteVersion = z.infer<typeof NoteVersion>;

export const Note = z.object({ id: z.string(), versions: z.array(NoteVersion).min(1) });
export type Note = z.infer<typeof Note>;

/** An exhibit as the case lists it; the whole record is its exhibit.json. */
export const ExhibitSummary = ExhibitRecord.pick({
  id: true,
  file: true,
  kind: true,
  title: true,
  collector: true,
  collection: true,
  host: true,
  target: true,
  outcome: true,
  partial: true,
  reason: true,
  bytes: true,
  sha256: true,
  started: true,
  finished: true,
}).extend({ recordSha256: Sha256 });
export type ExhibitSummary = z.infer<typeof ExhibitSummary>;

/** Something a collection could not take, or looked for and did not find. */
export const Miss = z.object({
  collection: z.string(),
  collector: z.string(),
  host: z.string(),
  target: TargetRef,
  outcome: z.enum(['none', 'missing', 'denied', 'unreadable', 'truncated', 'not applicable']),
  reason: z.string(),
});
export type Miss = z.infer<typeof Miss>;

export const CollectionState = z.enum(['running', 'done', 'failed', 'cancelled', 'cut off']);
export const CollectionSummary = z.object({
  id: z.string(),
  profile: z.string().optional(),
  reason: z.string().optional(),
  hosts: z.array(z.string()),
  items: z.number(),
  begun: IsoTime,
  ended: IsoTime.optional(),
  state: CollectionState,
  exhibits: z.array(ExhibitId),
  misses: z.array(Miss),
});
export type CollectionSummary = z.infer<typeof CollectionSummary>;

/** A host this case has been connected to, with what it said of itself last. */
export const CaseHost = z.object({ spec: HostSpec, facts: HostFacts, connected: IsoTime });
export type CaseHost = z.infer<typeof CaseHost>;

export const FindingMark = z.object({
  status: FindingStatus,
  reason: z.string(),
  examiner: z.string(),
  time: IsoTime,
});
export type FindingMark = z.infer<typeof FindingMark>;

export const Handover = z.object({
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  time: IsoTime,
  seq: z.number(),
});
export const SealSummary = z.object({ seq: z.number(), head: Sha256, time: IsoTime, fingerprint: z.string() });
export const ReportSummary = z.object({
  path: z.string(),
  sha256: Sha256,
  bytes: z.number(),
  time: IsoTime,
  title: z.string(),
});
export type ReportSummary = z.infer<typeof ReportSummary>;

/** The parts of a report that only a person can write, by section id. */
export const ReportTexts = z.record(z.string(), z.string());
export type ReportTexts = z.infer<typeof ReportTexts>;

/** The ledger's last entry: its number and its hash. */
export const CaseHead = z.object({ seq: z.number(), hash: z.string() });
export type CaseHead = z.infer<typeof CaseHead>;

/**
 * `case.json`: what the ledger says, folded. It can be rebuilt from the ledger at any time (cases/project.ts does), and
 * verify compares it with such a rebuild.
 */
export const CaseData = z.object({
  format: z.literal(1),
  /** The ledger's head when this was written: it says what the entries up to there say. */
  head: CaseHead,
  id: z.string(),
  number: z.string(),
  title: z.string(),
  agency: z.string().optional(),
  /** Who holds the case now. */
  examiner: z.string(),
  created: IsoTime,
  hosts: z.array(CaseHost),
  collections: z.array(CollectionSummary),
  exhibits: z.array(ExhibitSummary),
  notes: z.array(Note),
  findings: z.array(FindingInput.extend({ id: z.string(), examiner: z.string(), time: IsoTime })),
  marks: z.record(z.string(), FindingMark),
  handovers: z.array(Handover),
  keys: z.array(z.object({ fingerprint: z.string(), publicKey: z.string(), examiner: z.string(), time: IsoTime })),
  seals: z.array(SealSummary),
  reports: z.array(ReportSummary),
  reportTexts: ReportTexts,
});
export type CaseData = z.infer<typeof CaseData>;

/** A line of the start screen. */
export const RecentCase = z.object({
  path: z.string(),
  number: z.string(),
  title: z.string(),
  examiner: z.string(),
  opened: IsoTime,
  /** False when the folder is not there (any more). */
  present: z.boolean(),
  /** The last verification made on this machine, if any. */
  verified: z.object({ ok: z.boolean(), time: IsoTime }).optional(),
});
export type RecentCase = z.infer<typeof RecentCase>;

/** A case as the window holds it. */
export const OpenCase = z.object({
  path: z.string(),
  data: CaseData,
  head: CaseHead,
  /** Why it can only be read: another process writes it, or the disk refuses writing. */
  readOnly: z.string().optional(),
  /** What was found and set right when it was opened (a torn line, an exhibit cut off). */
  recovered: z.array(z.string()),
  /** Free bytes on the evidence disk. */
  freeBytes: z.number(),
});
export type OpenCase = z.infer<typeof OpenCase>;
