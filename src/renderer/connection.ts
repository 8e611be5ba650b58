import type { ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { LadingError } from '../shared/errors';

/** How the window stands with the core. 'lost' tries again by itself. */
export type Connection = 'connecting' | 'open' | 'lost';

// biome-ignore lint/complexity/noBannedTypes: oRPC's own name for "no context"
type Link = ClientLink<{}>;

declare global {
  interface Window {
    /** Set by the preload script; absent in a browser tab. */
    readonly lading?: 'electron';
  }
}

/** A call that finds no connection waits this long for it to come back before it fails. */
const PATIENCE_MS = 8_000;
const RETRY_MS = [250, 500, 1000, 2000, 5000];

let state: Connection = 'connecting';
let link: Link | undefined;
const watchers = new Set<() => void>();

function become(next: Connection, nextLink?: Link): void {
  state = next;
  link = nextLink;
  for (const tell of watchers) tell();
}

export function connection(): Connection {
  return state;
}

/** Calls `tell` at each change of the connection; gives the function that ends it. */
export function watchConnection(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

function openLink(signal?: AbortSignal): Promise<Link> {
  if (link) return Promise.resolve(link);
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      clearTimeout(timer);
      stop();
      signal?.removeEventListener('abort', abort);
      done();
    };
    const fail = () =>
      settle(() =>
        reject(
          new LadingError('CONNECTION_LOST', 'The window has no connection to the Lading that it belongs to.', {
            advice:
              'It tries again by itself. If Lading was ended, start it again and open the address that it prints.',
          }),
        ),
      );
    const abort = () => settle(() => reject(signal?.reason));
    const timer = setTimeout(fail, PATIENCE_MS);
    const stop = watchConnection(() => {
      const open = link;
      if (open) settle(() => resolve(open));
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** The link that outlives a lost connection: each call goes over the one that is open at that moment, and is never sent twice. */
export const lastingLink: Link = {
  async call(path, input, options) {
    const open = await openLink(options.signal);
    return open.call(path, input, options);
  },
};

/** Electron: the preload script hands over a MessagePort when it is asked to, and a new one when the core was restarted. */
function connectPort(): void {
  window.addEventListener('message', (event) => {
    if (event.source !== window || event.data !== 'lading-port') return;
    const port = event.ports[0];
    if (!port) return;
    const opened = new PortLink({ port });
    port.addEventListener('close', () => {
      if (link === opened) become('lost');
    });
    port.start();
    become('open', opened);
  });
  window.postMessage('lading-ready', '*');
}

/** Browser: a WebSocket to the server that served this page; the server knows the tab by its cookie. */
function connectSocket(attempt = 0): void {
  const socket = new WebSocket(`${window.location.origin.replace(/^http/, 'ws')}/rpc`);
  const opened = new SocketLink({ websocket: socket });
  let wasOpen = false;
  socket.addEventListener('open', () => {
    wasOpen = true;
    become('open', opened);
  });
  socket.addEventListener('close', () => {
    become('lost');
    const next = wasOpen ? 0 : attempt + 1;
    setTimeout(() => connectSocket(next), RETRY_MS[Math.min(next, RETRY_MS.length - 1)]);
  });
}

/** Begins to connect. Called once, by main.tsx. */
export function connect(): void {
  if (window.lading === 'electron') connectPort();
  else connectSocket();
}
