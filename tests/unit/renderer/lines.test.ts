import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/renderer/base64';
import { createLineIndex, MAX_LINE } from '../../../src/renderer/features/exhibits/model/lines';
import { createByteSource, WINDOW } from '../../../src/renderer/features/exhibits/model/source';
import { never, sourceOf } from './source';

const bytesOf = (text: string) => new TextEncoder().encode(text);
async function scanned(bytes: Uint8Array) {
  const index = createLineIndex(sourceOf(bytes));
  await index.scan(never, () => {});
  return index;
}

describe('createByteSource', () => {
  it('gives any piece, also across windows, and reads each window once', async () => {
    const bytes = Uint8Array.from({ length: WINDOW * 2 + 100 }, (_, at) => at % 251);
    const source = sourceOf(bytes);
    for (const [offset, length] of [
      [0, 10],
      [WINDOW - 3, 6],
      [WINDOW - 1, WINDOW + 50],
      [bytes.length - 5, 100],
    ] as const) {
      expect(await source.bytes(offset, length)).toEqual(bytes.subarray(offset, offset + length));
    }
    expect(await source.bytes(bytes.length, 10)).toHaveLength(0);
    expect(source.reads()).toBe(3);
  });

  it('asks again for a window whose read failed', async () => {
    let fail = true;
    const source = createByteSource(3, async () => {
      if (fail) throw new Error('broken');
      return Uint8Array.of(1, 2, 3);
    });
    await expect(source.bytes(0, 3)).rejects.toThrow('broken');
    fail = false;
    expect(await source.bytes(0, 3)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('decodes base64 to the same bytes', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, at) => (at * 7) % 256);
    expect(fromBase64(Buffer.from(bytes).toString('base64'))).toEqual(bytes);
    expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  });
});

describe('createLineIndex', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\nb', 2],
    ['\n\n', 2],
    ['a\r\nb\r\n', 2],
  ])('counts the lines of %j', async (text, lines) => {
    expect((await scanned(bytesOf(text))).state()).toEqual({ lines, scanned: text.length, done: true });
  });

  it('agrees with split on a text over several windows, in both directions', async () => {
    const wanted = Array.from({ length: 40_000 }, (_, n) => `line ${n} ${'x'.repeat(n % 37)}`);
    const bytes = bytesOf(wanted.join('\n'));
    expect(bytes.length).toBeGreaterThan(WINDOW * 3);
    const index = await scanned(bytes);
    expect(index.state().lines).toBe(wanted.length);
    let offset = 0;
    for (const [n, text] of wanted.entries()) {
      if (n % 997 === 0 || n === wanted.length - 1) {
        const line = await index.line(n);
        expect(new TextDecoder().decode(line?.bytes)).toBe(text);
        expect(line?.offset).toBe(offset);
        expect(await index.lineAt(offset)).toBe(n);
        expect(await index.lineAt(offset + text.length - 1)).toBe(n);
      }
      offset += text.length + 1;
    }
    expect(await index.line(wanted.length)).toBeUndefined();
    expect(await index.line(-1)).toBeUndefined();
    expect(await index.lineAt(bytes.length)).toBeUndefined();
  });

  it('cuts a line without end and says so, and finds what comes after it', async () => {
    const long = 'y'.repeat(WINDOW + 5);
    const index = await scanned(bytesOf(`${long}\nnext`));
    expect(await index.line(0)).toMatchObject({ cut: true, offset: 0 });
    expect((await index.line(0))?.bytes).toHaveLength(MAX_LINE);
    expect(new TextDecoder().decode((await index.line(1))?.bytes)).toBe('next');
  });

  it('ends with its signal', async () => {
    const index = createLineIndex(sourceOf(bytesOf('a\nb')));
    await index.scan(AbortSignal.abort(), () => {});
    expect(index.state()).toMatchObject({ done: false, scanned: 0 });
  });
});
