import { contextBridge, ipcRenderer, webUtils } from 'electron';

/**
 * Hands the window its message port, and where dropped files lie, nothing else: the window says 'lading-ready', the core answers with a port, the window
 * gets it as the message 'lading-port'. What the menu was asked for comes the same way, as 'lading-menu'.
 */
contextBridge.exposeInMainWorld('lading', 'electron');
/** Where a file that the examiner dropped on the window lies; '' for one that lies nowhere. Opens nothing. */
contextBridge.exposeInMainWorld('ladingPathOf', (file: File) => webUtils.getPathForFile(file));

window.addEventListener('message', (event) => {
  if (event.source === window && event.data === 'lading-ready') ipcRenderer.postMessage('lading-port', null);
});

ipcRenderer.on('lading-port', (event) => {
  window.postMessage('lading-port', window.location.origin, event.ports);
});

ipcRenderer.on('lading-menu', (_event, wish: unknown) => {
  window.postMessage({ type: 'lading-menu', wish }, window.location.origin);
});
