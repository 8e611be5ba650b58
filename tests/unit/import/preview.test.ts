import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { previewImport } from '../../../src/main/import/preview';
import { newCase, scratch } from '../../kit/case';
import { dataRoot, filesTar, gz } from './kit';

const signal = new AbortController().signal;

describe('what an import would do', () => {
  it('says what each is and what will happen, and stores nothing', async () => {
    const session = await newCase();
    const dir = await scratch();
    for (const [name, content] of Object.entries(dataRoot())) {
      await mkdir(dirname(join(dir, 'root', name)), { recursive: true });
      await writeFile(join(dir, 'root', name), typeof content === 'string' ? content : JSON.stringify(content));
    }
    await writeFile(join(dir, 'root.tgz'), gz(filesTar(dataRoot())));
    await writeFile(join(dir, 'words'), 'words');
    const before = session.head.seq;
    const looks = await previewImport(
      ['root', 'root.tgz', 'words'].map((name) => join(dir, name)),
      session.dir,
      signal,
    );
    expect(looks).toMatchObject([
      { folder: true, kind: 'data-root', plan: [expect.stringContaining('one tar archive'), expect.anything()] },
      { folder: false, kind: 'data-root', plan: [expect.stringContaining('packed'), expect.anything()] },
      { folder: false, kind: 'binary', bytes: 5, plan: [expect.stringContaining('whole')] },
    ]);
    expect(looks.every(({ problem }) => problem === undefined)).toBe(true);
    expect(session.head.seq).toBe(before);
    expect(session.data.exhibits).toEqual([]);
    await session.close();
  });

  it('says why one cannot be imported, and looks at the others', async () => {
    const session = await newCase();
    const dir = await scratch();
    await writeFile(join(dir, 'empty'), '');
    await writeFile(join(dir, 'ram'), Buffer.alloc(100, 1));
    const looks = await previewImport(
      [join(dir, 'away'), join(dir, 'empty'), session.dir, join(dir, 'ram')],
      session.dir,
      signal,
      'memory',
    );
    expect(looks[0]?.problem).toMatch(/is not there/);
    expect(looks[1]?.problem).toMatch(/is empty/);
    expect(looks[2]?.problem).toMatch(/case folder/);
    expect(looks[3]).toMatchObject({ kind: 'memory', why: expect.stringMatching(/^you say so; by its content/) });
    await session.close();
  });

  it('reads only the beginning of what is large, and says so', async () => {
    const session = await newCase();
    const path = join(await scratch(), 'large.tar');
    await writeFile(path, filesTar({ ...dataRoot(), filler: Buffer.alloc(40 << 20, 1) }));
    const [look] = await previewImport([path], session.dir, signal);
    expect(look).toMatchObject({ kind: 'data-root', why: expect.stringMatching(/^by its beginning: /) });
    await session.close();
  });
});
