import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { dataRoot, WEB_ID } from '../unit/import/kit';
import { type Served, serve } from './serve';

let served: Served;
let page: Page;
const problems: string[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  served = await serve();
  for (const [name, content] of Object.entries(dataRoot())) {
    const path = join(served.dir, 'stick', 'docker', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  }
  writeFileSync(join(served.dir, 'stick', 'words.txt'), 'nothing that is known');
  writeFileSync(join(served.dir, 'stick', 'empty.bin'), '');
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await page.goto(served.url);
  await page.getByLabel('Case number').fill('E2E-IMPORT');
  await page.getByLabel('Title').fill('A stick');
  await page.getByLabel('Examiner').fill('R. Mora');
  await page.getByLabel('Inside the folder').fill(served.dir);
  await page.getByRole('button', { name: /Make the case|Create/ }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
});

test.afterEach(() => {
  expect(problems.splice(0)).toEqual([]);
});

test.afterAll(async () => {
  await page?.close();
  await served?.stop();
});

async function accessible(screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map((one) => `${screen}: ${one.id} ${one.nodes.map((node) => node.target).join(' ')}`)).toEqual([]);
}

const dialog = () => page.getByRole('dialog', { name: 'Import evidence' });

test('an empty case leads to the import, which says what each is before anything is stored', async () => {
  await page.getByRole('main').getByRole('link', { name: 'Import evidence' }).click();
  await expect(dialog()).toBeVisible();
  await expect(dialog().getByRole('button', { name: 'Import', exact: true })).toBeDisabled();
  const field = dialog().getByLabel('File or folder', { exact: true });
  for (const name of ['docker', 'empty.bin', 'not there']) {
    await field.fill(join(served.dir, 'stick', name));
    await dialog().getByRole('button', { name: 'Add' }).click();
  }
  const looks = dialog().getByRole('region', { name: 'What will happen' });
  await expect(looks).toContainText('Copied data root of a Docker engine');
  await expect(looks).toContainText('becomes one tar archive');
  await expect(looks).toContainText('is empty');
  await expect(looks).toContainText('is not there');
  await accessible('import, looked at');
  // nothing was stored by looking
  const evidence = readdirSync(served.dir)
    .filter((name) => name.includes('E2E-IMPORT'))
    .map((name) => readdirSync(join(served.dir, name)));
  expect(evidence.flat()).not.toContain('E0001');
  await dialog()
    .getByRole('button', { name: /Leave out .*empty\.bin/ })
    .click();
  await dialog()
    .getByRole('button', { name: /Leave out .*not there/ })
    .click();
  await expect(looks).not.toContainText('is empty');
});

test('a file is chosen in the window', async () => {
  await dialog().getByRole('button', { name: 'Choose a file or folder' }).click();
  const picker = page.getByRole('dialog', { name: 'Choose a file or folder' });
  await picker.getByLabel('Folder', { exact: true }).fill(join(served.dir, 'stick'));
  await picker.getByRole('button', { name: 'Go' }).click();
  await picker.getByRole('button', { name: 'words.txt' }).click();
  await picker.getByRole('button', { name: 'Choose', exact: true }).click();
  await expect(dialog().getByRole('list', { name: 'To be imported' })).toContainText('words.txt');
  await expect(dialog().getByRole('region', { name: 'What will happen' })).toContainText('File, not recognised');
});

test('imports, shows what became of each, and the analysis reads it', async () => {
  await dialog().getByLabel('Where it comes from').fill('A. Admin, on a stick, 25 November');
  await dialog().getByRole('button', { name: 'Import', exact: true }).click();
  await expect(dialog().getByRole('link', { name: 'E0001' })).toBeVisible({ timeout: 30_000 });
  const outcome = dialog().getByRole('region', { name: 'What became of each' });
  await expect(outcome).toContainText('7 exhibits');
  await accessible('import, done');
  await dialog().getByRole('link', { name: 'Look at the exhibits' }).click();
  await expect(dialog()).toBeHidden();
  await page
    .getByRole('row', { name: /hostconfig\.json/ })
    .first()
    .click();
  await expect(page.getByText(WEB_ID.slice(0, 12)).first()).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Findings' }).click();
  await page.getByRole('button', { name: 'Run analysis' }).click();
  await page.getByRole('row', { name: /Container runs privileged/ }).click({ timeout: 60_000 });
  await accessible('findings of an import');
});
