import { z } from 'zod';
import { AnalyzerInfo, FindingInput, FindingStatus, JudgedFinding } from '../domain';
import { base, InCase, TaskStarted } from './base';

export const findings = {
  analyzers: base.output(z.array(AnalyzerInfo)),
  /** Runs every analyzer over the case's exhibits as a task; result `{findings, analyzers, unreadable}`. */
  analyze: base.input(InCase).output(TaskStarted),
  list: base.input(InCase).output(z.array(JudgedFinding)),
  judge: base
    .input(InCase.extend({ id: z.string(), status: FindingStatus, reason: z.string().max(5000) }))
    .output(JudgedFinding),
  /** A finding of the examiner's own. */
  add: base.input(InCase.extend({ finding: FindingInput })).output(JudgedFinding),
};
