import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openSample, type Served, serve } from './serve';

let served: Served;

test.beforeAll(async () => {
  served = await serve();
});

test.afterAll(() => served?.stop());

test('shows what happened when, looks closer, filters, and leads to the place in the exhibit', async ({
  page,
}, info) => {
  await openSample(page, served);
  await page.getByRole('navigation').getByRole('link', { name: 'Timeline' }).click();
  const grid = page.getByRole('grid', { name: 'timeline' });
  await expect(grid.getByRole('row').first()).toBeVisible({ timeout: 30_000 });
  const all = Number(await grid.getAttribute('aria-rowcount'));
  expect(all).toBeGreaterThan(10);
  // the examiner's own actions are on the same axis
  await expect(page.getByText(/^Examiner [\d,]+$/)).toBeVisible();
  await page.screenshot({ path: info.outputPath('timeline.png') });

  await page.getByText(/^Engine events [\d,]+$/).click();
  await expect(grid).not.toHaveAttribute('aria-rowcount', String(all));
  const engine = Number(await grid.getAttribute('aria-rowcount'));
  expect(engine).toBeGreaterThan(0);
  await grid.focus();
  await page.keyboard.press('End');
  await expect(page.getByLabel('Row of the timeline')).toContainText('As recorded');
  await page.screenshot({ path: info.outputPath('row.png') });

  const bars = page.getByRole('slider', { name: 'Rows by time' });
  const box = await bars.boundingBox();
  if (!box) throw new Error('The histogram has no place on the screen.');
  await page.mouse.move(box.x + 2, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2, box.y + 40, { steps: 5 });
  await page.mouse.up();
  await expect(page.getByRole('button', { name: 'Zoom out' })).toBeVisible();
  await expect.poll(async () => Number(await grid.getAttribute('aria-rowcount'))).toBeLessThan(engine);
  await page.getByRole('button', { name: 'Zoom out' }).click();
  await expect(grid).toHaveAttribute('aria-rowcount', String(engine));

  await page.getByLabel('Text in the timeline').fill('no such words anywhere');
  await expect(page.getByText('No rows match the filters.')).toBeVisible();
  await page.getByLabel('Text in the timeline').fill('');
  await grid.getByRole('row').first().click();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  await page.getByLabel('Row of the timeline').getByRole('link').click();
  await expect(page).toHaveURL(/#\/exhibits\/E\d{4}\?at=/);
});
