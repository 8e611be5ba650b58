import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { OpenCase, RecentCase } from '../domain';
import { base, InCase } from './base';

export const NewCase = z.object({
  path: z.string().min(1),
  number: z.string().min(1).max(200),
  title: z.string().min(1).max(1000),
  examiner: z.string().min(1).max(200),
  agency: z.string().max(500).optional(),
});
export type NewCase = z.infer<typeof NewCase>;

export const cases = {
  recent: base.output(z.array(RecentCase)),
  forget: base.input(InCase).output(z.void()),
  create: base.input(NewCase).output(OpenCase),
  /** Opens for writing (takes the lock, sets right what a crash left), or read-only where that cannot be. */
  open: base.input(InCase).output(OpenCase),
  /** Copies the recorded sample case into a new folder, hands it over to the examiner, and opens it. */
  sample: base.input(z.object({ path: z.string().min(1), examiner: z.string().min(1).max(200) })).output(OpenCase),
  /** The case as it stands. `open` comes first. */
  get: base.input(InCase).output(OpenCase),
  close: base.input(InCase).output(z.void()),
  /** Yields the ledger head each time the case changed, so that views know to ask again. */
  changes: base.input(InCase).output(eventIterator(z.object({ seq: z.number() }))),
};
