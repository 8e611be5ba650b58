import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { LadingError } from '../../shared/errors';
import { inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { indexReady } from './index-ready';
import { csvRows, jsonLine } from './output';
import { CSV_HEAD, chosen, csvRow, pages, type RowOptions, rowOptions, timesketch } from './timeline';

const FORMATS = ['timesketch', 'csv', 'bodyfile'] as const;

interface Options extends RowOptions {
  format: (typeof FORMATS)[number];
  out: string;
}

/** Lines that are written at once. */
const AT_ONCE = 5000;

export function addExport(program: Command, use: Use): void {
  const command = program
    .command('export')
    .summary('write the timeline for other tools')
    .description(
      'Writes the timeline as Timesketch JSONL or CSV, or the files as a bodyfile that mactime reads. What was written is hashed.',
    )
    .argument('<case>', 'folder of the case')
    .addOption(new Option('--format <format>', 'of the file').choices(FORMATS).makeOptionMandatory())
    .requiredOption('--out <file>', 'where to; it must not be there yet');
  rowOptions(command).action(
    use((context, given: string, options: Options) =>
      inCase(context, given, { write: false }, async (opened, client) => {
        const { io } = context;
        const path = resolve(io.cwd, options.out);
        await indexReady(context, client, opened.path);
        const { filter } = await chosen(client, opened.path, options);
        if (options.format === 'bodyfile' && (options.from || options.to || options.kind || options.text)) {
          throw usageError('A bodyfile has all files, or those of one target: only --target goes with it.');
        }
        async function* texts(): AsyncGenerator<{ text: string; count: number }> {
          if (options.format === 'bodyfile') {
            const targets = filter.targets ?? [undefined];
            for (const target of targets) {
              for (let after: number | null = 0; after !== null; ) {
                const page: { lines: string[]; next: number | null } = await client.timeline.bodyfile({
                  case: opened.path,
                  after,
                  limit: AT_ONCE,
                  target,
                });
                yield { text: page.lines.map((line) => `${line}\n`).join(''), count: page.lines.length };
                after = page.next;
              }
            }
            return;
          }
          if (options.format === 'csv') yield { text: csvRows([CSV_HEAD]), count: 0 };
          for await (const rows of pages(client, opened.path, filter)) {
            const text =
              options.format === 'csv'
                ? csvRows(rows.map(csvRow))
                : rows.map((row) => jsonLine(timesketch(row))).join('');
            yield { text, count: rows.length };
          }
        }
        const { lines, bytes, sha256 } = await writeNew(path, texts());
        io.err(`${lines} rows, ${bytes} bytes.\n`);
        io.out(`${sha256}  ${path}\n`);
        return EXIT.done;
      }),
    ),
  );
}

/** Writes a file that must not be there; gives its hash. A file that could not be finished stays, and is said. */
async function writeNew(path: string, texts: AsyncIterable<{ text: string; count: number }>) {
  const file = await open(path, 'wx').catch((cause: unknown) => {
    throw new LadingError('BAD_INPUT', `${path} cannot be made.`, {
      advice: 'Choose a file that is not there yet, in a folder where you may write.',
      cause,
    });
  });
  const hash = createHash('sha256');
  let lines = 0;
  let bytes = 0;
  try {
    for await (const { text, count } of texts) {
      const piece = Buffer.from(text);
      hash.update(piece);
      await file.writeFile(piece);
      lines += count;
      bytes += piece.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { lines, bytes, sha256: hash.digest('hex') };
}
