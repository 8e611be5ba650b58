import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Member, readTar, tarOf } from './tar-kit';

describe('an archive', () => {
  const members: Member[] = [
    { name: './', type: '5' },
    { name: 'etc/passwd', body: 'root:x:0:0::/root:/bin/sh\n', mtime: 1_700_000_001, uid: 7, gid: 8, mode: 0o640 },
    {
      name: 'bin/ping',
      body: 'ELF',
      pax: {
        'SCHILY.xattr.security.capability': Buffer.from([1, 0, 0, 2, 0xff, 0x20, 10, 61]),
        mtime: '1700000000.123456789',
        ctime: '1763000000.5',
        atime: '1763000001',
      },
    },
    { name: 'bin/p2', type: '1', link: 'bin/ping' },
    { name: 'bin/sh', type: '2', link: '../usr/bin/dash' },
    { name: 'gone', type: '3', device: [0, 0] },
    { name: `long/${'x'.repeat(200)}`, body: 'y' },
    { name: Buffer.from([0x62, 0xff]), body: 'broken name' },
  ];
  const bytes = tarOf(members);

  it('is read alike in pieces of any size', () => {
    const whole = readTar(bytes);
    for (const piece of [1, 7, 511, 512, 513, 4096]) {
      const read = readTar(bytes, piece);
      expect(read.entries).toEqual(whole.entries);
      expect(read.entries.map((entry) => read.body(entry).toString())).toEqual(
        whole.entries.map((entry) => whole.body(entry).toString()),
      );
    }
    expect(whole.faults).toEqual([]);
  });

  it('gives every entry, and the place of its bytes', () => {
    const { entries } = readTar(bytes);
    expect(entries.map(({ path }) => path)).toEqual([
      '/',
      '/etc/passwd',
      '/bin/ping',
      '/bin/p2',
      '/bin/sh',
      '/gone',
      `/long/${'x'.repeat(200)}`,
      '/b\u{10feff}',
    ]);
    const [, passwd, ping, again, sh, gone] = entries;
    expect(passwd).toMatchObject({ type: 'file', mode: 0o640, uid: 7, gid: 8, mtime: 1_700_000_001, ctime: undefined });
    const at = passwd?.content;
    expect(bytes.subarray(at?.offset, (at?.offset ?? 0) + (at?.length ?? 0)).toString()).toMatch(/^root:x:0:0.*\n$/);
    expect(ping).toMatchObject({ mtime: 1_700_000_000.1234567, ctime: 1_763_000_000.5, atime: 1_763_000_001 });
    expect(Buffer.from(ping?.xattrs?.['security.capability'] ?? '', 'latin1')).toEqual(
      Buffer.from([1, 0, 0, 2, 0xff, 0x20, 10, 61]),
    );
    // a header's place has its extensions in it
    const head = ping?.header;
    expect(bytes.subarray(head?.offset, (head?.offset ?? 0) + (head?.length ?? 0)).toString('latin1')).toContain(
      'ctime=',
    );
    expect(again).toMatchObject({ type: 'file', hardLink: '/bin/ping' });
    expect(sh).toMatchObject({ type: 'symbolic link', link: '../usr/bin/dash' });
    expect(gone).toMatchObject({ type: 'character device', device: { major: 0, minor: 0 } });
  });

  it('agrees with tar(1)', () => {
    const dir = mkdtempSync(join(tmpdir(), 'lading-tar-'));
    try {
      mkdirSync(join(dir, 'a/b'), { recursive: true });
      writeFileSync(join(dir, 'a/b/f'), 'content');
      symlinkSync('f', join(dir, 'a/b/l'));
      for (const format of ['gnu', 'pax', 'ustar', 'v7']) {
        const made = spawnSync('tar', [`--format=${format}`, '-C', dir, '-cf', '-', '.']);
        const { entries, faults, body } = readTar(made.stdout, 100);
        expect(faults).toEqual([]);
        expect(entries.map(({ path }) => path).sort()).toEqual(['/', '/a', '/a/b', '/a/b/f', '/a/b/l']);
        expect(entries.filter(({ type }) => type === 'file').map((entry) => body(entry).toString())).toEqual([
          'content',
        ]);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a hostile archive', () => {
  const paths = (bytes: Buffer) => readTar(bytes).entries.map(({ path }) => path);

  it('leads nowhere: names and links out are said and passed over', () => {
    const bytes = tarOf([
      { name: '../../etc/cron.d/x', body: 'a' },
      { name: 'ok/../../x', body: 'b' },
      { name: 'h', type: '1', link: '../../../etc/shadow' },
      { name: 'fine', body: 'c' },
    ]);
    const { entries, faults, body } = readTar(bytes);
    expect(entries.map(({ path }) => path)).toEqual(['/fine']);
    expect(entries.map((entry) => body(entry).toString())).toEqual(['c']);
    expect(faults.map(({ offset }) => offset)).toEqual([0, 1024, 2048]);
  });

  it('keeps a link to anywhere as what it is: a text', () => {
    expect(readTar(tarOf([{ name: 'l', type: '2', link: '../../../../etc/shadow' }])).entries[0]).toMatchObject({
      link: '../../../../etc/shadow',
    });
  });

  it('is read up to where its header is broken, and says so', () => {
    const bytes = tarOf([{ name: 'a', body: 'x' }, { name: 'b', body: 'y' }, { name: 'c' }]);
    bytes[1024 + 5] = 0x41;
    const { entries, faults } = readTar(bytes);
    expect(entries.map(({ path }) => path)).toEqual(['/a']);
    expect(faults).toEqual([{ offset: 1024, reason: expect.stringContaining('no header') }]);
  });

  it('is read up to where it was cut, and the last file is not whole', () => {
    const bytes = tarOf([{ name: 'a', body: 'x'.repeat(2000) }], { end: false }).subarray(0, 900);
    const { entries, faults, unfinished } = readTar(bytes);
    expect(unfinished).toEqual(entries);
    expect(faults).toEqual([{ offset: 900, reason: expect.stringContaining('middle') }]);
    expect(readTar(tarOf([{ name: 'a' }], { end: false })).faults[0]?.reason).toContain('end mark');
  });

  it.each<[string, Member]>([
    ['a size beyond all numbers', { name: 'a', pax: { size: '9'.repeat(30) } }],
    ['a negative size', { name: 'a', pax: { size: '-1' } }],
    ['a size that is no number', { name: 'a', raw: (header) => header.write('zzzz', 124, 'latin1') }],
  ])('with %s is not followed', (_, member) => {
    const { entries, faults } = readTar(tarOf([member, { name: 'b' }]));
    expect(entries).toEqual([]);
    expect(faults).toHaveLength(1);
  });

  it('with a file larger than all disks, stored as holes, is not blown up', () => {
    const bytes = tarOf([
      {
        name: 'bomb',
        body: '0\n',
        pax: { 'GNU.sparse.major': '1', 'GNU.sparse.name': 'bomb', 'GNU.sparse.realsize': '9000000000000000' },
      },
      { name: 'after', body: 'z' },
    ]);
    const { entries, faults } = readTar(bytes);
    expect(entries.map(({ path, size, content }) => [path, size, content !== undefined])).toEqual([
      ['/bomb', 9_000_000_000_000_000, false],
      ['/after', 1, true],
    ]);
    expect(faults[0]?.reason).toContain('holes');
  });

  it('keeps its place through the maps of old sparse files', () => {
    const map = (more: number) => {
      const block = Buffer.alloc(512);
      block[504] = more;
      return block;
    };
    const sparse = tarOf([{ name: 's', type: 'S', size: 3, raw: (header) => header.writeUInt8(1, 482) }], {
      end: false,
    });
    const bytes = Buffer.concat([
      sparse,
      map(1),
      map(0),
      Buffer.concat([Buffer.from('abc'), Buffer.alloc(509)]),
      tarOf([{ name: 'after', body: 'z' }]),
    ]);
    const { entries, body } = readTar(bytes, 100);
    expect(entries.map(({ path }) => path)).toEqual(['/s', '/after']);
    expect(entries[1]?.header.offset).toBe(512 * 4);
    expect(entries.map((entry) => body(entry).toString())).toEqual(['abc', 'z']);
  });

  it('of a header of gigabytes is not held in memory', () => {
    const bytes = tarOf([{ name: 'x', type: 'x', size: 2 ** 31 }]);
    expect(readTar(bytes).faults[0]?.reason).toContain('header of 2147483648 bytes');
  });

  it('of a hundred thousand entries is read in a moment', () => {
    const bytes = tarOf(Array.from({ length: 100_000 }, (_, i) => ({ name: `d/${i}` })));
    const begun = performance.now();
    expect(paths(bytes)).toHaveLength(100_000);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('of random bytes gives faults, never more', () => {
    for (let n = 0; n < 50; n++) {
      const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919 * (n + 1)) % 251));
      expect(readTar(noise, 97).entries).toEqual([]);
    }
  });
});
