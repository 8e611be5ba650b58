import { describe, expect, it } from 'vitest';
import { type SplitPart, tarSplitParts } from '../../../../src/main/analyze/formats/tar-split';

const read = async (...pieces: (string | Buffer)[]): Promise<SplitPart[]> => {
  async function* source() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const parts: SplitPart[] = [];
  for await (const part of tarSplitParts(source())) parts.push(part);
  return parts;
};
const b64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const bytes = (text: string) => `{"type":2,"payload":"${b64(text)}","position":0}\n`;

describe('tarSplitParts', () => {
  it('gives bytes and files in their order, whatever pieces they come in', async () => {
    const text = `${bytes('header')}{"type":1,"name":"./bin/sh","size":5,"payload":"${b64(Buffer.from('3420000000000000', 'hex'))}","position":1}\n${bytes('end')}`;
    const whole = await read(text);
    expect(whole).toEqual([
      { kind: 'bytes', bytes: Buffer.from('header') },
      { kind: 'file', name: Buffer.from('./bin/sh'), size: 5, crc64: '3420000000000000' },
      { kind: 'bytes', bytes: Buffer.from('end') },
    ]);
    expect(await read(...text)).toEqual(whole);
    expect(await read(text.trimEnd())).toEqual(whole);
  });

  it('keeps a name that is no UTF-8, and passes over members without content', async () => {
    const raw = Buffer.from([0x2f, 0xff, 0x0a]);
    const parts = await read(
      `{"type":1,"name":"dir/","payload":null,"position":0}\n{"type":1,"name_raw":"${b64(raw)}","size":1,"payload":"","position":1}\n`,
    );
    expect(parts).toEqual([{ kind: 'file', name: raw, size: 1, crc64: '' }]);
  });

  it.each([
    ['no JSON', '{"type":2,'],
    ['another kind', '{"type":3,"payload":""}'],
    ['a size that cannot be', '{"type":1,"name":"a","size":-1}'],
    ['no object', 'null'],
  ])('refuses %s, naming the line', async (_, line) => {
    await expect(read(bytes('a'), `${line}\n`)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('Line 2'),
    });
  });

  it('refuses a line without end', async () => {
    const endless = Array.from({ length: 34 }, () => Buffer.alloc(1 << 20, 0x20));
    await expect(read(...endless)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });
});
