import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusedText, terminalFilter } from '../../../src/shared/terminal-filter';

const shown = (text: string) => terminalFilter().push(Buffer.from(text));
const kinds = (text: string) => {
  const filter = terminalFilter();
  filter.push(Buffer.from(text));
  return refusedText(filter.refused);
};

/** Everything a terminal would carry out in what was let through: control characters and whole sequences. */
const CARRIED_OUT = /\x1b(\[[0-9:;<=>?]*[ -/]*[@-~]|[()].|[^[()])|[\x00-\x1f\x7f-\x9f]/gs;
const HARMLESS =
  /^(\x1b\[[0-9:;]{0,60}[@A-HIJKLMPSTXZ`adefgmrsu]|\x1b\[\??\d+(;\d+)*[hl]|\x1b\[\d* q|\x1b\[!p|\x1b[()][AB012]|\x1b[78DEHM=>]|[\x07-\x0d])$/;

/** Pieces of which attacks are made, so that random ones come near to them. */
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(
    ...[
      '\x1b',
      '\x1b]',
      '\x1b]52;c;',
      '\x1b[',
      '\x1bP',
      '\x1b_',
      '\x1b\\',
      '\x07',
      '\u009b',
      '\u009d',
      '\u0090',
      '\u009c',
    ],
    ...[
      '6n',
      'c',
      '>c',
      '?1000h',
      '?25l',
      '21t',
      '0;title',
      '31m',
      'A',
      ';',
      '?',
      '>',
      '$p',
      '!p',
      ' q',
      '(',
      'B',
      '\x18',
      '\x05',
    ],
  ),
);

describe('the terminal filter', () => {
  it('lets text, colours and cursor movements through as they are', () => {
    for (const text of [
      'plain\r\n\ttext ü 漢 🙂\x07',
      '\x1b[1;31mred\x1b[0m \x1b[38;5;200mx\x1b[38:2::1:2:3mx',
      '\x1b[?1049h\x1b[2J\x1b[H\x1b[10;20Hx\x1b[K\x1b[?25l\x1b[1;24r\x1b[?1049l',
      '\x1b7\x1b8\x1b(0lqk\x1b(B\x1bM\x1b=\x1b>\x1b[2 q\x1b[!p',
    ]) {
      expect(shown(text)).toBe(text);
      expect(kinds(text)).toBe('');
    }
  });

  it('keeps out what writes the clipboard or the title, opens links, prints, or makes the terminal answer', () => {
    const cases: [string, string][] = [
      ['\x1b]52;c;cm0gLXJmIC8=\x07', 'clipboard'],
      ['\x1b]52;c;cm0gLXJmIC8=\x1b\\', 'clipboard'],
      ['\u009d52;c;cm0gLXJmIC8=\u009c', 'clipboard'],
      ['\x1b]0;title\x07', 'title'],
      ['\x1b]2;title\x1b\\', 'title'],
      ['\x1b[22;0t', 'title'],
      ['\x1b]8;;http://evil.example\x07', 'operating system command'],
      ['\x1b]10;?\x07', 'operating system command'],
      ['\x1b]1337;File=x:AAAA\x07', 'operating system command'],
      ['\x1bP$qm\x1b\\', 'device control'],
      ['\x1bP+q544e\x1b\\', 'device control'],
      ['\x1b_Gf=100;AAAA\x1b\\', 'device control'],
      ['\x1b^private\x1b\\', 'device control'],
      ['\x1b[c', 'query'],
      ['\x1b[>c', 'query'],
      ['\x1b[6n', 'query'],
      ['\x1b[?6n', 'query'],
      ['\x1b[21t', 'query'],
      ['\x1b[>q', 'query'],
      ['\x1b[?2004$p', 'query'],
      ['\x1b[?u', 'query'],
      ['\x1bZ', 'query'],
      ['\x05', 'query'],
      ['\u009b6n', 'query'],
      ['\x1b[?1000h', 'mode'],
      ['\x1b[?1003;1006h', 'mode'],
      ['\x1b[20h', 'mode'],
      ['\x1b[5i', 'other'],
      ['\x1b[>4;2m', 'other'],
      ['\x1bc', 'other'],
      ['\x1b#8', 'other'],
      ['\x1b%G', 'other'],
      ['\x1b F', 'other'],
      ['\x1b*0', 'other'],
      ['\x1b[99999999b', 'other'],
      ['\x1b[99999999L', 'other'],
    ];
    for (const [attack, kind] of cases) {
      expect([attack, shown(`a${attack}b`)]).toEqual([attack, 'ab']);
      expect([attack, kinds(attack)]).toEqual([attack, `${kind} ×1`]);
    }
  });

  it('is not fooled by one sequence within another, or by one that never ends', () => {
    expect(shown('\x1b]0;a\x1b[31mb')).toBe('\x1b[31mb');
    expect(shown('\x1b[3\x1b]52;c;AA\x07x')).toBe('x');
    expect(shown('\x1b]52;c;AAAA\x18x')).toBe('x');
    expect(shown(`\x1b]52;c;${'A'.repeat(3 << 20)}`).replaceAll('A', '')).toBe('');
    expect(shown(`\x1b[${'1;'.repeat(100)}`).length).toBeLessThan(200);
  });

  it('shows nothing that a terminal would carry out but what is harmless, whatever comes and however it is cut', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.array(fc.nat(200)), (parts, cuts) => {
        const bytes = Buffer.from(parts.join(''));
        const whole = terminalFilter().push(bytes);
        for (const found of whole.match(CARRIED_OUT) ?? []) expect(found).toMatch(HARMLESS);
        const filter = terminalFilter();
        const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const again = places.slice(1).map((end, i) => filter.push(bytes.subarray(places[i], end)));
        expect(again.join('')).toBe(whole);
        expect(shown(whole)).toBe(whole);
      }),
      { numRuns: 5000 },
    );
  });

  it('takes bytes that are no UTF-8: none of them is a control character afterwards', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const found of terminalFilter().push(bytes).match(CARRIED_OUT) ?? []) expect(found).toMatch(HARMLESS);
      }),
      { numRuns: 2000 },
    );
  });
});
