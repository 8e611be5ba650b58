import { setTimeout as sleep } from 'node:timers/promises';
import type { Services } from '../services';
import type { Implementer } from './kit';

/** A task is told at most so often, in milliseconds. */
const TELL_EVERY = 100;

export function tasksApi(os: Implementer, s: Services) {
  return {
    list: os.tasks.list.handler(() => s.tasks.list()),
    get: os.tasks.get.handler(({ input }) => s.tasks.get(input.id)),
    cancel: os.tasks.cancel.handler(({ input }) => s.tasks.cancel(input.id)),
    watch: os.tasks.watch.handler(async function* ({ input, signal }) {
      const changed = new Set<string>(input.id === undefined ? s.tasks.list().map((task) => task.id) : [input.id]);
      let wake: () => void = () => undefined;
      const off = s.tasks.onChange((id) => {
        if (input.id !== undefined && id !== input.id) return;
        changed.add(id);
        wake();
      });
      const stop = () => wake();
      signal?.addEventListener('abort', stop);
      try {
        while (!signal?.aborted) {
          if (changed.size === 0) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
            continue;
          }
          const ids = [...changed];
          changed.clear();
          for (const id of ids) {
            const task = s.tasks.get(id);
            yield task;
            if (id === input.id && task.state !== 'running') return;
          }
          await sleep(TELL_EVERY);
        }
      } finally {
        off();
        signal?.removeEventListener('abort', stop);
      }
    }),
  };
}
