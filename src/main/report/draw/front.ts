import type { Line, ModelSection, ReportModel } from '../types';
import { drawLines, type Flow } from './flow';
import { BODY_WIDTH, COLOUR, PAGE, type Setting, TYPE } from './style';
import { drawFacts } from './table';
import { wrap, wrapWithin } from './wrap';

const TITLE: Setting = { face: 'bold', size: 28, leading: 36 };
const CASE: Setting = { face: 'regular', size: 15, leading: 21 };
const AGENCY: Setting = { face: 'bold', size: 10, leading: 14 };

/** The title page. */
export function drawCover(flow: Flow, model: ReportModel): void {
  flow.newPage();
  const part = flow.canvas.root.child('Sect');
  flow.canvas.artifact((pen) => pen.fill(PAGE.left, 74, 54, 4, COLOUR.accent), 'Layout');
  flow.y = 96;
  if (model.agency) {
    const agency = part.child('P');
    flow.lines(
      agency,
      wrapWithin(flow.fonts, [{ text: model.agency, look: 'muted' }], AGENCY, BODY_WIDTH, 2),
      PAGE.left,
    );
    agency.end();
  }
  flow.y = 176;
  flow.canvas.bookmark(model.title, 1, 0);
  const title = part.child('H1');
  flow.lines(title, wrap(flow.fonts, [{ text: model.title }], TITLE, BODY_WIDTH), PAGE.left);
  title.end();
  flow.y += 8;
  const subject = part.child('P');
  const text = `Case ${model.caseNumber}: ${model.caseTitle}`;
  flow.lines(subject, wrapWithin(flow.fonts, [{ text, look: 'muted' }], CASE, BODY_WIDTH, 6), PAGE.left);
  subject.end();
  flow.y += 40;
  const rows = model.cover.map(([label, pieces]): [string, Line[]] => [label, [{ pieces }]]);
  drawFacts(flow, part, 'The case', rows);
  flow.y += 6;
  const note = part.child('P');
  const words =
    'The results relate only to the items examined. Findings marked machine-generated were made by rules and are statements of the examiner only where confirmed. All times are UTC.';
  flow.lines(note, wrap(flow.fonts, [{ text: words, look: 'muted' }], TYPE.small, BODY_WIDTH * 0.8), PAGE.left);
  note.end();
  part.end();
}

/** The table of contents: one line a section, each a link. */
export function drawContents(flow: Flow, sections: { number: string; section: ModelSection }[]): void {
  flow.newPage();
  const part = flow.canvas.root.child('Sect');
  flow.canvas.bookmark('Contents', 1, flow.y);
  const heading = part.child('H2');
  flow.lines(heading, wrap(flow.fonts, [{ text: 'Contents', look: 'accent' }], TYPE.section, BODY_WIDTH), PAGE.left);
  heading.end();
  flow.y += 14;
  const contents = part.child('TOC');
  const setting: Setting = { ...TYPE.body, size: 10, leading: 24 };
  for (const { number, section } of sections) {
    flow.need(setting.leading);
    const { y } = flow;
    const to = sectionAnchor(section.id);
    const item = contents.child('TOCI');
    const link = item.child('Link');
    const page = String(flow.pageOf(section.id) ?? '');
    const [pageLine] = wrap(flow.fonts, [{ text: page }], setting, 60);
    const title = wrapWithin(flow.fonts, [{ text: section.title }], setting, BODY_WIDTH - 90, 1);
    drawLines(link, wrap(flow.fonts, [{ text: number, look: 'muted' }], setting, 30), PAGE.left, y);
    drawLines(link, title, PAGE.left + 30, y);
    if (pageLine) drawLines(link, [pageLine], PAGE.left + BODY_WIDTH - pageLine.width, y);
    link.link(to, `${number} ${section.title}, page ${page}`, PAGE.left, y, BODY_WIDTH, setting.leading);
    item.end();
    flow.canvas.artifact((pen) => pen.rule(PAGE.left, y + setting.leading, BODY_WIDTH, COLOUR.hairline), 'Layout');
    flow.y += setting.leading;
  }
  contents.end();
  part.end();
}

export function sectionAnchor(id: string): string {
  return `section-${id}`;
}
