import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { CaptureRow, ExtractWhat } from '../../shared/contract/network';
import { visible } from '../../shared/visible';
import { type Client, inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { bytesText, clip, table } from './format';
import { indexReady } from './index-ready';
import { jsonText } from './output';
import { PACKET_KINDS, type PacketKind, type PacketLine, packetCells, packetHeads } from './packet-lines';

const PAGE = 2000;

interface Options {
  text?: string;
  layer?: 'ip' | 'ipv6' | 'tcp' | 'udp';
  from?: string;
  limit?: string;
  json?: boolean;
  http?: string;
  transfer?: string;
  stream?: string;
  part?: 'request' | 'response';
  side?: 'a' | 'b';
  out?: string;
  reason?: string;
}

export function addNetwork(program: Command, use: Use): void {
  program
    .command('network')
    .summary('the captures of the case')
    .description('Lists captures with what was read in them, and how far they could be read.')
    .argument('<case>', 'folder of the case')
    .option('--json', 'print JSON')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: false }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const { captures } = await client.network.captures({ case: path });
          context.io.out(options.json ? jsonText(captures) : captureTable(captures));
          return EXIT.done;
        }),
      ),
    );
}

function captureTable(captures: readonly CaptureRow[]): string {
  if (captures.length === 0) return 'The case has no captures.\n';
  const heads = [
    'EXHIBIT',
    'TARGET',
    'PACKETS',
    'ON THE WIRE',
    'FROM (UTC)',
    'TO (UTC)',
    'TCP/UDP/IP',
    'DNS',
    'HTTP',
    'TLS',
    'LOGINS',
  ];
  const rows = captures.map((one) => [
    one.exhibit,
    clip(visible(one.target.name), 24),
    String(one.packets),
    bytesText(one.wire),
    one.first?.slice(0, 23) ?? '-',
    one.last?.slice(0, 23) ?? '-',
    String(one.conversations),
    String(one.dns),
    String(one.http),
    String(one.tls),
    String(one.logins),
  ]);
  const limits = captures.flatMap(({ exhibit, limits: said }) => said.map((line) => `${exhibit}: ${visible(line)}\n`));
  return `${table(
    heads.map((head) => ({ head })),
    rows,
  )}${limits.join('')}`;
}

export function addPackets(program: Command, use: Use): void {
  const packets = program
    .command('packets')
    .summary('what was said in a capture: conversations, DNS, HTTP, TLS, packets');
  for (const kind of PACKET_KINDS) {
    const command = packets
      .command(kind)
      .argument('<case>', 'folder of the case')
      .argument('[exhibit]', 'the capture; not needed where the case has one alone')
      .option('--limit <n>', 'at most so many rows', '200')
      .option('--json', 'print JSON');
    if (kind !== 'packets' && kind !== 'transfers')
      command.option('--text <text>', 'only with this in a name or an address');
    if (kind === 'packets') command.option('--from <n>', 'from this packet on, counted from 1', '1');
    if (kind === 'conversations')
      command.addOption(new Option('--layer <layer>', 'only of this layer').choices(['ip', 'ipv6', 'tcp', 'udp']));
    command.action(
      use((context, given: string, exhibit: string | undefined, options: Options) =>
        inCase(context, given, { write: false }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const { rows, total } = await rowsOf(client, path, await captureOf(client, path, exhibit), kind, options);
          if (options.json) context.io.out(jsonText(rows));
          else {
            context.io.out(
              rows.length === 0 ? `No ${kind} in this capture.\n` : table(packetHeads(kind), rows.map(packetCells)),
            );
            if (total > rows.length) context.io.err(`${rows.length} of ${total} are shown; --limit gives more.\n`);
          }
          return EXIT.done;
        }),
      ),
    );
  }
  packets
    .command('extract')
    .description('Writes what a connection carried to a new file; its hash goes into the ledger.')
    .argument('<case>', 'folder of the case')
    .argument('[exhibit]', 'the capture; not needed where the case has one alone')
    .option('--http <id>', 'the body of this HTTP row')
    .addOption(new Option('--part <part>', 'which of its bodies').choices(['request', 'response']).default('response'))
    .option('--transfer <id>', 'the file of this FTP transfer')
    .option('--stream <id>', 'all that one side of this TCP conversation sent')
    .addOption(new Option('--side <side>', 'which side').choices(['a', 'b']).default('a'))
    .requiredOption('--out <file>', 'where to; it must not be there yet')
    .requiredOption('--reason <reason>', 'why; goes into the ledger')
    .action(
      use((context, given: string, exhibit: string | undefined, options: Options) =>
        inCase(context, given, { write: true }, async ({ path }, client) => {
          await indexReady(context, client, path);
          const to = resolve(context.io.cwd, options.out ?? '');
          const made = await client.network.extract({
            case: path,
            exhibit: await captureOf(client, path, exhibit),
            what: whatOf(options),
            to,
            reason: options.reason ?? '',
          });
          context.io.out(`${made.sha256}  ${visible(made.path)}\n`);
          context.io.err(`${made.bytes} bytes${made.whole ? '' : '; bytes of it are not in the capture'}.\n`);
          return made.whole ? EXIT.done : EXIT.failed;
        }),
      ),
    );
}

function whatOf({ http, part = 'response', transfer, stream, side = 'a' }: Options): ExtractWhat {
  const number = (text: string) => {
    if (!/^\d{1,15}$/.test(text)) throw usageError(`"${text}" is not the number of a row.`);
    return Number(text);
  };
  const given = [http, transfer, stream].filter((one) => one !== undefined);
  if (given.length !== 1) throw usageError('Give one of --http, --transfer and --stream.');
  if (http !== undefined) return { kind: 'http', id: number(http), part };
  if (transfer !== undefined) return { kind: 'transfer', id: number(transfer) };
  return { kind: 'stream', id: number(stream ?? ''), side };
}

async function captureOf(client: Client, path: string, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const { captures } = await client.network.captures({ case: path });
  const [only] = captures;
  if (captures.length === 1 && only) return only.exhibit;
  throw usageError(
    captures.length === 0
      ? 'The case has no captures.'
      : `Name one of the captures: ${captures.map(({ exhibit }) => exhibit).join(', ')}.`,
  );
}

function pageOf(
  client: Client,
  kind: PacketKind,
  asked: { case: string; exhibit: string; offset: number; limit: number; text?: string; layer?: Options['layer'] },
) {
  return client.network[kind](asked);
}

async function rowsOf(client: Client, path: string, exhibit: string, kind: PacketKind, options: Options) {
  const most = Math.max(1, Math.floor(Number(options.limit)) || 200);
  const begin = kind === 'packets' ? Math.max(0, (Math.floor(Number(options.from)) || 1) - 1) : 0;
  const rows: PacketLine[] = [];
  let total = 0;
  while (rows.length < most) {
    const { text, layer } = options;
    const limit = Math.min(PAGE, most - rows.length);
    const page = await pageOf(client, kind, { case: path, exhibit, text, layer, offset: begin + rows.length, limit });
    rows.push(...page.rows);
    total = page.total - begin;
    if (page.rows.length < limit) break;
  }
  return { rows, total };
}
