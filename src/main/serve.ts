import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnyRouter } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { LadingError } from '../shared/errors';
import { createGate, type Gate } from './serve/gate';
import { safeHeaders } from './serve/headers';
import { type Reason, refusal } from './serve/pages';
import { readStatic } from './serve/statics';

/** The longest message that the window sends: a report's texts. Bytes. */
const MAX_PAYLOAD = 8 * 1024 * 1024;

export interface ServeOptions {
  router: AnyRouter;
  /** Folder of the built window. */
  renderer: string;
  /** 0 or absent: any free port. */
  port?: number;
}

export interface Served {
  /** The link to open, good for one use. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves the window on 127.0.0.1: the built files, and the contract over a WebSocket at /rpc. Nothing is answered but
 * to a page that was opened with the link's token (see serve/gate.ts). Throws BAD_INPUT when the port is taken.
 */
export async function serveWindow(options: ServeOptions): Promise<Served> {
  const server = createServer({ maxHeaderSize: 16 * 1024 });
  const port = await listen(server, options.port ?? 0);
  const gate = createGate(port);
  const rpc = new RPCHandler(options.router);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false });
  const headers = safeHeaders([`ws://127.0.0.1:${port}`, `ws://localhost:${port}`]);

  server.on('request', (request, response) => {
    answer(request, response, gate, options.renderer, headers).catch(() => refuse(response, 'fault', headers));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const status = refuseUpgrade(request, gate);
    if (status) return endSocket(socket, status);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // Too long a message or a broken frame: ws closes the connection, the window opens it again.
      ws.on('error', () => ws.terminate());
      void rpc.upgrade(ws);
    });
  });

  return {
    url: `http://127.0.0.1:${port}${gate.entry}`,
    port,
    close: async () => {
      await Promise.all([...sockets.clients].map(goodbye));
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  gate: Gate,
  renderer: string,
  headers: Record<string, string>,
): Promise<void> {
  if (!gate.hostOk(request)) return refuse(response, 'wrong host', headers);
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 'wrong method', headers);
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const token = path === '/' && mark >= 0 ? new URLSearchParams(target.slice(mark)).get('token') : null;
  if (token !== null) {
    // The same browser may come back with its old link; it is in already.
    if (gate.cookieOk(request)) return redirect(response, headers);
    // A browser that looks ahead must not use up the link before the person opens it.
    if (request.method === 'HEAD' || request.headers['sec-purpose']) return refuse(response, 'no token', headers);
    const redeemed = gate.redeem(token);
    if (typeof redeemed === 'string') return refuse(response, `${redeemed} token`, headers);
    return redirect(response, { ...headers, 'Set-Cookie': redeemed.cookie });
  }
  if (!gate.cookieOk(request)) return refuse(response, 'no token', headers);
  const file = await readStatic(renderer, path);
  if (!file) return refuse(response, 'not found', headers);
  response.writeHead(200, { ...headers, 'Content-Type': file.type, 'Content-Length': file.body.length });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

/** Takes the token out of the address bar, and so out of history and bookmarks. */
function redirect(response: ServerResponse, headers: Record<string, string>): void {
  response.writeHead(303, { ...headers, Location: '/' });
  response.end();
}

function refuse(response: ServerResponse, reason: Reason, headers: Record<string, string>): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, html } = refusal(reason);
  response.writeHead(status, {
    ...headers,
    'Content-Type': 'text/html; charset=utf-8',
    ...(status === 405 && { Allow: 'GET, HEAD' }),
  });
  response.end(html);
}

/** The status line with which a WebSocket is refused, or undefined when it may be opened. */
function refuseUpgrade(request: IncomingMessage, gate: Gate): string | undefined {
  if (request.method !== 'GET') return '405 Method Not Allowed';
  if (!gate.hostOk(request) || !gate.originOk(request)) return '403 Forbidden';
  if (!gate.cookieOk(request)) return '401 Unauthorized';
  if (request.url !== '/rpc') return '404 Not Found';
  return undefined;
}

function endSocket(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Closes a WebSocket with 1001 "going away"; one that does not answer within a second is cut. */
function goodbye(ws: WebSocket): Promise<void> {
  return new Promise((done) => {
    const cut = setTimeout(() => ws.terminate(), 1000);
    ws.once('close', () => {
      clearTimeout(cut);
      done();
    });
    ws.close(1001);
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.message})`;
      fail(
        new LadingError('BAD_INPUT', `Port ${port} of this machine ${why}.`, {
          advice: 'Choose another with --port, or leave --port out to take any free one.',
          cause: error,
        }),
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address && typeof address === 'object') done(address.port);
      else fail(new LadingError('INTERNAL', 'The server has no port.'));
    });
  });
}
