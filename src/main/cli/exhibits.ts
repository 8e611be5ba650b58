import type { Command } from 'commander';
import { Option } from 'commander';
import type { ExhibitRecord, ExhibitSummary } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { type Client, type Context, inCase, type Use } from './context';
import { EXIT, sayError, toLading, usageError } from './errors';
import { table, targetText } from './format';
import { type Cell, csvText, jsonText } from './output';

interface Options {
  collector?: string;
  target?: string;
  host?: string;
  partial?: boolean;
  json?: boolean;
  csv?: boolean;
}

/** Records read at once. */
const AT_ONCE = 16;

export function addExhibits(program: Command, use: Use): void {
  program
    .command('exhibits')
    .summary('list the evidence of a case')
    .argument('<case>', 'folder of the case')
    .argument('[id...]', 'only these: E0001 …')
    .option('--collector <id>', 'only from this collector')
    .option('--target <target>', 'only of this target: its name or the start of its id')
    .option('--host <host>', 'only from this host: its address, name or id')
    .option('--partial', 'only those of which a part arrived')
    .addOption(new Option('--json', 'print the whole records as JSON').conflicts('csv'))
    .option('--csv', 'print as CSV, safe to open in a spreadsheet')
    .action(
      use((context, given: string, ids: string[], options: Options) =>
        inCase(context, given, { write: false }, async (opened, client) => {
          const listed = await client.exhibits.list({ case: opened.path });
          const all = listed.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
          const unknown = ids.filter((id) => !all.some((exhibit) => exhibit.id === id));
          if (unknown.length > 0) throw usageError(`There is no exhibit ${unknown.join(', ')} in this case.`);
          const chosen = all.filter(
            (exhibit) => (ids.length === 0 || ids.includes(exhibit.id)) && matches(exhibit, options),
          );
          if (options.json) return printRecords(context, client, opened.path, chosen);
          context.io.out(options.csv ? csvText(CSV_HEAD, chosen.map(csvRow)) : exhibitTable(chosen));
          return EXIT.done;
        }),
      ),
    );
}

function matches(exhibit: ExhibitSummary, options: Options): boolean {
  const { target, host } = exhibit;
  return (
    (options.collector === undefined || exhibit.collector.id === options.collector) &&
    (options.target === undefined || target.name === options.target || target.id.startsWith(options.target)) &&
    (options.host === undefined ||
      (host !== undefined && [host.address, host.hostname, host.id].includes(options.host))) &&
    (!options.partial || exhibit.partial)
  );
}

/** Prints the records as they are on disk; one that cannot be read is said, and the rest still printed. */
async function printRecords(context: Context, client: Client, path: string, chosen: ExhibitSummary[]): Promise<number> {
  const records: (ExhibitRecord | undefined)[] = new Array(chosen.length).fill(undefined);
  let next = 0;
  let code: number = EXIT.done;
  const worker = async () => {
    for (let i = next++; i < chosen.length; i = next++) {
      const id = chosen[i]?.id ?? '';
      try {
        records[i] = await client.exhibits.get({ case: path, id });
      } catch (error) {
        sayError(context.io, toLading(error));
        code = EXIT.failed;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  context.io.out(jsonText(records.filter((record) => record !== undefined)));
  return code;
}

function exhibitTable(exhibits: ExhibitSummary[]): string {
  const columns = [
    { head: 'ID' },
    { head: 'TITLE' },
    { head: 'TARGET' },
    { head: 'BYTES', right: true },
    { head: 'TAKEN (UTC)' },
    { head: 'SHA-256' },
    { head: '' },
  ];
  const rows = exhibits.map((exhibit) => [
    exhibit.id,
    visible(exhibit.title, { max: 60 }),
    targetText(exhibit.target),
    String(exhibit.bytes),
    exhibit.finished.local,
    exhibit.sha256,
    exhibit.partial ? `partial: ${visible(exhibit.reason ?? '', { max: 120 })}` : '',
  ]);
  return table(columns, rows);
}

const CSV_HEAD = [
  'id',
  'title',
  'kind',
  'collector',
  'collector_version',
  'host',
  'target_kind',
  'target_id',
  'target_name',
  'outcome',
  'partial',
  'reason',
  'bytes',
  'sha256',
  'started_utc',
  'finished_utc',
  'file',
];

function csvRow(exhibit: ExhibitSummary): Cell[] {
  return [
    exhibit.id,
    exhibit.title,
    exhibit.kind,
    exhibit.collector.id,
    exhibit.collector.version,
    exhibit.host?.address,
    exhibit.target.kind,
    exhibit.target.id,
    exhibit.target.name,
    exhibit.outcome,
    exhibit.partial,
    exhibit.reason,
    exhibit.bytes,
    exhibit.sha256,
    exhibit.started.local,
    exhibit.finished.local,
    exhibit.file,
  ];
}
