import { z } from 'zod';
import { ImportedItem, ImportKind } from '../../shared/contract/import';
import { ExportFormat, TimelineFilter } from '../../shared/contract/timeline';
import {
  Access,
  ClockReading,
  ExhibitSummary,
  FindingInput,
  FindingStatus,
  HostFacts,
  HostSpec,
  Miss,
  NoteVersion,
  PlanItem,
  ReportSummary,
  ReportTexts,
  Sha256,
  TargetRef,
} from '../../shared/domain';
import { ErrorData } from '../../shared/errors';

const Accesses = z.array(Access).default([]);

/** What a collection's plan keeps of an item in the ledger. */
export const PlannedItem = PlanItem.pick({
  key: true,
  host: true,
  collector: true,
  target: true,
  footprint: true,
  input: true,
  impossible: true,
});

/**
 * Every action a ledger entry may announce, with the shape of its details. case.json is these, folded (project.ts); an
 * action that is not here cannot be written.
 */
export const ACTIONS = {
  'case.opened': z.object({
    format: z.literal(1),
    number: z.string(),
    title: z.string(),
    agency: z.string().optional(),
    tool: z.string(),
  }),
  'ledger.recovered': z.object({ offset: z.number(), bytes: z.number(), base64: z.string() }),

  // A touch of a host has an entry before (what is going to be done) and one after (what was done).
  'host.connect': z.object({ spec: HostSpec }),
  'host.connected': z.object({ spec: HostSpec, facts: HostFacts, accesses: Accesses }),
  'host.failed': z.object({ spec: HostSpec, error: ErrorData, accesses: Accesses }),
  'host.trusted': z.object({ spec: HostSpec, fingerprint: z.string() }),
  'host.list': z.object({ spec: HostSpec }),
  'host.listed': z.object({ spec: HostSpec, targets: z.number(), accesses: Accesses }),
  'host.disconnected': z.object({
    spec: HostSpec,
    clock: ClockReading.optional(),
    accesses: Accesses,
    /** A toolbox could not be removed from the host. */
    error: ErrorData.optional(),
  }),

  'collection.begun': z.object({
    profile: z.string().optional(),
    reason: z.string().optional(),
    hosts: z.array(z.string()),
    plan: z.array(PlannedItem),
  }),
  'collection.miss': Miss.extend({ accesses: Accesses }),
  'collection.touched': z.object({
    collector: z.string(),
    host: z.string(),
    target: z.string(),
    accesses: Accesses,
  }),
  'collection.clock': z.object({ host: z.string(), clock: ClockReading, accesses: Accesses }),
  'collection.ended': z.object({
    state: z.enum(['done', 'failed', 'cancelled']),
    exhibits: z.number(),
    misses: z.number(),
    bytes: z.number(),
    error: ErrorData.optional(),
  }),
  'collection.cut off': z.object({ found: z.array(z.string()) }),

  /** Evidence that somebody else took, brought in from files of this machine. The subject is the import's name. */
  'import.begun': z.object({
    /** Who gave it, when and how, as the examiner says. */
    from: z.string().optional(),
    /** What else the examiner says of it. */
    note: z.string().optional(),
    paths: z.array(z.string()),
    kind: ImportKind.optional(),
  }),
  'import.ended': z.object({
    state: z.enum(['done', 'failed', 'cancelled', 'cut off']),
    exhibits: z.number(),
    referred: z.number(),
    bytes: z.number(),
    items: z.array(ImportedItem),
    error: ErrorData.optional(),
  }),

  'exhibit.stored': z.object({ exhibit: ExhibitSummary, how: z.string() }),
  'exhibit.recovered': z.object({ exhibit: ExhibitSummary, how: z.string() }),
  /** Bytes that a collector would have taken are in the case already: the same digest, so the same exhibit. */
  'exhibit.referred': z.object({
    collection: z.string(),
    collector: z.string(),
    host: z.string(),
    target: TargetRef,
    digest: Sha256,
  }),
  'exhibit.copied': z.object({ to: z.string(), sha256: Sha256, reason: z.string() }),
  /** One file of a container, image or volume, copied out of the exhibit that holds it, which is the subject. */
  'file.exported': z.object({
    target: TargetRef,
    path: z.string(),
    locator: z.string(),
    to: z.string(),
    sha256: Sha256,
    bytes: z.number(),
    reason: z.string(),
  }),
  /** The timeline, or what of it fits the filter, written for other tools. The subject is the format. */
  'timeline.exported': z.object({
    format: ExportFormat,
    filter: TimelineFilter,
    to: z.string(),
    sha256: Sha256,
    bytes: z.number(),
    rows: z.number(),
    reason: z.string(),
  }),
  'exhibit.verified': z.object({ ok: z.boolean(), expected: Sha256, found: z.string() }),

  /** A program of somebody else's looks at an exhibit, which is the subject; what it gave lies below derived/. */
  'program.begun': z.object({ program: z.string(), sha256: Sha256, version: z.string(), argv: z.array(z.string()) }),
  'program.ended': z.object({
    argv: z.array(z.string()),
    rows: z.number().optional(),
    /** Where what it gave lies in the case, and its hash. */
    result: z.string().optional(),
    sha256: Sha256.optional(),
    error: ErrorData.optional(),
  }),
  'analysis.begun': z.object({ exhibits: z.number(), analyzers: z.array(z.string()) }),
  'analysis.ended': z.object({
    findings: z.number(),
    unreadable: z.number(),
    sha256: Sha256.optional(),
    error: ErrorData.optional(),
  }),
  'finding.judged': z.object({ status: FindingStatus, reason: z.string(), title: z.string() }),
  'finding.added': z.object({ finding: FindingInput }),
  'note.saved': z.object({ note: NoteVersion }),

  'custody.handed over': z.object({ from: z.string(), to: z.string(), reason: z.string() }),
  'key.introduced': z.object({ publicKey: z.string() }),
  'case.sealed': z.object({ manifest: Sha256, fingerprint: Sha256, exhibits: z.number() }),
  'seal.incomplete': z.object({ seq: z.number() }),

  'report.texts': z.object({ texts: ReportTexts }),
  'report.begun': z.object({ path: z.string() }),
  'report.written': z.object({ report: ReportSummary, pages: z.number(), copy: z.string().optional() }),
  'report.incomplete': z.object({ path: z.string(), error: ErrorData.optional() }),
} as const;

export type Action = keyof typeof ACTIONS;
export type Details<A extends Action> = z.input<(typeof ACTIONS)[A]>;
