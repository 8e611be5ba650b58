import { z } from 'zod';
import { ReportSummary, ReportTexts } from '../domain';
import { base, InCase } from './base';

export const ReportSection = z.object({
  id: z.string(),
  title: z.string(),
  /** What belongs there, shown beside an empty text. */
  guidance: z.string(),
  /** Written by the examiner, or made from the case. */
  written: z.boolean(),
  /** May be left out. */
  optional: z.boolean(),
});
export type ReportSection = z.infer<typeof ReportSection>;

export const ReportOptions = z.object({
  /** Ids of optional sections to leave out. */
  omit: z.array(z.string()).default([]),
  /** Id of the declaration text; see resources/declarations. */
  declaration: z.string().default('none'),
  /** Findings that no examiner confirmed stay out. */
  confirmedOnly: z.boolean().default(false),
});
export type ReportOptions = z.infer<typeof ReportOptions>;

export const report = {
  sections: base.output(z.array(ReportSection)),
  declarations: base.output(z.array(z.object({ id: z.string(), title: z.string(), jurisdiction: z.string() }))),
  /** Saves the parts only a person can write. */
  setTexts: base.input(InCase.extend({ texts: ReportTexts })).output(ReportTexts),
  /** The PDF as it would be written, base64; leaves no trace in the case. */
  preview: base
    .input(InCase.extend({ options: ReportOptions }))
    .output(z.object({ base64: z.string(), pages: z.number() })),
  /** Writes `reports/<name>.pdf` (and a copy to `out`), hashed in the ledger. */
  write: base
    .input(InCase.extend({ options: ReportOptions, out: z.string().optional() }))
    .output(ReportSummary.extend({ pages: z.number(), absolutePath: z.string() })),
};
