// `npm start`: the window. In Electron where that can be had and there is a display; else it says why and serves the same
// window to a browser. `npm start -- CASE` opens a case.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const lading = fileURLToPath(new URL('../bin/lading.mjs', import.meta.url));
const built = fileURLToPath(new URL('../out/main/cli.cjs', import.meta.url));
if (!existsSync(built)) {
  console.error('Lading is not built yet. Run `npm ci` (or `npm run build`), then `npm start` again.');
  process.exit(1);
}

// The pipe to the child stays open as long as this process lives: when it is killed, the child ends in order.
const child = spawn(process.execPath, [lading, 'open', '--fetch', '--while-input', ...process.argv.slice(2)], {
  stdio: ['pipe', 'inherit', 'inherit'],
});
// Ctrl-C reaches the child by itself (same terminal); a plain kill of this process is passed on.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  console.error(`Lading could not be started: ${error.message}`);
  process.exit(1);
});
child.on('close', (code) => process.exit(code ?? 1));
