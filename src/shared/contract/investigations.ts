import { z } from 'zod';
import { Citation, FindingStatus, Severity, TargetRef } from '../domain';
import { base, InCase } from './base';

/**
 * How it stands with a question. `found`: there is something to weigh; `nothing found`: all that it asks for was taken and
 * analysed, and shows nothing; `partly`: what was taken shows nothing, and some was not taken; `not analysed`: taken, not
 * looked at yet; `not taken`: nothing was taken that could tell.
 */
export const AnswerState = z.enum(['found', 'nothing found', 'partly', 'not analysed', 'not taken']);
export type AnswerState = z.infer<typeof AnswerState>;

/** One thing that the evidence says to a question. */
export const Point = z.object({
  text: z.string(),
  cites: z.array(Citation),
  /** Of a finding: its id, severity, and what the examiner said of it. A fact read from an exhibit has none. */
  finding: z.string().optional(),
  severity: Severity.optional(),
  status: FindingStatus.optional(),
});
export type Point = z.infer<typeof Point>;

/** Evidence that a question asks for and the case does not hold. */
export const Missing = z.object({
  /** The collector that takes it. */
  collector: z.string(),
  title: z.string(),
  targets: z.array(TargetRef),
  /** Why an earlier attempt gave nothing, where there was one. */
  reason: z.string().optional(),
});
export type Missing = z.infer<typeof Missing>;

export const Answer = z.object({
  id: z.string(),
  question: z.string(),
  /** What it matters for, and what to look at. */
  why: z.string(),
  /** What an examiner would have typed. */
  instead: z.array(z.string()),
  state: AnswerState,
  /** In a sentence. */
  summary: z.string(),
  /** The gravest first; facts after findings. */
  points: z.array(Point),
  /** Points beyond those. */
  more: z.number(),
  /** Exhibits that were taken to answer it. */
  exhibits: z.array(z.string()),
  missing: z.array(Missing),
});
export type Answer = z.infer<typeof Answer>;

export const Investigation = z.object({
  id: z.string(),
  title: z.string(),
  about: z.string(),
  /** The container that was asked about; absent for all of the case. */
  target: TargetRef.optional(),
  answers: z.array(Answer),
});
export type Investigation = z.infer<typeof Investigation>;

export const InvestigationId = z.enum(['compromised', 'malware', 'exfiltration']);
export type InvestigationId = z.infer<typeof InvestigationId>;

export const investigations = {
  list: base.output(z.array(z.object({ id: InvestigationId, title: z.string(), about: z.string() }))),
  /** Answers every question of a scenario from what the case holds now. `target`: a container's id or name. */
  get: base.input(InCase.extend({ id: InvestigationId, target: z.string().min(1).optional() })).output(Investigation),
};
