import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseOf, folderOf, nameOfText, pathOfMember, textOfName } from '../../../../src/main/analyze/formats/fs-path';

describe('names that are bytes', () => {
  it('leads every name back to its bytes, and two names never to one text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(nameOfText(textOfName(bytes))).toEqual(Buffer.from(bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('leaves what is UTF-8 as it is, and survives SQLite and JSON', () => {
    expect(textOfName(Buffer.from('crème ‮ 文 😀'))).toBe('crème ‮ 文 😀');
    const broken = textOfName(Buffer.from([0x61, 0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]));
    expect(Buffer.from(broken).toString('utf8')).toBe(broken);
    expect(broken).toBe('a\u{10feff}\u{10fec3}(\u{10feed}\u{10fea0}\u{10fe80}');
  });

  it('lets no real character stand for a broken byte', () => {
    const pretender = Buffer.from('\u{10feff}');
    expect(textOfName(pretender)).not.toBe(textOfName(Buffer.from([0xff])));
    expect(nameOfText(textOfName(pretender))).toEqual(pretender);
  });
});

describe('names of members', () => {
  it.each([
    ['./', '/'],
    ['.', '/'],
    ['', '/'],
    ['/', '/'],
    ['./etc/passwd', '/etc/passwd'],
    ['/etc//passwd', '/etc/passwd'],
    ['etc/./x/', '/etc/x'],
    ['.hidden', '/.hidden'],
    ['..a/b..', '/..a/b..'],
    ['.../x', '/.../x'],
  ])('%j is %j', (name, path) => expect(pathOfMember(name)).toBe(path));

  it.each(['..', '../x', '/../etc', 'a/../b', 'a/..', 'x\0y', 'a'.repeat(5000)])('%j is none', (name) =>
    expect(pathOfMember(name)).toBeUndefined(),
  );

  it('are taken apart', () => {
    expect([folderOf('/a/b'), folderOf('/a'), folderOf('/')]).toEqual(['/a', '/', '/']);
    expect([baseOf('/a/b'), baseOf('/')]).toEqual(['b', '/']);
  });
});
