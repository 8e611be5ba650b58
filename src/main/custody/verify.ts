import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CaseData, type Entry, type Fault, type VerifyResult } from '../../shared/domain';
import { BAG_FILES, MANIFEST, PAYLOAD, readManifest, TAG_MANIFEST } from './bag';
import { canonicalJson, sha256File } from './hash';
import { LEDGER_FILE } from './ledger';
import { LOCK_FILE } from './lock';
import { BEGUN_FILE, EVIDENCE, RECORD_FILE } from './record';
import { checkLedger, type Expected, type Report } from './verify-ledger';
import { checkSeals } from './verify-seals';

export const RESERVE_FILE = '.reserve';
/** What may lie in a case folder. Anything else was added by somebody else. */
const KNOWN = new Set([
  'case.json',
  LEDGER_FILE,
  LOCK_FILE,
  RESERVE_FILE,
  EVIDENCE,
  PAYLOAD,
  'seals',
  'derived',
  'reports',
  ...BAG_FILES,
]);

export interface VerifyOptions {
  /** Folds the entries up to a number into what case.json must say; see cases/project.ts. */
  project: (entries: Entry[]) => unknown;
  /** Fingerprints of keys the checker trusts from elsewhere; a seal by another key is foreign. */
  trustedKeys?: string[];
  signal?: AbortSignal;
  onBytes?: (bytes: number) => void;
  onExhibit?: (id: string, ok: boolean) => void;
}

/**
 * Checks a case folder against its ledger, and the ledger against its seals; changes nothing. Shares with the writer only
 * the format. Throws CASE_NOT_FOUND where there is no ledger; everything else is a fault in the result.
 */
export async function verifyCase(dir: string, options: VerifyOptions): Promise<VerifyResult> {
  const faults: Fault[] = [];
  const interrupted: string[] = [];
  const fault = (kind: Fault['kind'], path: string, detail: string) => faults.push({ kind, path, detail });
  const expected = await checkLedger(dir, fault, interrupted);
  const seals = await checkSeals(dir, expected, options.trustedKeys, fault);
  const bytes = await checkEvidence(dir, expected, options, fault, interrupted);
  await checkReports(dir, expected, fault);
  await checkBag(dir, expected, seals.length, fault);
  await checkCaseFile(dir, expected, options.project, fault, interrupted);
  for (const name of await list(dir)) {
    // .new is what a crash leaves of a file that was being replaced.
    if (
      KNOWN.has(name) ||
      name.startsWith(`${LOCK_FILE}.`) ||
      KNOWN.has(name.replace(/\.new$|^\.(case\.json)\.tmp$/, '$1'))
    )
      continue;
    fault('file added', name, 'No entry of the ledger speaks of it.');
  }
  const last = seals.at(-1);
  return {
    ok: faults.length === 0,
    time: new Date().toISOString(),
    exhibits: expected.exhibits.length,
    bytes,
    entries: expected.entries.length,
    seals: seals.length,
    head: expected.head,
    unsealed: last === undefined ? null : expected.head.seq - last,
    faults,
    interrupted,
  };
}

async function checkEvidence(
  dir: string,
  expected: Expected,
  options: VerifyOptions,
  fault: Report,
  interrupted: string[],
): Promise<number> {
  let total = 0;
  const known = new Map(expected.exhibits.map((exhibit) => [exhibit.id, exhibit]));
  for (const exhibit of known.values()) {
    options.signal?.throwIfAborted();
    const before = { faults: 0 };
    const count: Report = (...args) => {
      before.faults += 1;
      fault(...args);
    };
    const folder = `${EVIDENCE}/${exhibit.id}`;
    total += await checkFile(
      dir,
      `${folder}/${exhibit.file}`,
      exhibit.sha256,
      ['exhibit missing', 'exhibit changed'],
      count,
      options.onBytes,
    );
    await checkFile(dir, `${folder}/${RECORD_FILE}`, exhibit.recordSha256, ['record missing', 'record changed'], count);
    for (const name of await list(join(dir, folder))) {
      if (name !== exhibit.file && name !== RECORD_FILE && name !== BEGUN_FILE) {
        count('file added', `${folder}/${name}`, 'The exhibit has one file and its record; this is neither.');
      }
    }
    options.onExhibit?.(exhibit.id, before.faults === 0);
  }
  for (const name of await list(join(dir, EVIDENCE))) {
    if (known.has(name)) continue;
    // Several exhibits are taken at once, so the one cut off need not have the highest number.
    const left = expected.collecting && /^E\d{4,}$/.test(name) && (await isUnfinished(join(dir, EVIDENCE, name)));
    if (left)
      interrupted.push(
        `${name} was being taken when Lading ended; it is recorded, as partial, when the case is opened next.`,
      );
    else fault('file added', `${EVIDENCE}/${name}`, 'No entry of the ledger speaks of it.');
  }
  return total;
}

