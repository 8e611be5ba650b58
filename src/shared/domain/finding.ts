import { z } from 'zod';
import { ExhibitId, TargetRef } from './basics';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export const Severity = z.enum(SEVERITIES);
export type Severity = z.infer<typeof Severity>;

export const Confidence = z.enum(['certain', 'likely', 'possible']);
export type Confidence = z.infer<typeof Confidence>;

/**
 * A place in an exhibit: `json:<RFC 6901 pointer>`, `bytes:<offset>+<length>`, `line:<n>` (1-based), or `whole`; of what is packed
 * `unpacked!bytes:<offset>+<length>`, bytes of what comes out, and `bytes:…!unpacked!bytes:…` where a piece of the exhibit is packed.
 * A text, so that a report, a command line and a link can carry it. Parsed by shared/locator.ts.
 */
export const Locator = z
  .string()
  .regex(/^(json:.*|(?:(?:bytes:\d+\+\d+|unpacked)!){0,6}bytes:\d+\+\d+|line:\d+|whole)$/s);
export type Locator = z.infer<typeof Locator>;

export const Citation = z.object({ exhibit: ExhibitId, locator: Locator });
export type Citation = z.infer<typeof Citation>;

/** What a rule or an examiner claims. */
export const FindingInput = z.object({
  title: z.string().min(1),
  severity: Severity,
  confidence: Confidence,
  /** ATT&CK technique ids (v19). */
  techniques: z.array(z.string()),
  target: TargetRef,
  /** The fact, in a sentence: artefact and condition. */
  claim: z.string().min(1),
  /** The innocent explanation to be ruled out. */
  benign: z.string(),
  cites: z.array(Citation),
});
export type FindingInput = z.infer<typeof FindingInput>;

export const FindingStatus = z.enum(['open', 'confirmed', 'dismissed', 'needs review']);
export type FindingStatus = z.infer<typeof FindingStatus>;

/** A finding as it is listed: machine-generated until an examiner confirms it. */
export const Finding = FindingInput.extend({
  /** Made from rule, target and citations, so the same evidence gives the same id on any machine. */
  id: z.string(),
  rule: z.string(),
  ruleVersion: z.string(),
  attackVersion: z.string(),
  machine: z.boolean(),
});
export type Finding = z.infer<typeof Finding>;

/** With what the examiner said of it. */
export const JudgedFinding = Finding.extend({
  status: FindingStatus,
  statusReason: z.string().optional(),
  statusBy: z.string().optional(),
});
export type JudgedFinding = z.infer<typeof JudgedFinding>;

export const AnalyzerInfo = z.object({ id: z.string(), version: z.string(), title: z.string() });
export type AnalyzerInfo = z.infer<typeof AnalyzerInfo>;
