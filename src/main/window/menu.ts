import type { MenuItemConstructorOptions } from 'electron';

/** What the menu can ask of the window; the page does it (frame/menu.ts of the renderer). */
export type MenuWish = { action: 'new' } | { action: 'open'; path: string };

export interface MenuActions {
  newCase(): void;
  openCase(): void;
  about(): void;
}

/** The menu. Reload and developer tools are there in a checkout only: a reload loses what was typed. */
export function menuTemplate(
  platform: NodeJS.Platform,
  packaged: boolean,
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const file: MenuItemConstructorOptions = {
    label: '&File',
    submenu: [
      { label: 'New case…', accelerator: 'CmdOrCtrl+N', click: () => actions.newCase() },
      { label: 'Open case…', accelerator: 'CmdOrCtrl+O', click: () => actions.openCase() },
      { type: 'separator' },
      mac ? { role: 'close' } : { role: 'quit' },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: '&View',
    submenu: [
      { role: 'resetZoom' },
      { role: 'zoomIn' },
      { role: 'zoomOut' },
      { type: 'separator' },
      { role: 'togglefullscreen' },
      ...(packaged
        ? []
        : [{ type: 'separator' } as const, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]),
    ],
  };
  const help: MenuItemConstructorOptions = {
    role: 'help',
    submenu: [{ label: 'About Lading', click: () => actions.about() }],
  };
  const first: MenuItemConstructorOptions[] = mac ? [{ role: 'appMenu' }] : [];
  return [...first, file, { role: 'editMenu' }, view, ...(mac ? [{ role: 'windowMenu' } as const] : []), help];
}
