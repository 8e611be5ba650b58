import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LadingError } from '../../../shared/errors';
import { packageRoot } from '../../root';
import type { Face } from './style';

const FILES = {
  regular: 'NotoSans-Regular.ttf',
  bold: 'NotoSans-Bold.ttf',
  mono: 'NotoSansMono-Regular.ttf',
  symbols: 'NotoSansSymbols2-Regular.ttf',
  fallback: 'DroidSansFallbackFull.ttf',
} as const;
export type FontId = keyof typeof FILES;

/** Where a character is looked for, by face. */
const CHAIN: Record<Face, FontId[]> = {
  regular: ['regular', 'symbols', 'mono', 'fallback'],
  bold: ['bold', 'symbols', 'mono', 'fallback'],
  mono: ['mono', 'symbols', 'regular', 'fallback'],
};

/** Combining marks on one letter beyond these are only counted: a pile of them would cover other lines. */
const MOST_MARKS = 2;

/** A stretch of text in one font; width in thousandths of the font size. */
export interface Shaped {
  font: FontId;
  text: string;
  width: number;
}

export interface Fonts {
  /** The text in fonts that have all its characters; a character that none has becomes `<U+XXXX>`. */
  shape(text: string, face: Face): Shaped[];
  /** Width of a text of which `font` has every character, in thousandths of the font size. */
  width(text: string, font: FontId): number;
}

/** The part of fontkit's font that is used. */
interface Glyphs {
  unitsPerEm: number;
  hasGlyphForCodePoint(code: number): boolean;
  glyphForCodePoint(code: number): Glyph;
}
interface Glyph {
  id: number;
  advanceWidth: number;
}

/** The part of pdfkit's EmbeddedFont that is used; pdfkit 0.20 does not export it. */
interface Embedded {
  font: Glyphs;
  layout(text: string, features?: unknown, onlyWidth?: boolean): unknown;
}

/**
 * Registers the report's fonts with a document. Their text is set glyph by glyph from the font's character map, without
 * shaping: names that a host made up cannot reach a shaping engine, widths are exact, and 5,000 hashes cost little.
 */
export function loadFonts(doc: PDFKit.PDFDocument): Fonts {
  for (const [id, file] of Object.entries(FILES)) doc.registerFont(id, readFileSync(join(fontFolder(), file)));
  const tables = new Map<FontId, (code: number) => number>();
  /** Advance in thousandths, or -1 where the font has no glyph. A font is opened when it is first asked. */
  const advance = (id: FontId, code: number): number => {
    let table = tables.get(id);
    if (!table) {
      const { font } = open(doc, id);
      const scale = 1000 / font.unitsPerEm;
      table = cached((at) => (font.hasGlyphForCodePoint(at) ? font.glyphForCodePoint(at).advanceWidth * scale : -1));
      tables.set(id, table);
    }
    return table(code);
  };
  const width = (text: string, font: FontId): number => {
    let sum = 0;
    for (const char of text) sum += Math.max(0, advance(font, char.codePointAt(0) ?? 0));
    return sum;
  };
  return {
    width,
    shape(text, face) {
      const runs: Shaped[] = [];
      let last: Shaped | undefined;
      const put = (font: FontId, char: string, size: number) => {
        if (last?.font === font) {
          last.text += char;
          last.width += size;
        } else {
          last = { font, text: char, width: size };
          runs.push(last);
        }
      };
      const primary = CHAIN[face][0] ?? 'regular';
      const say = (shown: string) => put(primary, shown, width(shown, primary));
      let marks = 0;
      const endMarks = () => {
        if (marks > MOST_MARKS) say(`<${marks - MOST_MARKS} more marks>`);
        marks = 0;
      };
      for (const char of text) {
        const code = char.codePointAt(0) ?? 0;
        if (code < 0x7f && code >= 0x20) {
          if (marks > 0) endMarks();
          put(primary, char, advance(primary, code));
          continue;
        }
        if (!/\p{M}/u.test(char)) endMarks();
        else if (++marks > MOST_MARKS) continue;
        const font = CHAIN[face].find((id) => advance(id, code) >= 0);
        if (font) put(font, char, advance(font, code));
        else say(`<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`);
      }
      endMarks();
      return runs;
    },
  };
}

function open(doc: PDFKit.PDFDocument, id: FontId): Embedded {
  doc.font(id);
  const font: unknown = Reflect.get(doc, '_font');
  if (!isEmbedded(font)) throw new LadingError('INTERNAL', `The font ${FILES[id]} could not be opened.`);
  const glyph = cached((code: number) => font.font.glyphForCodePoint(code));
  const scale = 1000 / font.font.unitsPerEm;
  font.layout = (text, _features, onlyWidth) => layout(glyph, scale, text, onlyWidth === true);
  return font;
}

function isEmbedded(value: unknown): value is Embedded {
  if (typeof value !== 'object' || value === null || !('layout' in value) || !('font' in value)) return false;
  const { font } = value;
  return typeof font === 'object' && font !== null && 'glyphForCodePoint' in font && 'unitsPerEm' in font;
}

/** What pdfkit's EmbeddedFont.layout gives, one glyph a character. */
function layout(glyphOf: (code: number) => Glyph, scale: number, text: string, onlyWidth: boolean) {
  const glyphs: Glyph[] = [];
  const positions: { xAdvance: number; yAdvance: number; xOffset: number; yOffset: number; advanceWidth: number }[] =
    [];
  let advanceWidth = 0;
  for (const char of text) {
    const glyph = glyphOf(char.codePointAt(0) ?? 0);
    const advance = glyph.advanceWidth * scale;
    advanceWidth += advance;
    if (onlyWidth) continue;
    glyphs.push(glyph);
    positions.push({ xAdvance: advance, yAdvance: 0, xOffset: 0, yOffset: 0, advanceWidth: advance });
  }
  return { glyphs, positions, advanceWidth };
}

/** fontkit walks the font's tables anew at each look-up. */
function cached<T>(compute: (code: number) => T): (code: number) => T {
  const known = new Map<number, T>();
  return (code) => {
    let value = known.get(code);
    if (value === undefined) {
      value = compute(code);
      known.set(code, value);
    }
    return value;
  };
}

/** `resources/fonts`. */
function fontFolder(): string {
  return join(packageRoot(), 'resources', 'fonts');
}
