import { LadingError } from '../../shared/errors';
import { copyOut, exhibitPath, findText, readPiece } from '../cases/bytes';
import type { CaseSession } from '../cases/session';
import { sha256File } from '../custody/hash';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function exhibitsApi(os: Implementer, s: Services) {
  const find = async (path: string, id: string) => {
    const session = await s.shelf.open(path);
    return { session, exhibit: summaryOf(session, id) };
  };
  return {
    list: os.exhibits.list.handler(async ({ input }) => (await s.shelf.open(input.case)).data.exhibits),
    get: os.exhibits.get.handler(async ({ input }) => (await s.shelf.open(input.case)).record(input.id)),
    read: os.exhibits.read.handler(async ({ input }) => {
      const { session, exhibit } = await find(input.case, input.id);
      const { bytes, total } = await readPiece(exhibitPath(session.dir, exhibit), input.offset, input.length);
      return { base64: bytes.toString('base64'), total };
    }),
    find: os.exhibits.find.handler(async ({ input }) => {
      const { session, exhibit } = await find(input.case, input.id);
      return findText(exhibitPath(session.dir, exhibit), input.text, input.from, input.limit);
    }),
    verify: os.exhibits.verify.handler(async ({ input }) => {
      const { session, exhibit } = await find(input.case, input.id);
      const found = await sha256File(exhibitPath(session.dir, exhibit)).then(
        (sum) => sum.sha256,
        () => 'unreadable',
      );
      const ok = found === exhibit.sha256;
      const time = new Date().toISOString();
      // Part of the custody record wherever there is one to write: when, by whom, with what result.
      if (session.readOnly === undefined) {
        await session.append('exhibit.verified', exhibit.id, { ok, expected: exhibit.sha256, found });
      }
      return { ok, time, expected: exhibit.sha256, found };
    }),
    saveCopy: os.exhibits.saveCopy.handler(async ({ input }) => {
      const { session, exhibit } = await find(input.case, input.id);
      const copy = await copyOut(session.dir, exhibit, input.to);
      await session.append('exhibit.copied', exhibit.id, { to: copy.path, sha256: copy.sha256, reason: input.reason });
      return copy;
    }),
  };
}

function summaryOf(session: CaseSession, id: string) {
  const exhibit = session.data.exhibits.find((one) => one.id === id);
  if (exhibit) return exhibit;
  throw new LadingError('BAD_INPUT', `The case has no exhibit ${id}.`, { advice: 'List the exhibits.' });
}
