import type { Command } from 'commander';
import { inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { jsonText } from './output';

export function addNote(program: Command, use: Use): void {
  program
    .command('note')
    .summary('write a note into the case')
    .description('Writes a note. A saved note is never changed. @E0012 cites an exhibit.')
    .argument('<case>', 'folder of the case')
    .argument('<text>', 'the note, or - to read it from standard input')
    .option('--json', 'print the note as JSON')
    .action(
      use(async (context, given: string, text: string, options: { json?: boolean }) => {
        const note = text === '-' ? (await context.io.readInput()).trimEnd() : text;
        if (note.trim() === '') throw usageError('The note is empty; nothing was written.');
        return inCase(context, given, { write: true }, async (opened, client) => {
          const saved = await client.notes.add({ case: opened.path, text: note });
          context.io.out(options.json ? jsonText(saved) : `Note ${saved.id} saved.\n`);
          return EXIT.done;
        });
      }),
    );
}
