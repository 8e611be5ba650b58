import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { usageError } from './errors';
import { clip, table } from './format';
import type { MemoryWork } from './memory';
import { memoryExhibits } from './memory-look';
import { jsonLine } from './output';

interface Page<T> {
  rows: T[];
  next: number | null;
  done: number;
  total: number;
}

/** A list of terms larger than this is a mistake. */
const TERMS_FILE_MAX = 64 * 1024 * 1024;

/** Pages of a search over each exhibit, up to the limit; how far it is goes to standard error of a terminal. */
async function* scanned<T>(
  work: MemoryWork,
  ask: (at: { case: string; exhibit: string; space?: string; from?: number; limit: number }) => Promise<Page<T>>,
): AsyncGenerator<T & { exhibit: string }> {
  const { context, options, path } = work;
  let left = options.limit;
  for (const { exhibit, spaces } of await memoryExhibits(work)) {
    if (options.space !== undefined && !spaces.some(({ id }) => id === options.space)) continue;
    for (let from: number | undefined; left > 0; ) {
      const limit = Math.min(left, 10_000);
      const page = await ask({ case: path, exhibit, space: options.space, from, limit });
      for (const row of page.rows.slice(0, left)) yield { ...row, exhibit };
      left -= Math.min(left, page.rows.length);
      if (context.io.errIsTerminal) {
        context.io.err(
          `\r${exhibit} ${Math.floor((100 * page.done) / Math.max(1, page.total))} %${page.next === null ? '\n' : ''}`,
        );
      }
      if (page.next === null) break;
      from = page.next;
    }
  }
  if (left === 0) context.io.err(`\nThe first ${options.limit} are shown: --limit gives more.\n`);
}

/** One JSON object a line, or a table of at most 500 rows at once. */
async function print<T>(work: MemoryWork, rows: AsyncIterable<T>, heads: string[], cells: (row: T) => string[]) {
  const { io } = work.context;
  let held: string[][] = [];
  let count = 0;
  const flush = () => {
    if (held.length > 0)
      io.out(
        table(
          heads.map((head) => ({ head })),
          held,
        ),
      );
    held = [];
  };
  for await (const row of rows) {
    count++;
    if (work.options.json) io.out(jsonLine(row));
    else held.push(cells(row));
    if (held.length === 500) flush();
  }
  flush();
  if (count === 0) io.err('Nothing was found.\n');
}

/** Text of a hit with what stands around it; NULs of UTF-16 left out. */
const around = (one: { before: string; found: string; after: string; encoding: string }) => {
  const plain = (text: string) =>
    visible((one.encoding === 'utf16le' ? text.replaceAll('\0', '') : text).replaceAll(/[^\x20-\x7e]/g, '·'));
  return `${plain(one.before.slice(-24))}[${plain(one.found.slice(0, 200))}]${plain(one.after.slice(0, 24))}`;
};

export async function showHits(work: MemoryWork): Promise<void> {
  const query = await queryOf(work);
  const rows = scanned(work, async (at) => {
    const { hits, ...page } = await work.client.memory.search({ ...at, query });
    return { rows: hits, ...page };
  });
  await print(work, rows, ['EXHIBIT', 'SPACE', 'ADDRESS', 'REGION', 'FOUND'], (one) => [
    one.exhibit,
    one.space,
    one.address,
    clip(visible(`${one.perms} ${one.region}`), 40),
    around(one),
  ]);
}

async function queryOf({ options, args, context }: MemoryWork) {
  const [what] = args;
  const { hex, regex, terms, ignoreCase = false, narrow = false } = options;
  if ([hex, regex, terms].filter((one) => one !== undefined).length > 1)
    throw usageError('Only one of --hex, --regex, --terms.');
  if ((what === undefined) === (terms === undefined)) throw usageError('Give what is looked for, or --terms FILE.');
  if (terms !== undefined) {
    const list = await termsOf(resolve(context.io.cwd, terms));
    return { kind: 'text' as const, terms: list, ignoreCase, wide: !narrow };
  }
  const given = what ?? '';
  if (hex) return { kind: 'hex' as const, hex: given };
  if (regex) return { kind: 'regex' as const, pattern: given, ignoreCase, wide: !narrow };
  return { kind: 'text' as const, terms: [given], ignoreCase, wide: !narrow };
}

/** Lines of a file, each once; empty ones and those of one character are left out. */
async function termsOf(path: string): Promise<string[]> {
  try {
    if ((await stat(path)).size > TERMS_FILE_MAX) throw usageError('That list is larger than 64 MiB.');
    const lines = (await readFile(path, 'utf8')).replace(/^\ufeff/, '').split(/\r?\n/);
    return [...new Set(lines.filter((line) => line.length > 1))];
  } catch (cause) {
    if (cause instanceof LadingError) throw cause;
    throw new LadingError('FILE_UNREADABLE', `The list ${path} cannot be read.`, { cause });
  }
}

export async function showStrings(work: MemoryWork): Promise<void> {
  const { least, containing } = work.options;
  const rows = scanned(work, async (at) => {
    const { texts, ...page } = await work.client.memory.strings({ ...at, least, containing });
    return { rows: texts, ...page };
  });
  await print(work, rows, ['EXHIBIT', 'SPACE', 'ADDRESS', 'AS', 'TEXT'], (one) => [
    one.exhibit,
    one.space,
    one.address,
    one.encoding,
    visible(one.text, { max: 500 }),
  ]);
}

export async function showCandidates(work: MemoryWork): Promise<void> {
  const { kind: kinds, reveal = false } = work.options;
  const rows = scanned(work, async (at) => {
    const { candidates, ...page } = await work.client.memory.candidates({ ...at, kinds, reveal });
    return { rows: candidates, ...page };
  });
  await print(work, rows, ['EXHIBIT', 'SPACE', 'ADDRESS', 'KIND', 'WHAT', 'TIMES', 'VALUE'], (one) => [
    one.exhibit,
    one.space,
    one.address,
    one.kind,
    visible(one.what, { max: 40 }),
    String(one.count),
    visible(one.value, { max: 300 }),
  ]);
}
