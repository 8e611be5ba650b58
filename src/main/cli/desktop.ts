import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../root';
import type { Io } from './io';

/** Electron's program, or why there is no window to be had here, in one sentence. */
export type Desktop = { program: string } | { missing: string };

/**
 * Looks for what a window needs: a display (X11 or Wayland on Linux), the built window, and Electron's program. With
 * `fetch`, a program that was not downloaded yet is fetched the way Electron does it itself.
 */
export async function findDesktop(io: Io, options: { fetch?: boolean } = {}): Promise<Desktop> {
  if (!hasDisplay(process.platform, io.env))
    return { missing: 'There is no display here (DISPLAY and WAYLAND_DISPLAY are not set).' };
  const root = packageRoot();
  if (!existsSync(join(root, 'out', 'main', 'index.cjs')))
    return { missing: 'The window is not built (npm run build).' };
  const folder = join(root, 'node_modules', 'electron');
  const found = electronProgram(folder, io.env);
  if (found) return { program: found };
  if (!existsSync(join(folder, 'install.js'))) return { missing: 'Electron is not installed (npm ci installs it).' };
  if (options.fetch) {
    io.err('Fetching Electron, once …\n');
    await run(process.execPath, [join(folder, 'install.js')]);
    const fetched = electronProgram(folder, io.env);
    if (fetched) return { program: fetched };
    return { missing: "Electron's program could not be downloaded from this network." };
  }
  return { missing: "Electron's program was not downloaded yet (npm start fetches it)." };
}

/** Whether a window can be shown. Windows and macOS always have a display for a logged-in user. */
export function hasDisplay(platform: NodeJS.Platform, env: Record<string, string | undefined>): boolean {
  if (platform === 'win32' || platform === 'darwin') return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** Electron's program as its npm package finds it: path.txt names the file in dist, or in ELECTRON_OVERRIDE_DIST_PATH. */
export function electronProgram(folder: string, env: Record<string, string | undefined>): string | undefined {
  const named = join(folder, 'path.txt');
  const name = existsSync(named) ? readFileSync(named, 'utf8').trim() : undefined;
  const program = env.ELECTRON_OVERRIDE_DIST_PATH
    ? join(env.ELECTRON_OVERRIDE_DIST_PATH, name ?? 'electron')
    : name && join(folder, 'dist', name);
  return program && existsSync(program) ? program : undefined;
}

/** Arguments for Electron: this package, and the case to open after a `--` of our own. */
export function desktopArguments(root: string, casePath: string | undefined, asRoot: boolean): string[] {
  // Chromium's sandbox refuses to run as root; an examiner who must is warned by Chromium itself.
  return [...(asRoot ? ['--no-sandbox'] : []), root, ...(casePath === undefined ? [] : [`--case=${casePath}`])];
}

/** Runs the window until it is closed; gives its exit code. An end asked of `io` is passed on, so that it ends in order. */
export function runDesktop(io: Io, program: string, casePath?: string, whileInput = false): Promise<number> {
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  return run(program, desktopArguments(packageRoot(), casePath, asRoot), (end) => {
    if (whileInput) io.onInputEnd(end);
    return io.onInterrupt(end);
  });
}

function run(
  program: string,
  args: string[],
  onRunning?: (end: () => void) => (() => void) | undefined,
): Promise<number> {
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: false });
    const release = onRunning?.(() => void child.kill());
    const end = (code: number) => {
      release?.();
      done(code);
    };
    child.once('error', () => end(1));
    child.once('close', (code) => end(code ?? 1));
  });
}
