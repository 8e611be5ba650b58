import { z } from 'zod';
import { Note } from '../domain';
import { base, InCase } from './base';

const Text = z.string().min(1).max(200_000);

export const notes = {
  list: base.input(InCase).output(z.array(Note)),
  add: base.input(InCase.extend({ text: Text })).output(Note),
  /** A correction: a new version; the old stays. */
  revise: base.input(InCase.extend({ id: z.string(), text: Text })).output(Note),
};
