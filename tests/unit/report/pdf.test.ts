import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/main/report/model';
import { renderPdf } from '../../../src/main/report/pdf';
import { reportSections } from '../../../src/main/report/sections';
import { fixture } from './fixture';
import { ALL_HOSTILE, HOSTILE } from './hostile';
import { type Read, readPdf } from './read';

const MARGIN = 60;

/** Texts that stand outside the margins, or over one another's edge of the page. */
function outside(read: Read): string[] {
  return read.pages.flatMap((page, i) =>
    page.items
      .filter((item) => item.text.trim() !== '')
      .filter(({ x, y, width }) => x < MARGIN || x + width > page.width - MARGIN || y < 30 || y > page.height - 30)
      .map((item) => `page ${i + 1}: ${item.text.slice(0, 60)}`),
  );
}

describe('renderPdf', { timeout: 90_000 }, () => {
  it('gives the same bytes for the same model, and others for another', async () => {
    const one = await renderPdf(buildModel(fixture()));
    const two = await renderPdf(buildModel(fixture()));
    expect(createHash('sha256').update(one.bytes).digest('hex')).toBe(
      createHash('sha256').update(two.bytes).digest('hex'),
    );
    const later = await renderPdf(buildModel({ ...fixture(), now: '2026-11-25T10:00:01.000Z' }));
    const id = (bytes: Buffer) => /\/ID \[(<[0-9a-f]+>)/.exec(bytes.toString('latin1'))?.[1];
    expect(id(one.bytes)).toBeDefined();
    expect(id(later.bytes)).not.toBe(id(one.bytes));
    expect(one.bytes.toString('latin1')).toContain('(D:20261125100000Z)');
  });

  it('numbers every page and names the case on it', async () => {
    const { bytes, pages } = await renderPdf(buildModel(fixture()));
    const read = await readPdf(bytes);
    expect(read.pages).toHaveLength(pages);
    for (const [i, page] of read.pages.entries()) {
      expect(page.text).toContain(`Page ${i + 1} of ${pages}`);
      expect(page.text).toContain('Case FL-2026-0117');
    }
  });

  it('has contents that name the right pages, bookmarks, and links that all lead somewhere', async () => {
    const read = await readPdf((await renderPdf(buildModel(fixture()))).bytes, { tags: true });
    const contents = read.pages[1]?.items.map((item) => item.text).filter((text) => text.trim() !== '') ?? [];
    for (const section of reportSections()) {
      const at = contents.indexOf(section.title);
      expect(at, section.title).toBeGreaterThan(0);
      const page = read.pages[Number(contents[at + 1]) - 1];
      const heading = new RegExp(`^(\\d+|[A-Z])\\s+${section.title}$`, 'm');
      expect(page?.text, section.title).toMatch(heading);
    }
    expect(read.outline.length).toBe(reportSections().length + 2);
    expect(read.outline.flatMap((one) => one.items).some((one) => one.title.startsWith('F1 '))).toBe(true);
    expect(read.links.length).toBeGreaterThan(20);
    expect(read.links.filter((link) => !read.names.has(link))).toEqual([]);
    for (const tag of [
      'Document',
      'Sect',
      'H1',
      'H2',
      'H3',
      'P',
      'L',
      'LI',
      'LBody',
      'Table',
      'TR',
      'TH',
      'TD',
      'TOC',
      'Link',
    ]) {
      expect(read.tags, tag).toContain(tag);
    }
  });

  it('prints every SHA-256 whole and in one piece', async () => {
    const input = fixture();
    const read = await readPdf((await renderPdf(buildModel(input))).bytes);
    const pieces = new Set(read.pages.flatMap((page) => page.items.map((item) => item.text)));
    expect(input.records.filter((record) => !pieces.has(record.sha256))).toEqual([]);
    expect(pieces).toContain(input.data.head.hash);
  });

  it('repeats the head of a table on each of its pages', async () => {
    const read = await readPdf((await renderPdf(buildModel(fixture({ exhibits: 60 })))).bytes);
    const pages = read.pages.filter((page) => /^E00\d\d$/m.test(page.text) && page.text.includes('SHA-256'));
    const inTable = pages.filter((page) => page.text.includes('collector '));
    expect(inTable.length).toBeGreaterThan(5);
    for (const page of inTable) expect(page.text).toContain('Begun and ended');
  });

  it('stays within its margins', async () => {
    expect(outside(await readPdf((await renderPdf(buildModel(fixture()))).bytes))).toEqual([]);
  });

  it.each(Object.entries(HOSTILE))('is whole and within its margins with hostile text: %s', async (_, text) => {
    const input = fixture({ exhibits: 9, hostText: text, writtenText: text });
    input.data.number = text;
    input.data.examiner = text;
    const { bytes, pages } = await renderPdf(buildModel(input)); // about 0.2 s; the time limit is the test's
    const read = await readPdf(bytes);
    expect(read.pages).toHaveLength(pages);
    expect(outside(read)).toEqual([]);
    expect(read.pages.at(-1)?.text).toContain(`Page ${pages} of ${pages}`);
  });

  it('shows a character that no font has by its code point', async () => {
    const read = await readPdf(
      (await renderPdf(buildModel(fixture({ exhibits: 3, hostText: HOSTILE.scripts })))).bytes,
    );
    const text = read.pages.map((page) => page.text.replaceAll('\n', '')).join('');
    expect(text).toContain('漢字');
    expect(text).toContain('<U+1F525>');
    expect(text).toContain('<U+0645>');
  });

  it('splits a row that is longer than a page and loses none of it', async () => {
    const input = fixture({ exhibits: 3 });
    const words = Array.from({ length: 4_000 }, (_, i) => `word${i}`);
    const [note] = input.data.notes;
    const version = note?.versions.at(-1);
    if (version) version.text = words.join(' ');
    const read = await readPdf((await renderPdf(buildModel(input))).bytes);
    const found = new Set(read.pages.flatMap((page) => page.text.split(/\s+/)));
    expect(words.filter((word) => !found.has(word))).toEqual([]);
  });

  it('lets other work go on while it draws, and draws hundreds of exhibits in seconds', async () => {
    const model = buildModel(fixture({ exhibits: 600, hostText: ALL_HOSTILE.slice(0, 300) }));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const begun = performance.now();
    const { pages } = await renderPdf(model);
    clearInterval(timer);
    expect(pages).toBeGreaterThan(100);
    expect(turns).toBeGreaterThan(20);
    expect(performance.now() - begun).toBeLessThan(60_000); // about 2 s on a quiet machine
  });
});
