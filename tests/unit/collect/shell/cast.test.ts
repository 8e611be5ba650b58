import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castHead, castLines, unfinished } from '../../../../src/main/collect/shell/cast';

/** The bytes of one direction, taken back out of a recording. */
function bytesOf(text: string, code: 'o' | 'i'): Buffer {
  const out: Buffer[] = [];
  let exact: Buffer | undefined;
  for (const line of text.trimEnd().split('\n')) {
    if (line === '') continue;
    const [time, kind, data] = JSON.parse(line) as [number, string, string];
    expect(time).toBeGreaterThanOrEqual(0);
    if (kind === `lading.${code}`) exact = Buffer.from(data, 'base64');
    if (kind !== code) continue;
    out.push(exact ?? Buffer.from(data));
    exact = undefined;
  }
  return Buffer.concat(out);
}

describe('a recorded session', () => {
  it('gives back every byte typed and shown, of any kind and however they came', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.uint8Array({ maxLength: 20 }))), (events) => {
        const lines = castLines(() => 12);
        const text = events.map(([typed, bytes]) => lines.bytes(typed ? 'i' : 'o', bytes)).join('') + lines.end();
        for (const code of ['o', 'i'] as const) {
          const wanted = Buffer.concat(events.filter(([typed]) => typed === (code === 'i')).map(([, bytes]) => bytes));
          expect(bytesOf(text, code)).toEqual(wanted);
        }
      }),
    );
  });

  it('keeps a letter whole that came in two pieces', () => {
    const lines = castLines(() => 1500);
    const [first, second] = [Buffer.from('aü').subarray(0, 2), Buffer.from('aü').subarray(2)];
    expect(lines.bytes('o', first)).toBe('[1.500000,"o","a"]\n');
    expect(lines.bytes('o', second)).toBe('[1.500000,"o","ü"]\n');
    expect(lines.resize(80, 24)).toBe('[1.500000,"r","80x24"]\n');
    expect(lines.end()).toBe('');
    expect(unfinished(Buffer.from('🙂').subarray(0, 3))).toBe(3);
    expect(unfinished(Buffer.from([0x80, 0x80, 0x80, 0x80]))).toBe(0);
  });

  it('begins with its head', () => {
    const head = { width: 80, height: 24, timestamp: 1, title: 't', command: 'sh', env: { TERM: 'x' } };
    expect(JSON.parse(castHead(head).toString())).toEqual({ version: 2, ...head });
  });
});
