import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, type Page } from '@playwright/test';
import type { LabHost } from '../lab';

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

/** Makes a new case from the start screen, in the folder of this run. */
export async function makeCase(page: Page, { url, dir }: Served, number: string, title: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Case number').fill(number);
  await page.getByLabel('Title').fill(title);
  await page.getByLabel('Examiner').fill('R. Mora');
  await page.getByLabel('Inside the folder').fill(dir);
  await page.getByRole('button', { name: /Make the case|Create/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
}

/** Connects to a lab host from the screen Hosts, its fingerprint compared. */
export async function connectTo(page: Page, host: LabHost): Promise<void> {
  await page
    .getByRole('button', { name: /by hand|Add a host|Connect to a host/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Connect to a host' });
  await dialog.getByLabel('Address').fill(host.spec.address);
  await dialog.getByLabel('Private key file').fill(host.keyFile);
  await dialog.getByRole('button', { name: 'Connect' }).click();
  const key = page.getByRole('dialog', { name: 'Is this the right host?' });
  await key.getByLabel(/I have compared every character/).check();
  await key.getByRole('button', { name: /Trust|is the right host|Connect/ }).click();
  await expect(key).toBeHidden({ timeout: 30_000 });
  await expect(page.getByText(host.spec.address).first()).toBeVisible({ timeout: 30_000 });
}
