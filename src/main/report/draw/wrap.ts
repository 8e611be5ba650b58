import type { Piece } from '../types';
import type { FontId, Fonts } from './fonts';
import { COLOUR, type Face, MONO_SCALE, type Setting } from './style';

/** A stretch of text as it is drawn. */
export interface Run {
  font: FontId;
  text: string;
  size: number;
  colour: string;
  width: number;
  to?: string;
}

export interface TextLine {
  runs: Run[];
  width: number;
  leading: number;
  /** From the top of the line to its baseline. */
  ascent: number;
}

/** Breaks text into lines no wider than `width`; a word that is wider is broken, after a separator where there is one. */
export function wrap(fonts: Fonts, pieces: readonly Piece[], setting: Setting, width: number): TextLine[] {
  const lines: TextLine[] = [];
  let line = newLine(setting);
  const endLine = () => {
    trimEnd(fonts, line);
    lines.push(line);
    line = newLine(setting);
  };
  /** A word that is wider than a line, from where the line stands. */
  const fill = (word: string, font: FontId, scale: number, add: (text: string, advance: number) => void) => {
    let rest = word;
    while (rest !== '') {
      const fits = breakAt(fonts, rest, font, scale, width - line.width);
      if (fits === 0 && line.runs.length > 0) {
        endLine();
        continue;
      }
      const head = rest.slice(0, Math.max(fits, firstLength(rest)));
      add(head, fonts.width(head, font) * scale);
      rest = rest.slice(head.length);
      if (rest !== '') endLine();
    }
  };
  for (const piece of pieces) {
    const style = styleOf(piece, setting);
    for (const shaped of fonts.shape(piece.text, style.face)) {
      const scale = style.size / 1000;
      const add = (text: string, advance: number) =>
        put(line, { font: shaped.font, text, size: style.size, colour: style.colour, width: advance, to: piece.to });
      for (const token of shaped.text.match(/[^ ]+| +/g) ?? []) {
        const size = fonts.width(token, shaped.font) * scale;
        if (token.startsWith(' ')) {
          // Blanks at the end of a line hang out of it; at the start of a wrapped line they are left out.
          if (line.runs.length > 0 || lines.length === 0) add(token, size);
          continue;
        }
        if (line.width + size > width && line.runs.length > 0 && size <= width) endLine();
        if (line.width + size <= width) add(token, size);
        else fill(token, shaped.font, scale, add);
      }
    }
  }
  if (line.runs.length > 0 || lines.length === 0) endLine();
  return lines;
}

/** The same, of at most so many lines; what does not fit is cut with a mark. */
export function wrapWithin(
  fonts: Fonts,
  pieces: readonly Piece[],
  setting: Setting,
  width: number,
  most: number,
): TextLine[] {
  const lines = wrap(fonts, pieces, setting, width);
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  const last = kept.at(-1)?.runs.at(-1);
  if (!last) return kept;
  // Three letters make room for the mark, whatever the letters.
  const text = `${[...last.text].slice(0, -3).join('')}…`;
  const cut = fonts.width(text, last.font) * last.size * 0.001;
  const line = kept.at(-1);
  if (line) line.width += cut - last.width;
  last.text = text;
  last.width = cut;
  return kept;
}

function newLine(setting: Setting): TextLine {
  return { runs: [], width: 0, leading: setting.leading, ascent: (setting.leading + setting.size * 0.72) / 2 };
}

function put(line: TextLine, run: Run): void {
  const last = line.runs.at(-1);
  line.width += run.width;
  if (last && last.font === run.font && last.size === run.size && last.colour === run.colour && last.to === run.to) {
    last.text += run.text;
    last.width += run.width;
  } else line.runs.push(run);
}

/** Blanks at the end are not drawn: they would be underlined, linked and measured. */
function trimEnd(fonts: Fonts, line: TextLine): void {
  for (let last = line.runs.at(-1); last; last = line.runs.at(-1)) {
    const text = last.text.replace(/ +$/, '');
    if (text.length === last.text.length) return;
    const width = (fonts.width(text, last.font) * last.size) / 1000;
    line.width -= last.width - width;
    last.text = text;
    last.width = width;
    if (text !== '') return;
    line.runs.pop();
  }
}

const GOOD_BREAK = /[/,;:.\-_=&?|)\]}]/;

/** How many characters of a word fit into `room`; after a separator if one is in the last third of them. */
function breakAt(fonts: Fonts, word: string, font: FontId, scale: number, room: number): number {
  let used = 0;
  let good = 0;
  let at = 0;
  for (const char of word) {
    used += fonts.width(char, font) * scale;
    if (used > room) return good > at * 0.66 ? good : at;
    at += char.length;
    if (GOOD_BREAK.test(char)) good = at;
  }
  return at;
}

function firstLength(text: string): number {
  return (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1;
}

function styleOf(piece: Piece, setting: Setting): { face: Face; size: number; colour: string } {
  const { face, size } = setting;
  switch (piece.look) {
    case 'strong':
      return { face: 'bold', size, colour: COLOUR.text };
    case 'mono':
      return { face: 'mono', size: size * MONO_SCALE, colour: COLOUR.text };
    case 'muted':
      return { face, size, colour: COLOUR.muted };
    case 'accent':
      return { face: 'bold', size, colour: COLOUR.accent };
    default:
      return { face, size, colour: piece.to ? COLOUR.accent : COLOUR.text };
  }
}
