import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { EXPORT_FORMATS, type ExportFormat } from '../../shared/contract/timeline';
import { inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { indexReady } from './index-ready';
import { chosen, type RowOptions, rowOptions } from './timeline';

interface Options extends RowOptions {
  format: ExportFormat;
  out: string;
  reason: string;
}

export function addExport(program: Command, use: Use): void {
  const command = program
    .command('export')
    .summary('write the timeline for other tools')
    .description(
      'Writes the timeline as Timesketch JSONL or CSV, or the files as a bodyfile that mactime reads. What was written, with its hash, goes into the ledger.',
    )
    .argument('<case>', 'folder of the case')
    .addOption(new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).makeOptionMandatory())
    .requiredOption('--out <file>', 'where to; it must not be there yet')
    .option('--reason <reason>', 'why, for the ledger', '');
  rowOptions(command).action(
    use((context, given: string, options: Options) => {
      const { io } = context;
      const { format, out, reason } = options;
      if (format === 'bodyfile' && (options.from || options.to || options.kind || options.text || options.host)) {
        throw usageError('A bodyfile has all files, or those of some targets: only --target goes with it.');
      }
      return inCase(context, given, { write: true }, async (opened, client) => {
        await indexReady(context, client, opened.path);
        const { filter } = await chosen(client, opened.path, options);
        const written = await client.timeline.export({
          case: opened.path,
          filter,
          format,
          to: resolve(io.cwd, out),
          reason,
        });
        io.err(`${written.rows} rows, ${written.bytes} bytes.\n`);
        io.out(`${written.sha256}  ${written.path}\n`);
        return EXIT.done;
      });
    }),
  );
}
