import { spawn } from 'node:child_process';
import { hasDisplay } from './desktop';
import type { Io } from './io';

/** The program that opens a link in the person's browser, by platform; the link goes as one argument, never through a shell. */
export function browserCommand(platform: NodeJS.Platform, url: string): { program: string; args: string[] } {
  if (platform === 'win32') return { program: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', url] };
  if (platform === 'darwin') return { program: 'open', args: [url] };
  return { program: 'xdg-open', args: [url] };
}

/** Opens the link in a browser where there is a display; says nothing when that fails, since the link is printed. */
export function openBrowser(io: Io, url: string): void {
  if (!hasDisplay(process.platform, io.env)) return;
  const { program, args } = browserCommand(process.platform, url);
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.once('error', () => {});
  child.unref();
}
