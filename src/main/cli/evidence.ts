import type { Command } from 'commander';
import type { ConnectionRow, Explanation, ProcessRow, SearchHit } from '../../shared/contract/evidence';
import { visible } from '../../shared/visible';
import { type Client, type Context, inCase, type Use } from './context';
import { EXIT } from './errors';
import { clip, count, painter, table } from './format';
import { indexReady } from './index-ready';
import { jsonText } from './output';

/** Rows asked for at once. */
const PAGE = 2000;

interface Options {
  container?: string;
  text?: string;
  notable?: boolean;
  all?: boolean;
  limit?: string;
  json?: boolean;
}

/** All pages of a list. */
async function allRows<T>(ask: (offset: number) => Promise<{ rows: T[]; total: number }>): Promise<T[]> {
  const rows: T[] = [];
  for (;;) {
    const page = await ask(rows.length);
    rows.push(...page.rows);
    if (page.rows.length === 0 || rows.length >= page.total) return rows;
  }
}

/** A container's whole id from its name or the start of its id; what is not known is given as it is. */
async function containerId(client: Client, path: string, given: string | undefined): Promise<string | undefined> {
  if (given === undefined || given === 'host') return given;
  const { containers } = await client.evidence.processes({ case: path, limit: 1 });
  return containers.find(({ id, name }) => name === given || id.startsWith(given))?.id ?? given;
}

export function addProcesses(program: Command, use: Use): void {
  program
    .command('processes')
    .summary('the tree of processes, across host and containers')
    .description('Lists processes in the order of the tree, with user, start, executable and what stands out.')
    .argument('<case>', 'folder of the case')
    .option(
      '--container <container>',
      "only of this container: its name or the start of its id; 'host' for the host's own",
    )
    .option('--text <text>', 'only with this in name, command line or executable')
    .option('--notable', 'only what stands out')
    .option('--json', 'print JSON')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: false }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const container = await containerId(client, path, options.container);
          const { text, notable = false } = options;
          const rows = await allRows((offset) =>
            client.evidence.processes({ case: path, container, text, notable, offset, limit: PAGE }),
          );
          context.io.out(options.json ? jsonText(rows) : processTable(context, rows));
          return EXIT.done;
        }),
      ),
    );
}

function processTable(context: Context, rows: readonly ProcessRow[]): string {
  if (rows.length === 0) return 'No such processes in the evidence.\n';
  const room = Math.max(40, context.io.columns() - 78);
  return table(
    [
      { head: 'PID', right: true },
      { head: 'INSIDE', right: true },
      { head: 'CONTAINER' },
      { head: 'USER' },
      { head: 'START (UTC)' },
      { head: 'STANDS OUT' },
      { head: 'COMMAND' },
    ],
    rows.map((row) => [
      String(row.pid),
      row.inside === null ? '' : String(row.inside),
      clip(visible(row.containerName ?? '-'), 18),
      clip(visible(row.user ?? String(row.uid ?? '?')), 10),
      row.started?.slice(0, 19) ?? '?',
      row.marks.join(' '),
      clip(`${'  '.repeat(Math.min(row.depth, 12))}${visible(row.command || `[${row.comm}]`)}`, room),
    ]),
  );
}

export function addConnections(program: Command, use: Use): void {
  program
    .command('connections')
    .summary('sockets and the processes that hold them')
    .argument('<case>', 'folder of the case')
    .option('--container <container>', 'only of this container: its name or the start of its id')
    .option('--text <text>', 'only with this in an address, a path, a state or the name of a holder; or a port')
    .option('--all', 'unix sockets too')
    .option('--json', 'print JSON')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: false }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const container = await containerId(client, path, options.container);
          const { text, all = false } = options;
          const rows = await allRows((offset) =>
            client.evidence.connections({ case: path, container, text, all, offset, limit: PAGE }),
          );
          context.io.out(options.json ? jsonText(rows) : connectionTable(rows));
          return EXIT.done;
        }),
      ),
    );
}

