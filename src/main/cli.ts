import packageJson from '../../package.json';
import { processIo } from './cli/io';
import { runCli } from './cli/program';

/** The `lading` command: the same core without a window. */
async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  const code = await runCli(argv, {
    io: processIo({ noInput: argv.includes('--no-input') }),
    version: packageJson.version,
    start: async (options) => {
      // Loaded when it is needed: help and usage errors come at once.
      const { createApp } = await import('./app');
      return createApp(options);
    },
  });
  // What was written must have left; then nothing that is still open may keep the command from ending.
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))));
  process.exit(code);
}

void main();
