import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  TIMELINE_KINDS,
  type TimelineFilter,
  type TimelineKind,
  type TimelineRow,
} from '../../shared/contract/timeline';
import { visible } from '../../shared/visible';
import { CSV_HEAD, csvRow, timesketch } from '../analyze/timeline/export';
import { type Client, inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { table, targetText } from './format';
import { indexReady } from './index-ready';
import { csvRows, jsonLine } from './output';

/** What `timeline` and `export` take to choose rows. */
export interface RowOptions {
  from?: string;
  to?: string;
  kind?: TimelineKind[];
  target?: string[];
  host?: string[];
  text?: string;
}

interface Options extends RowOptions {
  limit?: number;
  json?: boolean;
  csv?: boolean;
}

/** Rows asked for at once. */
const PAGE = 2000;

/** Adds the options that choose rows. */
export function rowOptions(command: Command): Command {
  const several = (value: string, before?: string[]) => [...(before ?? []), value];
  return command
    .option('--from <time>', 'not earlier: 2026-11-25, 2026-11-25T10:00:00Z', timeOption)
    .option('--to <time>', 'earlier than this', timeOption)
    .addOption(
      new Option('--kind <kind>', 'only of this kind; may be given again')
        .choices(TIMELINE_KINDS)
        .argParser((value: string, before: TimelineKind[] | undefined) => {
          const kind = TIMELINE_KINDS.find((one) => one === value);
          if (!kind) throw new InvalidArgumentError(`There are: ${TIMELINE_KINDS.join(', ')}.`);
          return [...(before ?? []), kind];
        }),
    )
    .option('--target <target>', 'only of this target: its name or the start of its id; may be given again', several)
    .option('--host <host>', 'only from this host: its name or id; may be given again', several)
    .option('--text <text>', 'only with this text in it');
}

export function addTimeline(program: Command, use: Use): void {
  const command = program
    .command('timeline')
    .summary('what happened when')
    .description(
      'Prints files, processes, logs, engine events and the examiner’s own actions on one axis, in UTC, corrected by the measured offset of each host’s clock.',
    )
    .argument('<case>', 'folder of the case');
  rowOptions(command)
    .option('--limit <n>', 'at most so many rows', countOption)
    .addOption(new Option('--json', 'print JSON, one object a line').conflicts('csv'))
    .option('--csv', 'print as CSV, safe to open in a spreadsheet')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: false }, async (opened, client) => {
          const { io } = context;
          await indexReady(context, client, opened.path);
          const { filter, total, stale } = await chosen(client, opened.path, options);
          for (const reason of stale) io.err(`The index is older than the case: ${visible(reason)} Analyse again.\n`);
          if (options.csv) io.out(csvRows([CSV_HEAD]));
          let shown = 0;
          for await (const rows of pages(client, opened.path, filter, options.limit)) {
            shown += rows.length;
            if (options.json) io.out(rows.map((row) => jsonLine(timesketch(row))).join(''));
            else if (options.csv) io.out(csvRows(rows.map(csvRow)));
            else io.out(rowsText(rows));
          }
          if (shown < total) io.err(`${shown} of ${total} rows.\n`);
          return EXIT.done;
        }),
      ),
    );
}

function timeOption(text: string): string {
  const time = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  // without a zone a time would be this machine's local one
  if (Number.isNaN(time) || !/^\d{4}-\d\d-\d\d(?:T.*(?:Z|[+-]\d\d:\d\d))?$/.test(text)) {
    throw new InvalidArgumentError('Give a time as 2026-11-25 or 2026-11-25T10:00:00Z.');
  }
  return new Date(time).toISOString();
}

function countOption(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a number of rows, 1 or more.');
  return Number(text);
}

/** Makes the filter of the options: names of targets and hosts become ids. Throws for one that the timeline does not have. */
export async function chosen(
  client: Client,
  path: string,
  options: RowOptions,
): Promise<{ filter: TimelineFilter; total: number; stale: string[] }> {
  const { from, to, kind, target, host, text } = options;
  const filter: TimelineFilter = { from, to, kinds: kind, text };
  if (target || host) {
    const { targets, hosts } = await client.timeline.summary({ case: path, buckets: 1 });
    filter.targets = target?.flatMap((wanted) => {
      const fits = targets.filter(({ target: one }) => one.name === wanted || one.id.startsWith(wanted));
      if (fits.length === 0) throw usageError(`The timeline has nothing of a target ${visible(wanted)}.`);
      return fits.map(({ target: one }) => one.id);
    });
    filter.hosts = host?.flatMap((wanted) => {
      const fits = hosts.filter(({ id, name }) => id === wanted || name === wanted);
      if (fits.length === 0) throw usageError(`The timeline has nothing from a host ${visible(wanted)}.`);
      return fits.map(({ id }) => id);
    });
  }
  const { total, stale } = await client.timeline.summary({ case: path, filter, buckets: 1 });
  return { filter, total, stale };
}

/** The rows that fit, page by page. */
export async function* pages(
  client: Client,
  path: string,
  filter: TimelineFilter,
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<TimelineRow[]> {
  for (let offset = 0; offset < most; ) {
    const limit = Math.min(PAGE, most - offset);
    const { rows, total } = await client.timeline.rows({ case: path, filter, offset, limit });
    if (rows.length > 0) yield rows;
    offset += rows.length;
    if (rows.length === 0 || offset >= total) return;
  }
}

function rowsText(rows: readonly TimelineRow[]): string {
  return table(
    [{ head: 'TIME (UTC)' }, { head: 'KIND' }, { head: 'TARGET' }, { head: 'WHAT' }, { head: 'PLACE' }],
    rows.map((row) => [
      row.time,
      row.kind,
      row.target.id === '' ? '' : targetText(row.target),
      visible(`${row.desc}: ${row.message}`, { max: 200 }),
      row.exhibit === null ? `ledger ${row.entry ?? ''}` : `${row.exhibit} ${visible(row.locator ?? '', { max: 60 })}`,
    ]),
  );
}
