import type { Command } from 'commander';
import { visible } from '../../shared/visible';
import { inCase, type Use } from './context';
import { EXIT } from './errors';
import { jsonText } from './output';

interface Options {
  to: string;
  reason: string;
  json?: boolean;
}

export function addHandover(program: Command, use: Use): void {
  program
    .command('handover')
    .summary('hand the case over to another examiner')
    .description('Records in the ledger to whom the case goes and why. Seal it after that.')
    .argument('<case>', 'folder of the case')
    .requiredOption('--to <name>', 'who takes it over')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print the entry number as JSON')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: true }, async (opened, client) => {
          const { seq } = await client.custody.handover({ case: opened.path, to: options.to, reason: options.reason });
          context.io.out(options.json ? jsonText({ seq }) : `Handed over to ${visible(options.to)}: entry ${seq}.\n`);
          return EXIT.done;
        }),
      ),
    );
}
