import { posix } from 'node:path';
import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { type AnalyzeContext, defineAnalyzer } from '../analyzer';
import { readListing } from '../files/listing';
import { readContent } from '../files/view';
import type { FsEntry } from '../formats/fs-entry';
import { commandSigns, gravest } from './lib/commands';
import { citeContent, shownPath } from './lib/files/subject';
import { linesOf, utf8 } from './lib/files/text';
import { eachExhibit, listed, type Rule, report } from './lib/rule';
import { shown } from './lib/secrets';

export const memoryCommand: Rule = {
  id: 'memory-files.command',
  version: '1',
  title: 'A file that lies in memory only holds a command that intruders use',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1059.004'],
  benign: 'Start scripts write files there too; few hold such commands.',
};

export const memoryProgram: Rule = {
  id: 'memory-files.program',
  version: '1',
  title: 'A program lies in memory only',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1105', 'T1059.004'],
  benign: 'Some runtimes unpack programs and libraries there before they run them.',
};

export const memoryHidden: Rule = {
  id: 'memory-files.hidden',
  version: '1',
  title: 'A hidden file lies in memory only',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1564.001'],
  benign: 'Some programs keep locks and sessions so. The file is in no layer and no export.',
};

/** Every rule of this file. */
export const memoryFileRules: readonly Rule[] = [memoryCommand, memoryProgram, memoryHidden];

/** Made by their programs: X11 and its like, locks of the package manager. */
const USUAL = /^\/(?:tmp\/\.(?:X11|ICE|XIM|font|Test)-unix|run\/\.(?:containerenv|reboot-required))(?:\/|$)/;
/** How scripts begin: the name of their interpreter, or a first command that fetches or runs something. */
const SCRIPT = /^(?:#!\s*\/|\s*(?:curl|wget|(?:ba|da)?sh|nc|ncat|python[\d.]*|perl|busybox|exec|eval|chmod)\s)/;
const TEXT_MAX = 256 * 1024;

/** Where the archive's folder was mounted: its name begins with ./, and the exhibit's title says the place. */
function placeOf({ title }: ExhibitRecord, { path }: FsEntry): string {
  const mount = posix.normalize(/^Files in memory: (\/.*)$/s.exec(title)?.[1] ?? '/');
  // where the mount's name is made of plain characters, the archive's names begin with it
  return path === mount || path.startsWith(`${mount}/`) ? path : posix.join(mount, path);
}

/** Files of tmpfs and /dev/shm: in no layer, no upper directory and no export, and gone when the container stops. */
export default defineAnalyzer({
  id: 'memory-files',
  version: '1',
  title: 'Files in memory only',
  accepts: ({ collector, kind }) => collector.id === 'container.tmpfs' && kind === 'tar',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      for (const entry of await readListing(ctx, exhibit, { hash: true })) {
        if (entry.type === 'file' && entry.size > 0) await look(ctx, exhibit, entry);
      }
    }),
});

async function look(ctx: AnalyzeContext, exhibit: ExhibitRecord, entry: FsEntry): Promise<void> {
  const path = placeOf(exhibit, entry);
  if (USUAL.test(path)) return;
  const named: Citation = { exhibit: exhibit.id, locator: `bytes:${entry.header.offset}+${entry.header.length}` };
  const { content } = entry;
  const bytes = content && (await readContent(ctx, entry, TEXT_MAX));
  const hash = entry.sha256 ? ` (SHA-256 ${entry.sha256})` : '';
  if (content && bytes?.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) {
    report(ctx, memoryProgram, exhibit.target, {
      claim: `${shownPath(path)}${hash} is a program of ${entry.size} bytes on a file system in memory.`,
      cites: [citeContent(content, { offset: 0, length: Math.min(4, content.length) }), named],
    });
    return;
  }
  const lines = content && bytes && !bytes.subarray(0, 1024).includes(0) ? linesOf(bytes) : [];
  let told = 0;
  for (const line of lines) {
    const signs = content ? commandSigns(utf8(line.text)) : [];
    if (!content || signs.length === 0 || ++told > 20) continue;
    report(ctx, memoryCommand, exhibit.target, {
      severity: gravest(
        signs.map(({ severity }) => severity),
        'high',
      ),
      techniques: [...new Set(['T1059.004', ...signs.flatMap(({ techniques }) => [...techniques])])].sort(),
      claim: `${shownPath(path)}${hash}, on a file system in memory, has a line that ${listed(signs.map(({ does }) => does))}: ${shown(utf8(line.text), 400)}`,
      cites: [citeContent(content, line), named],
    });
  }
  const script = content !== undefined && bytes !== undefined && SCRIPT.test(bytes.toString('latin1', 0, 4096));
  if (told === 0 && /\/\.[^/]+(?:\/|$)/.test(path)) {
    report(ctx, memoryHidden, exhibit.target, {
      severity: script ? 'high' : 'medium',
      techniques: script ? ['T1059.004', 'T1564.001'] : ['T1564.001'],
      claim: `${shownPath(path)}${hash}, ${entry.size} bytes${script ? ' that begin as a script does' : ''}, lies hidden on a file system in memory.`,
      cites: [...(content ? [citeContent(content)] : []), named],
    });
  }
}
