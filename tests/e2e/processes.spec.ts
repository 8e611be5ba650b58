import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openSample, type Served, serve } from './serve';

let served: Served;

test.beforeAll(async () => {
  served = await serve();
});

test.afterAll(() => served?.stop());

test('shows the tree of processes, explains one with its citations, and finds words in the evidence', async ({
  page,
}) => {
  await openSample(page, served);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

  // nobody analysed anything: the screen makes the index that it needs
  await page.getByRole('navigation').getByRole('link', { name: 'Processes' }).click();
  const grid = page.getByRole('grid', { name: 'processes' });
  await expect(grid.getByRole('row', { name: /containerd-shim/ }).first()).toBeVisible();
  const all = Number(await grid.getAttribute('aria-rowcount'));

  await page.getByRole('switch', { name: 'Only what stands out' }).click();
  await expect(grid.getByRole('row', { name: /memfd/ }).first()).toBeVisible();
  await expect.poll(async () => Number(await grid.getAttribute('aria-rowcount'))).toBeLessThan(all);
  await grid.getByRole('row', { name: /memfd/ }).first().click();
  const panel = page.getByRole('region', { name: 'What is tied to it' });
  await expect(panel.getByText(/never a file: memfd_create/)).toBeVisible();
  await expect(panel.getByText('Parents')).toBeVisible();
  await page.screenshot({ path: 'test-results/processes.png' });
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  // a parent is one click away, and back
  await panel
    .getByRole('button', { name: /attack\.sh/ })
    .first()
    .click();
  await expect(panel.getByRole('heading', { level: 2 })).toContainText('sh, shop-web');
  await panel.getByRole('button', { name: 'Back' }).click();
  await expect(panel.getByText(/never a file: memfd_create/)).toBeVisible();

  // each citation opens the exhibit at the place
  await panel
    .getByRole('link', { name: /^E\d+ bytes:/ })
    .first()
    .click();
  await expect(page).toHaveURL(/#\/exhibits\/E\d+\?at=bytes/);

  // words in the evidence, from everywhere
  await page.keyboard.press('Control+k');
  await page.getByLabel('Go to').fill('beacon.pl');
  await page.getByText('In the evidence').first().waitFor();
  await page.screenshot({ path: 'test-results/search.png' });
  await page
    .getByRole('button', { name: /POST \/upload\/beacon/ })
    .first()
    .click();
  await expect(page).toHaveURL(/#\/exhibits\/E\d+\?at=/);
});
