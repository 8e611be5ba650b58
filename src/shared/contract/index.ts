import { app } from './app';
import { cases } from './cases';
import { collect } from './collect';
import { custody } from './custody';
import { exhibits } from './exhibits';
import { findings } from './findings';
import { hosts } from './hosts';
import { notes } from './notes';
import { report } from './report';
import { tasks } from './tasks';

/** Every call between the window (or the command line) and the core, zod in and out. */
export const contract = { app, cases, hosts, collect, exhibits, findings, notes, custody, report, tasks };
export type Contract = typeof contract;
