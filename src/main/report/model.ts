import { z } from 'zod';
import { custody, notes } from './content/custody';
import { exhibits, misses } from './content/exhibits';
import { machineFindings, ownFindings, summary } from './content/findings';
import { bytes, clip, count, day, piece, time } from './content/format';
import { glossary } from './content/glossary';
import { hosts } from './content/hosts';
import { investigations } from './content/investigations';
import { ledger } from './content/ledger';
import { limits } from './content/limits';
import { method } from './content/method';
import { scriptTexts } from './content/scripts';
import { verification } from './content/verification';
import { declaration, examiner, written } from './content/written';
import type { ReportInput } from './input';
import { reportSections } from './sections';
import type { Block, Piece, ReportModel } from './types';

/** Signed, or torn off and read by itself. */
const APART = new Set(['declaration', 'ledger', 'scripts', 'glossary']);

const MADE: Record<string, (input: ReportInput) => Block[]> = {
  summary,
  qualifications: examiner,
  hosts,
  method,
  exhibits,
  misses,
  findings: machineFindings,
  'own-findings': ownFindings,
  investigations,
  notes,
  custody,
  verification,
  limits,
  declaration,
  ledger,
  scripts: scriptTexts,
  glossary,
};

/**
 * What the report says, from what the case says: no clock, no file, nothing but its input, so that the same case gives the
 * same report. Throws BAD_INPUT for an unknown declaration.
 */
export function buildModel(input: ReportInput): ReportModel {
  const { data, tool, options } = input;
  const omitted = new Set(options.omit);
  return {
    title: 'Report of Examination',
    caseNumber: clip(data.number, 80),
    caseTitle: clip(data.title, 300),
    agency: data.agency === undefined ? undefined : clip(data.agency, 200),
    examiner: clip(data.examiner, 120),
    date: z.iso.datetime().parse(input.now),
    tool: clip(`${tool.name} ${tool.version}`, 80),
    language: 'en-GB',
    cover: cover(input),
    sections: reportSections()
      .filter((section) => !(section.optional && omitted.has(section.id)))
      .map(({ id, title }) => ({ id, title, apart: APART.has(id), blocks: MADE[id]?.(input) ?? written(input, id) })),
  };
}

function cover({ data, records, now, tool }: ReportInput): [string, Piece[]][] {
  const seal = data.seals.at(-1);
  const total = records.reduce((sum, record) => sum + record.bytes, 0);
  return [
    ['Case number', [piece(clip(data.number), 'strong')]],
    ['Title', [piece(clip(data.title, 600))]],
    ['Agency', [piece(clip(data.agency ?? 'not stated', 500))]],
    ['Examiner', [piece(clip(data.examiner))]],
    ['Date of report', [piece(`${day(now)} (${time(now)})`)]],
    ['Case opened', [piece(time(data.created))]],
    [
      'Evidence',
      [piece(`${count(records.length, 'exhibit')} from ${count(data.hosts.length, 'host')}, ${bytes(total)}`)],
    ],
    ['Ledger', [piece(`head at entry ${data.head.seq}, SHA-256 `), piece(clip(data.head.hash), 'mono')]],
    ['Seal', [piece(seal ? `entry ${seal.seq}, ${time(seal.time)}` : 'not sealed')]],
    ['Tool', [piece(clip(`${tool.name} ${tool.version}`))]],
  ];
}
