import type { Command } from 'commander';
import { casePath, type Use } from './context';
import { findDesktop, runDesktop } from './desktop';
import { EXIT } from './errors';
import { type ServeOptions, serve, withServeOptions } from './serve';

interface Options extends ServeOptions {
  fetch?: boolean;
}

export function addOpen(program: Command, use: Use): void {
  withServeOptions(program.command('open'))
    .summary('the window')
    .description(
      'Opens the window. Where Electron or a display is missing it says so and serves the window to a browser.',
    )
    .argument('[case]', 'case to open')
    .option('--fetch', "download Electron's program when it is missing")
    .action(
      use(async (context, given: string | undefined, options: Options) => {
        const { io } = context;
        const desktop = await findDesktop(io, { fetch: options.fetch });
        if ('program' in desktop) {
          const path = given === undefined ? undefined : casePath(io, given);
          const code = await runDesktop(io, desktop.program, path, options.whileInput);
          return code === 0 ? EXIT.done : EXIT.failed;
        }
        io.err(`${desktop.missing} The window is served to a browser instead.\n`);
        return serve(context, given, options);
      }),
    );
}
