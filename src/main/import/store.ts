import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { ExhibitRecord, How, TargetRef } from '../../shared/domain';
import { LadingError as Failure, type LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { exhibitPath } from '../cases/bytes';
import type { CaseSession } from '../cases/session';
import { bytesKind, type ImportCollector, provenanceOf } from './collectors';
import { openSource, piecesOf } from './folder/source';
import { folderTar, newWalk, unreadLines, type Walked } from './folder/walk';
import { type Looked, unreadable } from './look';
import type { OneOptions } from './one';
import { KINDS, type Recognised } from './recognise/kinds';
import { type Survey, surveyTar } from './recognise/survey';
import { type Packing, unpacked } from './unpack';

type StoreOptions = OneOptions & { collector: ImportCollector; target: TargetRef };
type Stored = { record?: ExhibitRecord; broken?: LadingError };

const NOT_SAID = 'not said by whom';

/** Stores a file that was looked at, whole and as it is. */
export async function storeFile(
  path: string,
  looked: Looked,
  recognised: Recognised,
  options: StoreOptions,
): Promise<Stored> {
  const { session, importId, collector, target, signal, onBytes } = options;
  const file = await openSource(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  let changed: string | undefined;
  try {
    return await session.door.store(
      {
        file: basename(path),
        kind: bytesKind(kindOfBytes(looked, recognised), looked.packing !== 'none'),
        title: titleOf(recognised, path),
      },
      provenanceOf(session, importId, collector, target),
      Readable.from(piecesOf(file), { objectMode: false }),
      async () => {
        const now = await file.stat({ bigint: true });
        if (now.mtimeNs !== looked.stats.mtimeNs || now.size !== looked.stats.size) {
          changed = 'The file was changed while it was imported.';
        }
        return how(options, path, [
          `Modified ${new Date(Number(looked.stats.mtimeMs)).toISOString()}, ${looked.bytes} bytes, SHA-256 of the file before it was copied ${looked.sha256}.`,
          `Taken for ${recognised.kind}: ${recognised.why}.`,
          ...(looked.survey ? archiveNote(looked.survey) : []),
          'Opened for reading only.',
        ]);
      },
      { signal, onBytes, judge: () => changed },
    );
  } finally {
    await file.close();
  }
}

/**
 * Stores a folder as one tar archive. `refer` is asked whether the case has these bytes already, where it may: where a
 * folder of that name was imported before. What could not be read is listed in an exhibit of its own.
 */
export async function storeFolder(
  path: string,
  recognised: Recognised,
  options: StoreOptions & { refer(digest: string): Promise<boolean> },
): Promise<Stored & { notes: string[]; unread?: ExhibitRecord }> {
  const { session, importId, collector, target, signal, onBytes } = options;
  const title = titleOf(recognised, path);
  if (session.data.exhibits.some((exhibit) => exhibit.title === title && exhibit.kind === 'tar' && !exhibit.partial)) {
    options.onNote('hashing it, to see whether it is in the case already');
    const hash = createHash('sha256');
    for await (const piece of folderTar(path, newWalk(), signal)) hash.update(piece);
    if (await options.refer(hash.digest('hex'))) return { notes: [] };
  }
  const before = await stat(path);
  const walked = newWalk();
  const stored = await session.door.store(
    { file: `${basename(path) || 'folder'}.tar`, kind: 'tar', title },
    provenanceOf(session, importId, collector, target),
    Readable.from(folderTar(path, walked, signal), { objectMode: false }),
    () =>
      how(options, path, [
        `A folder, modified ${before.mtime.toISOString()}, made into one tar archive of ${walked.entries} entries: sorted by name, links not followed, owners as numbers, times to the nanosecond.`,
        `Taken for ${recognised.kind}: ${recognised.why}.`,
        ...folderNotes(walked),
      ]),
    {
      signal,
      onBytes,
      judge: () =>
        walked.unreadCount > 0
          ? `${walked.unreadCount} entries could not be read as they were; the exhibit after this one names them.`
          : undefined,
    },
  );
  const unread =
    stored.record && walked.unreadCount > 0 ? await storeUnread(walked, stored.record, options) : undefined;
  return { ...stored, unread, notes: walked.sockets.length > 0 ? [socketNote(walked)] : [] };
}

async function storeUnread(walked: Walked, parent: ExhibitRecord, options: StoreOptions) {
  const { record, broken } = await options.session.door.store(
    { file: 'unread.jsonl', kind: 'jsonl', title: `What could not be read for ${parent.id}` },
    provenanceOf(options.session, options.importId, 'import.unread', options.target),
    Readable.from([Buffer.from(unreadLines(walked))], { objectMode: false }),
    () => ({
      kind: 'import',
      from: `Lading, while it made ${parent.id}`,
      note: 'One JSON object a line: the path below the folder, and why it could not be read.',
      parent: parent.id,
    }),
  );
  if (broken) throw broken;
  return record;
}

function folderNotes(walked: Walked): string[] {
  const notes = [
    process.platform === 'win32'
      ? 'Owners and access rights of Windows are not in it.'
      : 'Extended attributes (ACLs, capabilities, trusted.overlay.*) cannot be read here and are not in it; where they matter, make the archive with `tar --xattrs` and import that.',
    'Files were opened for reading only, without moving access times where the system allows it; listing a folder may move that folder’s own access time where its file system is mounted for writing; access times of folders and links are in the archive only where it is not.',
  ];
  if (walked.sockets.length > 0) notes.push(socketNote(walked));
  return notes;
}

function socketNote({ sockets }: Walked): string {
  return `Sockets are no files and are not in it: ${visible(sockets.slice(0, 20).join(', '), { max: 1000 })}${sockets.length > 20 ? ' and more' : ''}.`;
}

function archiveNote({ entries, fault, names }: Survey): string[] {
  const notes = [`The archive has ${entries} entries.`];
  if (fault) notes.push(`It could not be read to its end: ${fault}.`);
  const odd = names.climbing + names.absolute;
  if (odd > 0) notes.push(`${odd} of its names are absolute or climb with "..": Lading writes no file by such names.`);
  return notes;
}

function how({ from, note }: OneOptions, path: string, notes: string[]): How {
  const said = note === undefined ? [] : [`The examiner's note: ${note}`];
  return { kind: 'import', from: from ?? NOT_SAID, note: [`Original: ${path}.`, ...notes, ...said].join(' ') };
}

function titleOf({ kind }: Recognised, path: string): string {
  return `${KINDS[kind].title}: ${visible(basename(path), { max: 200 })}`;
}

/** By the content, so that no viewer is told of a tar that is none, also where the examiner says what it is. */
function kindOfBytes({ survey, recognised }: Looked, { kind }: Recognised) {
  if (survey) return 'tar';
  const said = KINDS[kind].bytes;
  // a list may be JSON (STIX), whose places are told otherwise than those of a text
  if (said === 'text') return recognised.kind === 'json' ? 'json' : 'text';
  return recognised.kind === kind || said === 'log' ? said : KINDS[recognised.kind].bytes;
}

/** The bytes of a stored exhibit, unpacked. */
export function readStored(
  session: CaseSession,
  record: ExhibitRecord,
  packing: Packing,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  return unpacked(createReadStream(exhibitPath(session.dir, record), { highWaterMark: 1 << 20, signal }), packing);
}

/** Looks through a stored archive. */
export async function surveyStored(session: CaseSession, record: ExhibitRecord, signal: AbortSignal): Promise<Survey> {
  try {
    return await surveyTar(readStored(session, record, 'none', signal));
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure('FILE_UNREADABLE', `${record.id} cannot be read again.`, { advice: 'Verify the case.', cause });
  }
}