/** A crash leaves begun.json, or a whole record without its ledger entry, or an empty folder. */
async function isUnfinished(folder: string): Promise<boolean> {
  const names = await list(folder);
  return names.length === 0 || names.includes(BEGUN_FILE) || names.includes(RECORD_FILE);
}

async function checkReports(dir: string, expected: Expected, fault: Report): Promise<void> {
  const known = new Map(expected.reports.map((report) => [report.path, report]));
  for (const report of known.values()) {
    await checkFile(dir, report.path, report.sha256, ['report missing', 'report changed'], fault);
  }
  for (const name of await list(join(dir, 'reports'))) {
    if (!known.has(`reports/${name}`)) fault('file added', `reports/${name}`, 'No entry of the ledger speaks of it.');
  }
}

/** The manifest a seal covers must be as it was sealed; right after a seal, every tag file too. */
async function checkBag(dir: string, expected: Expected, seals: number, fault: Report): Promise<void> {
  const all = expected.entries.filter((entry) => entry.action === 'case.sealed');
  const undone = new Set(expected.entries.map((entry) => entry.action === 'seal.incomplete' && entry.details.seq));
  const sealed = all.findLast((entry) => !undone.has(entry.seq));
  if (!sealed || seals === 0) return;
  const manifest = await sha256File(join(dir, MANIFEST)).catch(() => undefined);
  // A seal that did not end may have put its own manifest in place already, and its tag files with it.
  const later = all.filter((entry) => entry.seq > sealed.seq && entry.details.manifest === manifest?.sha256);
  if (later.length > 0) return;
  if (manifest?.sha256 !== sealed.details.manifest) {
    fault('manifest wrong', MANIFEST, manifest ? 'It is not the one that was sealed.' : 'It is missing.');
  }
  for (const path of [MANIFEST, TAG_MANIFEST]) {
    const rows = await readManifest(join(dir, path)).catch(() => undefined);
    if (!rows) {
      if (path === TAG_MANIFEST) fault('manifest wrong', path, 'It is missing.');
      continue;
    }
    for (const [index, row] of rows.entries()) {
      if (!row) {
        fault('manifest wrong', `${path}:${index + 1}`, 'The line is not a manifest line.');
        continue;
      }
      const [hash, file] = row;
      // Evidence and reports were compared with the ledger; ledger and case.json move on after a seal.
      if (file.startsWith(`${EVIDENCE}/`) || file.startsWith('reports/')) continue;
      if ((file === LEDGER_FILE || file === 'case.json') && expected.head.seq > sealed.seq) continue;
      const found = await sha256File(join(dir, file)).catch(() => undefined);
      if (found?.sha256 !== hash) {
        fault(
          'manifest wrong',
          file,
          found ? `It is not as ${path} says it was at the seal.` : `It is missing; ${path} lists it.`,
        );
      }
    }
  }
}

async function checkCaseFile(
  dir: string,
  expected: Expected,
  project: VerifyOptions['project'],
  fault: Report,
  interrupted: string[],
): Promise<void> {
  const path = 'case.json';
  const text = await readFile(join(dir, path), 'utf8').catch(() => undefined);
  if (text === undefined)
    return void interrupted.push('case.json is missing; it is made again from the ledger when the case is opened.');
  let data: CaseData;
  try {
    data = CaseData.parse(JSON.parse(text));
  } catch {
    return void fault(
      'case file differs',
      path,
      'It cannot be read. It is made again from the ledger when the case is opened.',
    );
  }
  const upTo = expected.entries.findIndex((entry) => entry.seq === data.head.seq && entry.hash === data.head.hash);
  const should = upTo === -1 ? undefined : attempt(() => canonicalJson(project(expected.entries.slice(0, upTo + 1))));
  if (should !== canonicalJson(JSON.parse(text))) {
    fault(
      'case file differs',
      path,
      'It does not say what the ledger says. The ledger counts; case.json is made again from it when the case is opened.',
    );
  } else if (data.head.seq < expected.head.seq) {
    interrupted.push(
      `case.json is ${expected.head.seq - data.head.seq} entries behind the ledger; it is brought up to date when the case is opened.`,
    );
  }
}

async function checkFile(
  dir: string,
  path: string,
  hash: string,
  [missing, changed]: [Fault['kind'], Fault['kind']],
  fault: Report,
  onBytes?: (bytes: number) => void,
): Promise<number> {
  const full = join(dir, path);
  const info = await stat(full).catch(() => undefined);
  if (!info?.isFile()) {
    fault(missing, path, 'The ledger says it was stored; it is not there.');
    return 0;
  }
  const found = await sha256File(full, onBytes).catch(() => undefined);
  if (!found) fault(missing, path, 'It is there but cannot be read.');
  else if (found.sha256 !== hash) fault(changed, path, `SHA-256 is ${found.sha256}, the ledger says ${hash}.`);
  return found?.bytes ?? 0;
}

async function list(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
