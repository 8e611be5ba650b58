import { Argument, type Command } from 'commander';
import { type Answer, type Investigation, InvestigationId } from '../../shared/contract/investigations';
import { visible } from '../../shared/visible';
import { inCase, type Use } from './context';
import { EXIT } from './errors';
import { painter, targetText } from './format';
import type { Io } from './io';
import { jsonText } from './output';

interface Options {
  target?: string;
  json?: boolean;
}

/** Points of an answer that are printed; --json has more. */
const POINTS = 12;
/** Places of one point that are printed. */
const CITES = 4;

export function addInvestigate(program: Command, use: Use): void {
  program
    .command('investigate')
    .summary('a checklist of questions, answered from the evidence')
    .description(
      'Goes through the questions of a scenario: what the evidence says to each and where it stands, what is missing and how to take it.',
    )
    .argument('<case>', 'folder of the case')
    .addArgument(new Argument('<scenario>', 'which checklist').choices(InvestigationId.options))
    .option('--target <container>', 'one container alone, by id or name')
    .option('--json', 'print JSON')
    .action(
      use((context, given: string, scenario: string, options: Options) =>
        inCase(context, given, { write: false }, async (opened, client) => {
          const told = await client.investigations.get({
            case: opened.path,
            id: InvestigationId.parse(scenario),
            target: options.target,
          });
          context.io.out(options.json ? jsonText(told) : investigationText(context.io, told));
          return EXIT.done;
        }),
      ),
    );
}

function investigationText(io: Io, { title, about, target, answers }: Investigation): string {
  const paint = painter(io.outIsTerminal, io.env);
  const head = `${paint('bold', title)}${target ? `  ${targetText(target)}` : ''}\n${about}\n`;
  return [head, ...answers.map((one, i) => answerText(paint, one, i + 1))].join('\n');
}

function answerText(paint: ReturnType<typeof painter>, answer: Answer, number: number): string {
  const colour = answer.state === 'found' ? 'red' : 'yellow';
  const state = answer.state.toUpperCase();
  const lines = [
    `${number}. ${paint('bold', answer.question)}`,
    `   ${answer.state === 'nothing found' ? state : paint(colour, state)}  ${answer.summary}`,
  ];
  for (const { text, cites, severity, status, finding } of answer.points.slice(0, POINTS)) {
    const mark = finding ? `${severity}, ${status}, ${visible(finding)}: ` : '';
    const places = cites.slice(0, CITES).map(({ exhibit, locator }) => `${exhibit} ${visible(locator, { max: 120 })}`);
    const more = cites.length > CITES ? [`${cites.length - CITES} more`] : [];
    lines.push(`   - ${mark}${visible(text, { max: 600 })}`, `     ${[...places, ...more].join('; ')}`);
  }
  const left = answer.points.length - POINTS + answer.more;
  if (left > 0) lines.push(`   and ${left} more`);
  for (const { collector, title, targets, reason } of answer.missing) {
    const of =
      targets.length > 0
        ? ` of ${targets
            .slice(0, 6)
            .map((one) => visible(one.name || one.id, { max: 60 }))
            .join(', ')}${targets.length > 6 ? ` and ${targets.length - 6} more` : ''}`
        : '';
    const how = collector.startsWith('import.') ? 'lading import' : `lading collect --collector ${collector}`;
    lines.push(`   Missing: ${title}${of}${reason ? ` (${visible(reason, { max: 200 })})` : ''}  [${how}]`);
  }
  return `${lines.join('\n')}\n`;
}
