import type { Command } from 'commander';
import { z } from 'zod';
import type { Task } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { connectEach, notReached, type Reached } from './connect';
import { type Client, inCase, type Use } from './context';
import { EXIT, toLading, usageError } from './errors';
import { bytesText, count, targetText } from './format';
import type { Io } from './io';
import { jsonText } from './output';
import { needsConsent, type SelectionOptions, selectionOf, withSelectionOptions } from './selection';
import { followTask, taskError } from './task';

interface Options extends SelectionOptions {
  reason?: string;
  yes?: boolean;
  json?: boolean;
}

/** What a collection's task gives. */
const Result = z.object({ collection: z.string(), exhibits: z.number(), partial: z.number(), misses: z.number() });

export function addCollect(program: Command, use: Use): void {
  withSelectionOptions(program.command('collect'))
    .summary('take evidence')
    .description('Takes evidence from the hosts, in the order of volatility. Ctrl-C stops it and keeps what arrived.')
    .argument('<case>', 'folder of the case')
    .option('--reason <text>', 'why, for the ledger')
    .option('--yes', "accept a footprint beyond 'reads host'")
    .option('--json', 'print the outcome as JSON')
    .action(
      use((context, given: string, options: Options) => {
        const { io } = context;
        const selection = selectionOf(io, options);
        return inCase(context, given, { write: true }, async (opened, client) => {
          const { specs, unreached } = await connectEach(io, client, selection.hosts, options, opened.path);
          if (specs.length === 0) throw notReached(unreached.map(({ error }) => error));
          io.err(unreachedText(unreached));
          const start = { case: opened.path, ...selection, hosts: specs, reason: options.reason };
          const id = await startTask(io, client, start, options.yes);
          const task = await followTask(context, client, id);
          const outcome = outcomeOf(task, unreached);
          if (options.json) io.out(jsonText(outcome));
          if (task.state !== 'done') throw taskError(task);
          io.err(`${outcomeText(task, outcome)}${unreachedText(unreached)}`);
          const { failed, partial, exhibits } = outcome;
          return failed + partial + unreached.length > 0 || exhibits === 0 ? EXIT.failed : EXIT.done;
        });
      }),
    );
}

type Start = Omit<Parameters<Client['collect']['start']>[0], 'acceptFootprint'>;

/**
 * Starts the collection and gives its task. One that goes beyond reading is refused by the core; then what it would do is
 * shown and a person may say yes. Without a person, and without --yes, nothing is collected.
 */
async function startTask(io: Io, client: Client, start: Start, yes = false): Promise<string> {
  try {
    return (await client.collect.start({ ...start, acceptFootprint: yes })).task;
  } catch (thrown) {
    const error = toLading(thrown);
    if (error.code !== 'BAD_INPUT' || error.details?.footprint === undefined) throw error;
  }
  const plan = await client.collect.plan(start);
  const deep = plan.items.filter((item) => item.impossible === undefined && needsConsent(item.footprint));
  const lines = new Set(deep.map((item) => `  ${item.footprint}: ${item.title}, ${targetText(item.target)}\n`));
  io.err(`This goes beyond reading:\n${[...lines].join('')}`);
  if (!io.canAsk) {
    throw usageError('The plan does more than read on the host; nothing was collected.', 'Accept that with --yes.');
  }
  if ((await io.ask('Type yes to do it: ')).trim() !== 'yes') throw usageError('Not accepted; nothing was collected.');
  return (await client.collect.start({ ...start, acceptFootprint: true })).task;
}

interface Outcome {
  collection?: string;
  state: Task['state'];
  exhibits: number;
  partial: number;
  misses: number;
  failed: number;
  bytes: number;
  /** Hosts that could not be reached: nothing was taken from them. */
  unreached: { host: string; message: string }[];
  items: Task['items'];
}

function outcomeOf(task: Task, unreached: Reached['unreached']): Outcome {
  const result = Result.safeParse(task.result);
  const states = task.items.map((item) => item.state);
  const have = (state: Task['items'][number]['state']) => states.filter((one) => one === state).length;
  return {
    collection: result.data?.collection,
    state: task.state,
    exhibits: result.data?.exhibits ?? have('done') + have('partial'),
    partial: result.data?.partial ?? have('partial'),
    misses: result.data?.misses ?? have('none') + have('skipped') + have('failed'),
    failed: have('failed'),
    bytes: task.bytes,
    unreached: unreached.map(({ host, error }) => ({ host, message: error.message })),
    items: task.items,
  };
}

/** Said before and after: what is volatile on the others does not wait for a host that is dead, but nobody may miss it. */
function unreachedText(unreached: Reached['unreached']): string {
  const lines = unreached.map(({ host, error }) => `  ${visible(host, { max: 80 })}: ${visible(error.message)}\n`);
  return lines.length > 0 ? `NOT REACHED, nothing is taken from there:\n${lines.join('')}` : '';
}

function outcomeText(task: Task, outcome: Outcome): string {
  const parts = [`${count(outcome.exhibits, 'exhibit')}, ${bytesText(task.bytes)}`];
  if (outcome.partial > 0) parts.push(`${outcome.partial} partial`);
  if (outcome.misses > 0) parts.push(`${count(outcome.misses, 'miss', 'misses')} (each with its reason in the ledger)`);
  if (outcome.failed > 0) parts.push(`${outcome.failed} failed`);
  return outcome.exhibits === 0
    ? 'Nothing was collected: every item ended without evidence; the lines above say why.\n'
    : `Collected ${parts.join(', ')}.\n`;
}
