import type { ExhibitSummary } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { parseLocator } from '../../shared/locator';
import { readRecord } from '../analyze/cite';
import { compareViews, fileDetail, listFiles, listViews } from '../analyze/files/query';
import { indexState, withIndex } from '../analyze/index/store';
import { innerFile } from '../analyze/inner';
import { copyOut, exhibitPath, findText, readPiece } from '../cases/bytes';
import type { CaseSession } from '../cases/session';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function filesApi(os: Implementer, s: Services) {
  return {
    views: os.files.views.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const { state, reasons } = indexState(session.dir, session.data.exhibits);
      const usable = state === 'ready' || state === 'stale';
      return { views: usable ? withOwn(session, listViews) : [], stale: reasons };
    }),
    list: os.files.list.handler(async ({ input }) =>
      withOwn(await s.shelf.open(input.case), (db) => listFiles(db, input)),
    ),
    get: os.files.get.handler(async ({ input }) =>
      withOwn(await s.shelf.open(input.case), (db) => fileDetail(db, input.view, input.path).detail),
    ),
    read: os.files.read.handler(async ({ input }) => {
      const { path, offset, length } = await placeOf(await s.shelf.open(input.case), input);
      const wanted = Math.max(0, Math.min(input.length, length - input.offset));
      const { bytes } =
        wanted === 0 ? { bytes: Buffer.alloc(0) } : await readPiece(path, offset + input.offset, wanted);
      return { base64: bytes.toString('base64'), total: length };
    }),
    findIn: os.files.findIn.handler(async ({ input }) => {
      const { path, offset, length } = await placeOf(await s.shelf.open(input.case), input);
      const { hits, more } = await findText(path, input.text, offset + input.from, input.limit, offset + length);
      return { hits: hits.map((hit) => hit - offset), more };
    }),
    compare: os.files.compare.handler(async ({ input }) =>
      withOwn(await s.shelf.open(input.case), (db) => compareViews(db, input)),
    ),
    export: os.files.export.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const { exhibit, sha256, target, locator, path, ...piece } = await placeOf(session, input);
      if (session.readOnly !== undefined) {
        throw new LadingError('CASE_READ_ONLY', `The case is open for reading only. ${session.readOnly}`, {
          advice: 'A file is exported only where the ledger can say so.',
        });
      }
      const copy = await copyOut(session.dir, { id: exhibit.id, file: exhibit.file, sha256 }, input.to, {
        ...piece,
        of: path,
      });
      await session.append('file.exported', exhibit.id, {
        target,
        path: input.path,
        locator,
        to: copy.path,
        sha256: copy.sha256,
        bytes: piece.length,
        reason: input.reason,
      });
      return { ...copy, bytes: piece.length };
    }),
  };
}

function withOwn<T>(session: CaseSession, work: Parameters<typeof withIndex<T>>[1]): T {
  return withIndex(session.dir, work);
}

interface Version {
  view: string;
  path: string;
  version: 'now' | 'image';
}

/** Where the bytes of a file lie. Throws NOT_POSSIBLE for one whose content is in no exhibit. */
async function placeOf(session: CaseSession, input: Version) {
  const { detail, was } = withIndex(session.dir, (db) => fileDetail(db, input.view, input.path));
  const place = input.version === 'now' ? detail.content : was;
  const exhibit = session.data.exhibits.find(({ id }) => id === place?.exhibit);
  if (!place || !exhibit || detail.type !== 'file') {
    throw new LadingError('NOT_POSSIBLE', 'No exhibit of the case holds the content of this file.', {
      advice: 'Collect the file system of the container, or the layers of its image.',
    });
  }
  const at = parseLocator(place.locator);
  if (at.kind !== 'inside' && (at.kind !== 'bytes' || at.offset + at.length > exhibit.bytes)) throw damaged(exhibit);
  const path =
    at.kind === 'inside'
      ? await innerFile(session.dir, await readRecord(session.dir, exhibit.id), at.via)
      : exhibitPath(session.dir, exhibit);
  return {
    exhibit,
    target: detail.target,
    locator: place.locator,
    path,
    offset: at.offset,
    length: at.length,
    sha256: (input.version === 'now' ? detail.sha256 : detail.was?.sha256) ?? undefined,
  };
}

function damaged({ id }: ExhibitSummary): LadingError {
  return new LadingError('CASE_DAMAGED', `The index names a place that ${id} does not have.`, {
    advice: 'Analyse the case again: the index is made anew from the exhibits.',
  });
}
