import { Readable } from 'node:stream';
import { drawBlocks, startHeight } from './draw/blocks';
import { blindCanvas, type Canvas, pdfCanvas } from './draw/canvas';
import { newDocument } from './draw/document';
import { Flow, type Layout } from './draw/flow';
import { type Fonts, loadFonts } from './draw/fonts';
import { drawContents, drawCover, sectionAnchor } from './draw/front';
import { BODY_WIDTH, PAGE, TYPE } from './draw/style';
import { wrap } from './draw/wrap';
import type { ModelSection, ReportModel } from './types';

/**
 * Draws a report as PDF/A-3a and PDF/UA-1 (ISO 19005-3, ISO 14289-1): tagged, with bookmarks, embedded fonts and no date but
 * the model's, so that the same model gives the same bytes. Goes over the pages twice, first without drawing, since the
 * contents and "page n of N" stand before what they count.
 */
export async function renderPdf(model: ReportModel): Promise<{ bytes: Buffer; pages: number }> {
  const doc = newDocument(model);
  const fonts = loadFonts(doc);
  const layout = await draw(blindCanvas(), fonts, model);
  const pieces: Buffer[] = [];
  // pdfkit gives its output in many small pieces: gathered page by page they take a tenth of the memory.
  const gather = () => {
    const piece: unknown = Reflect.apply(Readable.prototype.read, doc, []);
    if (piece instanceof Uint8Array) pieces.push(Buffer.from(piece));
  };
  await draw(pdfCanvas(doc, gather), fonts, model, layout);
  doc.end();
  gather();
  return { bytes: Buffer.concat(pieces), pages: layout.pages };
}

async function draw(canvas: Canvas, fonts: Fonts, model: ReportModel, known?: Layout): Promise<Layout> {
  const flow = new Flow(canvas, fonts, model, known);
  const sections = numbered(model.sections);
  drawCover(flow, model);
  drawContents(flow, sections);
  for (const { number, section } of sections) await drawSection(flow, number, section);
  canvas.root.end();
  return flow.found;
}

async function drawSection(flow: Flow, number: string, section: ModelSection): Promise<void> {
  const lines = wrap(flow.fonts, [{ text: `${number}  ${section.title}`, look: 'accent' }], TYPE.section, BODY_WIDTH);
  if (number === '1' || section.apart || flow.room < Math.max(190, 60 + startHeight(flow, section.blocks)))
    flow.newPage();
  else flow.gap(24);
  flow.found.sections.set(section.id, flow.page);
  flow.canvas.anchor(sectionAnchor(section.id), flow.y);
  flow.canvas.bookmark(`${number} ${section.title}`, 1, flow.y);
  const element = flow.canvas.root.child('Sect');
  const heading = element.child('H2');
  flow.lines(heading, lines, PAGE.left);
  heading.end();
  flow.y += 8;
  await drawBlocks(flow, element, section.blocks);
  element.end();
}

/** Sections are counted 1, 2, 3…, appendices A, B, C…. */
function numbered(sections: ModelSection[]): { number: string; section: ModelSection }[] {
  let sectionCount = 0;
  let appendixCount = 0;
  return sections.map((section) => ({
    section,
    number: section.title.startsWith('Appendix') ? String.fromCharCode(65 + appendixCount++) : String(++sectionCount),
  }));
}