function connectionTable(rows: readonly ConnectionRow[]): string {
  if (rows.length === 0) return 'No such sockets in the evidence.\n';
  const end = (address: string | null, port: number | null) =>
    visible(address === null ? '' : `${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`);
  return table(
    [
      { head: 'PROTO' },
      { head: 'LOCAL' },
      { head: 'REMOTE' },
      { head: 'STATE' },
      { head: 'WAY' },
      { head: 'TARGET' },
      { head: 'HELD BY' },
      { head: 'EXHIBIT' },
    ],
    rows.map((row) => [
      visible(row.protocol),
      row.localAddress === null ? clip(visible(row.path ?? ''), 40) : end(row.localAddress, row.localPort),
      row.remotePort ? end(row.remoteAddress, row.remotePort) : '-',
      visible(row.state),
      row.direction ?? '',
      clip(visible(row.target.name), 20),
      clip(row.holders.map(({ pid, comm, fd }) => `${pid} ${visible(comm)} fd ${fd}`).join(', '), 40) || '-',
      `${row.exhibit} ${row.locator}`,
    ]),
  );
}

export function addSearch(program: Command, use: Use): void {
  program
    .command('search')
    .summary('find words in everything that was collected')
    .description(
      'Looks for a text in all rows of the index and in text exhibits, without regard to case; each hit with its place.',
    )
    .argument('<case>', 'folder of the case')
    .argument('<text>', 'what to look for; three characters at least are found fast')
    .option('--limit <n>', 'at most so many hits', '200')
    .option('--json', 'print JSON')
    .action(
      use((context, given: string, text: string, options: Options) =>
        inCase(context, given, { write: false }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const limit = Math.min(2000, Math.max(1, Math.floor(Number(options.limit)) || 200));
          const found = await client.evidence.search({ case: path, text, limit });
          if (options.json) context.io.out(jsonText(found));
          else {
            context.io.out(found.hits.map((hit) => hitText(context, hit)).join(''));
            context.io.err(
              `${count(found.total, 'hit')}${found.total > found.hits.length ? `, the first ${found.hits.length} shown` : ''}.\n`,
            );
          }
          return EXIT.done;
        }),
      ),
    );
}

function hitText({ io }: Context, hit: SearchHit): string {
  const paint = painter(io.outIsTerminal, io.env);
  const { excerpt, from, to } = hit;
  const words = `${visible(excerpt.slice(0, from))}${paint('bold', visible(excerpt.slice(from, to)))}${visible(excerpt.slice(to))}`;
  return `${hit.exhibit} ${visible(hit.locator, { max: 120 })}  ${hit.kind}, ${visible(hit.target.name)}, ${visible(hit.title)}\n  ${words}\n`;
}

export function addExplain(program: Command, use: Use): void {
  program
    .command('explain')
    .summary('everything that is tied to one thing')
    .description('Shows all that the evidence says of one thing, joined, each with the exhibit and the place in it.')
    .argument('<case>', 'folder of the case')
    .argument('<thing>', 'a PID, a path, an address, a SHA-256, an exhibit, a container')
    .option('--json', 'print JSON')
    .action(
      use((context, given: string, about: string, options: Options) =>
        inCase(context, given, { write: false }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const told = await client.evidence.explain({ case: path, about });
          context.io.out(options.json ? jsonText(told) : explanationText(context, told));
          return told.kind === 'nothing' ? EXIT.failed : EXIT.done;
        }),
      ),
    );
}

function explanationText({ io }: Context, told: Explanation): string {
  const paint = painter(io.outIsTerminal, io.env);
  const lines = [paint('bold', visible(told.title))];
  for (const { title, items, more } of told.sections) {
    lines.push('', paint('bold', title));
    for (const { text, notable, cites } of items) {
      const shown = visible(text, { max: 2000 });
      lines.push(`  ${notable ? paint('red', `! ${shown}`) : shown}`);
      const places = cites.map(({ exhibit, locator }) => `${exhibit} ${visible(locator, { max: 120 })}`);
      if (places.length > 0) lines.push(paint('dim', `      ${places.join('; ')}`));
    }
    if (more > 0) lines.push(`  … and ${more} more`);
  }
  return `${lines.join('\n')}\n`;
}
