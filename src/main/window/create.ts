import { join } from 'node:path';
import { app, BrowserWindow, screen } from 'electron';
import { packageRoot } from '../root';
import { HOME } from './address';
import { guardContents, guardSession } from './guard';
import { handleScheme } from './protocol';
import { fitBounds, readState, writeState } from './state';

/** Makes the window: sandboxed, isolated, without Node, as it was left. It is shown when it has something to show. */
export function createWindow(renderer: string, stateFile: string): BrowserWindow {
  const state = readState(stateFile);
  const window = new BrowserWindow({
    ...fitBounds(
      state.bounds,
      screen.getAllDisplays().map((display) => display.workArea),
    ),
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Lading',
    backgroundColor: '#f8f9fa',
    webPreferences: {
      preload: join(packageRoot(), 'out', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      nodeIntegrationInWorker: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  guardSession(window.webContents.session);
  guardContents(window.webContents);
  handleScheme(renderer);
  window.once('ready-to-show', () => {
    if (state.maximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    writeState(stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  });
  window.webContents.on('render-process-gone', (_event, details) => {
    // The work goes on in this process; the page comes back and finds it.
    if (details.reason !== 'clean-exit' && details.reason !== 'killed') window.webContents.reload();
  });
  void window.loadURL(HOME);
  return window;
}
