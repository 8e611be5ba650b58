import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browserCommand } from '../../../src/main/cli/browser';
import { desktopArguments, electronProgram, findDesktop, hasDisplay } from '../../../src/main/cli/desktop';
import { fakeIo } from './kit';

describe('the window', () => {
  it('needs a display on Linux only', () => {
    expect(hasDisplay('linux', {})).toBe(false);
    expect(hasDisplay('linux', { DISPLAY: '' })).toBe(false);
    expect(hasDisplay('linux', { DISPLAY: ':0' })).toBe(true);
    expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(hasDisplay('win32', {})).toBe(true);
    expect(hasDisplay('darwin', {})).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('says in one sentence why it cannot be had', async () => {
    const found = await findDesktop(fakeIo());
    expect(found).toEqual({ missing: 'There is no display here (DISPLAY and WAYLAND_DISPLAY are not set).' });
  });

  it('finds the program where its package puts it, and where it is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lading-electron-'));
    expect(electronProgram(folder, {})).toBeUndefined();
    writeFileSync(join(folder, 'path.txt'), 'electron.exe');
    expect(electronProgram(folder, {})).toBeUndefined();
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist', 'electron.exe'), '');
    expect(electronProgram(folder, {})).toBe(join(folder, 'dist', 'electron.exe'));
    const other = mkdtempSync(join(tmpdir(), 'lading-electron-'));
    expect(electronProgram(folder, { ELECTRON_OVERRIDE_DIST_PATH: other })).toBeUndefined();
    writeFileSync(join(other, 'electron.exe'), '');
    expect(electronProgram(folder, { ELECTRON_OVERRIDE_DIST_PATH: other })).toBe(join(other, 'electron.exe'));
  });

  it('is given the case as one word, whatever it is called', () => {
    expect(desktopArguments('/app', '/c --no-sandbox', false)).toEqual(['/app', '--case=/c --no-sandbox']);
    expect(desktopArguments('/app', undefined, true)).toEqual(['--no-sandbox', '/app']);
  });
});

describe('the browser', () => {
  it.each(['linux', 'darwin', 'win32'] as const)('gets the link as one argument, without a shell (%s)', (platform) => {
    const url = 'http://127.0.0.1:1/?token=a&b';
    const { program, args } = browserCommand(platform, url);
    expect(args.at(-1)).toBe(url);
    expect(program).not.toMatch(/cmd|sh$|powershell/);
  });
});
