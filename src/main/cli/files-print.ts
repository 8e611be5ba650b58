import type { FileRow, FileState, FileView } from '../../shared/contract/files';
import { visible } from '../../shared/visible';
import type { Client } from './context';
import { count, table, targetText } from './format';
import type { Io } from './io';
import { type Cell, csvText, jsonText } from './output';

/** Rows asked for at once. */
export const PAGE = 2000;

interface Printed {
  json?: boolean;
  csv?: boolean;
}
type Question = Omit<Parameters<Client['files']['list']>[0], 'offset' | 'limit'>;

/** All rows that fit, page by page. */
export async function* rowsOf(client: Client, question: Question): AsyncGenerator<FileRow> {
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    const page = await client.files.list({ ...question, offset, limit: PAGE });
    total = page.total;
    yield* page.rows;
  }
}

/** Docker's letters, and more: M other rights only, O an opaque folder, ? nothing to compare with. */
const LETTERS: Record<FileState, string> = {
  image: ' ',
  added: 'A',
  modified: 'C',
  metadata: 'M',
  deleted: 'D',
  opaque: 'O',
  unknown: '?',
};
const TYPES: Record<string, string> = {
  directory: 'd',
  link: 'l',
  character: 'c',
  block: 'b',
  fifo: 'p',
  socket: 's',
  file: '-',
};

/** As `ls -l` writes type and mode: -rwsr-xr-x. */
export function modeText(type: string, mode: number | null): string {
  const kind = TYPES[type] ?? '?';
  if (mode === null) return `${kind}?????????`;
  const bit = (at: number, letter: string) => ((mode & at) !== 0 ? letter : '-');
  const last = (execute: number, special: number, letter: string) =>
    (mode & special) === 0 ? bit(execute, 'x') : (mode & execute) !== 0 ? letter : letter.toUpperCase();
  return `${kind}${bit(0o400, 'r')}${bit(0o200, 'w')}${last(0o100, 0o4000, 's')}${bit(0o040, 'r')}${bit(0o020, 'w')}${last(0o010, 0o2000, 's')}${bit(0o004, 'r')}${bit(0o002, 'w')}${last(0o001, 0o1000, 't')}`;
}

export function printViews(io: Io, views: readonly FileView[], { json, csv }: Printed): void {
  if (json) {
    io.out(jsonText(views));
    return;
  }
  const head = ['key', 'target', 'how', 'files', 'not_as_in_image', 'complete', 'taken_utc'];
  const rows = views.map((view): Cell[] => [
    view.key,
    targetText(view.target),
    view.how,
    view.files,
    view.drift,
    view.complete ? 'all layers' : view.partial ? 'partial' : '',
    view.taken,
  ]);
  if (csv) {
    io.out(csvText(head, rows));
    return;
  }
  const columns = ['KEY', 'TARGET', 'FROM', 'FILES', 'NOT AS IN IMAGE', '', 'TAKEN (UTC)'];
  io.out(
    table(
      columns.map((text, i) => ({ head: text, right: i === 3 || i === 4 })),
      rows.map((row) => row.map((cell) => visible(String(cell ?? '')))),
    ),
  );
}

const CSV_HEAD = [
  'state',
  'type',
  'mode',
  'uid',
  'gid',
  'user',
  'group',
  'size',
  'mtime',
  'atime',
  'ctime',
  'sha256',
  'layer',
  'package',
  'path',
  'link',
  'exhibit',
  'locator',
];

/** Prints rows as they come: memory does not grow with their number, but for --json, which is one document. */
export async function printRows(io: Io, rows: AsyncIterable<FileRow>, { json, csv }: Printed): Promise<void> {
  if (csv) io.out(csvText(CSV_HEAD, []));
  let n = 0;
  for await (const row of rows) {
    n++;
    if (json) io.out(`${n === 1 ? '[' : ','}\n${jsonText(row).trimEnd()}`);
    else if (csv) io.out(csvText([], [csvRow(row)]).replace(/^\r?\n/, ''));
    else io.out(line(row));
  }
  if (json) io.out(n === 0 ? '[]\n' : '\n]\n');
  io.err(`${count(n, 'file')}.\n`);
}

function csvRow(row: FileRow): Cell[] {
  return [
    row.state,
    row.type,
    row.mode === null ? null : row.mode.toString(8).padStart(4, '0'),
    row.uid,
    row.gid,
    row.user,
    row.group,
    row.size,
    row.mtime,
    row.atime,
    row.ctime,
    row.sha256,
    row.layer,
    row.package,
    row.path,
    row.link,
    row.exhibit,
    row.locator,
  ];
}

function line(row: FileRow): string {
  const owner = `${row.user ?? row.uid ?? '?'}:${row.group ?? row.gid ?? '?'}`;
  const name = visible(row.path, { max: 1000 });
  const link = row.link === null ? '' : ` -> ${visible(row.link, { max: 300 })}`;
  const owned = row.package === null ? '' : `  [${visible(row.package, { max: 60 })}]`;
  const time = (row.mtime ?? '').slice(0, 19).padEnd(19);
  return `${LETTERS[row.state]} ${modeText(row.type, row.mode)} ${visible(owner).padEnd(15)} ${String(row.size ?? '').padStart(11)} ${time}  ${name}${link}${owned}\n`;
}

/** Lines of sha256sum(1), or one JSON object a line. */
export async function printHashes(io: Io, rows: AsyncIterable<FileRow>, { json, csv }: Printed): Promise<void> {
  if (csv) io.out(csvText(['sha256', 'size', 'path'], []));
  for await (const { sha256, size, path, state } of rows) {
    if (sha256 === null || state === 'deleted') continue;
    if (json) io.out(`${JSON.stringify({ sha256, size, path })}\n`);
    else if (csv) io.out(csvText([], [[sha256, size, path]]).replace(/^\r?\n/, ''));
    else io.out(`${sha256}  ${visible(path)}\n`);
  }
}

interface Difference {
  path: string;
  what: string;
  left?: FileRow;
  right?: FileRow;
}

export function printDifferences(io: Io, rows: readonly Difference[], { json, csv }: Printed): void {
  const head = ['what', 'path', 'left_sha256', 'right_sha256', 'left_mode', 'right_mode'];
  const mode = (row: FileRow | undefined) => (row ? modeText(row.type, row.mode) : '');
  if (json) io.out(jsonText(rows));
  else if (csv) {
    io.out(
      csvText(
        head,
        rows.map((row): Cell[] => [
          row.what,
          row.path,
          row.left?.sha256,
          row.right?.sha256,
          mode(row.left),
          mode(row.right),
        ]),
      ),
    );
  } else {
    io.out(
      table(
        [{ head: 'WHAT' }, { head: 'LEFT' }, { head: 'RIGHT' }, { head: 'PATH' }],
        rows.map((row) => [row.what, mode(row.left), mode(row.right), visible(row.path, { max: 1000 })]),
      ),
    );
  }
  io.err(`${count(rows.length, 'difference')}.\n`);
}
