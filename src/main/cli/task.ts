import type { Task } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { Client, Context } from './context';
import { EXIT } from './errors';
import { createProgress } from './progress';

/**
 * Follows a task to its end, showing its progress. The first Ctrl-C cancels it, which keeps what arrived; the second ends
 * Lading at once. Gives the task as it ended.
 */
export async function followTask(context: Context, client: Client, id: string): Promise<Task> {
  const { io } = context;
  const progress = createProgress(io);
  let interrupts = 0;
  const release = io.onInterrupt(() => {
    interrupts++;
    if (interrupts > 1) return io.exit(EXIT.interrupted);
    progress.finish();
    io.err('Cancelling; what arrived is kept. Ctrl-C again ends at once.\n');
    client.tasks.cancel({ id }).catch(() => {});
  });
  try {
    for await (const task of await client.tasks.watch({ id })) {
      progress.update(task);
      if (task.state !== 'running') return task;
    }
    const task = await client.tasks.get({ id });
    if (task.state === 'running') throw new LadingError('INTERNAL', `Lading lost sight of "${task.title}".`);
    progress.update(task);
    return task;
  } finally {
    progress.finish();
    release();
  }
}

/** Like followTask, but a task that failed or was cancelled throws its error. */
export async function runTask(context: Context, client: Client, id: string): Promise<Task> {
  const task = await followTask(context, client, id);
  if (task.state === 'done') return task;
  throw taskError(task);
}

/** Why a task did not end well. */
export function taskError(task: Task): LadingError {
  if (task.error) {
    const { code, message, advice, details } = task.error;
    return new LadingError(code, message, { advice, details });
  }
  return task.state === 'cancelled'
    ? new LadingError('CANCELLED', `"${task.title}" was cancelled.`)
    : new LadingError('INTERNAL', `"${task.title}" failed without saying why.`);
}
