import type { JudgedFinding, OpenCase, VerifyResult } from '../../../shared/domain';
import { plural } from '../../components/Bytes';
import type { Matrix } from './matrix';

/** Something to do, with where it is done. */
export interface Step {
  key: string;
  words: string;
  why: string;
  to: string;
}

interface Sources {
  open: OpenCase;
  connected: number;
  matrix: Matrix;
  findings: JudgedFinding[];
  last: VerifyResult | null | undefined;
  /** Whether an analysis ended after the last collection, as far as this session knows. */
  analysed: boolean;
}

const SEVERE = new Set(['critical', 'high']);

/** What to do next: evidence first, in the order in which it disappears (RFC 3227), then what makes a case of it. */
export function nextSteps({ open, connected, matrix, findings, last, analysed }: Sources): Step[] {
  const steps: Step[] = [];
  const { data, head } = open;
  const canWrite = open.readOnly === undefined;
  if (canWrite && connected === 0 && data.exhibits.length === 0) {
    steps.push({
      key: 'connect',
      words: 'Connect to a host',
      why: 'Evidence is taken from live hosts; the most volatile goes first.',
      to: 'hosts',
    });
    steps.push({
      key: 'import',
      words: 'Import evidence',
      why: 'What somebody else took: a saved image, an export, a copied data root, packets, memory.',
      to: 'exhibits?import=1',
    });
  }
  if (canWrite && connected > 0) {
    for (const column of matrix.columns) {
      const missing = matrix.rows.filter((row) => row.cells.get(column)?.state === 'open');
      const first = missing[0];
      if (!first) continue;
      const rest = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
      const name = first.target.kind === 'host' ? first.hostname : first.target.name || first.target.id.slice(0, 12);
      steps.push({
        key: `take ${column}`,
        words: `Take ${column}`,
        why: `Nothing of it is there yet from ${name}${rest}.`,
        to: 'collect',
      });
    }
  }
  if (data.exhibits.length > 0 && findings.length === 0 && !analysed) {
    steps.push({
      key: 'analyze',
      words: 'Analyze the exhibits',
      why: 'Analyzers read copies and claim findings; the exhibits stay as they are.',
      to: 'findings',
    });
  }
  const waiting = findings.filter((finding) => finding.status === 'open');
  if (waiting.length > 0) {
    const severe = waiting.filter((finding) => SEVERE.has(finding.severity)).length;
    steps.push({
      key: 'judge',
      words: `Judge ${waiting.length === 1 ? 'one finding' : `${waiting.length} findings`}`,
      why:
        severe > 0
          ? `${severe} of them critical or high. A machine claimed them; you confirm or dismiss.`
          : 'A machine claimed them; you confirm or dismiss.',
      to: 'findings',
    });
  }
  if (last && !last.ok) {
    steps.unshift({
      key: 'broken',
      words: 'The case is not intact',
      why: `${plural(last.faults.length, 'fault')} found at the last verification. Look there before anything else.`,
      to: 'custody',
    });
  }
  if (data.exhibits.length === 0) return steps;
  if (!last || (last.ok && last.head.seq !== head.seq)) {
    steps.push({
      key: 'verify',
      words: 'Verify the case',
      why: last ? 'It changed since it was verified.' : 'It has not been verified on this workstation.',
      to: 'custody',
    });
  }
  const seal = data.seals.at(-1);
  // A seal's own entry comes after the head that it signs.
  if (canWrite && (!seal || head.seq > seal.seq + 1)) {
    steps.push({
      key: 'seal',
      words: 'Seal the case',
      why: seal
        ? `${head.seq - seal.seq} ledger entries came after the last seal.`
        : 'It has no seal: only a seal shows that the end of the ledger was not cut off.',
      to: 'custody',
    });
  }
  if (canWrite && data.reports.length === 0) {
    steps.push({ key: 'report', words: 'Write the report', why: 'None has been written.', to: 'report' });
  }
  return steps;
}
