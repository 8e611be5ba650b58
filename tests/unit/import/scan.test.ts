import fc from 'fast-check';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { surveyTar } from '../../../src/main/import/recognise/survey';
import { plainName } from '../../../src/main/import/tar/names';
import { packingOf, unpacked } from '../../../src/main/import/unpack';
import { gz, memberBytes, piecesOf, readAll, tarOf } from './kit';

describe('reading a tar archive', () => {
  it('gives members, bodies and places, wherever the pieces of the stream end', async () => {
    const bytes = tarOf([
      { name: 'a/', type: '5' },
      { name: 'a/b.txt', body: 'hello' },
      { name: 'big', body: Buffer.alloc(1500, 0x78) },
      { name: 'a/link', type: '2', link: '/etc/shadow' },
      { name: 'dev', type: '3' },
    ]);
    const whole = await readAll(piecesOf(bytes));
    expect(whole.end).toEqual({ entries: 5, bytes: expect.any(Number), fault: undefined });
    expect(whole.members.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['a/', 'folder', 0],
      ['a/b.txt', 'file', 5],
      ['big', 'file', 1500],
      ['a/link', 'link', 0],
      ['dev', 'device', 0],
    ]);
    const hello = whole.members[1];
    expect(bytes.toString('utf8', hello?.offset, (hello?.offset ?? 0) + 5)).toBe('hello');
    for (const size of [1, 7, 511, 512, 513]) expect(await readAll(piecesOf(bytes, size)), `${size}`).toEqual(whole);
    const passed = await readAll(piecesOf(bytes), { bodies: false });
    expect(passed.members.map(({ offset }) => offset)).toEqual(whole.members.map(({ offset }) => offset));
  });

  it('reads what another writer makes: long names, pax, large times', async () => {
    const packed = pack();
    packed.entry({ name: `${'deep/'.repeat(60)}file`, mtime: new Date(0) }, 'x');
    packed.entry({ name: 'ünïcode/☃', linkname: 'l'.repeat(300), type: 'symlink' });
    packed.finalize();
    const parts: Buffer[] = [];
    for await (const part of packed as AsyncIterable<Buffer>) parts.push(part);
    const { members, end } = await readAll(piecesOf(Buffer.concat(parts)));
    expect(end.fault).toBeUndefined();
    expect(members.map(({ name, type, content, link }) => [name, type, content, link.length])).toEqual([
      [`${'deep/'.repeat(60)}file`, 'file', 'x', 0],
      ['ünïcode/☃', 'link', '', 300],
    ]);
  });

  it("reads GNU's long names and base-256 sizes, and global pax records", async () => {
    const long = 'n'.repeat(200);
    const size = Buffer.alloc(12);
    size[0] = 0x80;
    size[11] = 3;
    const pax = (text: string) => `${text.length + 4} ${text}\n`;
    const { members } = await readAll(
      piecesOf(
        tarOf([
          { name: '././@LongLink', type: 'L', body: `${long}\0` },
          { name: 'cut', body: 'abc', rawSize: size },
          { name: 'g', type: 'g', body: pax('comment=of all') },
          { name: 'x', type: 'x', body: pax('path=by-pax.txt') },
          { name: 'y', body: 'z' },
          { name: 'after', body: '' },
        ]),
      ),
    );
    expect(members.map(({ name, content }) => [name, content])).toEqual([
      [long, 'abc'],
      ['by-pax.txt', 'z'],
      ['after', ''],
    ]);
  });

  it('ends with a fault, and keeps what came before it', async () => {
    const good = memberBytes({ name: 'good', body: 'kept' });
    const negative = Buffer.alloc(12, 0xff);
    const huge = Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    const cases: [string, Buffer, RegExp][] = [
      ['no end mark', Buffer.alloc(0), /ends without its end mark/],
      ['not a header', Buffer.alloc(512, 0x41), /no tar header at byte 1024/],
      ['a wrong sum', memberBytes({ name: 'x', badSum: true }), /no tar header/],
      ['a header cut off', Buffer.alloc(100, 1), /inside a header/],
      ['a negative size', memberBytes({ name: 'x', rawSize: negative }), /no tar header/],
      ['a size beyond all', memberBytes({ name: 'x', rawSize: huge }), /no tar header/],
      ['a size that lies', memberBytes({ name: 'x', body: 'ab', size: 8 ** 11 - 1 }), /ends inside the member/],
      [
        'a pax size that lies',
        tarOf([{ name: 'p', type: 'x', body: '22 size=9007199254740\n' }, { name: 'x' }], { end: false }),
        /ends inside the member|without/,
      ],
      ['an endless pax header', memberBytes({ name: 'p', type: 'x', size: 8 ** 10 }), /claims \d+ bytes/],
      ['a name that never comes', tarOf([{ name: 'p', type: 'L', body: 'x' }]), /after an extended header/],
      [
        'names upon names',
        tarOf(Array.from({ length: 200 }, () => ({ name: 'p', type: 'L', body: 'x' }))),
        /too many extended/,
      ],
    ];
    for (const [what, bytes, fault] of cases) {
      const { members, end } = await readAll(piecesOf(Buffer.concat([good, bytes])));
      expect(end.fault, what).toMatch(fault);
      expect(members[0], what).toMatchObject({ name: 'good', content: 'kept' });
    }
    expect((await readAll(piecesOf(Buffer.alloc(0)))).end.fault).toBe('it is empty');
  });

  it('gives no body to links, devices and folders, whatever size they claim', async () => {
    const bytes = Buffer.concat([
      memberBytes({ name: 'l', type: '2', link: 'x', size: 5_000_000 }),
      memberBytes({ name: 'd', type: '3', size: 5_000_000 }),
      memberBytes({ name: 'f/', type: '5', size: 5_000_000 }),
      tarOf([{ name: 'real', body: 'here' }]),
    ]);
    const { members, end } = await readAll(piecesOf(bytes));
    expect(end.fault).toBeUndefined();
    expect(members.at(-1)).toMatchObject({ name: 'real', content: 'here' });
  });

  it('stops at a number of entries, and reads two hundred thousand in constant memory', async () => {
    const one = memberBytes({ name: 'entry', body: '' });
    const many = async function* (blocks: number) {
      const piece = Buffer.concat(Array.from({ length: 1000 }, () => one));
      for (let i = 0; i < blocks; i++) yield piece;
      yield Buffer.alloc(1024);
    };
    const few = await readAll(many(1), { maxEntries: 10 });
    expect(few.end).toMatchObject({ entries: 10, fault: expect.stringContaining('more than 10 entries') });
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    const survey = await surveyTar(many(200));
    expect(survey).toMatchObject({ entries: 200_000, fault: undefined });
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20);
  });

  it('never throws for what is in the stream, and never gives more bytes than there are', async () => {
    const base = tarOf([
      { name: 'a', body: 'hello' },
      { name: 'b/', type: '5' },
      { name: 'c', type: 'x', body: '12 path=abc\n' },
      { name: 'd', body: 'world' },
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 20 }),
        fc.nat(base.length),
        async (changes, cut) => {
          const bytes = Buffer.from(base.subarray(0, cut));
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          const { members } = await readAll(piecesOf(bytes, 100));
          for (const { content } of members) expect(content.length).toBeLessThanOrEqual(bytes.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('names in an archive', () => {
  it('are compared without dots and slashes, and never climb', () => {
    expect(plainName('./var//lib/./docker/')).toBe('var/lib/docker');
    expect(plainName('/etc/passwd')).toBe('etc/passwd');
    for (const bad of ['../x', 'a/../../x', 'a/..', 'a\0b']) expect(plainName(bad)).toBeUndefined();
    expect(plainName('a/..b/c')).toBe('a/..b/c');
  });
});

describe('unpacking', () => {
  const tar = tarOf([{ name: 'a', body: Buffer.alloc(100_000, 7) }]);

  it('reads gzip, also of several members, and says where it breaks', async () => {
    expect(packingOf(gz(tar))).toBe('gzip');
    const two = Buffer.concat([gz(tar.subarray(0, 1000)), gz(tar.subarray(1000))]);
    expect((await readAll(unpacked(piecesOf(two), 'gzip'))).end.fault).toBeUndefined();
    const cut = await readAll(unpacked(piecesOf(gz(tar).subarray(0, -20)), 'gzip'));
    expect(cut.end.fault).toMatch(/compression is broken|ends inside|without its end mark/);
    const broken = gz(tar);
    broken.fill(0xff, 40, 60);
    expect((await readAll(unpacked(piecesOf(broken), 'gzip'))).end.fault).toMatch(/compression is broken/);
  });

  it('ends a bomb, and says so', async () => {
    const bomb = gz(Buffer.concat([memberBytes({ name: 'zeros', size: 64 << 20 }), Buffer.alloc(64 << 20)]));
    expect(bomb.length).toBeLessThan(100_000);
    const { end } = await readAll(unpacked(piecesOf(bomb), 'gzip', 250, 1 << 20), { bodies: false });
    expect(end.fault).toMatch(/more than 250 times its size/);
    expect(end.bytes).toBeLessThan(32 << 20);
  });

  it("throws what breaks the source, and ends with its reader's cancel", async () => {
    const failing = async function* () {
      yield gz(tar).subarray(0, 50);
      throw new Error('the disk fell off');
    };
    await expect(readAll(unpacked(failing(), 'gzip'))).rejects.toThrow('the disk fell off');
    let closed = false;
    const endless = async function* () {
      try {
        for (;;) yield gz(Buffer.alloc(100_000));
      } finally {
        closed = true;
      }
    };
    for await (const _ of unpacked(endless(), 'gzip')) break;
    expect(closed).toBe(true);
  });
});
