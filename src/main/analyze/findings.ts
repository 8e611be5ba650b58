import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { Finding, SEVERITIES } from '../../shared/domain';
import type { MachineFinding } from './analyzer';

/** The version of MITRE ATT&CK that the technique ids are taken from. */
export const ATTACK_VERSION = 'v19';

const ID_DIGITS = 8;

/** RFC 8785 text of plain data. */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value has no canonical JSON.');
  return text;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** SHA-256 over the canonical JSON of what makes a finding this one: rule, target, citations. Anyone can make it again. */
export function findingHash(finding: Pick<MachineFinding, 'rule' | 'target' | 'cites'>): string {
  const { rule, target, cites } = finding;
  const subject = { rule, target: { kind: target.kind, id: target.id }, cites };
  return createHash('sha256').update(canonical(subject)).digest('hex');
}

/**
 * Gives every finding its id ('F' and the first 8 hex digits of its hash) and the order in which it is listed. The
 * same fact about the same target, found in a later exhibit again, is listed once, with the earliest exhibit: so a
 * second collection changes no id that an examiner has judged.
 */
export function finishFindings(made: readonly MachineFinding[]): Finding[] {
  const byFact = new Map<string, { finding: MachineFinding; hash: string; first: number }>();
  for (const finding of made) {
    const { rule, target, claim } = finding;
    const fact = JSON.stringify([rule, target.kind, target.id, claim]);
    const candidate = { finding, hash: findingHash(finding), first: firstExhibit(finding) };
    const held = byFact.get(fact);
    if (!held || candidate.first < held.first || (candidate.first === held.first && candidate.hash < held.hash)) {
      byFact.set(fact, candidate);
    }
  }
  const unique = [...byFact.values()].sort(
    (a, b) => compare(a.hash, b.hash) || compare(a.finding.claim, b.finding.claim),
  );
  const ids = shortIds(unique.map((each) => each.hash));
  return unique
    .map(({ finding }, i) => Finding.parse({ ...finding, id: ids[i], attackVersion: ATTACK_VERSION, machine: true }))
    .sort(
      (a, b) =>
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        compare(a.rule, b.rule) ||
        compare(a.target.kind, b.target.kind) ||
        compare(a.target.name, b.target.name) ||
        compare(a.target.id, b.target.id) ||
        compare(a.id, b.id),
    );
}

function firstExhibit(finding: MachineFinding): number {
  return Math.min(...finding.cites.map((cite) => Number(cite.exhibit.slice(1))));
}

/**
 * Ids of sorted hashes: 8 digits, and as many more as tell neighbours apart. Whole hashes that are equal (one rule, one
 * target, the same citations, two claims) are numbered in the order of their claims.
 */
export function shortIds(sorted: readonly string[]): string[] {
  const shared = (a = '', b = ''): number => {
    let n = 0;
    while (n < a.length && n < b.length && a[n] === b[n]) n++;
    return n;
  };
  return sorted.map((hash, i) => {
    let twin = 0;
    while (sorted[i - twin - 1] === hash) twin++;
    const before = sorted[i - twin - 1];
    const after = sorted.slice(i + 1).find((other) => other !== hash);
    const digits = Math.max(ID_DIGITS, shared(before, hash) + 1, shared(hash, after) + 1);
    return `F${hash.slice(0, digits)}${twin > 0 ? `-${twin + 1}` : ''}`;
  });
}
