import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { Task } from '../domain';
import { base } from './base';

const ById = z.object({ id: z.string() });

export const tasks = {
  list: base.output(z.array(Task)),
  get: base.input(ById).output(Task),
  /** Yields every task as it changes, at most ten times a second each; with an id, that one until it ended. */
  watch: base.input(ById.partial()).output(eventIterator(Task)),
  cancel: base.input(ById).output(z.void()),
};
