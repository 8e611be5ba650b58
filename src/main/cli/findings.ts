import { type Command, Option } from 'commander';
import { FindingStatus, type JudgedFinding, SEVERITIES, type Severity } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { inCase, type Use } from './context';
import { EXIT } from './errors';
import { painter, targetText } from './format';
import type { Io } from './io';
import { type Cell, csvText, jsonText } from './output';

interface Options {
  severity?: Severity;
  status?: FindingStatus;
  json?: boolean;
  csv?: boolean;
}

export function addFindings(program: Command, use: Use): void {
  program
    .command('findings')
    .summary('what the evidence says')
    .description('Lists what analyzers and examiners claim, worst first, with the exhibits each claim rests on.')
    .argument('<case>', 'folder of the case')
    .addOption(new Option('--severity <least>', 'only this severity and worse').choices(SEVERITIES))
    .addOption(new Option('--status <status>', 'only with this status').choices(FindingStatus.options))
    .addOption(new Option('--json', 'print JSON').conflicts('csv'))
    .option('--csv', 'print as CSV, safe to open in a spreadsheet')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: false }, async (opened, client) => {
          const rank = (severity: Severity) => SEVERITIES.indexOf(severity);
          const least = rank(options.severity ?? 'informational');
          const chosen = (await client.findings.list({ case: opened.path }))
            .filter((finding) => rank(finding.severity) <= least)
            .filter((finding) => options.status === undefined || finding.status === options.status)
            .sort((a, b) => rank(a.severity) - rank(b.severity));
          if (options.json) context.io.out(jsonText(chosen));
          else if (options.csv) context.io.out(csvText(CSV_HEAD, chosen.map(csvRow)));
          else context.io.out(findingsText(context.io, chosen));
          return EXIT.done;
        }),
      ),
    );
}

function findingsText(io: Io, findings: JudgedFinding[]): string {
  if (findings.length === 0) return 'No findings. `lading analyze` makes them from the exhibits.\n';
  const paint = painter(io.outIsTerminal, io.env);
  return findings
    .map((finding) => {
      const colour = finding.severity === 'critical' || finding.severity === 'high' ? 'red' : 'yellow';
      const techniques =
        finding.techniques.length > 0 ? `  ${finding.techniques.map((t) => visible(t)).join(' ')}` : '';
      const lines = [
        `${paint(colour, finding.severity.toUpperCase())}  ${paint('bold', visible(finding.title))}${techniques}`,
        `  ${targetText(finding.target)}  ${finding.confidence}, ${finding.status}  ${finding.machine ? `rule ${visible(finding.rule)} v${visible(finding.ruleVersion)}` : 'by an examiner'}  id ${visible(finding.id)}`,
        `  ${visible(finding.claim)}`,
        ...(finding.benign === '' ? [] : [`  To rule out: ${visible(finding.benign)}`]),
        `  Rests on: ${finding.cites.map((cite) => `${cite.exhibit} ${visible(cite.locator, { max: 120 })}`).join('; ') || 'no exhibit'}`,
      ];
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}

const CSV_HEAD = [
  'id',
  'severity',
  'confidence',
  'status',
  'title',
  'rule',
  'rule_version',
  'machine_generated',
  'techniques',
  'target_kind',
  'target_id',
  'target_name',
  'claim',
  'benign',
  'cites',
];

function csvRow(finding: JudgedFinding): Cell[] {
  return [
    finding.id,
    finding.severity,
    finding.confidence,
    finding.status,
    finding.title,
    finding.rule,
    finding.ruleVersion,
    finding.machine,
    finding.techniques.join(' '),
    finding.target.kind,
    finding.target.id,
    finding.target.name,
    finding.claim,
    finding.benign,
    finding.cites.map((cite) => `${cite.exhibit} ${cite.locator}`).join('; '),
  ];
}
