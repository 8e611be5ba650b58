import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';

export interface Item {
  text: string;
  x: number;
  /** From the bottom of the page. */
  y: number;
  width: number;
}
export interface Read {
  pages: { width: number; height: number; items: Item[]; text: string }[];
  outline: { title: string; items: { title: string }[] }[];
  /** Names that links point to, and names that exist. */
  links: string[];
  names: Set<string>;
  tags: Set<string>;
}

/** Reads a PDF with a reader that is not ours. */
export async function readPdf(bytes: Buffer, options: { tags?: boolean } = {}): Promise<Read> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0, useSystemFonts: false });
  const pdf = await task.promise;
  const read: Read = { pages: [], outline: [], links: [], names: new Set(), tags: new Set() };
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const [, , width = 0, height = 0] = page.view;
    const content = await page.getTextContent();
    const items = content.items.flatMap((item): Item[] =>
      'str' in item ? [{ text: item.str, x: item.transform[4], y: item.transform[5], width: item.width }] : [],
    );
    read.pages.push({ width, height, items, text: items.map((item) => item.text).join('\n') });
    for (const annotation of await page.getAnnotations()) {
      if (typeof annotation.dest === 'string') read.links.push(annotation.dest);
    }
    if (options.tags) collect(await page.getStructTree(), read.tags);
  }
  const outline = await pdf.getOutline();
  read.outline = (outline ?? []).map(({ title, items }) => ({
    title,
    items: items.map((item) => ({ title: item.title })),
  }));
  read.names = new Set(Object.keys((await pdf.getDestinations()) ?? {}));
  await task.destroy();
  return read;
}

function collect(node: unknown, into: Set<string>): void {
  if (typeof node !== 'object' || node === null) return;
  if ('role' in node && typeof node.role === 'string') into.add(node.role);
  if ('children' in node && Array.isArray(node.children)) for (const child of node.children) collect(child, into);
}
