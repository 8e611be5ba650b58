import type { Block, Piece } from '../types';
import type { Element } from './canvas';
import type { Flow } from './flow';
import { drawLines } from './flow';
import { BODY_HEIGHT, BODY_WIDTH, COLOUR, PAGE, TYPE } from './style';
import { drawFacts, drawTable, factsHeight } from './table';
import { wrap, wrapWithin } from './wrap';

/** A heading and its facts stay on one page when they take no more of it than this. */
const TOGETHER = BODY_HEIGHT * 0.5;

/** Room that the beginning of a section needs below its title, so that the title does not stand alone. */
export function startHeight(flow: Flow, [first, second]: readonly Block[]): number {
  if (first?.kind !== 'heading' || second?.kind !== 'facts') return 0;
  const keep = factsHeight(flow, second.rows);
  return keep <= TOGETHER ? keep + 60 : 0;
}

/** Draws a section's blocks below what is there. */
export async function drawBlocks(flow: Flow, section: Element, blocks: readonly Block[]): Promise<void> {
  for (const [i, block] of blocks.entries()) {
    const next = blocks[i + 1];
    if (block.kind === 'heading' && next?.kind === 'facts') {
      const code = blocks[i + 2]?.kind === 'code' ? 140 : 0; // facts of a text: with its first lines
      const keep = factsHeight(flow, next.rows) + code;
      await drawBlock(flow, section, keep <= TOGETHER ? { ...block, keep: keep + 8 } : block);
    } else await drawBlock(flow, section, block);
  }
}

async function drawBlock(flow: Flow, section: Element, block: Block): Promise<void> {
  await flow.breathe();
  switch (block.kind) {
    case 'heading':
      drawHeading(flow, section, block);
      break;
    case 'paragraph':
      drawParagraph(flow, section, block.pieces, block.look);
      break;
    case 'list':
      drawList(flow, section, block.items);
      break;
    case 'code':
      drawCode(flow, section, block.lines);
      break;
    case 'facts':
      drawFacts(flow, section, block.caption, block.rows);
      break;
    case 'table':
      await drawTable(flow, section, block.caption, block.columns, block.rows);
      break;
    case 'signature':
      drawSignature(flow, section, block.lines);
      break;
  }
}

function drawHeading(flow: Flow, section: Element, block: Extract<Block, { kind: 'heading' }>): void {
  const lines = wrap(flow.fonts, [{ text: block.text }], TYPE.heading, BODY_WIDTH);
  flow.gap(10);
  flow.need(lines.length * TYPE.heading.leading + (block.keep ?? 60)); // never alone at the foot of a page
  if (block.anchor) flow.canvas.anchor(block.anchor, flow.y);
  if (block.outline) flow.canvas.bookmark(block.text, 2, flow.y);
  const element = section.child('H3');
  flow.lines(element, lines, PAGE.left);
  element.end();
  flow.y += 5;
}

function drawParagraph(flow: Flow, section: Element, pieces: Piece[], look?: 'lead' | 'small' | 'note'): void {
  const setting = look === 'lead' ? TYPE.lead : look === 'small' ? TYPE.small : TYPE.body;
  const inset = look === 'note' ? 12 : 0;
  const lines = wrap(flow.fonts, pieces, setting, BODY_WIDTH - 2 * inset);
  const element = section.child('P');
  if (inset > 0) {
    const tall = lines.length * setting.leading + 12;
    flow.need(tall);
    const top = flow.y;
    flow.canvas.artifact((pen) => {
      pen.fill(PAGE.left, top, BODY_WIDTH, tall, COLOUR.note);
      pen.fill(PAGE.left, top, 2.5, tall, COLOUR.accent);
    }, 'Layout');
    flow.y += 6;
  } else flow.need(Math.min(lines.length, 2) * setting.leading);
  flow.lines(element, lines, PAGE.left + inset);
  element.end();
  flow.gap(inset > 0 ? 14 : 7);
}

function drawList(flow: Flow, section: Element, items: Piece[][]): void {
  const indent = 14;
  const list = section.child('L');
  for (const item of items) {
    const lines = wrap(flow.fonts, item, TYPE.body, BODY_WIDTH - indent);
    flow.need(Math.min(lines.length, 2) * TYPE.body.leading);
    const element = list.child('LI');
    const bullet = wrap(flow.fonts, [{ text: '•', look: 'accent' }], TYPE.body, indent);
    const label = element.child('Lbl');
    drawLines(label, bullet, PAGE.left + 2, flow.y);
    label.end();
    const body = element.child('LBody');
    flow.lines(body, lines, PAGE.left + indent);
    element.end();
    flow.gap(4);
  }
  list.end();
  flow.gap(6);
}

function drawCode(flow: Flow, section: Element, code: string[]): void {
  const { leading } = TYPE.code;
  const pad = 6;
  const lines = code.flatMap((text) => wrap(flow.fonts, [{ text }], TYPE.code, BODY_WIDTH - 20));
  flow.need(Math.min(lines.length, 12) * leading + 2 * pad);
  const element = section.child('P');
  for (let index = 0; index < lines.length; ) {
    flow.need(leading + 2 * pad);
    const fits = Math.max(1, Math.floor((flow.room - 2 * pad) / leading));
    const part = lines.slice(index, index + fits);
    const top = flow.y;
    const tall = part.length * leading + 2 * pad;
    flow.canvas.artifact((pen) => pen.fill(PAGE.left, top, BODY_WIDTH, tall, COLOUR.head), 'Layout');
    drawLines(element, part, PAGE.left + 10, top + pad);
    flow.y += tall;
    index += part.length;
    if (index < lines.length) flow.newPage();
  }
  element.end();
  flow.gap(9);
}

function drawSignature(flow: Flow, section: Element, lines: { label: string; value?: string }[]): void {
  const labelWidth = 120;
  const tall = 30;
  flow.need(Math.min(lines.length, 6) * tall);
  for (const { label, value } of lines) {
    flow.need(tall);
    const baseline = flow.y + tall - 8;
    const pieces: Piece[] = [{ text: label, look: 'muted' }];
    const element = section.child('P');
    drawLines(element, wrap(flow.fonts, pieces, TYPE.body, labelWidth), PAGE.left, baseline - 11);
    const x = PAGE.left + labelWidth;
    if (value) drawLines(element, wrapWithin(flow.fonts, [{ text: value }], TYPE.body, 260, 1), x, baseline - 11);
    element.end();
    flow.canvas.artifact((pen) => pen.rule(x, baseline + 3, 260, COLOUR.rule, 0.6), 'Layout');
    flow.y += tall;
  }
  flow.gap(14);
}
