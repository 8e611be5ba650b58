import type { Answer, Investigation } from '../../../shared/contract/investigations';
import type { ReportInput } from '../input';
import type { Block, Line, Row } from '../types';
import { exhibitAnchor } from './exhibits';
import { told } from './findings';
import { clip, count, line, MEDIUM, piece, small } from './format';

/** Facts of one answer that are printed; findings are told in their own section. */
const FACTS = 12;
/** Findings of one answer that are named. */
const FINDINGS = 20;
/** Targets of missing evidence that are named. */
const TARGETS = 6;

const STATE: Record<Answer['state'], string> = {
  found: 'something to weigh',
  'nothing found': 'nothing found',
  partly: 'nothing so far; not all was taken',
  'not analysed': 'not analysed',
  'not taken': 'not taken',
};

/** Section "Investigations": each scenario as a table of questions. */
export function investigations(input: ReportInput): Block[] {
  const all = input.investigations ?? [];
  if (all.length === 0) return [{ kind: 'paragraph', pieces: [piece('No checklist was gone through.')] }];
  return [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'Each checklist puts the questions that such a matter raises to the evidence in this case. The answers are made from findings and from what exhibits say; “something to weigh” is no conclusion, and “nothing found” says only that the evidence named shows nothing that a rule knows.',
        ),
      ],
    },
    ...all.flatMap((one) => checklist(one, input)),
  ];
}

function checklist({ title, about, answers }: Investigation, input: ReportInput): Block[] {
  const { machine, own } = told(input);
  const labels = new Map([...machine, ...own].map(({ finding, label }) => [finding.id, label]));
  return [
    { kind: 'heading', text: title, outline: true },
    { kind: 'paragraph', pieces: [piece(about)] },
    {
      kind: 'table',
      caption: title,
      columns: [
        { title: 'Question', width: 27 },
        { title: 'What the evidence says', width: 48 },
        { title: 'Not in the case', width: 25 },
      ],
      rows: answers.map((answer, i) => row(answer, i + 1, labels)),
    },
  ];
}

function row(answer: Answer, number: number, labels: ReadonlyMap<string, string>): Row {
  return {
    cells: [
      [line(piece(`${number}. ${clip(answer.question, 300)}`, 'strong'))],
      [
        line(piece(STATE[answer.state], 'strong')),
        small(piece(clip(answer.summary, MEDIUM), 'muted')),
        ...said(answer, labels),
      ],
      missing(answer),
    ],
  };
}

function said({ points, more }: Answer, labels: ReadonlyMap<string, string>): Line[] {
  const lines: Line[] = [];
  const findings = points.filter(({ finding }) => finding !== undefined);
  const named = findings.flatMap(({ finding, status }) => {
    const label = labels.get(finding ?? '');
    return label ? [`${label}${status === 'dismissed' ? ' (dismissed)' : ''}`] : [];
  });
  if (named.length > 0) {
    const rest = named.length > FINDINGS ? ` and ${named.length - FINDINGS} more` : '';
    lines.push(line(`Findings ${named.slice(0, FINDINGS).join(', ')}${rest}`));
  }
  const facts = points.filter(({ finding }) => finding === undefined);
  for (const { text, cites } of facts.slice(0, FACTS)) {
    lines.push(
      small(
        piece(clip(text, MEDIUM)),
        ...cites
          .slice(0, 2)
          .flatMap(({ exhibit, locator }) => [
            piece('  '),
            piece(exhibit, 'accent', exhibitAnchor(exhibit)),
            piece(` ${clip(locator, 80)}`, 'mono'),
          ]),
      ),
    );
  }
  const left = Math.max(0, facts.length - FACTS) + more;
  if (left > 0) lines.push(small(piece(`and ${count(left, 'more point')}`, 'muted')));
  return lines;
}

function missing({ missing: all }: Answer): Line[] {
  if (all.length === 0) return [line(piece('nothing', 'muted'))];
  return all.map(({ title, targets, reason }) => {
    const names = targets.slice(0, TARGETS).map((one) => clip(one.name || one.id, 40));
    const rest = targets.length > TARGETS ? ` and ${targets.length - TARGETS} more` : '';
    const of = names.length > 0 ? ` of ${names.join(', ')}${rest}` : '';
    return small(piece(clip(`${title}${of}${reason ? ` (${reason})` : ''}`, MEDIUM)));
  });
}
