import type { Note } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { CaseSession } from '../cases/session';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function notesApi(os: Implementer, s: Services) {
  return {
    list: os.notes.list.handler(async ({ input }) => (await s.shelf.open(input.case)).data.notes),
    add: os.notes.add.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return session.exclusive(() => save(session, `N${session.data.notes.length + 1}`, 1, input.text));
    }),
    revise: os.notes.revise.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const held = session.data.notes.find((note) => note.id === input.id);
      if (!held) throw new LadingError('BAD_INPUT', `The case has no note ${input.id}.`);
      return session.exclusive(() => save(session, held.id, held.versions.length + 1, input.text));
    }),
  };
}

async function save(session: CaseSession, id: string, version: number, text: string): Promise<Note> {
  const { examiner } = session.who;
  const time = new Date().toISOString();
  await session.append('note.saved', id, { note: { id, version, text, time, examiner } });
  const saved = session.data.notes.find((note) => note.id === id);
  if (!saved) throw new LadingError('INTERNAL', `The note ${id} was saved and is not there.`);
  return saved;
}
