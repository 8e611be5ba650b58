import { verify } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Fault, SealStatement } from '../../shared/domain';
import { fingerprintOf } from './keys';
import { SEALS, sealName } from './seal';
import type { Expected } from './verify-ledger';

/**
 * Checks every seal: its signature, that the ledger has the entry it covers, and that the ledger introduced its key.
 * Gives the sequence numbers that good seals cover, in order.
 */
export async function checkSeals(
  dir: string,
  expected: Expected,
  trusted: string[] | undefined,
  fault: (kind: Fault['kind'], path: string, detail: string) => void,
): Promise<number[]> {
  const names = (await readdir(join(dir, SEALS)).catch(() => [])).sort();
  const good: number[] = [];
  const seen = new Set<number>();
  for (const name of names) {
    const path = `${SEALS}/${name}`;
    if (/^[0-9a-f]{64}\.pem$/.test(name) || name.endsWith('.new')) continue;
    const number = /^(\d{6,})\.(json|sig|tsr)$/.exec(name);
    if (!number?.[1]) {
      fault('file added', path, 'It is neither a seal nor a key.');
      continue;
    }
    if (number[2] !== 'json') {
      if (!names.includes(`${number[1]}.json`))
        fault('seal missing', `${SEALS}/${number[1]}.json`, `Only ${name} is there.`);
      continue;
    }
    const seq = Number(number[1]);
    seen.add(seq);
    const problem = await checkSeal(dir, seq, expected, trusted);
    if (problem) fault(problem.kind, path, problem.detail);
    else good.push(seq);
  }
  for (const entry of expected.entries) {
    if (entry.action !== 'case.sealed' || seen.has(entry.seq)) continue;
    const undone = expected.entries.some(
      (later) => later.action === 'seal.incomplete' && later.details.seq === entry.seq,
    );
    if (!undone)
      fault('seal missing', `${SEALS}/${sealName(entry.seq)}.json`, `Entry ${entry.seq} says the case was sealed.`);
  }
  return good.sort((a, b) => a - b);
}

async function checkSeal(
  dir: string,
  seq: number,
  expected: Expected,
  trusted: string[] | undefined,
): Promise<{ kind: Fault['kind']; detail: string } | undefined> {
  const base = join(dir, SEALS, sealName(seq));
  const message = await readFile(`${base}.json`);
  const signature = await readFile(`${base}.sig`).catch(() => undefined);
  if (!signature) return { kind: 'seal broken', detail: 'Its signature file is missing.' };
  let statement: SealStatement;
  try {
    statement = SealStatement.parse(JSON.parse(message.toString('utf8')));
  } catch {
    return { kind: 'seal broken', detail: 'It is not a seal statement.' };
  }
  const pem = await readFile(join(dir, SEALS, `${statement.fingerprint}.pem`), 'utf8').catch(() => undefined);
  if (!pem) return { kind: 'seal broken', detail: `Its key ${statement.fingerprint}.pem is missing.` };
  try {
    if (fingerprintOf(pem) !== statement.fingerprint)
      return { kind: 'seal foreign', detail: 'The key file is another key than its name says.' };
    if (!verify(null, message, pem, signature)) return { kind: 'seal broken', detail: 'The signature does not match.' };
  } catch {
    return { kind: 'seal broken', detail: 'Its key cannot be read.' };
  }
  if (trusted && !trusted.includes(statement.fingerprint)) {
    return {
      kind: 'seal foreign',
      detail: `It was made with key ${statement.fingerprint}, which is not one you trust.`,
    };
  }
  const introduced = expected.entries.some(
    (entry) =>
      entry.action === 'key.introduced' && entry.subject === statement.fingerprint && entry.seq < statement.seq,
  );
  if (!introduced || statement.case !== expected.caseId) {
    return {
      kind: 'seal foreign',
      detail: `The ledger does not know its ${introduced ? 'case' : `key ${statement.fingerprint}`}.`,
    };
  }
  const covered = expected.entries.find((entry) => entry.seq === statement.seq);
  if (!covered) {
    return {
      kind: 'ledger cut short',
      detail: `The seal covers ${statement.seq + 1} entries; the ledger ends at number ${expected.head.seq}.`,
    };
  }
  if (statement.seq !== seq || covered.hash !== statement.head || covered.details.manifest !== statement.manifest) {
    return { kind: 'seal broken', detail: `Entry ${seq} of the ledger is not the one that was sealed.` };
  }
  return undefined;
}
