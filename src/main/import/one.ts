import { realpath, stat } from 'node:fs/promises';
import { basename, relative, sep } from 'node:path';
import type { ImportedItem } from '../../shared/contract/import';
import type { ExhibitRecord, TargetRef } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { ImportCollector } from './collectors';
import { lookAt, unreadable } from './look';
import { takeMembers } from './members';
import { byFolder } from './recognise/folder';
import { KINDS, type Recognised } from './recognise/kinds';
import type { ImportOptions } from './run';
import { readStored, storeFile, storeFolder, surveyStored } from './store';

/** What the import of one path is given. */
export interface OneOptions extends Omit<ImportOptions, 'onBytes' | 'onItem' | 'onDone' | 'paths'> {
  importId: string;
  count(record: ExhibitRecord): void;
  onBytes(bytes: number): void;
  onNote(note: string): void;
}

/** Imports one file or folder. Never rejects: what went wrong is in the item, and given beside it. */
export async function importOne(
  given: string,
  options: OneOptions,
): Promise<{ item: ImportedItem; error?: LadingError }> {
  const item: ImportedItem = { path: given, state: 'failed', members: 0, bytes: 0, notes: [] };
  try {
    const path = await realpath(given).catch((cause: unknown) => {
      throw unreadable(given, cause);
    });
    if (path !== given) item.notes.push(`the path leads to ${path}`);
    refuseCase(path, options.session.dir);
    const about = await stat(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
    if (about.isDirectory()) await importFolder(path, item, options);
    else await importFile(path, item, options);
    return { item };
  } catch (thrown) {
    const error = asLadingError(options.signal.aborted ? options.signal.reason : thrown);
    item.notes.push(error.message);
    if (item.exhibit !== undefined) item.state = 'partial';
    return { item, error };
  }
}

async function importFile(path: string, item: ImportedItem, options: OneOptions): Promise<void> {
  options.onNote('hashing it and looking what it is');
  const looked = await lookAt(path, options.signal, () => undefined);
  const recognised = asked(looked.recognised, options);
  Object.assign(item, { kind: recognised.kind, why: recognised.why, sha256: looked.sha256, bytes: looked.bytes });
  if (looked.bytes === 0) throw new LadingError('BAD_INPUT', `${path} is empty: there is nothing to store.`);
  if (looked.survey?.fault) item.notes.push(`the archive: ${looked.survey.fault}`);
  const collector: ImportCollector = `import.${recognised.kind}`;
  const target = targetOf(recognised, basename(path));
  if (await refer(looked.sha256, collector, target, item, options)) return;
  options.onNote(`${recognised.kind}: ${recognised.why}`);
  const stored = await storeFile(path, looked, recognised, { ...options, collector, target });
  taken(item, stored.record, options);
  if (stored.broken) throw stored.broken;
  if (stored.record && stored.record.sha256 !== looked.sha256) {
    item.state = 'partial';
    item.notes.push(
      `the file was not the same when it was read again: first SHA-256 ${looked.sha256}, stored ${stored.record.sha256}`,
    );
  }
  if (stored.record && looked.survey) {
    const { packing } = looked;
    await members(item, stored.record, { ...options, survey: looked.survey, kind: recognised.kind, packing });
  }
}

async function importFolder(path: string, item: ImportedItem, options: OneOptions): Promise<void> {
  const recognised = asked(await byFolder(path), options);
  Object.assign(item, { kind: recognised.kind, why: recognised.why });
  const collector: ImportCollector = `import.${recognised.kind}`;
  const target = targetOf(recognised, basename(path));
  options.onNote(`${recognised.kind}: ${recognised.why}`);
  const stored = await storeFolder(path, recognised, {
    ...options,
    collector,
    target,
    refer: (digest) => refer(digest, collector, target, item, options),
  });
  item.notes.push(...stored.notes);
  if (stored.unread) options.count(stored.unread);
  if (item.state === 'in the case already') return;
  taken(item, stored.record, options);
  if (stored.broken) throw stored.broken;
  if (!stored.record) return;
  const survey = await surveyStored(options.session, stored.record, options.signal);
  await members(item, stored.record, { ...options, survey, kind: recognised.kind, packing: 'none' });
}

function taken(item: ImportedItem, record: ExhibitRecord | undefined, options: OneOptions): void {
  if (!record) throw new LadingError('FILE_UNREADABLE', `${item.path}: not one byte could be read.`);
  options.count(record);
  Object.assign(item, {
    state: record.partial ? 'partial' : 'stored',
    exhibit: record.id,
    sha256: record.sha256,
    bytes: record.bytes,
  });
  if (record.reason !== undefined) item.notes.push(record.reason);
}

async function members(
  item: ImportedItem,
  parent: ExhibitRecord,
  options: OneOptions & Omit<Parameters<typeof takeMembers>[0], 'parent' | 'source'>,
): Promise<void> {
  const source = () => readStored(options.session, parent, options.packing, options.signal);
  const { exhibits, notes } = await takeMembers({ ...options, parent, source });
  item.members = exhibits;
  item.notes.push(...notes);
}

/** Every byte once: a whole exhibit with this SHA-256 is referred to in the ledger. Gives whether there was one. */
async function refer(
  digest: string,
  collector: ImportCollector,
  target: TargetRef,
  item: ImportedItem,
  { session, importId }: OneOptions,
): Promise<boolean> {
  const held = session.data.exhibits.find((exhibit) => exhibit.sha256 === digest && !exhibit.partial);
  if (!held) return false;
  await session.append('exhibit.referred', held.id, {
    collection: importId,
    collector,
    host: session.place.workstation,
    target,
    digest,
  });
  Object.assign(item, { state: 'in the case already', exhibit: held.id, sha256: digest, bytes: held.bytes });
  return true;
}

/** The kind that the examiner gave goes before what the content says; both are in the record. */
function asked(recognised: Recognised, { kind }: OneOptions): Recognised {
  if (kind === undefined || kind === recognised.kind) return recognised;
  return { ...recognised, kind, why: `the examiner says so; by its content: ${recognised.why}` };
}

function targetOf({ kind, target }: Recognised, name: string): TargetRef {
  const shown = visible(name, { max: 200 });
  if (kind === 'docker-inspect' && target) return { kind: 'container', ...target };
  return { kind: KINDS[kind].target, ...(target ?? { id: `imported:${name}`, name: shown }) };
}

/** A case is not imported into itself: its own evidence would grow without end, or be there twice. */
export function refuseCase(path: string, dir: string): void {
  const inside = (a: string, b: string) => {
    const way = relative(a, b);
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(way));
  };
  if (!inside(dir, path) && !inside(path, dir)) return;
  throw new LadingError('BAD_INPUT', `${path} is in the case folder, or the case folder is in it.`, {
    advice: 'Import evidence from another place.',
  });
}
