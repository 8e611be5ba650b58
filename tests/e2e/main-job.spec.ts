import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type LabHost, labAvailable, stageIncident, startHost } from '../lab';
import { type Served, serve } from './serve';

/** Set to a folder to keep pictures of the screens, for the docs. */
const PICTURES = process.env.LADING_PICTURES;

let served: Served;
let page: Page;
let host: LabHost;
/** What the window's script threw and nobody caught. */
const problems: string[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  const absent = await labAvailable();
  test.skip(absent !== undefined, absent);
  test.setTimeout(300_000);
  host = await startHost('e2e');
  await stageIncident(host);
  served = await serve();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(served.url);
});

test.afterEach(() => {
  expect(problems.splice(0)).toEqual([]);
});

test.afterAll(async () => {
  await page?.close();
  await served?.stop();
  await host?.stop();
});

async function picture(name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** No violation of WCAG 2.2 A and AA that axe can find. */
async function accessible(screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map((one) => `${screen}: ${one.id} ${one.nodes.map((node) => node.target).join(' ')}`)).toEqual([]);
}

const go = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
const heading = (name: string) => expect(page.getByRole('heading', { level: 1, name })).toBeVisible();

test('makes a new case', async () => {
  await accessible('start');
  await page.getByLabel('Case number').fill('E2E-1');
  await page.getByLabel('Title').fill('Web shop');
  await page.getByLabel('Examiner').fill('R. Mora');
  await page.getByLabel('Inside the folder').fill(served.dir);
  await picture('start');
  await page.getByRole('button', { name: /Make the case|Create/ }).click();
  await heading('Overview');
  await accessible('overview, empty');
});

