import { Command, CommanderError } from 'commander';
import { addAnalyze } from './analyze';
import { addCapture } from './capture';
import { addCollect } from './collect';
import { addCollectors } from './collectors';
import type { Context, Core, CoreOptions, Use } from './context';
import { EXIT, sayError, toLading } from './errors';
import { addConnections, addExplain, addProcesses, addSearch } from './evidence';
import { addExhibits } from './exhibits';
import { addExport } from './export';
import { addFiles } from './files';
import { addFindings } from './findings';
import { addHandover } from './handover';
import { addHosts } from './hosts';
import { addImport } from './import';
import { addInvestigate } from './investigate';
import type { Io } from './io';
import { addMemory } from './memory';
import { addNew } from './new';
import { addNote } from './note';
import { addOpen } from './open';
import { addNetwork, addPackets } from './packets';
import { addPlan } from './plan';
import { addProfiles } from './profiles';
import { addReport } from './report';
import { addSeal } from './seal';
import { addServe } from './serve';
import { addShell } from './shell';
import { addTargets } from './targets';
import { addTimeline } from './timeline';
import { addVerify } from './verify';

/** In the order of an examiner's work, which is that of the help. */
const COMMANDS = [
  addNew,
  addHosts,
  addTargets,
  addCollectors,
  addProfiles,
  addPlan,
  addCollect,
  addCapture,
  addShell,
  addImport,
  addAnalyze,
  addExhibits,
  addFiles,
  addFindings,
  addInvestigate,
  addTimeline,
  addProcesses,
  addConnections,
  addNetwork,
  addPackets,
  addSearch,
  addMemory,
  addExplain,
  addNote,
  addSeal,
  addVerify,
  addHandover,
  addReport,
  addExport,
  addOpen,
  addServe,
];

export interface CliOptions {
  io: Io;
  version: string;
  /** Starts the core. */
  start(options: CoreOptions): Promise<Core>;
}

/**
 * Runs one command line (without `node` and the script) and gives its exit code: 0 done, 1 faults found or something
 * failed, 2 called wrongly. Everything it opened is closed when it settles.
 */
export async function runCli(argv: readonly string[], options: CliOptions): Promise<number> {
  const { io } = options;
  let code: number = EXIT.usage;
  const use: Use =
    (work) =>
    async (...args) => {
      code = await runCommand(options, (context) => work(context, ...args));
    };
  const program = new Command('lading')
    .description('Evidence from software containers, with an unbroken chain of custody.')
    .version(options.version, '-V, --version')
    .option('--no-input', 'never ask; fail where a person would be asked')
    .showHelpAfterError('Try `lading --help` or `lading COMMAND --help`.')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 it found faults or something failed, 2 called wrongly.\nWith --json, data goes to standard output; progress and words go to standard error.',
    );
  for (const add of COMMANDS) add(program, use);
  quiet(program, io);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    throw error;
  }
}

/** Commander writes and ends through us, in subcommands too. */
function quiet(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text),
    writeErr: (text) => io.err(text),
    outputError: (text, write) => write(text.replace(/^error: /, 'lading: ')),
    getOutHelpWidth: () => io.columns(),
    getErrHelpWidth: () => io.columns(),
  });
  for (const child of command.commands) quiet(child, io);
}

/** Runs a command's work with a context; says its error, closes the core. */
async function runCommand(options: CliOptions, work: (context: Context) => Promise<number>): Promise<number> {
  const { io } = options;
  let starting: Promise<Core> | undefined;
  const context: Context = {
    io,
    core: (wanted = { window: 'none' }) => {
      starting ??= options.start(wanted);
      return starting;
    },
    client: async () => (await context.core()).client,
  };
  // Between tasks a Ctrl-C closes what is open, so that no lock and no connection stays; a second one ends at once.
  let interrupted = false;
  const release = io.onInterrupt(() => {
    if (interrupted || !starting) return io.exit(EXIT.interrupted);
    interrupted = true;
    const end = () => io.exit(EXIT.interrupted);
    starting.then((core) => core.close()).then(end, end);
  });
  let code: number;
  try {
    code = await work(context);
  } catch (error) {
    code = sayError(io, toLading(error));
  }
  try {
    if (starting) await (await starting).close();
  } catch (error) {
    // A core that did not start has said so already.
    if (code === EXIT.done) code = sayError(io, toLading(error));
  }
  release();
  return code;
}
