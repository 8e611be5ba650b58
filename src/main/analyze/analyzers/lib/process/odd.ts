import { odditiesOf } from '../odd-text';
import { listed } from '../rule';
import { shown } from '../secrets';
import { citeArgv, commandLine } from './model';
import type { ProcessRule } from './rule';

/** A command line that reads otherwise than it is. */
export const hidingCommand: ProcessRule = {
  id: 'process.hiding-text',
  version: '1',
  title: 'The command line of a process reads otherwise than it is',
  severity: 'low',
  confidence: 'certain',
  techniques: ['T1036'],
  benign:
    'Arguments in another character set, and formats with control characters. A terminal that shows them as they are shows something else than is there.',
  check(process) {
    const signs = process.argv.flatMap(({ text }) => odditiesOf(text, 'text'));
    if (signs.length === 0) return [];
    return [
      {
        claim: `${process.number} has a command line with ${listed([...new Set(signs.map(({ says }) => says))])}: "${shown(commandLine(process), 300)}".`,
        techniques: [...new Set(['T1036', ...signs.flatMap(({ technique }) => technique ?? [])])].sort(),
        cites: citeArgv(process),
      },
    ];
  },
};
