import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { defineAnalyzer } from '../analyzer';
import { commandSigns, gravest } from './lib/commands';
import { linesOf, utf8 } from './lib/files/text';
import { citeFrame, hostPath, hostSubject } from './lib/host/subject';
import { eachExhibit, listed, type Rule, report } from './lib/rule';
import { shown } from './lib/secrets';

export const historyCommand: Rule = {
  id: 'history.command',
  version: '1',
  title: 'A shell history holds a command that intruders use',
  severity: 'medium',
  confidence: 'possible',
  techniques: ['T1059.004'],
  benign: 'Administrators use such commands too; a history says what was typed, not that it worked, nor always when.',
};

export const historyOff: Rule = {
  id: 'history.off',
  version: '1',
  title: 'A shell history of the host was made to keep nothing',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1070.003'],
  benign: 'Hardened systems link histories to /dev/null for all users at once.',
};

/** Every rule of this file. */
export const shellHistoryRules: readonly Rule[] = [historyCommand, historyOff];

/** Everyday work of who runs a host: told of containers alone, where it is none. */
const EVERYDAY = new Set(['logs', 'cron', 'account', 'ssh-key', 'credentials', 'engine-api', 'setuid', 'scanner']);

interface Typed {
  path: string;
  bytes: Buffer;
  cite(part: { offset: number; length: number }): Citation;
  named: Citation;
}

/** The files of `container.inside.history`: each begins with a line '==> path <=='. */
function insideFiles(exhibit: ExhibitRecord, bytes: Buffer): Typed[] {
  const files: Typed[] = [];
  const lines = linesOf(bytes);
  const heads = lines.flatMap((line, i) => {
    const path = /^==> (\/.*) <==$/.exec(line.text)?.[1];
    return path === undefined ? [] : [{ i, path: utf8(path), line }];
  });
  for (const [n, { i, path, line }] of heads.entries()) {
    const from = lines[i + 1]?.offset ?? bytes.length;
    const to = heads[n + 1]?.line.offset ?? bytes.length;
    files.push({
      path,
      bytes: bytes.subarray(from, to),
      cite: ({ offset, length }) => ({ exhibit: exhibit.id, locator: `bytes:${from + offset}+${length}` }),
      named: { exhibit: exhibit.id, locator: `bytes:${line.offset}+${line.length}` },
    });
  }
  return files;
}

/**
 * What was typed: histories of the host's users, and those that a container itself shows. Histories in a file system are
 * read by the analyzer of file systems, which knows whether the image has them.
 */
export default defineAnalyzer({
  id: 'shell-history',
  version: '1',
  title: 'Shell histories',
  accepts: ({ collector, kind }) =>
    (collector.id === 'host.histories' && kind === 'frames') || collector.id === 'container.inside.history',
  analyze: (ctx, exhibits) =>
    eachExhibit(ctx, exhibits, async (exhibit) => {
      const ofHost = exhibit.collector.id === 'host.histories';
      const typed: Typed[] = [];
      if (ofHost) {
        const { files } = await hostSubject(ctx, exhibit);
        for (const { as, path, pathFrame, content, link } of files.files) {
          if (as !== 'history') continue;
          const named = citeFrame(exhibit, pathFrame);
          if (link === '/dev/null')
            report(ctx, historyOff, exhibit.target, {
              claim: `${hostPath(path)} of the host is a link to /dev/null.`,
              cites: [named],
            });
          if (content)
            typed.push({ path, bytes: content.body, named, cite: (part) => citeFrame(exhibit, content, part) });
        }
      } else typed.push(...insideFiles(exhibit, await ctx.read(exhibit)));
      for (const { path, bytes, cite, named } of typed) {
        for (const { text, offset, length } of linesOf(bytes)) {
          const command = utf8(text);
          const signs = commandSigns(command).filter(({ id }) => !ofHost || !EVERYDAY.has(id));
          if (signs.length === 0) continue;
          report(ctx, historyCommand, exhibit.target, {
            severity: gravest(
              signs.map(({ severity }) => severity),
              'medium',
            ),
            techniques: [...new Set(signs.flatMap(({ techniques }) => [...techniques]))].sort(),
            claim: `${hostPath(path)}${ofHost ? ' of the host' : ''} has a command that ${listed(signs.map(({ does }) => does))}: ${shown(command, 400)}`,
            cites: [cite({ offset, length }), named],
          });
        }
      }
    }),
});
