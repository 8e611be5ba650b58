import { z } from 'zod';
import { ErrorData } from '../errors';
import { IsoTime } from './basics';

/** One line of a running task: a collector on a target, an analyzer, a file being verified. */
export const TaskItem = z.object({
  key: z.string(),
  label: z.string(),
  /** Address of the host it is about, where there is one. */
  host: z.string().optional(),
  /** 'reconnecting': the connection was lost and is being made again; it goes on after that. */
  state: z.enum(['waiting', 'running', 'reconnecting', 'done', 'none', 'partial', 'skipped', 'failed', 'cancelled']),
  bytes: z.number(),
  note: z.string().optional(),
});
export type TaskItem = z.infer<typeof TaskItem>;

/** Long work that any view can show: it has progress, a rate, cancel, and an error that says what to do. */
export const Task = z.object({
  id: z.string(),
  kind: z.enum(['collect', 'import', 'analyze', 'verify', 'seal', 'report']),
  title: z.string(),
  case: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  begun: IsoTime,
  ended: IsoTime.optional(),
  /** Units done of the whole; total is absent while unknown. */
  done: z.number(),
  total: z.number().optional(),
  bytes: z.number(),
  items: z.array(TaskItem),
  error: ErrorData.optional(),
  /** What the work gave: a VerifyResult, {exhibits: n}, {path}… by kind. */
  result: z.unknown().optional(),
});
export type Task = z.infer<typeof Task>;
