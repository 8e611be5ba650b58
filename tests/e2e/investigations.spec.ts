import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { openSample, type Served, serve } from './serve';

let served: Served;

test.beforeAll(async () => {
  served = await serve();
});

test.afterAll(() => served?.stop());

test('answers the questions of a scenario with citations, and plans what is missing with one click', async ({
  page,
}) => {
  await openSample(page, served);
  await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();

  await page.getByRole('navigation').getByRole('link', { name: 'Investigations' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Investigations' })).toBeVisible();
  await page.getByRole('button', { name: 'Run analysis' }).click();
  const questions = page.getByRole('list', { name: 'Questions' });
  const processes = questions.getByRole('region', { name: /Do processes run that should not/ });
  await expect(processes.getByText('Something to weigh')).toBeVisible({ timeout: 30_000 });
  await page.screenshot({ path: 'test-results/investigations.png', fullPage: true });
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);

  // another scenario, one container
  await page.getByRole('radiogroup', { name: 'Scenario' }).getByText('Data exfiltration').click();
  await expect(page).toHaveURL(/#\/investigations\/exfiltration/);
  await expect(questions.getByText('Which connections went out?')).toBeVisible();
  await page.goBack();

  // each citation opens the exhibit at the place
  await page.goto(`${page.url().split('#')[0]}#/investigations/compromised`);
  await processes
    .getByRole('link', { name: /^E\d+ / })
    .first()
    .click();
  await expect(page).toHaveURL(/#\/exhibits\/E\d+/);

  // what is missing is one click from a plan
  await page.goto(`${page.url().split('#')[0]}#/investigations/compromised`);
  await questions.getByRole('link', { name: 'Plan to take it' }).first().click();
  await expect(page).toHaveURL(/#\/collect/);
  await expect(page.getByRole('heading', { level: 1, name: 'Collect' })).toBeVisible();
});
