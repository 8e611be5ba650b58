/** A row of ps(1), of procps or busybox. */
export interface PsRow {
  pid: number;
  /** The rest of the row after its last column but one: the command, as ps shows it. */
  command: string;
  /** 1-based line in the text. */
  line: number;
}

/**
 * Reads the output of `ps aux`, `ps -ef` or busybox's ps: a heading that names the column PID, and rows whose word in that
 * place is a number. Gives undefined where there is no such heading. Rows that are none are counted.
 */
export function parsePs(text: string): { rows: PsRow[]; unreadable: number } | undefined {
  const lines = text.split('\n');
  const heading = lines.findIndex((line) => /(^|\s)PID(\s|$)/.test(line));
  if (heading < 0) return undefined;
  const names = (lines[heading] ?? '').trim().split(/\s+/);
  const column = names.indexOf('PID');
  const rows: PsRow[] = [];
  let unreadable = 0;
  for (const [at, line] of lines.entries()) {
    if (at <= heading || line.trim() === '') continue;
    const words = line.trim().split(/\s+/);
    const pid = /^\d{1,10}$/.test(words[column] ?? '') ? Number(words[column]) : undefined;
    if (pid === undefined) unreadable += 1;
    else rows.push({ pid, command: words.slice(Math.max(column + 1, names.length - 1)).join(' '), line: at + 1 });
  }
  return { rows, unreadable };
}
