import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from '../../shared/domain';
import type { Torn } from '../custody/ledger';
import { EVIDENCE } from '../custody/record';
import { SEALS, sealName } from '../custody/seal';
import type { CaseSession } from './session';

/** Bytes of a torn line that are kept in the ledger. */
const TORN_KEPT = 64 << 10;

/**
 * Records what a crash, a kill or a power cut left behind, in the ledger and in words: a torn last line, exhibits that
 * were being taken, a collection, a seal or a report that did not end. Deletes no byte of evidence.
 */
export async function recoverCase(session: CaseSession, torn: Torn | undefined, entries: Entry[]): Promise<string[]> {
  const found: string[] = [];
  if (torn) {
    await session.append('ledger.recovered', session.data.id, {
      offset: torn.offset,
      bytes: torn.text.length,
      base64: torn.text.subarray(0, TORN_KEPT).toString('base64'),
    });
    found.push(
      `The last line of the ledger was being written when Lading ended; its ${torn.text.length} bytes were set aside in entry ${session.head.seq}.`,
    );
  }
  await recoverSeal(session, found);
  const imports = openImports(entries);
  const taken = await recoverExhibits(session, found, imports.length > 0);
  for (const collection of session.data.collections) {
    if (collection.state !== 'running') continue;
    await session.append('collection.cut off', collection.id, { found: taken });
    found.push(`Collection ${collection.id} was cut off; ${collection.exhibits.length} exhibits of it are kept.`);
  }
  for (const name of imports) {
    const exhibits = session.data.exhibits.filter((exhibit) => exhibit.collection === name);
    const bytes = exhibits.reduce((sum, exhibit) => sum + exhibit.bytes, 0);
    const count = exhibits.length;
    await session.append('import.ended', name, { state: 'cut off', exhibits: count, referred: 0, bytes, items: [] });
    found.push(`Import ${name} was cut off; ${count} exhibits of it are kept.`);
  }
  await recoverReports(
    session,
    entries.filter((entry) => entry.action.startsWith('report.')),
    found,
  );
  return found;
}

/** Imports that began and did not end. */
function openImports(entries: Entry[]): string[] {
  const open = new Set<string>();
  for (const { action, subject } of entries) {
    if (action === 'import.begun') open.add(subject);
    else if (action === 'import.ended') open.delete(subject);
  }
  return [...open];
}

async function recoverExhibits(session: CaseSession, found: string[], importing: boolean): Promise<string[]> {
  const known = new Set(session.data.exhibits.map((exhibit) => exhibit.id));
  // Only a collection or an import that was under way can have left an exhibit; anything else somebody else put there.
  if (!importing && !session.data.collections.some((collection) => collection.state === 'running')) return [];
  const last = Math.max(0, ...session.data.exhibits.map((exhibit) => Number(exhibit.id.slice(1))));
  const taken: string[] = [];
  const names = await readdir(join(session.dir, EVIDENCE)).catch(() => []);
  for (const name of names.sort(byNumber)) {
    if (!/^E\d{4,}$/.test(name) || known.has(name)) continue;
    // Several are taken at once, so a lower number than the last may be unfinished too.
    if (Number(name.slice(1)) > last + 1000) continue;
    taken.push(await session.door.recover(name));
  }
  found.push(...taken);
  return taken;
}

async function recoverSeal(session: CaseSession, found: string[]): Promise<void> {
  const last = session.data.seals.at(-1);
  if (!last || last.seq !== session.head.seq) return;
  const base = join(session.dir, SEALS, sealName(last.seq));
  const [statement, signature] = await Promise.all([isFile(`${base}.json`), isFile(`${base}.sig`)]);
  if (statement && signature) return;
  await rm(`${base}.json`, { force: true });
  await rm(`${base}.sig`, { force: true });
  await session.append('seal.incomplete', session.data.id, { seq: last.seq });
  found.push(
    `The seal at entry ${last.seq} has no signature: sealing did not end, or its files were removed. Seal again.`,
  );
}

async function recoverReports(session: CaseSession, entries: Entry[], found: string[]): Promise<void> {
  const begun = entries.findLast((entry) => entry.action === 'report.begun');
  if (!begun || begun !== entries.at(-1)) return;
  await rm(join(session.dir, begun.subject), { force: true });
  await session.append('report.incomplete', begun.subject, { path: begun.subject });
  found.push(`The report ${begun.subject} was being written when Lading ended; what there was of it was removed.`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}
