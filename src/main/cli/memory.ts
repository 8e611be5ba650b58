import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { CANDIDATE_KINDS } from '../../shared/contract/memory';
import { visible } from '../../shared/visible';
import { type Client, type Context, inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import { indexReady } from './index-ready';
import { showCarved, showCommands, showProcess, showRead, showRegions, showSpaces } from './memory-look';
import { showCandidates, showHits, showStrings } from './memory-scan';
import { showVolatility } from './memory-volatility';

export interface MemoryOptions {
  exhibit?: string;
  space?: string;
  terms?: string;
  hex?: boolean;
  regex?: boolean;
  ignoreCase?: boolean;
  narrow?: boolean;
  least: number;
  containing?: string;
  kind?: (typeof CANDIDATE_KINDS)[number][];
  reveal?: boolean;
  limit: number;
  length: number;
  to?: string;
  reason?: string;
  program?: string;
  symbols?: string;
  json?: boolean;
}

export interface MemoryWork {
  context: Context;
  client: Client;
  /** The case. */
  path: string;
  options: MemoryOptions;
  /** What was given after the verb. */
  args: readonly string[];
}

interface Verb {
  says: string;
  least: number;
  most: number;
  /** Needs the index, for what is joined. */
  index?: boolean;
  write?: boolean;
  run(work: MemoryWork): Promise<void>;
}

const VERBS: Record<string, Verb> = {
  list: { says: 'exhibits of memory with their address spaces', least: 0, most: 0, run: showSpaces },
  regions: { says: 'regions of an address space', least: 0, most: 0, run: showRegions },
  process: {
    says: 'what an address space was: process, container, executable, sockets, open files',
    least: 0,
    most: 0,
    index: true,
    run: showProcess,
  },
  read: { says: 'bytes at an address (0x…), as hex; --length', least: 1, most: 1, run: showRead },
  strings: { says: 'texts with their addresses; --least, --containing', least: 0, most: 0, run: showStrings },
  search: { says: 'a text, --hex bytes, a --regex, or a list with --terms FILE', least: 0, most: 1, run: showHits },
  candidates: {
    says: 'what may be keys, tokens, passwords, card numbers, URLs',
    least: 0,
    most: 0,
    run: showCandidates,
  },
  commands: { says: 'commands typed into shells (bash)', least: 0, most: 0, run: showCommands },
  carve: {
    says: 'files that can be made again; with an id, --to and --reason one is written',
    least: 0,
    most: 1,
    index: true,
    write: true,
    run: showCarved,
  },
  vol: {
    says: 'plugins of Volatility 3 over an image of a host; without a plugin: which there are',
    least: 0,
    most: 50,
    index: true,
    write: true,
    run: showVolatility,
  },
};

const whole = (from: number, to: number) => (text: string) => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  throw new InvalidArgumentError(`It must be a number from ${from} to ${to}.`);
};

export function addMemory(program: Command, use: Use): void {
  program
    .command('memory')
    .summary('look into memory: processes, checkpoints, whole hosts')
    .description(
      'Reads exhibits of memory: what was in it, at which address, of which process. Nothing is written to the case.',
    )
    .argument('<case>', 'folder of the case')
    .addArgument(new Argument('<verb>', 'what to do, see below').choices(Object.keys(VERBS)))
    .argument('[what...]', 'what the verb takes')
    .option('--exhibit <id>', 'only this exhibit (else each that holds memory)')
    .option('--space <id>', 'only this address space, as `list` names it: pid:7, physical')
    .option('--terms <file>', 'search: a file with a text on each line')
    .option('--hex', 'search: pairs of hex digits, ?? for any byte')
    .option('--regex', 'search: a regular expression, as JavaScript has them')
    .option('--ignore-case', 'search: small and capital letters of ASCII alike')
    .option('--narrow', 'search: not in UTF-16')
    .option('--least <n>', 'strings: characters at least', whole(4, 1000), 8)
    .option('--containing <text>', 'strings: only with this in them')
    .addOption(new Option('--kind <kind...>', 'candidates: only these').choices(CANDIDATE_KINDS))
    .option('--reveal', 'candidates: show the values, not only their beginning and length')
    .option('--limit <n>', 'rows at most', whole(1, 1_000_000), 10_000)
    .option('--length <n>', 'read: bytes', whole(1, 1_048_576), 256)
    .option('--to <path>', 'carve: where the copy goes; an existing file is not replaced')
    .option('--reason <text>', 'carve: why the copy is made')
    .option('--program <path>', 'vol: where Volatility 3 is, if neither on PATH nor in LADING_VOL')
    .option(
      '--symbols <folder>',
      'vol: folder with a symbol file (ISF) of the kernel; else it is made of what host.symbols took',
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nVerbs:\n${Object.entries(VERBS)
        .map(([name, { says }]) => `  ${name.padEnd(11)}${says}`)
        .join('\n')}`,
    )
    .action(
      use(async (context, given: string, name: string, args: string[], options: MemoryOptions) => {
        const verb = VERBS[name];
        if (!verb) throw usageError(`There is no verb ${visible(name)}.`);
        if (args.length < verb.least || args.length > verb.most) {
          throw usageError(
            `${name} takes ${verb.least === verb.most ? verb.least : `${verb.least} to ${verb.most}`} words.`,
          );
        }
        const write = verb.write === true && args.length > 0;
        return inCase(context, given, { write }, async (opened, client) => {
          if (verb.index) await indexReady(context, client, opened.path);
          await verb.run({ context, client, path: opened.path, options, args });
          return EXIT.done;
        });
      }),
    );
}
