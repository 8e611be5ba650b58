import { describe, expect, it } from 'vitest';
import type { SplitPart } from '../../../../src/main/analyze/formats/tar-split';
import { type Differing, memberName, rebuildLayer, staysInside } from '../../../../src/main/collect/fs/rebuild';

const BLOCK = 512;

function header(name: string | Buffer, size: number, type = '0'): Buffer {
  const block = Buffer.alloc(BLOCK);
  Buffer.from(name).copy(block, 0, 0, 100);
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(type, 156);
  block.write('ustar  \0', 257);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
const padded = (body: string | Buffer): Buffer => {
  const bytes = Buffer.from(body);
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
};
const member = (name: string, body: string, type = '0') =>
  Buffer.concat([header(name, type === '0' ? body.length : 0, type), type === '0' ? padded(body) : Buffer.alloc(0)]);
const END = Buffer.alloc(2 * BLOCK);
const head = (text: string): SplitPart => ({ kind: 'bytes', bytes: Buffer.from(text) });
const file = (name: string, size: number): SplitPart => ({ kind: 'file', name: Buffer.from(name), size, crc64: '' });

async function* each<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}
async function rebuild(
  parts: SplitPart[],
  tar: Buffer,
  step = tar.length,
): Promise<{ text: string; differing: Differing }> {
  const differing: Differing = { files: [], count: 0 };
  const pieces: Buffer[] = [];
  for (let at = 0; at < tar.length; at += step) pieces.push(tar.subarray(at, at + step));
  const out: Buffer[] = [];
  for await (const piece of rebuildLayer(each(parts), each(pieces), differing)) out.push(piece);
  return { text: Buffer.concat(out).toString('latin1'), differing };
}

describe('rebuildLayer', () => {
  const parts = [head('<a>'), file('./a', 3), head('<b>'), file('b', 600), head('<c>'), file('/c', 2), head('<end>')];
  const b = 'b'.repeat(600);

  it('puts files between the bytes of the list, whatever pieces they come in', async () => {
    const tar = Buffer.concat([member('./a', 'AAA'), member('./b', b), member('./c', 'CC'), END]);
    for (const step of [tar.length, 1, 511, 513]) {
      const { text, differing } = await rebuild(parts, tar, step);
      expect(text).toBe(`<a>AAA<b>${b}<c>CC<end>`);
      expect(differing).toEqual({ files: [], count: 0 });
    }
  });

  it('reads long names', async () => {
    const name = `./${'n'.repeat(300)}`;
    const tar = Buffer.concat([
      header('././@LongLink', name.length + 1, 'L'),
      padded(`${name}\0`),
      member(name, 'xy'),
      END,
    ]);
    expect((await rebuild([file(name, 2)], tar)).text).toBe('xy');
  });

  it('keeps the size of what is missing, shorter, longer or no file, and names it', async () => {
    const tar = Buffer.concat([member('./a', 'AAAAA'), member('./c', 'C'), END]);
    const { text, differing } = await rebuild(parts, tar);
    expect(text).toBe(`<a>AAA<b>${'\0'.repeat(600)}<c>C\0<end>`);
    expect(differing.files).toEqual([
      { name: './a', why: 'size', listed: 3, found: 5 },
      { name: 'b', why: 'missing', listed: 600 },
      { name: '/c', why: 'size', listed: 2, found: 1 },
    ]);
    const link = await rebuild([file('a', 2)], Buffer.concat([member('./a', '', '2'), END]));
    expect(link).toEqual({ text: '\0\0', differing: { files: [{ name: 'a', why: 'type', listed: 2 }], count: 1 } });
  });

  it('ends where the stream ends, and refuses what is no tar', async () => {
    expect((await rebuild([file('a', 3)], member('./a', 'AAA').subarray(0, BLOCK + 1))).text).toBe('A\0\0');
    await expect(rebuild([file('a', 3)], Buffer.alloc(BLOCK, 'no tar'))).rejects.toMatchObject({
      code: 'COMMAND_FAILED',
    });
    const endless = header('././@LongLink', 1 << 30, 'L');
    await expect(rebuild([file('a', 3)], endless)).rejects.toMatchObject({ code: 'COMMAND_FAILED' });
  });
});

describe('names of a layer', () => {
  it.each([
    ['./a', './a'],
    ['a', './a'],
    ['/etc/passwd', './etc/passwd'],
    ['-rf', './-rf'],
    ['//x', './x'],
    ['.wh.x', './.wh.x'],
  ])('%s is asked for as %s', (name, asked) => {
    expect(memberName(Buffer.from(name)).toString()).toBe(asked);
  });

  it.each(['../a', 'a/../../b', '..', 'a/..', 'a\0b'])('%j leads out and is not asked for', (name) => {
    expect(staysInside(Buffer.from(name))).toBe(false);
  });

  it.each(['..a', 'a..', 'a/...', 'a/..b/c'])('%j stays', (name) => {
    expect(staysInside(Buffer.from(name))).toBe(true);
  });
});
