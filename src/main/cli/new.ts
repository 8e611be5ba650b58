import type { Command } from 'commander';
import { visible } from '../../shared/visible';
import { casePath, type Use } from './context';
import { EXIT, usageError } from './errors';
import { jsonText } from './output';

interface Options {
  number: string;
  title: string;
  examiner?: string;
  agency?: string;
  json?: boolean;
}

export function addNew(program: Command, use: Use): void {
  program
    .command('new')
    .summary('open a new case')
    .description('Makes the folder CASE and begins the ledger of a new case in it.')
    .argument('<case>', 'folder to make')
    .requiredOption('--number <number>', 'case number')
    .requiredOption('--title <title>', 'what the case is about')
    .option('--examiner <name>', 'who examines; by default the one of your last case')
    .option('--agency <agency>', 'for whom')
    .option('--json', 'print the case as JSON')
    .action(
      use(async (context, given: string, options: Options) => {
        const { io } = context;
        const client = await context.client();
        const settings = await client.app.settings.get();
        const examiner = options.examiner ?? settings.examiner;
        if (examiner.trim() === '') throw usageError('The case needs an examiner.', 'Give one with --examiner NAME.');
        const opened = await client.cases.create({
          path: casePath(io, given),
          number: options.number,
          title: options.title,
          examiner,
          agency: options.agency ?? (settings.agency || undefined),
        });
        await client.cases.close({ case: opened.path });
        const { id, number, title, agency, created } = opened.data;
        if (options.json) io.out(jsonText({ path: opened.path, id, number, title, examiner, agency, created }));
        else io.out(`Case ${visible(number)} is open in ${opened.path}\n`);
        return EXIT.done;
      }),
    );
}
