import { isAbsolute } from 'node:path';
import { IMPORT_KINDS } from '../../shared/contract/import';
import { LadingError } from '../../shared/errors';
import { previewImport } from '../import/preview';
import { KINDS } from '../import/recognise/kinds';
import { runImport } from '../import/run';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function importApi(os: Implementer, s: Services) {
  return {
    kinds: os.import.kinds.handler(() => IMPORT_KINDS.map((kind) => ({ kind, title: KINDS[kind].title }))),
    look: os.import.look.handler(async ({ input, signal }) => {
      wholePaths(input.paths);
      const { dir } = await s.shelf.open(input.case);
      return previewImport(input.paths, dir, signal ?? new AbortController().signal, input.kind);
    }),
    start: os.import.start.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      wholePaths(input.paths);
      if (s.tasks.running(session.dir).some((task) => task.kind === 'import')) {
        throw new LadingError('BAD_INPUT', 'An import into this case is running already.', {
          advice: 'Wait for it or cancel it. One import can take several files at once.',
        });
      }
      const { paths, kind, from, note } = input;
      const title = paths.length === 1 ? `Import ${paths[0]}` : `Import ${paths.length} files and folders`;
      const task = s.tasks.start({ kind: 'import', title, case: session.dir }, (handle) =>
        runImport({
          session,
          paths,
          kind,
          from: from?.trim() || undefined,
          note: note?.trim() || undefined,
          signal: handle.signal,
          onItem: handle.item,
          onBytes: handle.bytes,
          onDone: handle.progress,
        }),
      );
      return { task };
    }),
  };
}

function wholePaths(paths: readonly string[]): void {
  const bad = paths.find((path) => !isAbsolute(path));
  if (bad === undefined) return;
  throw new LadingError('BAD_INPUT', `"${bad}" is not a whole path.`, {
    advice: 'Give the path from the root of this machine on.',
  });
}
