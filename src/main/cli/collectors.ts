import type { Command } from 'commander';
import type { CollectorInfo, Profile } from '../../shared/domain';
import type { Use } from './context';
import { EXIT } from './errors';
import { jsonText } from './output';

export function addCollectors(program: Command, use: Use): void {
  program
    .command('collectors')
    .summary('the catalogue: what can be taken, how, and what it leaves behind')
    .option('--json', 'print the catalogue as JSON')
    .action(
      use(async (context, options: { json?: boolean }) => {
        const client = await context.client();
        const catalogue = await client.collect.catalogue();
        if (options.json) context.io.out(jsonText(catalogue));
        else context.io.out(catalogueText(catalogue, await client.collect.profiles()));
        return EXIT.done;
      }),
    );
}

function catalogueText(catalogue: CollectorInfo[], profiles: Profile[]): string {
  const collectors = catalogue.map((one) =>
    [
      `${one.id}  ${one.title} (${one.scope}; ${one.volatility}; ${one.footprint})`,
      `  Answers: ${one.answers}`,
      `  How: ${one.how}`,
      ...(one.replaces.length > 0 ? [`  Replaces: ${one.replaces.join(' · ')}`] : []),
      ...(one.needs.length > 0 ? [`  Needs: ${one.needs.join(', ')}`] : []),
    ].join('\n'),
  );
  const lists = profiles.map((one) => `${one.id}  ${one.title}: ${one.description}\n  ${one.collectors.join(', ')}`);
  return `${collectors.join('\n\n')}\n\nPROFILES\n\n${lists.join('\n\n')}\n`;
}
