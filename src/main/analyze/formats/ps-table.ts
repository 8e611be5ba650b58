/** A row of ps(1), of procps or busybox. */
export interface PsRow {
  pid: number;
  /** The rest of the row after its last column but one: the command, as ps shows it. */
  command: string;
  /** The row goes to the right edge of the table, so its command may be cut there. */
  cut: boolean;
  /** 1-based line in the text. */
  line: number;
}

/** Rows that reach it may be cut although others are longer: a character is one column, and several bytes. */
const USUAL_WIDTH = 72;

/**
 * Reads the output of `ps aux`, `ps -ef` or busybox's ps: a heading that names the column PID, and rows whose word in that
 * place is a number. Gives undefined where there is no such heading. Rows that are none are counted.
 */
export function parsePs(text: string): { rows: PsRow[]; unreadable: number } | undefined {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const heading = lines.findIndex((line) => /(^|\s)PID(\s|$)/.test(line));
  if (heading < 0) return undefined;
  const names = (lines[heading] ?? '').trim().split(/\s+/);
  const column = names.indexOf('PID');
  const longest = lines.slice(heading + 1).reduce((most, line) => Math.max(most, line.length), 0);
  const rows: PsRow[] = [];
  let unreadable = 0;
  for (const [at, line] of lines.entries()) {
    if (at <= heading || line === '') continue;
    const words = line.trim().split(/\s+/);
    const pid = /^\d{1,10}$/.test(words[column] ?? '') ? Number(words[column]) : undefined;
    if (pid === undefined) {
      unreadable += 1;
      continue;
    }
    const command = words.slice(Math.max(column + 1, names.length - 1)).join(' ');
    const cut = Buffer.byteLength(line) + 1 >= Math.min(longest, USUAL_WIDTH);
    rows.push({ pid, command, cut, line: at + 1 });
  }
  return { rows, unreadable };
}

/** Only what every ps prints as it is: blanks, control and other characters become '?', one blank or nothing. */
const plain = (text: string) => text.replace(/[^\x21-\x3e\x40-\x7e]+/g, '');

/**
 * Whether a row of ps shows this process: its command line, whole or cut at the edge; or its name in brackets where it has
 * none (a zombie, a thread of the kernel); busybox puts the name in braces before a command line that begins otherwise.
 */
export function showsCommand(row: PsRow, { argv, comm }: { argv: string; comm: string }): boolean {
  // busybox shows the niceness as a word of its own: 'S N  sleep 9'
  const told = [row.command, row.command.replace(/^[<N] +/, '')].flatMap((text) => [
    text,
    text.replace(/^\{[^}]*\}/, ''),
  ]);
  const named = `[${comm}]`;
  const real = argv === '' ? [named, comm] : [argv, named];
  return told.some((text) => {
    const shown = plain(text.replace(/ *<defunct>$/, ''));
    return real.map(plain).some((one) => one === shown || (row.cut && shown !== '' && one.startsWith(shown)));
  });
}
