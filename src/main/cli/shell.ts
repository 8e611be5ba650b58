import { type Command, Option } from 'commander';
import { z } from 'zod';
import { LadingError } from '../../shared/errors';
import { refusedText, terminalFilter } from '../../shared/terminal-filter';
import { visible } from '../../shared/visible';
import { connectAll, type HostOptions, hostSpec, withHostOptions } from './connect';
import { type Client, inCase, type Use } from './context';
import { EXIT, usageError } from './errors';
import type { Io } from './io';
import { taskError } from './task';

interface Options extends HostOptions {
  reason: string;
  user?: string;
  yes?: boolean;
  ssh?: boolean;
}

/** Ctrl-] hangs up, as in telnet(1) and nsenter's like: everything else belongs to the container. */
const HANG_UP = 0x1d;
const Result = z.object({ exhibits: z.number(), misses: z.number() });

export function addShell(program: Command, use: Use): void {
  withHostOptions(program.command('shell'))
    .summary('work in a container or on its host, recorded')
    .description(
      'Opens a terminal in a container, or with --ssh on the host itself, and records every byte typed and shown as an exhibit (asciicast v2). It changes the evidence: take everything else before. Ctrl-] hangs up.',
    )
    .argument('<case>', 'folder of the case')
    .argument('<host>', 'host the container runs on')
    .argument('[container]', 'name or unique start of an id; left out with --ssh')
    .argument('[command...]', 'what to run (default: sh)')
    .option('--ssh', 'on the host instead, over SSH')
    .addOption(new Option('--reason <text>', 'why, for the ledger').makeOptionMandatory())
    .option('--user <user>', 'user in the container (default: its own)')
    .option('--yes', 'accept that it changes the evidence')
    .action(
      use((context, given: string, host: string, container: string | undefined, words: string[], options: Options) => {
        const { io } = context;
        if (!io.typing)
          throw usageError(
            'A shell needs a terminal to be typed in.',
            'Use `lading collect --collector container.inside.command`.',
          );
        if (options.reason.trim() === '') throw usageError('A reason has to be given.');
        const { on, collector, targets, command } = placeOf(host, container, words, options);
        const spec = hostSpec(io, host, options);
        return inCase(context, given, { write: true }, async (opened, client) => {
          await consent(io, on, options);
          await connectAll(io, client, [spec], options, opened.path);
          const size = { columns: clamp(io.columns()), rows: clamp(io.rows()) };
          const { session } = await client.live.wishForShell({
            ...(command.length > 0 && { command }),
            user: options.user,
            ...size,
          });
          const output = await client.live.shellOutput({ session });
          const { task } = await client.collect.start({
            case: opened.path,
            hosts: [spec],
            collectors: [collector],
            targets,
            inputs: { [collector]: { session } },
            reason: options.reason,
            acceptFootprint: true,
          });
          const refused = await attend(io, client, session, output);
          for await (const now of await client.tasks.watch({ id: task })) {
            if (now.state === 'running') continue;
            if (refused !== '') io.err(`Kept from this terminal, and in the recording: ${refused}.\n`);
            if (now.state !== 'done') throw taskError(now);
            const { exhibits } = Result.parse(now.result);
            const why = now.items.map((item) => item.note ?? '').join(' ');
            if (exhibits === 0) throw new LadingError('NOT_POSSIBLE', `No shell could be opened: ${visible(why)}`);
            io.err('The session is recorded; `lading exhibits` lists it.\n');
            return EXIT.done;
          }
          throw new LadingError('INTERNAL', 'Lading lost sight of the shell.');
        });
      }),
    );
}

/** Where the shell is opened, and what runs in it. With --ssh there is no container, and every word is of the command. */
function placeOf(host: string, container: string | undefined, words: string[], { ssh, user }: Options) {
  if (!ssh) {
    if (container === undefined)
      throw usageError('A container has to be named.', 'For a shell on the host itself: --ssh.');
    return { on: container, collector: 'container.shell', targets: [container], command: words };
  }
  if (user !== undefined)
    throw usageError('--user is of containers.', 'On a host the shell runs as the user you connect as.');
  const command = container === undefined ? words : [container, ...words];
  return { on: host, collector: 'host.shell', targets: undefined, command };
}

async function consent(io: Io, on: string, { ssh = false, yes = false }: Options): Promise<void> {
  const leaves = ssh
    ? 'a login that sshd writes down (wtmp, utmp, lastlog, its log), processes'
    : 'a process, two events of the engine';
  io.err(
    `This runs a program ${ssh ? 'on' : 'in'} ${visible(on, { max: 100 })}: it leaves ${leaves}, access times and what you do there. Everything typed and shown is recorded, passwords too.\n`,
  );
  if (yes) return;
  if (!io.canAsk) throw usageError('Nothing was opened.', 'Accept that with --yes.');
  if ((await io.ask('Type yes to do it: ')).trim() !== 'yes') throw usageError('Not accepted; nothing was opened.');
}

/** Passes on what is typed and, filtered, what is shown, until the session ends. Gives what was refused, in words. */
async function attend(
  io: Io,
  client: Client,
  session: string,
  output: AsyncIterable<{ base64: string } | { exit: number | null }>,
): Promise<string> {
  const filter = terminalFilter();
  // One after the other: what is typed may not overtake itself.
  let sending = Promise.resolve();
  const send = (call: () => Promise<unknown>) => {
    sending = sending.then(call).then(
      () => undefined,
      () => undefined, // it ended meanwhile, which the output says
    );
  };
  const release = io.typing?.(
    (bytes) => {
      if (bytes.includes(HANG_UP)) send(() => client.live.hangUp({ session }));
      else send(() => client.live.shellInput({ session, base64: Buffer.from(bytes).toString('base64') }));
    },
    () => send(() => client.live.shellSize({ session, columns: clamp(io.columns()), rows: clamp(io.rows()) })),
  );
  try {
    for await (const piece of output) {
      if ('exit' in piece) break;
      io.out(filter.push(Buffer.from(piece.base64, 'base64')));
    }
  } finally {
    release?.();
    // Whatever a program left: colours and letters as usual, cursor shown, the usual screen and all of it, no bracketed paste.
    io.out('\x1b[0m\x1b(B\x1b7\x1b[r\x1b8\x1b[4l\x1b[?25h\x1b[?1049l\x1b[?2004l\r\n');
  }
  return refusedText(filter.refused);
}

const clamp = (cells: number) => Math.min(1000, Math.max(2, cells));
