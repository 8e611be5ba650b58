import { describe, expect, it } from 'vitest';
import { asFileName } from '../../../../src/main/collect/fs/container-root';
import { openFilesCommand, parseOpenFiles, readOpenFile } from '../../../../src/main/collect/fs/open-files';
import { tarFolder } from '../../../../src/main/collect/fs/tar-folder';
import { topmostChanges } from '../../../../src/main/collect/fs/topmost';

const B = 'ab'.repeat(16);
const framed = (...bodies: string[]) =>
  Buffer.from(
    `LADING-FRAMES 1 ${B} container.open-deleted\n${bodies.map((body) => `${B} output 7 open 0\n${body}\n${B} = 0\n`).join('')}${B} end\n`,
  );
const HASH = 'c'.repeat(64);

describe('the topmost changes', () => {
  it('takes an added folder for all below it, a changed folder only where nothing below it is listed', () => {
    expect(
      topmostChanges([
        { Path: '/etc', Kind: 0 },
        { Path: '/etc/passwd', Kind: 0 },
        { Path: '/tmp', Kind: 0 },
        { Path: '/tmp/new', Kind: 1 },
        { Path: '/tmp/new/a', Kind: 1 },
        { Path: '/var', Kind: 0 },
        { Path: '/var/gone', Kind: 2 },
        { Path: '/run', Kind: 0 },
        { Path: '/tmp/newer', Kind: 1 },
      ]),
    ).toEqual(['/etc/passwd', '/tmp/new', '/run', '/tmp/newer']);
  });

  it('has nothing for deletions alone, for a path that is none, for an empty answer', () => {
    expect(topmostChanges([])).toEqual([]);
    expect(topmostChanges([{ Path: '/a', Kind: 2 }])).toEqual([]);
    expect(topmostChanges([{ Path: 'etc/passwd', Kind: 1 }])).toEqual([]);
  });
});

describe('the tar of a folder', () => {
  it('gives values as words, never in the script', () => {
    const evil = "/a'; touch /tmp/x; '";
    const argv = tarFolder({ base: evil, sub: '/$(id)', is: '1:2' });
    expect(argv.slice(4)).toEqual([evil, '$(id)', 'one', '1:2', 'holes']);
    expect(argv[2]).not.toContain('touch /tmp/x');
    expect(tarFolder({ base: '/a', oneFileSystem: false }).slice(4)).toEqual(['/a', '', 'all', '', 'holes']);
  });

  it('refuses what is no path', () => {
    expect(() => tarFolder({ base: 'relative' })).toThrow(/no absolute path/);
    expect(() => tarFolder({ base: '/a', sub: 'b\0c' })).toThrow(/no absolute path/);
  });
});

describe('the list of open files', () => {
  it('reads what the script says', () => {
    expect(
      parseOpenFiles(framed(`fd/5\x008:1 12 0\0/tmp/x (deleted)\0${HASH}`, 'exe\x008:1 99 1\0/bin/sh\0-')),
    ).toEqual([
      { pid: 7, at: 'fd/5', key: '8:1', size: 12, names: 0, link: '/tmp/x (deleted)', sha256: HASH },
      { pid: 7, at: 'exe', key: '8:1', size: 99, names: 1, link: '/bin/sh' },
    ]);
  });

  it('takes nothing from what is not as the script says it: another place of /proc, a forged hash, a cut body', () => {
    for (const body of [
      `mem\x008:1 1 0\0x\0${HASH}`,
      'fd/../../1/mem\x008:1 1 0\0x\0-',
      'fd/5\x008:1 1 0\0x\0nohash',
      'fd/5\x008:1',
    ]) {
      expect(parseOpenFiles(framed(body)), body).toEqual([]);
    }
    expect(parseOpenFiles(Buffer.from('no frames'))).toEqual([]);
  });

  it('keeps a link with every byte but NUL, and gives only digits and fixed words to the host', () => {
    const [one] = parseOpenFiles(framed(`fd/5\x008:1 12 0\0/tmp/\n${'x'.repeat(9)};$(id)\0-`));
    expect(one?.link).toContain('$(id)');
    expect(one && readOpenFile(one).slice(3)).toEqual(['lading', '7', 'fd/5', '8:1']);
    expect(openFilesCommand(HASH, 12).stdin).toMatch(/^[0-9a-f]{32}\n$/);
  });
});

it('makes a file name of any path', () => {
  expect(asFileName('/etc/passwd')).toBe('etc-passwd');
  expect(asFileName('/')).toBe('root');
  expect(asFileName(`/${'a/'.repeat(500)}`).length).toBeLessThanOrEqual(80);
  expect(asFileName('/x\u202e/\n..')).toMatch(/^[A-Za-z0-9._-]+$/);
});
