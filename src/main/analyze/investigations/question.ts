import type { InvestigationId } from '../../../shared/contract/investigations';
import type { Facts } from './facts';

/** A question of a checklist: what answers it, as data. */
export interface Question {
  id: string;
  question: string;
  /** What it matters for. */
  why: string;
  /** What an examiner would have typed. */
  instead: readonly string[];
  /** Kinds of evidence that tell. Of each line one is enough, the first being the one to take. */
  evidence: readonly (readonly string[])[];
  /** Rules whose findings speak to it: whole ids, or beginnings that end in '.'. */
  rules: readonly string[];
  /** Tells only of findings with one of these techniques, where the rules speak of more. */
  techniques?: readonly string[];
  /** What is read from the exhibits beside findings. */
  facts?: Facts;
}

export interface Scenario {
  id: InvestigationId;
  title: string;
  about: string;
  questions: readonly Question[];
}

/** The file system of a container, in the ways in which it can come into a case. */
export const FILE_SYSTEM = ['container.upper', 'container.export', 'import.docker-export'] as const;
/** What a container wrote, in the ways in which it can come into a case. */
export const OUTPUT = ['container.logs', 'container.log-files', 'import.container-log', 'import.json-log'] as const;
