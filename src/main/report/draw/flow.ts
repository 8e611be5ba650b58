import type { ReportModel } from '../types';
import type { Canvas, Element } from './canvas';
import type { Fonts } from './fonts';
import { BODY_BOTTOM, BODY_WIDTH, COLOUR, PAGE, TYPE } from './style';
import { type TextLine, wrapWithin } from './wrap';

/** Milliseconds of work between two breaths: less than a person notices. */
const BREATH_EVERY = 20;

/** What the first pass found: on which page each section begins, and how many pages there are. */
export interface Layout {
  pages: number;
  sections: Map<string, number>;
}

/** Where the next line goes. Everything drawn asks it for room, and it begins pages when there is none. */
export class Flow {
  y: number = PAGE.top;
  /** Number of the current page, from 1. */
  page = 0;
  readonly found: Layout = { pages: 0, sections: new Map() };
  readonly canvas: Canvas;
  readonly fonts: Fonts;
  readonly #model: ReportModel;
  readonly #known: Layout | undefined;
  #breath = performance.now();

  /** `known` is what the first pass found; without it page counts are not shown. */
  constructor(canvas: Canvas, fonts: Fonts, model: ReportModel, known?: Layout) {
    this.canvas = canvas;
    this.fonts = fonts;
    this.#model = model;
    this.#known = known;
  }

  get room(): number {
    return BODY_BOTTOM - this.y;
  }

  /** Lets other work of this thread go on, every few milliseconds: a report of a thousand pages takes seconds. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#breath < BREATH_EVERY) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#breath = performance.now();
  }

  /** The page a section begins on, as the first pass found it. */
  pageOf(section: string): number | undefined {
    return this.#known?.sections.get(section);
  }

  newPage(): void {
    this.canvas.page();
    this.page++;
    this.found.pages = this.page;
    this.y = PAGE.top;
    this.canvas.artifact((pen) => {
      const place = (text: string, y: number, side: 'left' | 'right') => {
        const [line] = wrapWithin(this.fonts, [{ text, look: 'muted' }], TYPE.running, BODY_WIDTH * 0.62, 1);
        if (!line) return;
        drawLine(pen, line, side === 'left' ? PAGE.left : PAGE.left + BODY_WIDTH - line.width, y);
      };
      const { title, caseNumber, tool } = this.#model;
      const foot = PAGE.height - 44;
      pen.rule(PAGE.left, foot - 8, BODY_WIDTH, COLOUR.hairline);
      place(`Case ${caseNumber}`, foot + 4, 'left');
      place(`Page ${this.page} of ${this.#known?.pages ?? this.page}`, foot + 4, 'right');
      if (this.page === 1) return;
      place(title, 46, 'left');
      place(tool, 46, 'right');
      pen.rule(PAGE.left, 54, BODY_WIDTH, COLOUR.hairline);
    }, 'Pagination');
  }

  /** Begins a new page unless so many points are left on this one. */
  need(points: number): void {
    if (this.page === 0 || (this.room < points && this.y > PAGE.top)) this.newPage();
  }

  /** Empty space, swallowed at the top of a page. */
  gap(points: number): void {
    if (this.y > PAGE.top) this.y += points;
  }

  /** Draws lines downwards from here as content of `element`, over as many pages as they take. */
  lines(element: Element, lines: readonly TextLine[], x: number): void {
    let index = 0;
    while (index < lines.length) {
      this.need(lines[index]?.leading ?? 0);
      let height = 0;
      let end = index;
      for (let line = lines[end]; line && height + line.leading <= this.room; line = lines[++end])
        height += line.leading;
      if (end === index) end++;
      // A single line is not left alone at the top of the next page.
      if (end === lines.length - 1 && end - index > 1) end--;
      this.y += drawLines(element, lines.slice(index, end), x, this.y);
      index = end;
      if (index < lines.length) this.newPage();
    }
  }
}

function drawLine(pen: Parameters<Parameters<Element['content']>[0]>[0], line: TextLine, x: number, y: number): void {
  let at = x;
  for (const run of line.runs) {
    pen.text(run, at, y);
    at += run.width;
  }
}

/** Draws lines as content of `element`, links as elements of their own within it; gives their height. */
export function drawLines(element: Element, lines: readonly TextLine[], x: number, top: number): number {
  let y = top;
  let plain: { line: TextLine; y: number }[] = [];
  const flush = () => {
    const held = plain;
    plain = [];
    if (held.length > 0) {
      element.content((pen) => {
        for (const { line, y: at } of held) drawLine(pen, line, x, at);
      });
    }
  };
  for (const line of lines) {
    const baseline = y + line.ascent;
    if (line.runs.some((run) => run.to !== undefined)) {
      flush();
      drawLinked(element, line, x, baseline, y);
    } else if (line.runs.length > 0) plain.push({ line, y: baseline });
    y += line.leading;
  }
  flush();
  return y - top;
}

function drawLinked(element: Element, line: TextLine, x: number, baseline: number, top: number): void {
  let at = x;
  for (const run of line.runs) {
    const from = at;
    at += run.width;
    if (run.to === undefined) {
      element.content((pen) => pen.text(run, from, baseline));
      continue;
    }
    const link = element.child('Link');
    link.content((pen) => pen.text(run, from, baseline));
    link.link(run.to, run.text, from, top, run.width, line.leading);
  }
}
