import type { Investigation } from '../../shared/contract/investigations';
import type { ReportOptions } from '../../shared/contract/report';
import type { CaseData, Entry, ExhibitRecord, JudgedFinding, VerifyResult } from '../../shared/domain';

/** Everything a report may say, gathered before it is written: no I/O in model.ts or pdf.ts. */
export interface ReportInput {
  data: CaseData;
  /** The exhibits' whole records, in the order of their numbers. */
  records: ExhibitRecord[];
  findings: JudgedFinding[];
  /** The checklists with their answers; none where they are left out. */
  investigations?: readonly Investigation[];
  ledger: Entry[];
  verify?: VerifyResult;
  options: ReportOptions;
  tool: { name: string; version: string; runtime: string; workstation: string };
  /** The date of the report: given, so that the same input gives the same PDF. */
  now: string;
}
