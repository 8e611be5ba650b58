import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteArgv, quoteWord } from '../../../src/main/hosts/quote';

const shells = ['sh', 'bash', 'dash', 'busybox', 'zsh', 'fish', 'tcsh'].filter((name) => {
  const found = spawnSync(name, name === 'busybox' ? ['true'] : ['-c', 'exit 0'], { stdio: 'ignore' });
  return found.status === 0;
});
const shellArgs = (shell: string, line: string) => (shell === 'busybox' ? ['sh', '-c', line] : ['-c', line]);

/** Words of everything a host may say, but NUL, which no argument can hold. */
const word = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      '`',
      '\n',
      ' ',
      ';',
      '&',
      '|',
      '>',
      '<',
      '*',
      '?',
      '~',
      '!',
      '#',
      '(',
      ')',
      '{',
      '}',
      '=',
      '-',
      '%',
      '\t',
      'a',
      '\u001b',
      'é',
      '☃',
    ),
  }),
  fc.constantFrom(
    '--',
    '-n',
    '~',
    '~root',
    'A=b',
    'if',
    '{',
    '!',
    '#x',
    '%1',
    '$(id)',
    '`id`',
    '',
    '\\',
    "'",
    '\r',
    '\u202e',
  ),
);

describe.skipIf(process.platform === 'win32' || !shells.includes('sh'))('quoting', () => {
  it.each(shells.filter((shell) => shell !== 'tcsh'))('%s gives every word back as it was', (shell) => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const wanted = words.map((one) => one.replaceAll('\0', '')).map((one) => Buffer.from(one).toString());
        const line = quoteArgv(['printf', '%s\\0', ...wanted]);
        const out = execFileSync(shell, shellArgs(shell, line));
        expect(out.toString()).toBe(wanted.map((one) => `${one}\0`).join(''));
      }),
      { numRuns: shell === 'sh' ? 300 : 40 },
    );
  });

  it('leaves plain words plain, so that a log is readable', () => {
    expect(quoteArgv(['cat', '/etc/os-release', '--x'])).toContain('cat /etc/os-release');
    expect(quoteWord('')).toBe("''");
    expect(quoteWord("it's")).toBe("'it'\\''s'");
  });

  it('refuses what no command can be', () => {
    expect(() => quoteWord('a\0b')).toThrow(/NUL/);
    expect(() => quoteArgv([])).toThrow(/no command/);
    expect(() => quoteArgv([''])).toThrow(/no command/);
  });
});
