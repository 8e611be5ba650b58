import { type Citation, type JudgedFinding, SEVERITIES } from '../../../shared/domain';
import type { ReportInput } from '../input';
import type { Block, Line } from '../types';
import { exhibitAnchor } from './exhibits';
import { clip, count, LONG, line, MEDIUM, number, paragraphs, piece, small, target, time, WRITTEN } from './format';

/** Citations that a finding shows; the index has all. */
const MOST_CITES = 30;

/** A finding by a rule or by the examiner, in one shape for the report. */
export interface Told {
  /** 'F1': its number in this report. */
  label: string;
  finding: Omit<JudgedFinding, 'rule' | 'ruleVersion' | 'attackVersion' | 'machine'>;
  /** Absent for the examiner's own. */
  rule?: { id: string; version: string; attack: string };
  by?: { examiner: string; time: string };
}

/** The findings that this report tells, the gravest first; `left` counts those that confirmedOnly leaves out. */
export function told(input: ReportInput): { machine: Told[]; own: Told[]; left: number } {
  const own = new Map(input.data.findings.map((finding) => [finding.id, finding]));
  const judged = input.findings.filter((finding) => !own.has(finding.id));
  const shown = judged.filter((finding) => !input.options.confirmedOnly || finding.status === 'confirmed');
  const machine = [...shown]
    .sort((a, b) => rank(a) - rank(b) || a.rule.localeCompare(b.rule, 'en') || (a.id < b.id ? -1 : 1))
    .map((finding, i) => ({
      label: `F${i + 1}`,
      finding,
      rule: { id: finding.rule, version: finding.ruleVersion, attack: finding.attackVersion },
    }));
  const ownTold = input.data.findings.map((finding, i) => {
    const mark = input.data.marks[finding.id];
    return {
      label: `X${i + 1}`,
      finding: {
        ...finding,
        status: mark?.status ?? 'confirmed',
        statusReason: mark?.reason,
        statusBy: mark?.examiner,
      },
      by: { examiner: finding.examiner, time: finding.time },
    } satisfies Told;
  });
  return { machine, own: ownTold, left: judged.length - shown.length };
}

function rank(finding: JudgedFinding): number {
  return SEVERITIES.indexOf(finding.severity) * 10 + STATUS_ORDER.indexOf(finding.status);
}
const STATUS_ORDER: JudgedFinding['status'][] = ['confirmed', 'needs review', 'open', 'dismissed'];

function anchor(one: Told): string {
  return `finding-${one.label}`;
}

/** Section "Summary of findings". */
export function summary(input: ReportInput): Block[] {
  const { machine, own, left } = told(input);
  const all = [...own, ...machine];
  const blocks: Block[] = [];
  const confirmed = all.filter((one) => one.finding.status === 'confirmed');
  blocks.push({
    kind: 'paragraph',
    look: 'lead',
    pieces: [
      piece(
        `${count(input.records.length, 'exhibit')} from ${count(input.data.hosts.length, 'host')} ${input.records.length === 1 ? 'was' : 'were'} examined. `,
      ),
      piece(
        all.length === 0
          ? 'There is no finding.'
          : `${count(all.length, 'finding')}, of which ${number(confirmed.length)} ${confirmed.length === 1 ? 'is' : 'are'} confirmed by the examiner.`,
      ),
    ],
  });
  if (left > 0) {
    blocks.push({
      kind: 'paragraph',
      pieces: [
        piece(
          `This report tells confirmed findings only; ${count(left, 'other machine-generated finding')} of the case ${left === 1 ? 'is' : 'are'} left out.`,
        ),
      ],
    });
  }
  if (all.length === 0) return blocks;
  blocks.push({
    kind: 'table',
    caption: 'Findings by severity and status',
    columns: [
      { title: 'Severity', width: 28 },
      ...STATUS_ORDER.map((status) => ({ title: STATUS[status], width: 18, align: 'right' as const })),
    ],
    rows: SEVERITIES.filter((severity) => all.some((one) => one.finding.severity === severity)).map((severity) => ({
      cells: [
        [line(piece(severity, 'strong'))],
        ...STATUS_ORDER.map((status) => [
          line(number(all.filter((one) => one.finding.severity === severity && one.finding.status === status).length)),
        ]),
      ],
    })),
  });
  if (confirmed.length > 0) {
    blocks.push({ kind: 'heading', text: 'Confirmed by the examiner' }, { kind: 'list', items: confirmed.map(brief) });
  }
  blocks.push({ kind: 'heading', text: 'All findings' }, ...index(all));
  const unjudged = machine.filter((one) => one.finding.status === 'open' || one.finding.status === 'needs review');
  if (unjudged.length > 0) {
    blocks.push({
      kind: 'paragraph',
      look: 'note',
      pieces: [
        piece(
          `${count(unjudged.length, 'finding')} of the rules ${unjudged.length === 1 ? 'has' : 'have'} not been decided on by the examiner. They are told below as the rules gave them and are no statement of the examiner.`,
        ),
      ],
    });
  }
  return blocks;
}

/** Findings that the summary lists one by one. */
const MOST_LISTED = 100;

