import { PAGE } from './style';
import type { Run } from './wrap';

/** What can be put on a page. `y` of a text is its baseline. */
export interface Pen {
  text(run: Run, x: number, y: number): void;
  fill(x: number, y: number, width: number, height: number, colour: string): void;
  rule(x: number, y: number, width: number, colour: string, thickness?: number): void;
}

export interface TagOptions {
  title?: string;
  scope?: 'Row' | 'Column';
}

/** An element of the structure tree (PDF 32000-1, 14.7): what a screen reader reads, in order. */
export interface Element {
  child(tag: string, options?: TagOptions): Element;
  /** Draws onto the current page, as content of this element. */
  content(draw: (pen: Pen) => void): void;
  /** A link over a rectangle of the current page; `label` is what it is called. Ends the element. */
  link(to: string, label: string, x: number, y: number, width: number, height: number): void;
  end(): void;
}

export interface Canvas {
  page(): void;
  readonly root: Element;
  /** Draws what belongs to the page and not to the text: lines, backgrounds, running heads. */
  artifact(draw: (pen: Pen) => void, type: 'Layout' | 'Pagination'): void;
  /** Names a place on the current page for links. */
  anchor(name: string, y: number): void;
  bookmark(title: string, level: 1 | 2, y: number): void;
}

/** Draws nothing: for the first of the two passes, which only finds out on which page everything comes to lie. */
export function blindCanvas(): Canvas {
  const element: Element = { child: () => element, content: () => {}, link: () => {}, end: () => {} };
  return { root: element, page: () => {}, artifact: () => {}, anchor: () => {}, bookmark: () => {} };
}

/** Draws into a tagged pdfkit document; `onPage` is called before each page. */
export function pdfCanvas(doc: PDFKit.PDFDocument, onPage: () => void): Canvas {
  const pen: Pen = {
    text(run, x, y) {
      doc
        .font(run.font)
        .fontSize(run.size)
        .fillColor(run.colour)
        .text(run.text, x, y, { lineBreak: false, baseline: 'alphabetic' });
    },
    fill(x, y, width, height, colour) {
      doc.rect(x, y, width, height).fill(colour);
    },
    rule(x, y, width, colour, thickness = 0.5) {
      doc.rect(x, y - thickness / 2, width, thickness).fill(colour);
    },
  };
  const wrapElement = (struct: PDFKit.PDFStructureElement): Element => ({
    child(tag, options = {}) {
      const child = doc.struct(tag, options);
      struct.add(child);
      return wrapElement(child);
    },
    content(draw) {
      struct.add(() => draw(pen));
    },
    link(to, label, x, y, width, height) {
      // pdfkit passes these two on to the annotation: the element it belongs to, and its text alternative (PDF/UA-1, 7.18.5).
      const options = { structParent: struct, Contents: new String(label) };
      doc.goTo(x, y, width, height, to, options as unknown as PDFKit.Mixins.AnnotationOption);
      struct.end();
    },
    end: () => struct.end(),
  });
  const document = doc.struct('Document');
  doc.addStructure(document);
  let chapter: PDFKit.PDFOutline | undefined;
  return {
    root: wrapElement(document),
    page() {
      onPage();
      doc.addPage({ size: [PAGE.width, PAGE.height], margin: 0 });
    },
    artifact(draw, type) {
      doc.markContent('Artifact', { type });
      draw(pen);
      doc.endMarkedContent();
    },
    anchor(name, y) {
      doc.addNamedDestination(name, 'XYZ', 0, Math.max(0, y - 8), 0);
    },
    bookmark(title, level, y) {
      // `left` counts from the right edge: with the page's width the view begins at the left one.
      const options = { top: Math.max(0, y - 8), left: PAGE.width, expanded: false };
      const parent = level === 1 ? doc.outline : (chapter ?? doc.outline);
      const item = parent.addItem(title, options);
      if (level === 1) chapter = item;
    },
  };
}
