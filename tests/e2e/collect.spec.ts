import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type LabHost, labAvailable, startHost } from '../lab';
import { connectTo, makeCase, type Served, serve } from './serve';

/** Set to a folder to keep pictures of the screens. */
const PICTURES = process.env.LADING_PICTURES;
const IMAGE = `set -e
cd "$(mktemp -d)"; mkdir -p bin tmp; cp /usr/bin/busybox bin/
for x in sh sleep; do ln -s busybox bin/$x; done
tar -c . | docker import -c 'CMD ["/bin/sleep","100000"]' - collect-box:1 >/dev/null
docker rm -f $(docker ps -aq) >/dev/null 2>&1 || true
docker run -d --name box --network none collect-box:1 >/dev/null`;
/** Says a number ten times a second for eight seconds: long enough to be cut in its middle. */
const SLOW = ['sh', '-c', 'i=0; while [ $i -lt 80 ]; do echo "line $i"; i=$((i+1)); sleep 0.1; done'];
const COMMAND = 'A command of the examiner in the container';

let served: Served;
let page: Page;
let hosts: LabHost[];
const problems: string[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  const absent = await labAvailable();
  test.skip(absent !== undefined, absent);
  test.setTimeout(300_000);
  hosts = await Promise.all(['ins1', 'ins2'].map((name) => startHost(name)));
  await Promise.all(hosts.map((host) => host.output(['sh', '-c', IMAGE])));
  served = await serve();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await makeCase(page, served, 'E2E-COLLECT', 'Two hosts');
  await go('Hosts');
  for (const host of hosts) await connectTo(page, host);
  await go('Collect');
});

test.afterEach(() => {
  expect(problems.splice(0)).toEqual([]);
});

test.afterAll(async () => {
  await page?.close();
  await served?.stop();
  await Promise.all((hosts ?? []).map((host) => host.stop()));
});

const go = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
const plan = () => page.getByRole('region', { name: 'The plan', exact: true });
const form = () => page.getByRole('group', { name: COMMAND });

async function accessible(screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map((one) => `${screen}: ${one.id} ${one.nodes.map((node) => node.target).join(' ')}`)).toEqual([]);
}

async function picture(name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

test('a form for what a collector is told says what is wrong at the field', async () => {
  await page.getByRole('radio', { name: 'Own choice' }).check();
  const dialog = page.getByRole('dialog', { name: 'Collectors' });
  await dialog.getByRole('button', { name: 'None' }).click();
  for (const id of ['container.inside.command', 'container.inspect', 'host.identity', 'host.clock']) {
    await dialog.getByLabel('Filter collectors').fill(id);
    await dialog.getByRole('checkbox').first().check();
  }
  await dialog.getByRole('button', { name: 'Done' }).click();
  const make = page.getByRole('button', { name: 'Make the plan' });
  await form().getByLabel('Seconds').fill('0');
  await expect(form().getByText('At least 1.')).toBeVisible();
  await expect(make).toBeDisabled();
  await expect(page.getByText(`What is told to ${COMMAND} is not right.`).first()).toBeVisible();
  await form().getByLabel('Program and its words').focus();
  await form().getByLabel('Seconds').fill('ten');
  await expect(form().getByText('It cannot be taken without this.')).toBeVisible();
  await expect(form().getByText('This is no number.')).toBeVisible();
  await accessible('a form with faults');
  await picture('collect-form');
  await form().getByLabel('Seconds').fill('60');
  await form().getByLabel('Program and its words').fill(SLOW.join('\n'));
  await expect(make).toBeEnabled();
});

test('an own profile is saved, shared as a file, removed and taken over from the file', async () => {
  await page.getByRole('button', { name: 'Save as a profile' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save as a profile' });
  await dialog.getByLabel('Name').fill('../slow');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText('Letters, digits, single blanks')).toBeVisible();
  await dialog.getByLabel('Name').fill('triage');
  await dialog.getByLabel('Title').fill('Slow look');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByRole('alert')).toContainText('is a profile of Lading itself');
  await dialog.getByLabel('Name').fill('slow look');
  await accessible('saving a profile');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('radio', { name: 'Slow look yours' })).toBeChecked();

  const file = join(served.dir, 'slow.json');
  await page.getByRole('button', { name: 'Share as a file' }).click();
  const share = page.getByRole('dialog', { name: 'Share as a file' });
  await share.getByLabel('Save as').fill(file);
  await share.getByRole('button', { name: 'Write the file' }).click();
  await expect(share).toBeHidden();
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
    id: 'slow look',
    inputs: { 'container.inside.command': { argv: SLOW, seconds: 60 } },
  });

  await page.getByRole('button', { name: 'Remove it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click();
  await expect(page.getByRole('radio', { name: 'Slow look yours' })).toHaveCount(0);
  await expect(page.getByRole('radio', { name: 'Triage', exact: true })).toBeChecked();
  expect(existsSync(join(served.dir, 'config', 'profiles', 'slow look.json'))).toBe(false);

  const input = page.locator('input[type=file]');
  await input.setInputFiles({ name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{"id":1}') });
  await expect(page.getByText('bad.json is no profile')).toBeVisible();
  await input.setInputFiles(file);
  await expect(page.getByRole('radio', { name: 'Slow look yours' })).toBeChecked();
  await expect(form().getByLabel('Program and its words')).toHaveValue(SLOW.join('\n'));
});

test('the plan says how much, with what needs and what footprint; one collector is left out of it', async () => {
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await expect(plan()).toContainText('What it will give');
  await expect(plan()).toContainText('Needs the engine, a running container.');
  await expect(plan()).toContainText('runs in container');
  await expect(plan()).toContainText('"seconds":60');
  for (const host of hosts) await expect(plan()).toContainText(host.spec.address);
  await picture('collect-plan');
  await accessible('plan');
  await plan().getByRole('button', { name: 'Leave out Clock of the host' }).click();
  await expect(page.getByText('You changed something since this plan was made')).toBeVisible();
  await expect(page.getByRole('region', { name: 'Left out' })).toContainText('Clock of the host');
  await page.getByRole('button', { name: 'Make it again' }).click();
  await expect(plan()).not.toContainText('host.clock');
});

test('two hosts at once; the connection of one is cut in the middle, and it goes on', async () => {
  await page.getByLabel(/I accept this footprint/).check();
  await page.getByRole('button', { name: 'Start the collection' }).click();
  const [first, second] = hosts;
  if (!first || !second) throw new Error('two hosts');
  const progress = page.getByRole('table', { name: 'Progress of each host' });
  const row = (host: LabHost) => progress.getByRole('row', { name: new RegExp(host.spec.address) });
  await expect(row(first)).toContainText('running');
  await expect(row(second)).toContainText('running');
  await page.waitForTimeout(2000);
  await first.output(['sh', '-c', 'for p in $(pgrep -f "^sshd(-session)?: root"); do kill -KILL $p; done; true']);
  await expect(row(first)).toContainText('connecting again');
  await picture('collect-reconnecting');
  await expect(row(second)).not.toContainText('connecting again');
  await expect(row(first)).toContainText('running');
  await expect(page.getByRole('button', { name: 'Look at the exhibits' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('1 of them partial')).toBeVisible();
  await expect(row(first)).toContainText('3 of 3');
  await expect(row(second)).toContainText('3 of 3');
  await accessible('collection of two hosts');
  await picture('collect-done');
  await page.getByRole('button', { name: 'Look at the exhibits' }).click();
  await expect(page.getByRole('row', { name: new RegExp(COMMAND) })).toHaveCount(3);
});
