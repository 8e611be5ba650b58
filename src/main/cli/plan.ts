import type { Command } from 'commander';
import { connectAll } from './connect';
import { inCase, type Use } from './context';
import { EXIT } from './errors';
import { jsonText } from './output';
import { planText, type SelectionOptions, selectionOf, withSelectionOptions } from './selection';

interface Options extends SelectionOptions {
  json?: boolean;
}

export function addPlan(program: Command, use: Use): void {
  withSelectionOptions(program.command('plan'))
    .summary('what a collection would do, and what it cannot and why')
    .description('Connects, looks at what is there and says what `lading collect` would do. Takes no evidence.')
    .argument('<case>', 'folder of the case')
    .option('--json', 'print the plan as JSON')
    .action(
      use((context, given: string, options: Options) => {
        const selection = selectionOf(context.io, options);
        return inCase(context, given, { write: true }, async (opened, client) => {
          await connectAll(context.io, client, selection.hosts, options, opened.path);
          const plan = await client.collect.plan({ case: opened.path, ...selection });
          context.io.out(options.json ? jsonText(plan) : planText(plan));
          return EXIT.done;
        });
      }),
    );
}
