import { cp, mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LadingError } from '../../shared/errors';
import { packageRoot } from '../root';
import type { Services } from '../services';
import type { Implementer } from './kit';

/** Changes are told at most so often, in milliseconds. */
const TELL_EVERY = 250;

export function casesApi(os: Implementer, s: Services) {
  const told = async (path: string) => {
    const open = await (await s.shelf.open(path)).toOpenCase();
    await s.settings.remember(open);
    return open;
  };
  return {
    recent: os.cases.recent.handler(() => s.settings.recent()),
    forget: os.cases.forget.handler(({ input }) => s.settings.forget(input.case)),
    create: os.cases.create.handler(async ({ input }) => {
      const session = await s.shelf.create(input);
      await s.settings.change({ examiner: input.examiner, agency: input.agency ?? s.settings.settings.agency });
      return told(session.dir);
    }),
    open: os.cases.open.handler(({ input }) => told(input.case)),
    sample: os.cases.sample.handler(async ({ input }) => {
      const path = resolve(input.path);
      await copySample(path);
      const session = await s.shelf.open(path);
      await session.append('custody.handed over', session.data.id, {
        from: session.data.examiner,
        to: input.examiner,
        reason: 'A working copy of the recorded sample.',
      });
      return told(path);
    }),
    get: os.cases.get.handler(async ({ input }) => (await s.shelf.open(input.case)).toOpenCase()),
    close: os.cases.close.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      if (s.tasks.running(session.dir).length > 0) {
        throw new LadingError('BAD_INPUT', 'Work on this case is still running.', {
          advice: 'Wait for it or cancel it, then close the case.',
        });
      }
      await s.connections.close(session);
      await s.shelf.close(input.case);
    }),
    changes: os.cases.changes.handler(async function* ({ input, signal }) {
      const session = await s.shelf.open(input.case);
      let wake: () => void = () => undefined;
      let changed = false;
      const off = session.onChange(() => {
        changed = true;
        wake();
      });
      const stop = () => wake();
      signal?.addEventListener('abort', stop);
      try {
        yield { seq: session.head.seq };
        while (!signal?.aborted) {
          if (!changed) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          changed = false;
          yield { seq: session.head.seq };
          await sleep(TELL_EVERY);
        }
      } finally {
        off();
        signal?.removeEventListener('abort', stop);
      }
    }),
  };
}

/** The recorded case as Lading is shipped with it; it stays as it is. */
async function copySample(path: string): Promise<void> {
  const there = await readdir(path).catch(() => []);
  if (there.length > 0) {
    throw new LadingError('CASE_EXISTS', `${path} is not empty.`, {
      advice: 'Choose a new folder for the sample case.',
    });
  }
  await mkdir(path, { recursive: true });
  await cp(join(packageRoot(), 'resources', 'sample'), path, { recursive: true });
}
