import { commandSigns, gravest } from '../commands';
import { type Hit, listed } from '../rule';
import { shown } from '../secrets';
import { citeFrame, type HostRule, hostLines, hostPath } from './subject';

/** Signs that what starts by itself shows every day: it writes into logs, it sets times, it schedules. */
const USUAL = new Set(['logs', 'cron', 'timestomp', 'account', 'credentials', 'scanner', 'engine-api', 'setuid']);
/** In the distribution's own units and scripts these are at home: modprobe, mount. */
const OF_DISTRIBUTION =
  /^\/(?:usr\/)?lib\/systemd\/|^\/etc\/(?:init\.d|cron\.(?:daily|weekly|monthly))\/|^\/etc\/update-motd\.d\//;

const startCommand: HostRule = {
  id: 'host.start-command',
  version: '1',
  title: 'The host runs by itself a command that intruders use',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1053.003'],
  benign: 'Administrators schedule such commands too; the owner and times of the file say who wrote it and when.',
  collectors: ['host.cron', 'host.histories'],
  check: (subject) =>
    subject.files.files.flatMap((file): Hit[] => {
      if (!/^(?:cron|at|unit|user\.unit|rc|start|start\.all)$/.test(file.as)) return [];
      const { lines, named } = hostLines(subject, file);
      return lines.flatMap(({ text, cite }) => {
        if (/^\s*[#;]/.test(text)) return [];
        const signs = commandSigns(text).filter(
          ({ id }) => !USUAL.has(id) && !(OF_DISTRIBUTION.test(file.path) && id === 'escape'),
        );
        if (signs.length === 0) return [];
        const started = file.as.startsWith('start');
        return [
          {
            severity: gravest(
              signs.map(({ severity }) => severity),
              'high',
            ),
            techniques: [
              ...new Set([
                ...signs.flatMap(({ techniques }) => [...techniques]),
                started ? 'T1546.004' : /unit/.test(file.as) ? 'T1543.002' : 'T1053.003',
              ]),
            ].sort(),
            claim: `${hostPath(file.path)} of the host has a line that ${listed(signs.map(({ does }) => does))}: ${shown(text.trim(), 400)}`,
            cites: [cite, named],
          },
        ];
      });
    }),
};

/** A program that is run from where everybody may write. */
const TEMPORARY_PROGRAM = /(?:^|[\s=;&|"'(])\/(?:tmp|var\/tmp|dev\/shm)\/[\w.][^\s;|&"')]*/;
const RUNS =
  /^(?:\s*(?:Exec(?:Start|StartPre|StartPost|Stop|Reload|Condition)\s*=\s*[-@:+!]*)|(?:[\d*,/-]+\s+){5}(?:\S+\s+)?|@\w+\s+(?:\S+\s+)?)/;

const temporaryProgram: HostRule = {
  id: 'host.start-temporary',
  version: '1',
  title: 'The host runs by itself a program from a folder for temporary files',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1053.003', 'T1543.002'],
  benign: 'Badly made installers leave such a line; a program that is to stay does not lie there.',
  collectors: ['host.cron'],
  check: (subject) =>
    subject.files.files.flatMap((file): Hit[] => {
      if (!/^(?:cron|unit|user\.unit)$/.test(file.as)) return [];
      const { lines, named } = hostLines(subject, file);
      return lines.flatMap(({ text, cite }) => {
        const head = RUNS.exec(text)?.[0];
        if (head === undefined || /^\s*#/.test(text)) return [];
        const [program = ''] = text.slice(head.length).trim().split(/\s/, 1);
        if (!TEMPORARY_PROGRAM.test(program)) return [];
        return [
          {
            techniques: [file.as === 'cron' ? 'T1053.003' : 'T1543.002'],
            claim: `${hostPath(file.path)} of the host runs ${shown(text.slice(head.length).trim(), 200)}`,
            cites: [cite, named],
          },
        ];
      });
    }),
};

const preload: HostRule = {
  id: 'host.preload',
  version: '1',
  title: 'A library is loaded into every program of the host',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1574.006'],
  benign: 'Some memory allocators and agents of monitoring are set up so.',
  collectors: ['host.histories'],
  check: (subject) =>
    subject.files.files.flatMap((file): Hit[] => {
      if (file.path !== '/etc/ld.so.preload' || !file.content) return [];
      const names = file.content.body
        .toString('utf8')
        .replace(/#.*$/gm, '')
        .split(/[\s:]+/)
        .filter((name) => name !== '');
      if (names.length === 0) return [];
      return [
        {
          claim: `${hostPath(file.path)} of the host names ${listed(names.slice(0, 10).map(hostPath))}.`,
          cites: [citeFrame(subject.exhibit, file.content), citeFrame(subject.exhibit, file.pathFrame)],
        },
      ];
    }),
};

/** Rules on what the host starts by itself. */
export const hostStartRules: readonly HostRule[] = [startCommand, temporaryProgram, preload];
