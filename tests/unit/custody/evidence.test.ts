import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { project } from '../../../src/main/cases/project';
import { CaseSession } from '../../../src/main/cases/session';
import { sha256 } from '../../../src/main/custody/hash';
import { verifyCase } from '../../../src/main/custody/verify';
import { newCase, PLACE, provenance, scratch, store } from '../../kit/case';

const run = promisify(execFile);
const how = () => ({ kind: 'composed' as const, note: 'a test' });

describe('the evidence door', () => {
  it('stores what came, in any pieces, with the hash of it', async () => {
    const session = await newCase();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 5000 }), { minLength: 1 }), async (pieces) => {
        const all = Buffer.concat(pieces);
        const { record } = await session.door.store(
          { file: 'x.bin', kind: 'binary', title: 'x' },
          provenance(session),
          Readable.from(pieces.map((piece) => Buffer.from(piece))),
          how,
        );
        expect(record).toMatchObject({ sha256: sha256(all), bytes: all.length, partial: false, outcome: 'found' });
        expect(await readFile(join(session.dir, 'evidence', record?.id ?? '', 'x.bin'))).toEqual(all);
      }),
      { numRuns: 30 },
    );
    await session.close();
  });

  it('makes files that may not be written, and both clocks', async () => {
    const session = await newCase();
    const { record } = await store(session, 'a.txt', 'alpha');
    const folder = join(session.dir, 'evidence/E0001');
    expect(await readdir(folder)).toEqual(['a.txt', 'exhibit.json']);
    if (process.platform !== 'win32') {
      for (const name of await readdir(folder)) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o444);
    }
    const { local, host } = record?.started ?? { local: '' };
    expect(Date.parse(local) - Date.parse(host ?? '')).toBe(1500);
    await session.close();
  });

  it('makes no exhibit of nothing, and leaves no gap in the numbers', async () => {
    const session = await newCase();
    expect(await store(session, 'a.txt', '')).toEqual({ record: undefined, broken: undefined });
    expect((await store(session, 'b.txt', 'b')).record?.id).toBe('E0001');
    await session.close();
  });

  it('keeps what arrived before a break, hashed and marked partial', async () => {
    const session = await newCase();
    const source = Readable.from(
      (async function* () {
        yield Buffer.from('first');
        yield Buffer.from(' second');
        throw new Error('the line went dead');
      })(),
    );
    const { record, broken } = await session.door.store(
      { file: 'x', kind: 'text', title: 'x' },
      provenance(session),
      source,
      how,
    );
    expect(broken?.message).toBe('the line went dead');
    expect(record).toMatchObject({
      partial: true,
      outcome: 'truncated',
      reason: 'the line went dead',
      sha256: sha256('first second'),
    });
    await session.close();
    expect((await verifyCase(session.dir, { project })).ok).toBe(true);
  });

  it('keeps what arrived before a cancel', async () => {
    const session = await newCase();
    const cancel = new AbortController();
    const source = new Readable({ read() {} });
    source.push('so far');
    const stored = session.door.store({ file: 'x', kind: 'text', title: 'x' }, provenance(session), source, how, {
      signal: cancel.signal,
      onBytes: () => setTimeout(() => cancel.abort(), 20),
    });
    const { record, broken } = await stored;
    expect(broken?.code).toBe('CANCELLED');
    expect(record).toMatchObject({ partial: true, sha256: sha256('so far') });
    await session.close();
  });

  it('takes the most hostile file names and keeps them in its folder', async () => {
    const session = await newCase();
    for (const name of [
      '../../etc/passwd',
      'CON',
      'a\u202etxt.exe',
      '\u001b[31m',
      'x'.repeat(10_000),
      'exhibit.json',
      '..',
      '',
    ]) {
      const { record } = await store(session, name, 'x');
      expect(record?.file).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/);
      expect((await readdir(join(session.dir, 'evidence', record?.id ?? ''))).sort()).toEqual(
        [record?.file, 'exhibit.json'].sort(),
      );
    }
    await session.close();
  });
});

const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
const mounts: string[] = [];
afterEach(async () => {
  for (const mount of mounts.splice(0)) await run('umount', [mount]);
});

describe.skipIf(!asRoot)('a full disk (needs Linux and root, for a small tmpfs)', () => {
  it('is one clear error; what arrived is kept and recorded, and the case is valid', async () => {
    const disk = join(await scratch(), 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk]);
    mounts.push(disk);
    const dir = join(disk, 'case');
    const session = await CaseSession.create({ path: dir, number: '1', title: 't', examiner: 'e' }, PLACE);
    await store(session, 'before.txt', 'before');
    const flood = Readable.from(
      (function* () {
        for (let i = 0; i < 64; i++) yield Buffer.alloc(1 << 20, i);
      })(),
    );
    const { record, broken } = await session.door.store(
      { file: 'flood.bin', kind: 'binary', title: 'flood' },
      provenance(session),
      flood,
      how,
    );
    expect(broken).toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('The evidence disk is full') });
    expect(record?.partial).toBe(true);
    expect(record?.bytes).toBeGreaterThan(4 << 20);
    await session.append('note.saved', 'N1', {
      note: { id: 'N1', version: 1, text: 'The disk is full.', time: new Date().toISOString(), examiner: 'e' },
    });
    await session.close();
    expect(await verifyCase(dir, { project })).toMatchObject({ ok: true, exhibits: 2, faults: [] });
  });
});
