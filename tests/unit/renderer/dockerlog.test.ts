import { describe, expect, it } from 'vitest';
import { createFrameIndex, MAX_PAYLOAD } from '../../../src/renderer/features/exhibits/model/dockerlog';
import { never, sourceOf } from './source';

function frame(stream: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}
async function walked(...parts: Buffer[]) {
  const index = createFrameIndex(sourceOf(Buffer.concat(parts)));
  await index.scan(never, () => {});
  return index;
}
const textOf = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe('createFrameIndex', () => {
  it('reads stream, time and text of each record', async () => {
    const index = await walked(
      frame(1, '2026-11-25T10:00:00.123456789Z hello\n'),
      frame(2, 'no stamp\u001b[31m\n'),
      frame(1, ''),
    );
    expect(index.state()).toMatchObject({ frames: 3, done: true, broken: undefined });
    const first = await index.frame(0);
    expect(first).toMatchObject({ stream: 'out', time: '2026-11-25T10:00:00.123456789Z', offset: 0, length: 37 });
    expect(textOf(first?.bytes)).toBe('hello');
    const second = await index.frame(1);
    expect(second).toMatchObject({ stream: 'err', time: undefined });
    expect(textOf(second?.bytes)).toBe('no stamp\u001b[31m');
    expect((await index.frame(2))?.length).toBe(0);
    expect(await index.frame(3)).toBeUndefined();
  });

  it('finds the record that a byte is in', async () => {
    const parts = Array.from({ length: 5000 }, (_, n) => frame(1, `record ${n} ${'z'.repeat(n % 90)}\n`));
    const index = await walked(...parts);
    expect(index.state().frames).toBe(5000);
    let offset = 0;
    for (const [n, part] of parts.entries()) {
      expect(index.frameAt(offset)).toBe(n);
      expect(index.frameAt(offset + part.length - 1)).toBe(n);
      offset += part.length;
    }
    expect(index.frameAt(offset)).toBeUndefined();
  });

  it('says at which byte a stream stops being one, and keeps what came before', async () => {
    const good = frame(1, 'one\n');
    expect((await walked(Buffer.from('plain text of a terminal'))).state()).toMatchObject({ frames: 0, broken: 0 });
    const index = await walked(good, Buffer.from('garbage that is no header'));
    expect(index.state()).toMatchObject({ frames: 1, done: true, broken: good.length });
    // Cut off within a header.
    expect((await walked(good, Buffer.from([1, 0, 0]))).state()).toMatchObject({ frames: 1, broken: good.length });
  });

  it('takes a length that lies for what is there', async () => {
    const lying = frame(1, 'short');
    lying.writeUInt32BE(0xffffffff, 4);
    const index = await walked(lying);
    expect(index.state()).toMatchObject({ frames: 1, done: true });
    expect(textOf((await index.frame(0))?.bytes)).toBe('short');
  });

  it('cuts a huge record on screen only', async () => {
    const found = await (await walked(frame(1, 'q'.repeat(100_000)))).frame(0);
    expect(found?.bytes).toHaveLength(MAX_PAYLOAD);
    expect(found?.length).toBe(100_000);
  });
});
