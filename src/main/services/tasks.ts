import { randomUUID } from 'node:crypto';
import type { Task, TaskItem } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';

/** Ended tasks that are kept for views that come late. */
const KEEP = 50;

/** What running work is given to say how far it is. */
export interface TaskHandle {
  readonly id: string;
  readonly signal: AbortSignal;
  /** Adds or changes a line of the task. */
  item(key: string, change: Partial<Omit<TaskItem, 'key'>>): void;
  /** Adds to the task's bytes, and to those of a line. */
  bytes(more: number, key?: string): void;
  progress(done: number, total?: number): void;
}

/** Long work of every kind, so that any view can show it, wait for it or cancel it. */
export class Tasks {
  readonly #tasks = new Map<
    string,
    { task: Task; items: Map<string, TaskItem>; cancel: AbortController; ended: Promise<void> }
  >();
  readonly #listeners = new Set<(id: string) => void>();

  /** Begins work and gives its id at once. What the work throws becomes the task's error. */
  start(about: Pick<Task, 'kind' | 'title' | 'case'>, work: (handle: TaskHandle) => Promise<unknown>): string {
    const id = randomUUID();
    const cancel = new AbortController();
    const items = new Map<string, TaskItem>();
    const task: Task = {
      id,
      ...about,
      state: 'running',
      begun: new Date().toISOString(),
      done: 0,
      bytes: 0,
      items: [],
    };
    const handle: TaskHandle = {
      id,
      signal: cancel.signal,
      item: (key, change) => {
        const held = items.get(key);
        if (held) Object.assign(held, change);
        else items.set(key, { key, label: key, state: 'waiting', bytes: 0, ...change });
        this.#tell(id);
      },
      bytes: (more, key) => {
        task.bytes += more;
        const item = key === undefined ? undefined : items.get(key);
        if (item) item.bytes += more;
        this.#tell(id);
      },
      progress: (done, total) => {
        task.done = done;
        task.total = total ?? task.total;
        this.#tell(id);
      },
    };
    const ended = (async () => {
      try {
        task.result = await work(handle);
        task.state = cancel.signal.aborted ? 'cancelled' : 'done';
      } catch (error) {
        const reason = asLadingError(error);
        task.state = reason.code === 'CANCELLED' ? 'cancelled' : 'failed';
        task.error = reason.toData();
      }
      task.ended = new Date().toISOString();
      this.#tell(id);
      this.#forgetOld();
    })();
    this.#tasks.set(id, { task, items, cancel, ended });
    this.#tell(id);
    return id;
  }

  list(): Task[] {
    return [...this.#tasks.keys()].map((id) => this.get(id));
  }

  /** A copy of the task as it is now; throws BAD_INPUT for an unknown id. */
  get(id: string): Task {
    const held = this.#tasks.get(id);
    if (!held) throw new LadingError('BAD_INPUT', `There is no task ${id}.`);
    return { ...held.task, items: [...held.items.values()].map((item) => ({ ...item })) };
  }

  cancel(id: string): void {
    this.#tasks.get(id)?.cancel.abort(new LadingError('CANCELLED', 'Cancelled by the examiner.'));
  }

  /** Waits until a task ended; gives it. */
  async ended(id: string): Promise<Task> {
    await this.#tasks.get(id)?.ended;
    return this.get(id);
  }

  /** Running work on a case, for whoever wants to close it. */
  running(casePath?: string): Task[] {
    return this.list().filter((task) => task.state === 'running' && (casePath === undefined || task.case === casePath));
  }

  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Cancels everything and waits for it. */
  async close(): Promise<void> {
    for (const { cancel } of this.#tasks.values()) cancel.abort(new LadingError('CANCELLED', 'Lading is closing.'));
    await Promise.all([...this.#tasks.values()].map(({ ended }) => ended));
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  #forgetOld(): void {
    const over = [...this.#tasks.values()].filter(({ task }) => task.state !== 'running').slice(0, -KEEP);
    for (const { task } of over) this.#tasks.delete(task.id);
  }
}
