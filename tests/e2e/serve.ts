import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';

const ROOT = resolve(import.meta.dirname, '../..');

export interface Served {
  /** Good for one use. */
  url: string;
  /** A folder of its own for this run: settings, key, cases. */
  dir: string;
  stop(): Promise<void>;
}

/** Serves the window as `lading serve` does, with settings of its own. `prepare` makes a case in the folder first, and gives its path. */
export async function serve(prepare?: (dir: string, lading: (...argv: string[]) => void) => string): Promise<Served> {
  const dir = mkdtempSync(join(tmpdir(), 'lading-e2e-'));
  const env = { ...process.env, LADING_CONFIG: join(dir, 'config'), LADING_KEYCHAIN: 'off' };
  const bin = process.env.LADING_BIN ?? join(ROOT, 'bin/lading.mjs');
  const opened = prepare?.(dir, (...argv) => {
    execFileSync(process.execPath, [bin, ...argv], { env, cwd: dir, stdio: 'pipe' });
  });
  const argv = [bin, 'serve', ...(opened === undefined ? [] : [opened])];
  const child: ChildProcess = spawn(process.execPath, argv, { env, cwd: dir });
  const url = await new Promise<string>((done, fail) => {
    let said = '';
    const hear = (part: Buffer) => {
      said += part.toString();
      const link = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(said);
      if (link) done(link[0]);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', () => fail(new Error(`lading serve ended: ${said}`)));
  });
  return {
    url,
    dir,
    stop: () =>
      new Promise((done) => {
        child.removeAllListeners('exit');
        child.once('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}

/** Opens the sample case from the start screen, as a newcomer does, into the folder of this run. */
export async function openSample(page: Page, { url, dir }: Served): Promise<void> {
  await page.goto(url);
  await page.getByRole('radiogroup').getByText('Sample case').click();
  await page.getByLabel('Inside the folder').fill(dir);
  await page.getByRole('button', { name: 'Open the sample case' }).click();
}
