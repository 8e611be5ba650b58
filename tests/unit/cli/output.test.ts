import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesText,
  clip,
  count,
  offsetText,
  painter,
  shortId,
  table,
  targetText,
  width,
} from '../../../src/main/cli/format';
import { csvText, jsonText } from '../../../src/main/cli/output';

/** A reader of RFC 4180 of its own, so that the writer is not checked by itself. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let at = 0;
  while (at < text.length) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; ; at++) {
        if (text[at] === '"' && text[at + 1] === '"') cell += text[at++];
        else if (text[at] === '"') break;
        else cell += text[at];
      }
      at++;
    } else while (at < text.length && text[at] !== ',' && text[at] !== '\r') cell += text[at++];
    rows.at(-1)?.push(cell);
    if (text[at] === '\r') {
      at += 2;
      if (at < text.length) rows.push([]);
    } else at++;
  }
  return rows;
}

describe('csv', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['  =1', "'  =1"],
    ['\n=1', "'\n=1"],
    ['\uff1d1', "'\uff1d1"],
    ['a=1', 'a=1'],
    ['', ''],
    ['say "x", y;z', 'say "x", y;z'],
    ['two\nlines', 'two\nlines'],
    ['\u001b[31mred', '␛[31mred'],
  ])('%j becomes the cell %j', (given, cell) => {
    expect(parseCsv(csvText(['h'], [[given]]))).toEqual([['h'], [cell]]);
  });

  it('leaves numbers numbers and empty cells empty', () => {
    expect(csvText(['a', 'b', 'c', 'd'], [[-5, true, undefined, null]])).toBe('"a","b","c","d"\r\n-5,true,,\r\n');
  });

  it('never lets a text begin like a formula, and loses no cell', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string()), { minLength: 1 }), (rows) => {
        const parsed = parseCsv(csvText(['a', 'b'], rows));
        expect(parsed).toHaveLength(rows.length + 1);
        for (const row of parsed) {
          expect(row).toHaveLength(2);
          for (const cell of row) expect(cell.trimStart()).not.toMatch(/^[=+\-@]/);
        }
      }),
    );
  });
});

describe('json', () => {
  it('means the same and cannot steer a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const written = jsonText({ text });
        expect(JSON.parse(written)).toEqual({ text });
        expect(written).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u200b-\u200f]/);
      }),
    );
    expect(jsonText(`\u009b\u202e\u{e0041}`)).toBe('"\\u009b\\u202e\\udb40\\udc41"\n');
  });
});

describe('words', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_960, '1.0 MB'],
    [1_500_000_000, '1.5 GB'],
    [9.1e18, '9100.0 PB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('counts, and shortens ids but nothing else', () => {
    expect(count(1, 'miss', 'misses')).toBe('1 miss');
    expect(count(0, 'exhibit')).toBe('0 exhibits');
    expect(shortId(`sha256:${'ab'.repeat(32)}`)).toBe('abababababab');
    expect(shortId('my-volume')).toBe('my-volume');
    expect(shortId('a\u001bb')).toBe('a␛b');
    expect(targetText({ kind: 'container', id: 'c'.repeat(64), name: '' })).toBe('container cccccccccccc');
  });

  it('tells a clock offset with its sign', () => {
    expect(offsetText(12.4)).toBe('+12 ms');
    expect(offsetText(-90_000)).toBe('-1 min 30 s');
  });

  it('aligns what is wide and what is right', () => {
    expect(width('日本e\u0301')).toBe(5);
    expect(
      table(
        [{ head: 'N' }, { head: 'BYTES', right: true }],
        [
          ['日本', '5'],
          ['x', '1234'],
        ],
      ),
    ).toBe('N     BYTES\n日本      5\nx      1234\n');
    expect(clip('日本語', 5)).toBe('日本…');
    expect(clip('abc', 3)).toBe('abc');
  });

  it('paints only where colour is wanted', () => {
    expect(painter(true, {})('red', 'x')).toBe('\u001b[31mx\u001b[0m');
    for (const paint of [painter(false, {}), painter(true, { NO_COLOR: '1' }), painter(true, { TERM: 'dumb' })]) {
      expect(paint('red', 'x')).toBe('x');
    }
  });
});
