import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { _electron, test as base, type ElectronApplication, expect, type Page } from '@playwright/test';

/**
 * The window in a real Electron: it opens, its preload script hands the port over, calls reach the core, and the page
 * can go nowhere. Where the current Electron's program is not there, an older one from tests/lab/electron stands in.
 */
const root = dirname(dirname(import.meta.dirname));

/** What an Electron before 25 is given to stand in for the current one. */
const OLD = ['tests/lab/electron/compat22.cjs', 'tests/e2e/node16.cjs'];

/** The folder of an Electron program, or why there is none. */
function electronFolder(): { folder: string } | { missing: string } {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (given) return { folder: given };
  const own = join(root, 'node_modules', 'electron', 'dist');
  if (existsSync(join(own, 'version'))) return { folder: own };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: "Electron's program was not downloaded, and the one of the lab is for linux-x64." };
  }
  try {
    const out = execFileSync(join(root, 'tests', 'lab', 'electron', 'get-electron'), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 300_000,
    });
    return { folder: out.trim().split('\n').at(-1) ?? '' };
  } catch (error) {
    return { missing: `No Electron could be had: ${error instanceof Error ? error.message.split('\n')[0] : error}` };
  }
}

/** A display: the one that is there, or an Xvfb of our own. */
async function display(): Promise<{ name: string; server?: ChildProcess } | { missing: string }> {
  if (process.platform !== 'linux') return { name: '' };
  if (process.env.DISPLAY) return { name: process.env.DISPLAY };
  const server = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1400x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return new Promise((done) => {
    server.once('error', () => done({ missing: 'There is no display, and no Xvfb to make one.' }));
    server.once('exit', (code) => done({ missing: `Xvfb ended with ${code}.` }));
    server.stdout.once('data', (number: Buffer) => done({ name: `:${number.toString().trim()}`, server }));
  });
}

interface Fixtures {
  electronApp: ElectronApplication;
  page: Page;
}
interface WorkerFixtures {
  place: { folder: string; display: string };
}

const test = base.extend<Fixtures, WorkerFixtures>({
  place: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's form
    async ({}, use) => {
      const found = electronFolder();
      const screen = 'missing' in found ? found : await display();
      const missing = 'missing' in found ? found.missing : 'missing' in screen ? screen.missing : undefined;
      test.skip(missing !== undefined, missing ?? '');
      if ('missing' in found || 'missing' in screen) return;
      await use({ folder: found.folder, display: 'name' in screen ? screen.name : '' });
      if ('server' in screen) screen.server?.kill();
    },
    { scope: 'worker', timeout: 400_000 },
  ],
  electronApp: async ({ place }, use) => {
    expect(existsSync(join(root, 'out', 'main', 'index.cjs')), 'the app is built (npm run build)').toBe(true);
    const home = mkdtempSync(join(tmpdir(), 'lading-e2e-'));
    process.env.ELECTRON_OVERRIDE_DIST_PATH = place.folder;
    const version = readFileSync(join(place.folder, 'version'), 'utf8').trim().replace(/^v/, '');
    const old = Number(version.split('.')[0]) < 25;
    const electronApp = await _electron.launch({
      // No executablePath: with it Playwright may wait for ever; `require('electron')` honours the override.
      args: [...(old ? OLD.flatMap((file) => ['-r', join(root, file)]) : []), root],
      env: { ...stringsOf(process.env), LADING_CONFIG: home, DISPLAY: place.display },
      timeout: 30_000,
    });
    await use(electronApp);
    await electronApp.close();
    rmSync(home, { recursive: true, force: true });
  },
  page: async ({ electronApp }, use) => {
    await use(await electronApp.firstWindow());
  },
});

function stringsOf(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

test('the window opens, gets its port, and shows what the core says', async ({ page, electronApp }) => {
  const broken: string[] = [];
  page.on('pageerror', (error) => broken.push(error.message));
  await expect(page).toHaveTitle('Lading');
  await expect(page.getByRole('heading', { name: 'Lading', level: 1 })).toBeVisible();
  // The footer is made of app.info: it is there only when a call went to the core and came back.
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  await expect(page.getByText(`Lading ${version} ·`)).toContainText('Electron');
  expect(await electronApp.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  expect(broken).toEqual([]);
});

test('the page is alone: no Node, no other page, no network, no inline script', async ({ page, electronApp }) => {
  await expect(page.getByRole('heading', { name: 'Lading', level: 1 })).toBeVisible();
  expect(
    await page.evaluate(() => [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')]),
  ).toEqual(['undefined', 'undefined']);
  expect(await page.evaluate(() => Object.keys(window).filter((key) => /electron|ipc/i.test(key)))).toEqual([]);
  expect(await page.evaluate(() => window.open('https://example.invalid/'))).toBeNull();
  await page.evaluate(() => {
    window.location.href = 'https://example.invalid/';
  });
  const reached = await page.evaluate(async () => {
    const tries = ['https://example.invalid/', 'http://127.0.0.1:9/', 'file:///etc/hostname', 'lading://other/'];
    return Promise.all(
      tries.map((url) =>
        fetch(url).then(
          () => url,
          () => 'refused',
        ),
      ),
    );
  });
  expect(reached).toEqual(['refused', 'refused', 'refused', 'refused']);
  const outside = await page.evaluate(async () => {
    const tries = ['/../../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/main/index.cjs', '/nothing'];
    return Promise.all(tries.map(async (path) => (await fetch(path)).status));
  });
  expect(outside).toEqual([404, 404, 404, 404]);
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ranInline = true';
    document.body.append(script);
    return Reflect.get(window, 'ranInline') === true;
  });
  expect(ran).toBe(false);
  expect(page.url()).toMatch(/^lading:\/\/app\//);
  expect(await electronApp.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('a reloaded page gets a new port', async ({ page }) => {
  const footer = page.getByText(/Electron \d/);
  await expect(footer).toBeVisible();
  await page.reload();
  await expect(footer).toBeVisible();
});

test('what the menu asks for reaches the page, and a folder that is no case is said', async ({ page, electronApp }) => {
  await expect(page.getByRole('heading', { name: 'Lading', level: 1 })).toBeVisible();
  const labels = await electronApp.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.items.flatMap((top) => top.submenu?.items.map((item) => item.label) ?? []),
  );
  expect(labels).toEqual(expect.arrayContaining(['New case…', 'Open case…', 'About Lading']));
  const nothing = join(tmpdir(), 'lading-no-such-case');
  await electronApp.evaluate(({ BrowserWindow, dialog, Menu }, path) => {
    dialog.showOpenDialog = async () => ({ canceled: false, filePaths: [path] });
    const file = Menu.getApplicationMenu()?.items.find((top) => top.label === '&File');
    file?.submenu?.items
      .find((item) => item.label === 'Open case…')
      ?.click(undefined, BrowserWindow.getAllWindows()[0]);
  }, nothing);
  await expect(page.getByText(nothing)).toBeVisible();
});

test('a window that is closed ends the program', async ({ electronApp, page }) => {
  await expect(page.getByRole('heading', { name: 'Lading', level: 1 })).toBeVisible();
  const ended = electronApp.waitForEvent('close');
  await electronApp.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await ended;
});
