import { app } from './app';
import { cases } from './cases';
import { collect } from './collect';
import { custody } from './custody';
import { evidence } from './evidence';
import { exhibits } from './exhibits';
import { files } from './files';
import { findings } from './findings';
import { hosts } from './hosts';
import { imports } from './import';
import { investigations } from './investigations';
import { live } from './live';
import { memory } from './memory';
import { network } from './network';
import { notes } from './notes';
import { report } from './report';
import { tasks } from './tasks';
import { timeline } from './timeline';

/** Every call between the window (or the command line) and the core, zod in and out. */
export const contract = {
  app,
  cases,
  hosts,
  collect,
  import: imports,
  exhibits,
  evidence,
  files,
  findings,
  investigations,
  live,
  memory,
  network,
  notes,
  custody,
  report,
  tasks,
  timeline,
};
export type Contract = typeof contract;
