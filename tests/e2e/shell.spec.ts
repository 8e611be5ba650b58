import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, test } from '@playwright/test';
import { type LabHost, labAvailable, startHost } from '../lab';
import { connectTo, makeCase, type Served, serve } from './serve';

const PICTURES = process.env.LADING_PICTURES;
const STAGE = `set -e
cd "$(mktemp -d)"; mkdir -p bin tmp; cp /usr/bin/busybox bin/
for x in sh sleep printf cat ls id; do ln -s busybox bin/$x; done
tar -c . | docker import -c 'CMD ["/bin/sleep","100000"]' - collect-box:1 >/dev/null
docker rm -f $(docker ps -aq) >/dev/null 2>&1 || true
docker run -d --name box --network none collect-box:1 >/dev/null`;

let served: Served;
let page: Page;
let host: LabHost;
const problems: string[] = [];

test.describe.configure({ mode: 'serial' });

test.beforeAll(async ({ browser }) => {
  const absent = await labAvailable();
  test.skip(absent !== undefined, absent);
  test.setTimeout(300_000);
  host = await startHost('ins1');
  await host.output(['sh', '-c', STAGE]);
  served = await serve();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await makeCase(page, served, 'E2E-SHELL', 'A shell');
  await page.getByRole('navigation').getByRole('link', { name: 'Hosts' }).click();
  await connectTo(page, host);
  await expect(page.getByRole('button', { name: 'Open a shell in box' })).toBeVisible({ timeout: 60_000 });
});

test.afterEach(() => {
  expect(problems.splice(0)).toEqual([]);
});

test.afterAll(async () => {
  await page?.close();
  await served?.stop();
  await host?.stop();
});

const shown = () => page.locator('.xterm-rows');

async function accessible(screen: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map((one) => `${screen}: ${one.id} ${one.nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES ?? 'test-results', `${name}.png`) });
}

test('a shell in a container opens after a warning and a reason, and is recorded', async () => {
  await page.getByRole('button', { name: 'Open a shell in box' }).click();
  const ask = page.getByRole('dialog', { name: 'Open a shell in box' });
  await expect(ask.getByText('It changes the evidence')).toBeVisible();
  const open = ask.getByRole('button', { name: 'Open the shell' });
  await expect(open).toBeDisabled();
  await ask.getByLabel('Reason').fill('Request 4711');
  await accessible('shell, asked');
  await open.click();

  const shell = page.getByRole('dialog', { name: /^Shell: box/ });
  await expect(shell.getByText('Recording', { exact: true })).toBeVisible();
  await expect(shown()).toContainText('#', { timeout: 30_000 });
  await page.keyboard.type('id -u; echo to"ge"ther\n');
  await expect(shown()).toContainText('together');
  // a hostile program may neither write the clipboard nor the title; what it shows is shown
  await page.keyboard.type(`printf '\\033]52;c;aGk=\\007\\033]0;owned\\007\\033[31mse''en\\033[0m\\n'\n`);
  await expect(shown()).toContainText('seen');
  await expect(shell.getByText(/Kept from this terminal.*clipboard ×1, title ×1/)).toBeVisible();
  expect(await page.title()).not.toContain('owned');
  await accessible('shell');
  await picture('shell');

  await page.keyboard.type('exit 3\n');
  await expect(shell.getByText('Ended with exit status 3')).toBeVisible({ timeout: 30_000 });
  await expect(shell.getByText('The session is recorded, with every byte.')).toBeVisible();
  await shell.getByRole('button', { name: 'To the exhibits' }).click();
});

test('the recording replays to what was seen, and says what was typed', async () => {
  await page.getByText('Shell in the container: sh').first().click();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await expect(shown()).toContainText('together');
  await expect(shown()).toContainText('seen');
  await expect(page.getByText(/Typed until then:/)).toContainText('exit 3');
  await expect(page.getByText(/Not shown, but in the recording:.*clipboard ×1, title ×1/)).toBeVisible();
  await picture('shell-replay');
  await accessible('replay');
  // at the begin nothing was there yet; played, it is again
  await page.getByRole('slider', { name: 'Time in the session' }).press('Home');
  await expect(shown()).not.toContainText('together');
  await expect(page.getByText(/Typed until then:/)).toContainText('nothing');
  await page.getByText('8×').click();
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(shown()).toContainText('seen', { timeout: 30_000 });
});

test('a shell on the host; hanging up ends it and keeps the recording', async () => {
  await page.getByRole('navigation').getByRole('link', { name: 'Hosts' }).click();
  await page.getByRole('button', { name: 'Shell…', exact: true }).first().click();
  const ask = page.getByRole('dialog', { name: /^Open a shell on ssh:/ });
  await expect(ask.getByText(/a login that sshd writes down/)).toBeVisible();
  await ask.getByLabel('Reason').fill('Request 4711');
  await ask.getByRole('button', { name: 'Open the shell' }).click();
  const shell = page.getByRole('dialog', { name: /^Shell: ssh:/ });
  await expect(shown()).toContainText(/[#$]/, { timeout: 30_000 });
  await page.keyboard.type('echo on-$((40+2))\n');
  await expect(shown()).toContainText('on-42');
  await page.keyboard.press('Control+]');
  await expect(shell.getByText(/^Ended/)).toBeVisible({ timeout: 30_000 });
  await shell.getByRole('button', { name: 'Close' }).click();
  await expect(shell).toBeHidden();
});
