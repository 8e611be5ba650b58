import { z } from 'zod';
import { ErrorData } from '../errors';
import { IsoTime } from './basics';

/** One line of a running task: a collector on a target, an analyzer, a file being verified. */
export const TaskItem = z.object({
  key: z.string(),
  label: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'none', 'partial', 'skipped', 'failed', 'cancelled']),
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