test('connects to a host after its fingerprint was compared', async () => {
  await go('Hosts');
  await heading('Hosts');
  await page
    .getByRole('button', { name: /by hand|Add a host|Connect to a host/ })
    .first()
    .click();
  const form = page.getByRole('dialog', { name: 'Connect to a host' });
  await form.getByLabel('Address').fill(host.spec.address);
  await form.getByLabel('Private key file').fill(host.keyFile);
  await form.getByRole('button', { name: 'Connect' }).click();
  const key = page.getByRole('dialog', { name: 'Is this the right host?' });
  await expect(key.getByText('SHA256:').first()).toBeVisible();
  await accessible('fingerprint');
  await picture('fingerprint');
  const trust = key.getByRole('button', { name: /Trust|is the right host|Connect/ });
  await expect(trust).toBeDisabled();
  await key.getByLabel('The fingerprint from there').fill('SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
  await expect(key.getByText('The fingerprints differ')).toBeVisible();
  await expect(trust).toBeDisabled();
  await key.getByLabel('The fingerprint from there').fill('');
  await key.getByLabel(/I have compared every character/).check();
  await trust.click();
  await expect(page.getByText('shop-web').first()).toBeVisible({ timeout: 30_000 });
  await accessible('hosts');
  await picture('hosts');
});

test('plans, gives a reason, collects', async () => {
  await go('Collect');
  await heading('Collect');
  await page.getByRole('button', { name: /Make the plan|Show the plan/ }).click();
  await expect(page.getByRole('region', { name: 'The plan', exact: true })).toContainText('docker events');
  await accessible('collect');
  await picture('collect');
  await page.getByLabel('Reason').fill('Request 4711');
  await page.getByRole('button', { name: 'Start the collection' }).click();
  await expect(
    page
      .getByRole('button', { name: 'Look at the exhibits' })
      .or(page.getByRole('link', { name: /exhibits/i }))
      .first(),
  ).toBeVisible({
    timeout: 60_000,
  });
  await accessible('collection');
  await picture('collection');
});

test('shows exhibits as they are, hostile names and all', async () => {
  await go('Exhibits');
  await heading('Exhibits');
  await expect(page.getByRole('row').nth(5)).toBeVisible();
  await page.getByPlaceholder('Search all columns').fill('Container log');
  await page.getByRole('row', { name: /odd/ }).first().click();
  await expect(page.getByText('<U+202E>').first()).toBeVisible();
  await expect(page.locator('[data-name=ESC]').first()).toBeAttached();
  await expect(page.locator('main img, main script, main iframe')).toHaveCount(0);
  await accessible('exhibits');
  await picture('exhibit');
});

test('analyses, judges a finding, and reaches the place it rests on', async () => {
  await go('Findings');
  await heading('Findings');
  await page.getByRole('button', { name: 'Run analysis' }).click();
  await page.getByRole('row', { name: /Container runs privileged/ }).click({ timeout: 60_000 });
  const detail = page.getByRole('region', { name: /Finding F/ });
  await detail.getByText('Confirm', { exact: false }).first().click();
  await detail.getByLabel('Reason').fill('HostConfig.Privileged is true; nobody asked for it.');
  await picture('findings');
  await detail.getByRole('button', { name: 'Save the judgement' }).click();
  await expect(page.getByRole('row', { name: /Container runs privileged/ })).toContainText('confirmed');
  await accessible('findings');
  await detail
    .getByRole('link', { name: /E\d{4}/ })
    .first()
    .click();
  await heading('Exhibits');
  await expect(page.getByText('Privileged', { exact: false }).first()).toBeVisible();
  await picture('citation');
});

test('takes a note that cites', async () => {
  await go('Notes');
  await heading('Notes');
  await page
    .getByLabel('Note', { exact: true })
    .fill('Looked at @E0002: **the exec** came before the shell. <img src=x onerror=alert(1)>');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('list', { name: 'Notes' }).getByRole('link', { name: /E0002/ })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Notes' }).locator('img')).toHaveCount(0);
  await accessible('notes');
  await picture('notes');
});

test('seals and verifies', async () => {
  await go('Custody');
  await heading('Custody');
  await page.getByRole('button', { name: 'Seal the case' }).click();
  const prompt = page.getByRole('dialog', { name: 'Make your signing key' });
  for (const field of await prompt.locator('input[type=password]').all()) await field.fill('a passphrase for tests');
  await prompt.getByRole('button', { name: 'Make the key and seal' }).click();
  await expect(page.getByText(/sealed up to entry/)).toBeVisible();
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  await expect(page.getByText(/No fault found/)).toBeVisible({ timeout: 30_000 });
  await accessible('custody');
  await picture('custody');
});

test('writes the report', async () => {
  await go('Report');
  await heading('Report');
  await page.getByLabel('Opinion and conclusions').fill('The container was made to reach its host.');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Page', { exact: true })).toBeVisible({ timeout: 60_000 });
  await accessible('report');
  await picture('report');
  await page.getByRole('button', { name: 'Write the report' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Write the report' });
  await dialog.getByRole('button', { name: /Write/ }).click();
  await expect(dialog.getByText('The report is written')).toBeVisible({ timeout: 60_000 });
  const cases = readdirSync(served.dir).filter((name) => name !== 'config');
  const reports = join(served.dir, cases[0] as string, 'reports');
  const pdf = readFileSync(join(reports, readdirSync(reports)[0] as string));
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  await dialog.getByRole('button').last().click();
});

test('is the same in the dark, and by keyboard alone', async () => {
  await page.emulateMedia({ colorScheme: 'dark' });
  // every screen there is, by the keys that the rail says
  const links = page.getByRole('navigation', { name: 'Screens' }).getByRole('link');
  const all = await links.evaluateAll((found) =>
    found.map((one) => [one.querySelector('span')?.textContent ?? '', one.getAttribute('aria-keyshortcuts') ?? '']),
  );
  expect(all.length).toBeGreaterThanOrEqual(11);
  for (const [name = '', keys = ''] of all) {
    await page.keyboard.press(keys);
    await heading(name);
    await page.waitForTimeout(300);
    await accessible(`${name}, dark`);
    if (name === 'Overview') await picture('overview-dark');
  }
  await page.keyboard.press('Control+k');
  await page.keyboard.type('overview');
  await page.keyboard.press('Enter');
  await heading('Overview');
});
