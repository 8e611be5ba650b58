import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newDocument } from '../../../src/main/report/draw/document';
import { loadFonts } from '../../../src/main/report/draw/fonts';
import { TYPE } from '../../../src/main/report/draw/style';
import { wrap, wrapWithin } from '../../../src/main/report/draw/wrap';
import { buildModel } from '../../../src/main/report/model';
import { fixture } from './fixture';

const fonts = loadFonts(newDocument(buildModel(fixture({ exhibits: 1 }))));
const textOf = (lines: ReturnType<typeof wrap>) => lines.map((line) => line.runs.map((run) => run.text).join(''));

describe('wrap', () => {
  it('breaks between words, and a long word after a separator', () => {
    expect(textOf(wrap(fonts, [{ text: 'one two three' }], TYPE.body, 40))).toEqual(['one two', 'three']);
    const path = '/var/lib/docker/overlay2/layers/diff/etc/passwd';
    const lines = textOf(wrap(fonts, [{ text: path, look: 'mono' }], TYPE.cell, 100));
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join('')).toBe(path);
    expect(lines.slice(0, -1).every((line) => line.endsWith('/') || line.length > 15)).toBe(true);
  });

  it('gives one empty line for nothing', () => {
    expect(textOf(wrap(fonts, [], TYPE.body, 100))).toEqual(['']);
    expect(textOf(wrap(fonts, [{ text: '' }], TYPE.body, 100))).toEqual(['']);
  });

  it('loses no letter and makes no line wider than asked, whatever the text and the width', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            text: fc.string({ unit: 'grapheme', maxLength: 80 }),
            look: fc.constantFrom('plain', 'mono', 'strong'),
          }),
          {
            maxLength: 4,
          },
        ),
        fc.integer({ min: 80, max: 500 }),
        (pieces, width) => {
          const lines = wrap(fonts, pieces as { text: string }[], TYPE.body, width);
          for (const line of lines) expect(line.width).toBeLessThanOrEqual(width + 0.001);
          const letters = (text: string) => text.replaceAll(' ', '');
          const shown = pieces.map(({ text, look }) =>
            fonts
              .shape(text, look === 'plain' ? 'regular' : look === 'mono' ? 'mono' : 'bold')
              .map((run) => run.text)
              .join(''),
          );
          expect(letters(textOf(lines).join(''))).toBe(letters(shown.join('')));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('ends for a width that holds not one letter', () => {
    expect(textOf(wrap(fonts, [{ text: 'abc' }], TYPE.body, 1))).toEqual(['a', 'b', 'c']);
  });

  it('takes a word of half a million letters without trouble', () => {
    const begun = performance.now();
    const lines = wrap(fonts, [{ text: 'x'.repeat(500_000) }], TYPE.body, 400);
    expect(performance.now() - begun).toBeLessThan(15_000);
    expect(textOf(lines).join('').length).toBe(500_000);
  });

  it('cuts with a mark where only so many lines may stand', () => {
    const lines = wrapWithin(fonts, [{ text: 'many words that do not fit here' }], TYPE.body, 60, 2);
    expect(lines).toHaveLength(2);
    expect(textOf(lines)[1]?.endsWith('…')).toBe(true);
    expect(lines[1]?.width).toBeLessThanOrEqual(60);
  });
});

describe('fonts', () => {
  it('falls back font by font, then to the code point', () => {
    expect(fonts.shape('aж', 'regular').map((run) => run.font)).toEqual(['regular']);
    expect(fonts.shape('a␛', 'regular').map((run) => run.font)).toEqual(['regular', 'symbols']);
    expect(fonts.shape('→', 'bold').map((run) => run.font)).toEqual(['mono']);
    expect(fonts.shape('漢', 'mono').map((run) => run.font)).toEqual(['fallback']);
    expect(fonts.shape('\u0645', 'regular').map((run) => run.text)).toEqual(['<U+0645>']);
  });

  it('does not let marks pile up on a letter', () => {
    const text = fonts
      .shape(`a${'\u0301'.repeat(5)}`, 'regular')
      .map((run) => run.text)
      .join('');
    expect(text).toBe('a\u0301\u0301<3 more marks>');
  });
});
