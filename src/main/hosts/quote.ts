import { LadingError } from '../../shared/errors';

/** Characters that mean nothing to any shell wherever they stand. `=` is not among them: `A=b` first is an assignment. */
const PLAIN = /^[A-Za-z0-9_/.:,@%+][A-Za-z0-9_/.:,@%+-]*$/;

/**
 * One word quoted for a POSIX shell (XCU 2.2). Quotes and backslashes stand outside the single quotes, each behind a
 * backslash: so the same text is one word to fish and csh as well, which read `\'` inside single quotes otherwise and
 * would let a hostile name run a command where an account has such a login shell.
 * Throws BAD_INPUT for a NUL, which no argument can hold.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) {
    throw new LadingError('BAD_INPUT', 'A command argument holds a NUL character, which no command can be given.');
  }
  if (PLAIN.test(word)) return word;
  if (word === '') return "''";
  return word
    .split(/(['\\])/)
    .filter((part) => part !== '')
    .map((part) => (part === "'" || part === '\\' ? `\\${part}` : `'${part}'`))
    .join('');
}

/** An argv as the one string that SSH's exec request takes (RFC 4254 6.5). Throws BAD_INPUT for an empty argv. */
export function quoteArgv(argv: readonly string[]): string {
  if (argv.length === 0 || argv[0] === '') throw new LadingError('BAD_INPUT', 'There is no command to run.');
  return argv.map(quoteWord).join(' ');
}
