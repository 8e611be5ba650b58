import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { several } from './connect';
import { inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { count } from './format';
import { jsonText } from './output';

interface Options {
  out?: string;
  omit?: string[];
  declaration?: string;
  confirmedOnly?: boolean;
  json?: boolean;
}

export function addReport(program: Command, use: Use): void {
  program
    .command('report')
    .summary('write the report as a PDF')
    .description('Writes the report into the case, hashed in the ledger, and a copy to --out.')
    .argument('<case>', 'folder of the case')
    .option('--out <file.pdf>', 'also write a copy there')
    .addOption(new Option('--omit <section>', 'leave out an optional section; may be repeated').argParser(several))
    .option('--declaration <id>', 'declaration text to close with (default: none)')
    .option('--confirmed-only', 'only findings that an examiner confirmed')
    .option('--json', 'print path, hash and pages as JSON')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: true }, async (opened, client) => {
          const { io } = context;
          const known = { sections: await client.report.sections(), declarations: await client.report.declarations() };
          const optional = known.sections.filter((section) => section.optional).map((section) => section.id);
          const wrong = (options.omit ?? []).filter((id) => !optional.includes(id));
          if (wrong.length > 0) {
            throw usageError(`There is no optional section ${wrong.join(', ')}.`, `There are: ${optional.join(', ')}.`);
          }
          const declarations = known.declarations.map((one) => one.id);
          if (options.declaration !== undefined && !['none', ...declarations].includes(options.declaration)) {
            throw usageError(
              `There is no declaration "${options.declaration}".`,
              `There are: ${['none', ...declarations.filter((id) => id !== 'none')].join(', ')}.`,
            );
          }
          const written = await client.report.write({
            case: opened.path,
            options: {
              omit: options.omit ?? [],
              declaration: options.declaration ?? 'none',
              confirmedOnly: options.confirmedOnly === true,
            },
            out: options.out === undefined ? undefined : resolve(io.cwd, options.out),
          });
          const copy = options.out === undefined ? '' : `\nCopy: ${resolve(io.cwd, options.out)}`;
          io.out(
            options.json
              ? jsonText(written)
              : `${written.absolutePath} (${count(written.pages, 'page')})${copy}\nSHA-256 ${written.sha256}\n`,
          );
          return EXIT.done;
        }),
      ),
    );
}
