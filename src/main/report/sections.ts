import type { ReportSection } from '../../shared/contract/report';

const made = (id: string, title: string, guidance: string, optional = false): ReportSection => ({
  id,
  title,
  guidance,
  written: false,
  optional,
});
const written = (id: string, title: string, guidance: string): ReportSection => ({
  id,
  title,
  guidance,
  written: true,
  optional: false,
});

/**
 * The parts of a report in their order (SWGDE 18-Q-002, ISO 21043-5:2025). Those that are `written` hold what only the
 * examiner can say; the others are made from the case.
 */
const SECTIONS: ReportSection[] = [
  made('summary', 'Summary of findings', 'How many findings there are, and what each confirmed one says.'),
  written(
    'request',
    'Request and authority',
    'Who asked for the examination, when and for what; its scope; the legal authority (consent, warrant, contract); the matter and the persons concerned; facts and instructions that were given.',
  ),
  written(
    'qualifications',
    'Examiner',
    'Training, experience and accreditation; who else took part and did what; which statements rest on own knowledge.',
  ),
  made('hosts', 'Hosts', 'The machines examined, how they were reached, and their clocks.'),
  made('method', 'What was done and how', 'Collections, commands and calls, and what they left on the hosts.'),
  made('exhibits', 'Exhibits', 'Every file of evidence: what it is, how and when it was taken, its SHA-256.'),
  made('misses', 'Not taken, and why', 'What was looked for and not found, or could not be taken.'),
  made(
    'findings',
    'Machine-generated findings',
    'What the rules found, with the evidence cited and how it was judged.',
  ),
  made('own-findings', "Examiner's findings", 'What the examiner found beyond the rules.'),
  made(
    'investigations',
    'Investigations',
    'The questions of each scenario, what the evidence says to each, and what was not taken.',
    true,
  ),
  made('notes', "Examiner's notes", 'Notes made during the examination.', true),
  made('custody', 'Custody', 'Who held the case, hand-overs, seals.'),
  made('verification', 'Verification', 'The result of the last check, and how to repeat it without Lading.'),
  made('limits', 'Limits', 'What the results rest on and what they do not say.'),
  written(
    'opinion',
    'Opinion and conclusions',
    'What follows from the findings in your opinion, and on what it rests. Say what is fact and what is opinion, and deal with each other explanation.',
  ),
  made('declaration', 'Declaration and signature', 'The declaration chosen, and the place to sign.'),
  made('ledger', 'Appendix: custody ledger', 'Every entry of the ledger.', true),
  made('scripts', 'Appendix: scripts', 'The scripts run on the hosts, to the letter.', true),
  made('glossary', 'Appendix: terms and abbreviations', 'The words used in this report.', true),
];

/** The parts of a report, in order. */
export function reportSections(): ReportSection[] {
  return SECTIONS.map((section) => ({ ...section }));
}
