import { indexers } from '../analyze/index/registry';
import { runIndex } from '../analyze/index/run';
import { type IndexState, indexState } from '../analyze/index/store';
import type { CaseSession } from '../cases/session';
import type { Services } from '../services';
import type { TaskHandle } from '../services/tasks';

/** Steps of `makeIndex` in a task's progress, beside those of the analyzers. */
export const indexSteps = (): number => indexers().length + 3;

/** Makes the index of a case; progress is counted from `from` of `total` steps. Gives the numbers of rows and of faults. */
export function makeIndex(
  session: CaseSession,
  handle: Pick<TaskHandle, 'signal' | 'progress' | 'item'>,
  from = 0,
): Promise<{ rows: number; faults: number }> {
  return queued(session.dir, async () => {
    const key = 'index';
    handle.item(key, { label: 'Index of all exhibits', state: 'running' });
    try {
      const made = await runIndex({
        dir: session.dir,
        records: await session.records(),
        signal: handle.signal,
        progress: ({ done, total, title, rows }) => {
          handle.item(key, { note: title === '' ? `${rows} rows` : `${title}, ${rows} rows` });
          handle.progress(from + done, from + total);
        },
      });
      handle.item(key, { state: 'done', note: `${made.rows} rows` });
      return made;
    } catch (error) {
      handle.item(key, { state: handle.signal.aborted ? 'cancelled' : 'failed' });
      throw error;
    }
  });
}

/**
 * Whether the index is of now's exhibits; where it is not, begins to make it anew, or names the task that does so
 * already. For a screen that needs it: ask, show the task, ask again when it ended.
 */
export function prepareIndex(s: Services, session: CaseSession): IndexState & { task: string | null } {
  const state = indexState(session.dir, session.data.exhibits);
  if (state.state === 'ready' || session.data.exhibits.length === 0) return { ...state, task: null };
  const running = s.tasks.running(session.dir).find(({ kind }) => kind === 'analyze');
  // while evidence still comes in, each exhibit would make the index old again
  const collecting = s.tasks.running(session.dir).some(({ kind }) => kind === 'collect' || kind === 'import');
  if (running || collecting) return { ...state, task: running?.id ?? null };
  const task = s.tasks.start({ kind: 'analyze', title: 'Index the exhibits', case: session.dir }, (handle) =>
    makeIndex(session, handle),
  );
  return { ...state, task };
}

/** One at a time for each case: two would write the same draft. */
const last = new Map<string, Promise<unknown>>();

function queued<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const before = last.get(dir) ?? Promise.resolve();
  const mine = before.then(work, work);
  const settled = mine.then(
    () => undefined,
    () => undefined,
  );
  last.set(dir, settled);
  void settled.then(() => {
    if (last.get(dir) === settled) last.delete(dir);
  });
  return mine;
}
