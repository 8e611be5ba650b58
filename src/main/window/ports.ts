import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { type BrowserWindow, ipcMain, MessageChannelMain, type MessagePortMain } from 'electron';
import { isOwnPage } from './address';

/** What of a frame decides whether it is the window's own page. */
interface Frame {
  readonly url: string;
  readonly parent: unknown;
}

/** Whether a message came from the top frame of the app's own page; a frame that is gone is null. */
export function isOwnFrame(frame: Frame | null | undefined): boolean {
  return frame !== null && frame !== undefined && frame.parent === null && isOwnPage(frame.url);
}

/**
 * Gives the window a port to the core each time it asks: once for each page load. Only the window's own page gets one; the
 * port of the page before is closed.
 */
export function handPorts(window: BrowserWindow, router: AnyRouter): void {
  const handler = new RPCHandler(router);
  let current: MessagePortMain | undefined;
  ipcMain.on('lading-port', (event) => {
    if (event.sender !== window.webContents || !isOwnFrame(event.senderFrame)) {
      console.error(`Refused a page that is not Lading's: ${event.senderFrame?.url ?? 'gone'}`);
      return;
    }
    current?.close();
    const { port1, port2 } = new MessageChannelMain();
    current = port1;
    handler.upgrade(port1);
    port1.start();
    event.sender.postMessage('lading-port', null, [port2]);
  });
}
