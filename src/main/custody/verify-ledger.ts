import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type CaseHead, type Entry, ExhibitSummary, type Fault, ReportSummary } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { GENESIS, LEDGER_FILE, parseEntry, readLines } from './ledger';

/** What the ledger says there must be. */
export interface Expected {
  caseId: string;
  entries: Entry[];
  exhibits: ExhibitSummary[];
  reports: ReportSummary[];
  head: CaseHead;
  /** A collection had begun and not ended at the last entry: a crash may have left unfinished exhibits. */
  collecting: boolean;
}

/** Takes a fault as it is found. */
export type Report = (kind: Fault['kind'], path: string, detail: string) => void;

/**
 * Walks the ledger and gives what it says there must be; each line that is not as it was written is one fault. Throws
 * CASE_NOT_FOUND where there is none.
 */
export async function checkLedger(dir: string, fault: Report, interrupted: string[]): Promise<Expected> {
  const path = join(dir, LEDGER_FILE);
  const file = await open(path, 'r').catch((cause) => {
    throw new LadingError('CASE_NOT_FOUND', `${dir} is not a case: it has no ${LEDGER_FILE}.`, {
      advice: 'Give the folder that holds ledger.jsonl and evidence/.',
      cause,
    });
  });
  const expected: Expected = {
    caseId: '',
    entries: [],
    exhibits: [],
    reports: [],
    head: { seq: -1, hash: GENESIS },
    collecting: false,
  };
  try {
    let number = 0;
    for await (const line of readLines(file)) {
      number += 1;
      const where = `${LEDGER_FILE}:${number}`;
      if (!line.ended && isTorn(line.bytes)) {
        interrupted.push(
          `The last line of the ledger (line ${number}) was being written when Lading ended; it never counted.`,
        );
        break;
      }
      const entry = line.ended ? parseEntry(line.bytes, expected.head) : 'its line end is missing';
      if (typeof entry === 'string') {
        const raw = readable(line.bytes);
        const kind = !raw
          ? 'ledger line unreadable'
          : entry.startsWith('it does not follow')
            ? 'ledger chain broken'
            : 'ledger entry changed';
        fault(kind, where, `${entry[0]?.toUpperCase()}${entry.slice(1)}.`);
        // Go on from what the line claims, so that one fault is one line and not all that follow.
        if (raw) expected.head = { seq: raw.seq, hash: raw.hash };
        else expected.head = { seq: expected.head.seq + 1, hash: 'unknown' };
        if (raw) note(expected, raw);
        continue;
      }
      expected.head = { seq: entry.seq, hash: entry.hash };
      note(expected, entry);
    }
  } finally {
    await file.close();
  }
  if (expected.entries.length === 0) fault('ledger cut short', LEDGER_FILE, 'It has no entry.');
  return expected;
}

/** A prefix of one entry is what a crash leaves; a whole entry with something behind it was changed by hand. */
function isTorn(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  for (let end = text.lastIndexOf('}'); end !== -1; end = text.lastIndexOf('}', end - 1)) {
    try {
      JSON.parse(text.slice(0, end + 1));
      return end === text.length - 1;
    } catch {
      if (text.length - end > 4096) break;
    }
    if (end === 0) break;
  }
  return text.startsWith('{"action":') || '{"action":'.startsWith(text);
}

function readable(bytes: Buffer): Entry | undefined {
  try {
    const raw = JSON.parse(bytes.toString('utf8')) as Entry;
    return typeof raw.seq === 'number' && typeof raw.hash === 'string' && typeof raw.details === 'object'
      ? raw
      : undefined;
  } catch {
    return undefined;
  }
}

function note(expected: Expected, entry: Entry): void {
  expected.entries.push(entry);
  if (entry.action === 'case.opened') expected.caseId = entry.subject;
  if (entry.action === 'exhibit.stored' || entry.action === 'exhibit.recovered') {
    const summary = ExhibitSummary.safeParse(entry.details.exhibit);
    if (summary.success) expected.exhibits.push(summary.data);
  }
  if (entry.action === 'report.written') {
    const report = ReportSummary.safeParse(entry.details.report);
    if (report.success) expected.reports.push(report.data);
  }
  if (entry.action === 'collection.begun') expected.collecting = true;
  if (entry.action === 'collection.ended' || entry.action === 'collection.cut off') expected.collecting = false;
}
