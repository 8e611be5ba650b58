import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { IMPORT_KINDS, type ImportKind, ImportResult } from '../../shared/contract/import';
import { visible } from '../../shared/visible';
import { inCase, type Use } from './context';
import { EXIT } from './errors';
import { bytesText, count } from './format';
import { jsonText } from './output';
import { followTask, taskError } from './task';

interface Options {
  kind?: ImportKind;
  from?: string;
  note?: string;
  json?: boolean;
}

export function addImport(program: Command, use: Use): void {
  program
    .command('import')
    .summary('bring in evidence that somebody else took')
    .description(
      'Makes exhibits of files and folders: saved images, exports, docker inspect, a copied data root, checkpoints, packets, memory, UAC. What they are is seen by their content. They are only read. Ctrl-C stops it and keeps what arrived.',
    )
    .argument('<case>', 'folder of the case')
    .argument('<file...>', 'files and folders of this machine')
    .addOption(
      new Option('--kind <kind>', 'what they are, where you know better (memory: a raw memory image)').choices([
        ...IMPORT_KINDS,
      ]),
    )
    .option('--from <text>', 'who gave it, when and how')
    .option('--note <text>', 'what else there is to say of it')
    .option('--json', 'print what became of each as JSON')
    .action(
      use((context, given: string, files: string[], options: Options) => {
        const { io } = context;
        return inCase(context, given, { write: true }, async (opened, client) => {
          const { task: id } = await client.import.start({
            case: opened.path,
            paths: files.map((file) => resolve(io.cwd, file)),
            kind: options.kind,
            from: options.from,
            note: options.note,
          });
          const task = await followTask(context, client, id);
          if (task.state !== 'done') throw taskError(task);
          const result = ImportResult.parse(task.result);
          if (options.json) io.out(jsonText(result));
          io.err(outcomeText(result));
          return result.failed > 0 || result.partial > 0 ? EXIT.failed : EXIT.done;
        });
      }),
    );
}

function outcomeText(result: ImportResult): string {
  const parts = [`${count(result.exhibits, 'exhibit')}, ${bytesText(result.bytes)}`];
  if (result.referred > 0) parts.push(`${result.referred} in the case already`);
  if (result.partial > 0) parts.push(`${result.partial} partial`);
  if (result.failed > 0) parts.push(`${result.failed} failed`);
  const odd = result.items.filter((item) => item.kind === 'binary' || item.kind === 'tar' || item.kind === 'json');
  const lines = odd.map((item) => `Not recognised: ${visible(item.path, { max: 300 })}: ${visible(item.why ?? '')}.\n`);
  return `${lines.join('')}Imported ${parts.join(', ')}.\n`;
}
