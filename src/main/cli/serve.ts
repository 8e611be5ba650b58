import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { LadingError } from '../../shared/errors';
import { rendererFolder } from '../root';
import { serveWindow } from '../serve';
import { openBrowser } from './browser';
import { type Context, casePath, type Use } from './context';
import { EXIT } from './errors';

export interface ServeOptions {
  port?: number;
  browser: boolean;
  /** End when standard input ends: for a parent process that may die. */
  whileInput?: boolean;
}

export function withServeOptions(command: Command): Command {
  return command
    .option('--port <port>', 'port on 127.0.0.1 (default: any free one)', portNumber)
    .option('--no-browser', 'only print the link')
    .option('--while-input', 'end when standard input ends');
}

export function addServe(program: Command, use: Use): void {
  withServeOptions(program.command('serve'))
    .summary('the window in a browser tab, for machines without a display')
    .description('Serves the window on 127.0.0.1 and prints a link that is good for one use. Ctrl-C ends it.')
    .argument('[case]', 'case to open')
    .action(use(serve));
}

/** Serves until it is interrupted. The link goes to standard output, alone; words go to standard error. */
export async function serve(context: Context, given: string | undefined, options: ServeOptions): Promise<number> {
  const { io } = context;
  const renderer = rendererFolder();
  if (!existsSync(join(renderer, 'index.html'))) {
    throw new LadingError('NOT_POSSIBLE', 'The window is not built.', { advice: 'Build it with npm run build.' });
  }
  const openCase = given === undefined ? undefined : casePath(io, given);
  const { router } = await context.core({ window: 'browser', openCase });
  const served = await serveWindow({ router, renderer, port: options.port });
  const ended = new Promise<void>((done) => {
    let interrupts = 0;
    io.onInterrupt(() => {
      interrupts++;
      if (interrupts > 1) io.exit(EXIT.interrupted);
      io.err('Ending; what arrived is kept. Ctrl-C again ends at once.\n');
      done();
    });
    if (options.whileInput) io.onInputEnd(done);
  });
  io.err('Lading is open at this link, good for one use, on this machine only. Ctrl-C ends it.\n');
  io.out(`${served.url}\n`);
  if (options.browser) openBrowser(io, served.url);
  await ended;
  await served.close();
  return EXIT.done;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}
