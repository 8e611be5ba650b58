import type { Command } from 'commander';
import { z } from 'zod';
import { SEVERITIES } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { inCase, type Use } from './context';
import { EXIT } from './errors';
import { count } from './format';
import { jsonText } from './output';
import { runTask } from './task';

/** What an analysis' task gives; exhibits that could not be read are a failure of it. */
const Result = z.looseObject({ unreadable: z.union([z.number(), z.array(z.unknown())]).default(0) });

export function addAnalyze(program: Command, use: Use): void {
  program
    .command('analyze')
    .summary('run every analyzer over the exhibits')
    .description(
      'Reads the stored exhibits and derives findings. Changes no evidence, gives the same answer each time.',
    )
    .argument('<case>', 'folder of the case')
    .option('--json', 'print the outcome as JSON')
    .action(
      use((context, given: string, options: { json?: boolean }) =>
        inCase(context, given, { write: true }, async (opened, client) => {
          const { task: id } = await client.findings.analyze({ case: opened.path });
          const task = await runTask(context, client, id);
          const findings = await client.findings.list({ case: opened.path });
          const parsed = Result.safeParse(task.result ?? {});
          const unreadable = parsed.success ? parsed.data.unreadable : 0;
          const bad = typeof unreadable === 'number' ? unreadable : unreadable.length;
          const broken = task.items.filter((item) => item.state === 'failed');
          if (options.json) context.io.out(jsonText(task.result ?? null));
          const by = SEVERITIES.map(
            (severity) => [severity, findings.filter((f) => f.severity === severity).length] as const,
          )
            .filter(([, n]) => n > 0)
            .map(([severity, n]) => `${n} ${severity}`);
          context.io.err(`${count(findings.length, 'finding')}${by.length > 0 ? `: ${by.join(', ')}` : ''}.\n`);
          if (bad > 0) context.io.err(`${count(bad, 'exhibit')} could not be read; what they would say is missing.\n`);
          for (const item of broken) context.io.err(`Failed: ${visible(item.label)}  ${visible(item.note ?? '')}\n`);
          return bad > 0 || broken.length > 0 ? EXIT.failed : EXIT.done;
        }),
      ),
    );
}
