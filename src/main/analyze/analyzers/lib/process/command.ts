import { commandSigns, gravest } from '../commands';
import { listed } from '../rule';
import { shown } from '../secrets';
import { citeArgv, commandLine } from './model';
import type { ProcessRule } from './rule';

export const suspiciousCommand: ProcessRule = {
  id: 'process.command',
  version: '1',
  title: 'A process has a suspicious command line',
  severity: 'medium',
  confidence: 'likely',
  techniques: [],
  benign: 'A process writes its own command line and may put anything there; administrators use the same commands.',
  check: (process) => {
    const line = commandLine(process);
    const signs = commandSigns(`${process.exe?.path ?? ''} ${line}`);
    if (signs.length === 0 || process.argv.length === 0) return [];
    const [first] = signs;
    return [
      {
        title: signs.length === 1 && first ? `A process ${first.does}` : undefined,
        claim: `${process.number} has the command line "${shown(line, 500)}": it ${listed(signs.map(({ does }) => does))}.`,
        severity: gravest(
          signs.map(({ severity }) => severity),
          'medium',
        ),
        techniques: [...new Set(signs.flatMap(({ techniques }) => techniques))],
        cites: citeArgv(process),
      },
    ];
  },
};
