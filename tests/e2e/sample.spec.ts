import { expect, test } from '@playwright/test';
import { openSample, type Served, serve } from './serve';

let served: Served;

test.beforeAll(async () => {
  served = await serve();
});

test.afterAll(() => served?.stop());

test('opens the sample case, analyses it, and finds what is in it', async ({ page }) => {
  await openSample(page, served);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: 'Findings' }).click();
  await page.getByRole('button', { name: 'Run analysis' }).click();
  await expect(page.getByRole('row', { name: /Container runs privileged/ })).toBeVisible();
  await expect(page.getByRole('row', { name: /A shell is connected to the network/ })).toBeVisible();
});
