import { resolve } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { FileState } from '../../shared/contract/files';
import { visible } from '../../shared/visible';
import { type Client, type Context, inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { PAGE, printDifferences, printHashes, printRows, printViews, rowsOf } from './files-print';
import { chosenView, type FilesOptions, viewsOf } from './files-view';
import { jsonText } from './output';

/** Bytes of content asked for at once. */
const PIECE = 1 << 20;

interface Work {
  context: Context;
  client: Client;
  /** The case. */
  path: string;
  options: FilesOptions;
  /** What was given after the verb. */
  args: readonly string[];
}
type Verb = (work: Work) => Promise<void>;

const VERBS: Record<string, { says: string; least: number; most: number; write?: boolean; run: Verb }> = {
  views: {
    says: 'the file systems there are, with their keys',
    least: 0,
    most: 0,
    run: async ({ context, client, path, options }) =>
      printViews(context.io, await viewsOf(context, client, path), options),
  },
  ls: {
    says: 'what lies in a folder (/ unless one is given)',
    least: 0,
    most: 1,
    async run(work) {
      const { context, client, path, options, args } = work;
      const { key } = await chosenView(context, client, path, options);
      const folder = (args[0] ?? '/').replace(/(?<=.)\/+$/, '');
      await printRows(context.io, rowsOf(client, { case: path, view: key, folder, states: options.state }), options);
    },
  },
  find: {
    says: 'files by --text, --glob, --sha256, --state, below a folder if one is given',
    least: 0,
    most: 1,
    async run({ context, client, path, options, args }) {
      const { key } = await chosenView(context, client, path, options);
      const { text, glob, state: states } = options;
      const rows = rowsOf(client, { case: path, view: key, text, glob, sha256: options.sha256?.toLowerCase(), states });
      await printRows(context.io, below(rows, args[0]), options);
    },
  },
  cat: {
    says: 'the content of a file, byte for byte (on a terminal: made harmless)',
    least: 1,
    most: 1,
    run: cat,
  },
  stat: {
    says: 'everything the evidence says of a file, as JSON',
    least: 1,
    most: 1,
    async run({ context, client, path, options, args }) {
      const { key } = await chosenView(context, client, path, options);
      context.io.out(jsonText(await client.files.get({ case: path, view: key, path: args[0] ?? '' })));
    },
  },
  hash: {
    says: 'SHA-256 of files, as sha256sum prints it, below a folder if one is given',
    least: 0,
    most: 1,
    async run({ context, client, path, options, args }) {
      const { key } = await chosenView(context, client, path, options);
      await printHashes(
        context.io,
        below(rowsOf(client, { case: path, view: key, states: options.state }), args[0]),
        options,
      );
    },
  },
  diff: {
    says: 'what differs between two file systems, by their keys: points in time, containers, container and image',
    least: 2,
    most: 2,
    async run({ context, client, path, options, args }) {
      await viewsOf(context, client, path);
      const [left = '', right = ''] = args;
      const rows = [];
      for (let total = 1; rows.length < total; ) {
        const page = await client.files.compare({ case: path, left, right, offset: rows.length, limit: PAGE });
        rows.push(...page.rows);
        total = page.rows.length === 0 ? 0 : page.total;
      }
      printDifferences(context.io, rows, options);
    },
  },
  export: {
    says: 'copies one file out of the case, with --to and --reason; the ledger says so',
    least: 1,
    most: 1,
    write: true,
    async run({ context, client, path, options, args }) {
      const { to, reason } = options;
      if (to === undefined || reason === undefined) throw usageError('Give --to PATH and --reason TEXT.');
      const { key } = await chosenView(context, client, path, options);
      const version = options.image ? 'image' : 'now';
      const place = resolve(context.io.cwd, to);
      const copy = await client.files.export({
        case: path,
        view: key,
        path: args[0] ?? '',
        version,
        to: place,
        reason,
      });
      context.io.out(options.json ? jsonText(copy) : `${copy.sha256}  ${visible(copy.path)}\n`);
    },
  },
};

export function addFiles(program: Command, use: Use): void {
  program
    .command('files')
    .summary('look into file systems without extracting them')
    .description(
      'Lists, reads, hashes and compares files of containers, images and volumes, straight from the exhibits. `lading analyze` makes the index that it reads.',
    )
    .argument('<case>', 'folder of the case')
    .addArgument(new Argument('<verb>', 'what to do, see below').choices(Object.keys(VERBS)))
    .argument('[path...]', 'whole paths in the file system; for diff two keys')
    .option('--view <key>', 'which file system: a key that `views` lists')
    .option('--target <target>', 'which file system: the name or the start of the id of its container, image or volume')
    .addOption(new Option('--state <state...>', 'only files of this state').choices(FileState.options))
    .option('--text <text>', 'find: a part of the path')
    .option('--glob <pattern>', 'find: the whole path; *, ? and [a-z], * takes slashes too')
    .option('--sha256 <hash>', 'find: the content')
    .option('--image', 'cat, export: as it was in the image, of a file that was modified')
    .option('--to <path>', 'export: where the copy goes; an existing file is not replaced')
    .option('--reason <text>', 'export: why the copy is made')
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print as CSV, safe to open in a spreadsheet')
    .addHelpText(
      'after',
      `\nVerbs:\n${Object.entries(VERBS)
        .map(([name, { says }]) => `  ${name.padEnd(8)}${says}`)
        .join('\n')}`,
    )
    .action(
      use(async (context, given: string, name: string, args: string[], options: FilesOptions) => {
        const verb = VERBS[name];
        if (!verb) throw usageError(`There is no verb ${visible(name)}.`);
        if (args.length < verb.least || args.length > verb.most) {
          throw usageError(
            `${name} takes ${verb.least === verb.most ? verb.least : `${verb.least} to ${verb.most}`} paths.`,
          );
        }
        return inCase(context, given, { write: verb.write ?? false }, async (opened, client) => {
          await verb.run({ context, client, path: opened.path, options, args });
          return EXIT.done;
        });
      }),
    );
}

async function cat({ context, client, path, options, args }: Work): Promise<void> {
  const { key } = await chosenView(context, client, path, options);
  const version = options.image ? 'image' : 'now';
  for (let offset = 0, total = 1; offset < total; offset += PIECE) {
    const piece = await client.files.read({
      case: path,
      view: key,
      path: args[0] ?? '',
      version,
      offset,
      length: PIECE,
    });
    total = piece.total;
    const bytes = Buffer.from(piece.base64, 'base64');
    // a terminal obeys what is written to it: there the bytes are only shown
    context.io.out(context.io.outIsTerminal ? visible(bytes.toString('utf8'), { keepLines: true }) : bytes);
  }
}

/** Those at a path and below it. */
async function* below<T extends { path: string }>(
  rows: AsyncIterable<T>,
  folder: string | undefined,
): AsyncGenerator<T> {
  const prefix = (folder ?? '').replace(/\/+$/, '');
  for await (const row of rows) {
    if (prefix === '' || row.path === prefix || row.path.startsWith(`${prefix}/`)) yield row;
  }
}
