import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

// Only the pure parts are looked at here; the real Electron runs in tests/e2e/electron.spec.ts.
vi.mock('electron', () => ({}));

import { caseArgument, isOwnPage, isOwnResource } from '../../../src/main/window/address';
import { mayWriteClipboard } from '../../../src/main/window/guard';
import { leaveQuestion } from '../../../src/main/window/leave';
import { menuTemplate } from '../../../src/main/window/menu';
import { isOwnFrame } from '../../../src/main/window/ports';
import { fitBounds, readState, writeState } from '../../../src/main/window/state';

describe('own pages', () => {
  it.each(['lading://app/', 'lading://app/index.html#/exhibits/E0001', 'lading://app'])('%s is one', (url) => {
    expect(isOwnPage(url)).toBe(true);
    expect(isOwnResource(url)).toBe(true);
  });

  it.each([
    'lading://app.evil.example/',
    'lading://evil/',
    'lading://app:80/',
    'lading://app@evil/',
    'lading://user@app/',
    'https://app/',
    'file:///etc/passwd',
    'lading:app/',
    'javascript:alert(1)',
    'blob:https://evil.example/x',
    'about:blank',
    '',
  ])('%s is none', (url) => {
    expect(isOwnPage(url)).toBe(false);
    expect(isOwnResource(url)).toBe(false);
  });

  it('may load what they made themselves, and open nothing of it as a page', () => {
    for (const url of ['blob:lading://app/0c', 'data:image/png;base64,', 'devtools://devtools/x']) {
      expect(isOwnResource(url)).toBe(true);
      expect(isOwnPage(url)).toBe(false);
    }
  });

  it('alone get a port: no frame inside one, no other page, no frame that is gone', () => {
    const url = 'lading://app/#/';
    expect(isOwnFrame({ url, parent: null })).toBe(true);
    expect(isOwnFrame({ url, parent: { url } })).toBe(false);
    expect(isOwnFrame({ url: 'https://evil.example/', parent: null })).toBe(false);
    expect(isOwnFrame(null)).toBe(false);
    expect(isOwnFrame(undefined)).toBe(false);
  });

  it('alone may write the clipboard; nobody may read it or have more', () => {
    expect(mayWriteClipboard('clipboard-sanitized-write', 'lading://app/')).toBe(true);
    expect(mayWriteClipboard('clipboard-read', 'lading://app/')).toBe(false);
    expect(mayWriteClipboard('media', 'lading://app/')).toBe(false);
    expect(mayWriteClipboard('clipboard-sanitized-write', 'https://evil.example')).toBe(false);
  });
});

describe('the case on the command line', () => {
  it('is the last --case=', () => {
    expect(caseArgument(['electron', '.', '--case=C:\\cases\\one', '--case=/x y'])).toBe('/x y');
    expect(caseArgument(['electron', '.', '--case=', '/path'])).toBeUndefined();
  });
});

describe('window state', () => {
  const display = { x: 0, y: 0, width: 1920, height: 1080 };

  it('survives being written and read, and anything else in its file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'lading-window-')), 'window.json');
    expect(readState(file)).toEqual({ maximized: false });
    const state = { bounds: { x: 10, y: 20, width: 900, height: 700 }, maximized: true };
    writeState(file, state);
    expect(readState(file)).toEqual(state);
    for (const text of [
      '',
      '[]',
      '{"bounds":{"x":1}}',
      '{"bounds":{"x":0,"y":0,"width":1,"height":1}}',
      '{"maximized":7}',
    ]) {
      writeFileSync(file, text);
      expect(readState(file)).toEqual({ maximized: false });
    }
    expect(() => writeState(join(file, 'no', 'folder'), state)).not.toThrow();
  });

  it('keeps a window that can be reached and gives up one on a display that is gone', () => {
    const kept = { x: 100, y: 50, width: 800, height: 600 };
    expect(fitBounds(kept, [display])).toEqual(kept);
    expect(fitBounds({ ...kept, x: 3000 }, [display])).toEqual({ width: 1440, height: 920 });
    expect(fitBounds({ ...kept, y: -500 }, [display])).toEqual({ width: 1440, height: 920 });
    expect(fitBounds(undefined, [{ ...display, width: 1024, height: 700 }])).toEqual({ width: 1024, height: 700 });
    expect(fitBounds({ ...kept, x: 2000 }, [display, { ...display, x: 1920 }])).toEqual({ ...kept, x: 2000 });
  });

  it('never opens where the title bar cannot be reached', () => {
    const box = fc.record({
      x: fc.integer({ min: -5000, max: 5000 }),
      y: fc.integer({ min: -5000, max: 5000 }),
      width: fc.integer({ min: 400, max: 4000 }),
      height: fc.integer({ min: 300, max: 3000 }),
    });
    fc.assert(
      fc.property(box, (kept) => {
        const { x, y, width } = fitBounds(kept, [display]);
        if (x === undefined || y === undefined || width === undefined) return;
        expect(x).toBeLessThanOrEqual(display.width - 100);
        expect(x + width).toBeGreaterThanOrEqual(100);
        expect(y).toBeGreaterThanOrEqual(-8);
        expect(y).toBeLessThanOrEqual(display.height - 60);
      }),
    );
  });
});

describe('menu', () => {
  const actions = { newCase: vi.fn(), openCase: vi.fn(), about: vi.fn() };
  const flat = (platform: NodeJS.Platform, packaged: boolean) =>
    menuTemplate(platform, packaged, actions).flatMap((top) => (Array.isArray(top.submenu) ? top.submenu : [top]));

  it.each(['linux', 'win32', 'darwin'] as const)(
    'has no reload and no developer tools when packaged (%s)',
    (platform) => {
      const roles = (packaged: boolean) => flat(platform, packaged).map((item) => item.role);
      expect(roles(true)).not.toContain('reload');
      expect(roles(true)).not.toContain('toggleDevTools');
      expect(roles(false)).toContain('toggleDevTools');
    },
  );

  it('has nothing that does nothing', () => {
    for (const item of flat('linux', true)) expect(Boolean(item.role || item.type || item.click)).toBe(true);
  });
});

describe('leaving', () => {
  it('asks only when work would be broken off, and names it', () => {
    expect(leaveQuestion([])).toBeUndefined();
    expect(leaveQuestion(['Collect from a'])?.message).toBe('"Collect from a" is still running.');
    const many = leaveQuestion(Array.from({ length: 8 }, (_, i) => `Task ${i}`));
    expect(many?.message).toBe('8 tasks are still running.');
    expect(many?.detail).toContain('Task 4\nand 3 more');
    expect(many?.detail).not.toContain('Task 5');
  });
});
