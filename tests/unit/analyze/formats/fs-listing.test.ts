import { describe, expect, it } from 'vitest';
import { listingEntries } from '../../../../src/main/analyze/formats/fs-listing';
import { parseLocator } from '../../../../src/shared/locator';
import { tarOf } from './tar-kit';

const row = (meta: string, path: string | Buffer, target = '') =>
  Buffer.concat([Buffer.from(`${meta}\0`), Buffer.from(path), Buffer.from(`\0${target}\0`)]);
const times = '100.5 200.25 300.125';

describe('listingEntries', () => {
  it('reads what find and what stat give, with its place', () => {
    const rows = [
      row(`d:755 0 0 2 4096 5:1 ${times}`, '.'),
      row(`f:4755 0 7 1 9 5:2 ${times}`, Buffer.from('./a\xff', 'latin1')),
      row(`a1ff 0 0 1 3 5:3 ${times}`, './l', '/x'),
    ];
    const { entries, faults } = listingEntries('E0007', {
      list: { body: Buffer.concat(rows), offset: 1000 },
      births: { body: Buffer.from('50.5\0.\x000.000000000\0./l\0') },
    });
    expect(faults).toBe(0);
    expect(entries).toMatchObject([
      { path: '/', type: 'directory', mode: 0o755, size: 0, btime: 50.5, inode: 1 },
      { path: '/a\u{10feff}', type: 'file', mode: 0o4755, gid: 7, size: 9, mtime: 200.25, ctime: 300.125 },
      { path: '/l', type: 'symbolic link', link: '/x' },
    ]);
    expect(entries[2]?.btime).toBeUndefined();
    expect(entries[1]?.header).toEqual({ offset: 1000 + (rows[0]?.length ?? 0), length: rows[1]?.length });
  });

  it('is not fooled by a name with a line end about what is a whiteout', () => {
    const list = Buffer.concat([
      row(`c:0 0 0 1 0 5:1 ${times}`, './gone'),
      row(`c:666 0 0 1 0 5:2 ${times}`, './null'),
      row(`f:644 0 0 1 0 5:3 ${times}`, './x\n0:0 ./null'),
    ]);
    const devices = { body: Buffer.from('0:0 ./gone\n1:3 ./null\n9:9 ./x\n0:0 ./null\n') };
    const bare = {
      body: tarOf([
        { name: './gone', type: '3', device: [0, 0] },
        { name: './null', type: '3', device: [1, 3] },
      ]),
    };
    const { entries } = listingEntries('E0001', { list: { body: list, offset: 0 }, devices, bare });
    expect(entries.map(({ device }) => device)).toEqual([{ major: 0, minor: 0 }, { major: 1, minor: 3 }, undefined]);
  });

  it('counts what it cannot read: climbing names, lines of another form, an end in the middle', () => {
    const list = Buffer.concat([
      row(`f:644 0 0 1 0 5:1 ${times}`, './../up'),
      row('nonsense', './a'),
      Buffer.from('f:644 0'),
    ]);
    const { entries, faults } = listingEntries('E0001', { list: { body: list, offset: 0 } });
    expect([entries, faults]).toEqual([[], 3]);
  });
});

describe('a place in what is packed', () => {
  it('is read step by step, and nothing else is', () => {
    expect(parseLocator('unpacked!bytes:5+9')).toEqual({ kind: 'inside', via: 'unpacked', offset: 5, length: 9 });
    const via = 'unpacked!bytes:1+2!unpacked';
    expect(parseLocator(`${via}!bytes:3+4`)).toEqual({ kind: 'inside', via, offset: 3, length: 4 });
    for (const wrong of ['unpacked', 'bytes:1+2!bytes:3+4', 'unpacked!unpacked!bytes:1+1', '../x!bytes:1+1']) {
      expect(() => parseLocator(wrong)).toThrow('is not a place');
    }
  });
});
