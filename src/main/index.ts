import { join } from 'node:path';
import { app, BrowserWindow, dialog, Menu } from 'electron';
import packageJson from '../../package.json';
import { asLadingError } from '../shared/errors';
import { createApp } from './app';
import { defaultConfigDir } from './cases/settings';
import { rendererFolder } from './root';
import { caseArgument } from './window/address';
import { createWindow } from './window/create';
import { leaveInOrder } from './window/leave';
import { type MenuWish, menuTemplate } from './window/menu';
import { handPorts } from './window/ports';
import { registerScheme } from './window/protocol';

/** The window in Electron: one of it, around the same core as the command line's. */
async function main(): Promise<void> {
  // Chromium's own files stay apart from the settings and the key.
  app.setPath('userData', join(defaultConfigDir(), 'window'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  registerScheme();
  await app.whenReady();
  const core = await createApp({ window: 'electron', openCase: caseArgument(process.argv) });
  const window = createWindow(rendererFolder(), join(app.getPath('userData'), 'window.json'));
  handPorts(window, core.router);
  leaveInOrder(window, core);

  const wish = (what: MenuWish) => window.webContents.send('lading-menu', what);
  const openCase = async () => {
    const { filePaths } = await dialog.showOpenDialog(window, { title: 'Open case', properties: ['openDirectory'] });
    if (filePaths[0] !== undefined) wish({ action: 'open', path: filePaths[0] });
  };
  const about = () =>
    dialog.showMessageBox(window, {
      type: 'info',
      title: 'About Lading',
      message: `Lading ${packageJson.version}`,
      detail: `${packageJson.description}\n\nElectron ${process.versions.electron}, Chromium ${process.versions.chrome}, Node ${process.versions.node}`,
    });
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate(process.platform, app.isPackaged, {
        newCase: () => wish({ action: 'new' }),
        openCase: () => void openCase(),
        about: () => void about(),
      }),
    ),
  );
  app.on('second-instance', (_event, argv) => {
    if (window.isMinimized()) window.restore();
    window.focus();
    const path = caseArgument(argv);
    if (path !== undefined) wish({ action: 'open', path });
  });
  app.on('window-all-closed', () => app.quit());
  app.on('activate', () => BrowserWindow.getAllWindows()[0]?.show());
}

main().catch((error: unknown) => {
  const { message, advice } = asLadingError(error);
  // Also where it was started from: a box that nobody sees helps nobody.
  console.error(error);
  dialog.showErrorBox('Lading could not start', advice ? `${message}\n\n${advice}` : message);
  app.exit(1);
});
