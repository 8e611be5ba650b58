import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { carvables } from '../../../../src/main/analyze/memory/carve';
import { readSpace } from '../../../../src/main/analyze/memory/layout';
import { openMemory } from '../../../../src/main/analyze/memory/open';
import { searchMemory } from '../../../../src/main/analyze/memory/search';
import { caseOf, type Given } from '../kit';
import { checkpoint, checkpointImages, HEAP, image, message, page, STACK, tar } from './kit';

const PROGRAM = Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(5000, 0x41)]);
const GHOST = Buffer.from('deleted but open');
const GIVEN = { heap: [page('one'), page('memory-only-secret', 4000)], memfd: PROGRAM, ghost: GHOST };

async function opened(content: Buffer, more: Partial<Given> = {}) {
  const { dir, records } = await caseOf([{ collector: 'container.checkpoint', kind: 'tar', content, ...more }]);
  const [record] = records;
  if (!record) throw new Error('no record');
  return openMemory(dir, record);
}

async function memory(content: Buffer, more: Partial<Given> = {}) {
  const found = await opened(content, more);
  if (!found) throw new Error('no memory');
  return found;
}

const find = (text: string) => ({ kind: 'text' as const, terms: [text], ignoreCase: false, wide: true });

describe('a checkpoint', () => {
  it.each([
    ['4.1', false],
    ['4.2', true],
  ])('gives the address of a text, with pages counted as CRIU %s does', async (_, wide) => {
    const open = await memory(checkpoint({ ...GIVEN, wide }));
    const { hits } = await searchMemory(open, find('memory-only-secret'), { limit: 10 });
    expect(hits.map((hit) => [hit.space.id, hit.address])).toEqual([['pid:7', HEAP + 0x1000n + 4000n]]);
    await open.close();
  });

  it('tells process, arguments, environment, files and sockets', async () => {
    const open = await memory(checkpoint(GIVEN));
    const [space] = open.layout.spaces;
    expect(space).toMatchObject({
      pid: 7,
      ppid: 1,
      comm: 'perl',
      uid: 33,
      exe: '/usr/bin/perl',
      arguments: ['perl', '-e', 'x'],
      environment: ['SECRET=tok-env', 'HOME=/root'],
      open: [
        { fd: 0, name: '/dev/null', deleted: false },
        { fd: 3, name: '/tmp/gone.txt', deleted: true },
        { fd: 4, kind: 'memfd', name: 'memfd:payload' },
        { fd: 5, kind: 'inet socket' },
      ],
      sockets: [{ fd: 5, protocol: 'tcp', local: '127.0.0.1:4444', remote: '10.10.3.5:443', state: 'ESTABLISHED' }],
    });
    expect(space?.regions.map(({ kind, perms, name }) => `${kind} ${perms} ${name}`)).toEqual([
      'file r-xp /usr/bin/perl',
      'heap rw-p [heap]',
      'stack rw-p [stack]',
    ]);
    expect(open.layout.faults).toEqual(['4096 bytes of pagemap-7.img are in an earlier checkpoint that is not here.']);
    await open.close();
  });

  it('does not give bytes that it does not have', async () => {
    const open = await memory(checkpoint(GIVEN));
    const [space] = open.layout.spaces;
    if (!space) throw new Error('no space');
    const read = await readSpace(open.source, space, STACK - 16n, 32);
    expect(read.held).toEqual([{ from: 16, length: 16 }]);
    expect((await readSpace(open.source, space, 0n, 64)).held).toEqual([]);
    await open.close();
  });

  it('gives deleted files and memfds whole, with their own hash', async () => {
    const { createHash } = await import('node:crypto');
    const open = await memory(checkpoint(GIVEN));
    const carved = await carvables(open);
    expect(carved.map(({ kind, name, size, whole, pids }) => ({ kind, name, size, whole, pids }))).toEqual([
      { kind: 'ghost', name: '/tmp/gone.txt', size: GHOST.length, whole: true, pids: [7] },
      { kind: 'memfd', name: 'memfd:payload', size: PROGRAM.length, whole: true, pids: [7] },
    ]);
    expect(carved.map(({ sha256 }) => sha256)).toEqual(
      [GHOST, PROGRAM].map((bytes) => createHash('sha256').update(bytes).digest('hex')),
    );
    await open.close();
  });

  it('reads a packed archive, and says that its places are others', async () => {
    const open = await memory(gzipSync(checkpoint(GIVEN)), { kind: 'binary' });
    expect(open.unpacked).toBe(true);
    expect((await searchMemory(open, find('memory-only-secret'), { limit: 10 })).hits).toHaveLength(1);
    await open.close();
    await expect(opened(gzipSync(checkpoint(GIVEN)).subarray(0, 200), { kind: 'binary' })).rejects.toMatchObject({
      code: 'CASE_DAMAGED',
    });
  });
});

describe('a broken checkpoint', () => {
  it('says that pages are cut off, and gives what is there', async () => {
    const whole = checkpoint({ heap: [page('early'), page('late')] });
    const cut = whole.indexOf('late');
    const open = await memory(whole.subarray(0, cut));
    expect(open.layout.faults.join(' ')).toContain('it is not whole');
    expect((await searchMemory(open, find('early'), { limit: 10 })).hits).toHaveLength(1);
    expect((await searchMemory(open, find('late'), { limit: 10 })).hits).toHaveLength(0);
    await open.close();
  });

  it('takes no lie for an image', async () => {
    const images = checkpointImages(GIVEN);
    images['files.img'] = image([]).subarray(0, 7);
    images['pagemap-7.img'] = image([message([1, 2]), message([1, HEAP], [2, 2n ** 40n])]);
    images['ghost-file-1.img'] = image([message([9, 1], [10, 10n ** 15n])], Buffer.from([255, 255, 255, 255]));
    const open = await memory(tar(images));
    expect(open.layout.faults).toEqual(
      expect.arrayContaining([
        'files.img is no image of CRIU.',
        'pagemap-7.img is no list of pages.',
        expect.stringContaining('ghost-file-1.img is damaged'),
        expect.stringContaining('ghost 1 claims 1000000000000000 bytes'),
      ]),
    );
    expect(open.layout.spaces[0]?.segments).toEqual([]);
    await open.close();
  });

  it('is none where there is no tree of processes', async () => {
    expect(await opened(tar({ 'config.dump': Buffer.from('{}') }))).toBeUndefined();
  });
});
