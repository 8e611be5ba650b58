import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import type { Task } from '../shared/domain';
import { refreshCase } from './case';
import { client, orpc, queryClient } from './client';

const TasksContext = createContext<ReadonlyMap<string, Task>>(new Map());

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Follows every task of the core, also those begun before this window was there. */
export function TasksProvider({ children }: { children: ReactNode }) {
  const [tasks, setTasks] = useState<ReadonlyMap<string, Task>>(new Map());

  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const take = (some: Task[]) =>
      setTasks((before) => {
        const after = new Map(before);
        for (const task of some) after.set(task.id, task);
        return after;
      });
    const run = async () => {
      while (!signal.aborted) {
        try {
          // Watch first, list second: a task that begins in between is not missed.
          const changes = await client.tasks.watch({}, { signal });
          take(await client.tasks.list(undefined, { signal }));
          for await (const task of changes) {
            take([task]);
            if (task.state !== 'running') {
              void refreshCase(task.case);
              void queryClient.invalidateQueries({ queryKey: orpc.cases.recent.key() });
            }
          }
        } catch {
          // The connection broke; the banner says so, and this begins again when it is back.
        }
        await pause(1000);
      }
    };
    void run();
    return () => ending.abort();
  }, []);

  return <TasksContext.Provider value={tasks}>{children}</TasksContext.Provider>;
}

/** Every task known, newest first. */
export function useTasks(): Task[] {
  const tasks = useContext(TasksContext);
  return useMemo(() => [...tasks.values()].sort((a, b) => b.begun.localeCompare(a.begun)), [tasks]);
}

/** One task as it stands; undefined until the core has told of it. */
export function useTask(id: string | undefined): Task | undefined {
  const tasks = useContext(TasksContext);
  return id === undefined ? undefined : tasks.get(id);
}

/** The running task of a kind in a case, if there is one: so that a button is not pressed twice. */
export function useRunningTask(kind: Task['kind'], path: string | undefined): Task | undefined {
  const tasks = useContext(TasksContext);
  for (const task of tasks.values()) {
    if (task.kind === kind && task.state === 'running' && task.case === path) return task;
  }
  return undefined;
}

/** Bytes a second since a task began. */
export function taskRate(task: Task, now = Date.now()): number {
  const ms = (task.ended ? Date.parse(task.ended) : now) - Date.parse(task.begun);
  return ms > 0 ? (task.bytes * 1000) / ms : 0;
}