function index(all: Told[]): Block[] {
  const shown = all.slice(0, MOST_LISTED);
  const table: Block = {
    kind: 'table',
    caption: 'All findings',
    columns: [
      { title: 'No.', width: 8 },
      { title: 'Finding', width: 42 },
      { title: 'Target', width: 19 },
      { title: 'Severity', width: 16 },
      { title: 'Examiner', width: 15 },
    ],
    rows: shown.map((one) => ({
      cells: [
        [line(piece(one.label, 'accent', anchor(one)))],
        [line(clip(one.finding.title, 200))],
        [line(clip(one.finding.target.name || one.finding.target.id, 60))],
        [line(one.finding.severity)],
        [line(STATUS[one.finding.status])],
      ],
    })),
  };
  if (shown.length === all.length) return [table];
  const more = `${count(all.length - shown.length, 'more finding')} ${all.length - shown.length === 1 ? 'is' : 'are'} told below.`;
  return [table, { kind: 'paragraph', pieces: [piece(more)] }];
}

function brief(one: Told) {
  const { finding } = one;
  return [
    piece(one.label, 'accent', anchor(one)),
    piece(`  ${clip(finding.title, 200)} `, 'strong'),
    piece(`(${finding.severity}): ${clip(finding.claim, MEDIUM)}`),
  ];
}

/** Section "Machine-generated findings". */
export function machineFindings(input: ReportInput): Block[] {
  const { machine, left } = told(input);
  const blocks: Block[] = [
    {
      kind: 'paragraph',
      pieces: [
        piece(
          'Each of these was made by a rule that read the exhibits cited, and nothing else; the same exhibits give the same findings on any machine. A rule says what it saw and how sure that is; whether the innocent explanation holds is for the examiner to decide.',
        ),
      ],
    },
  ];
  if (left > 0)
    blocks.push({
      kind: 'paragraph',
      pieces: [piece(`${count(left, 'finding')} not confirmed ${left === 1 ? 'is' : 'are'} left out of this report.`)],
    });
  if (machine.length === 0) {
    const analysed = input.ledger.some((entry) => entry.action === 'analysis.ended');
    blocks.push({
      kind: 'paragraph',
      pieces: [piece(left > 0 ? 'None is confirmed.' : analysed ? 'No rule found anything.' : 'No analysis was run.')],
    });
  }
  return [...blocks, ...machine.flatMap((one) => card(one, input))];
}

/** Section "Examiner's findings". */
export function ownFindings(input: ReportInput): Block[] {
  const { own } = told(input);
  if (own.length === 0) return [{ kind: 'paragraph', pieces: [piece('None beyond those above.')] }];
  return own.flatMap((one) => card(one, input));
}

function card(one: Told, input: ReportInput): Block[] {
  const { finding, rule } = one;
  const rows: [string, Line[]][] = [
    ['Severity', [line(piece(finding.severity, 'strong'), `, ${SURE[finding.confidence]}`)]],
    ['Target', target(finding.target)],
    ['Fact', paragraphs(finding.claim, rule ? LONG : WRITTEN).map((text) => line(text))],
    [
      'Innocent explanation',
      finding.benign === '' ? [] : paragraphs(finding.benign, rule ? LONG : WRITTEN).map((text) => line(text)),
    ],
    ['Evidence', cites(finding.cites, input)],
    ['Technique', technique(finding.techniques, rule?.attack)],
    ['Origin', origin(one)],
    ['Examiner', examiner(one)],
  ];
  return [
    { kind: 'heading', text: `${one.label}  ${clip(finding.title, 200)}`, anchor: anchor(one), outline: true },
    {
      kind: 'facts',
      caption: `Finding ${one.label}`,
      rows: rows.filter(([, lines]) => lines.length > 0),
    },
  ];
}

const SURE = {
  certain: 'certain: the artefact says so by itself',
  likely: 'likely: other explanations are rare',
  possible: 'possible: other explanations are common',
} as const;

export const STATUS: Record<JudgedFinding['status'], string> = {
  confirmed: 'Confirmed',
  'needs review': 'Needs review',
  open: 'Not decided',
  dismissed: 'Dismissed',
};

function cites(all: Citation[], input: ReportInput): Line[] {
  const titles = new Map(input.data.exhibits.map((exhibit) => [exhibit.id, exhibit.title]));
  const lines = all.slice(0, MOST_CITES).map(({ exhibit, locator }) => {
    const title = titles.get(exhibit);
    return line(
      title === undefined ? piece(exhibit, 'strong') : piece(exhibit, 'accent', exhibitAnchor(exhibit)),
      piece('  '),
      piece(clip(locator, 300), 'mono'),
      piece(`  ${title === undefined ? 'not in this case' : clip(title, 120)}`, 'muted'),
    );
  });
  if (all.length > lines.length) lines.push(line(`and ${count(all.length - lines.length, 'more place')}`));
  if (all.length === 0) lines.push(line('None cited.'));
  return lines;
}

function technique(ids: string[], attack: string | undefined): Line[] {
  if (ids.length === 0) return [];
  return [
    line(
      clip(ids.slice(0, 20).join(', '), 300),
      piece(attack ? `  MITRE ATT&CK ${clip(attack, 20)}` : '  MITRE ATT&CK', 'muted'),
    ),
  ];
}

function origin({ rule, by, finding }: Told): Line[] {
  if (rule) {
    return [
      line('Machine-generated by rule ', piece(clip(rule.id), 'mono'), ` version ${clip(rule.version, 20)}`),
      small(piece(clip(finding.id), 'mono')),
    ];
  }
  return by ? [line(`Made by ${clip(by.examiner)}, ${time(by.time)}`)] : [];
}

function examiner({ finding, by }: Told): Line[] {
  const who = finding.statusBy ? ` by ${clip(finding.statusBy)}` : '';
  const status = by && !finding.statusBy ? 'Held by the examiner who made it' : `${STATUS[finding.status]}${who}`;
  const reason = finding.statusReason ? paragraphs(finding.statusReason) : [];
  return [line(piece(status, 'strong')), ...reason.map((text) => line(text))];
}
