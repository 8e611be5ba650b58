import { Agent, type AgentOptions, type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Access } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { recordAccess } from '../hosts/access';
import type { Host, HostSocket } from '../hosts/host';

/** An option of a request that only this agent reads: the JSON that is sent with it, so that the record has it. */
export interface Said {
  said?: string;
}

/**
 * Connections to an engine's socket on a host, kept for the next call. Every request that goes through here is recorded,
 * whoever makes it; so dockerode's calls are as well.
 */
export class EngineAgent extends Agent {
  readonly #host: Host;
  readonly #socket: string;
  #via = '';

  constructor(host: Host, socket: string) {
    super({ keepAlive: true, maxFreeSockets: 2, scheduling: 'lifo' });
    this.#host = host;
    this.#socket = socket;
  }

  /** How the socket was reached, '' before the first call. */
  get via(): string {
    return this.#via;
  }

  /** Called by Node for each request, in the context of who makes it: here a missing record stops it. */
  addRequest(request: ClientRequest, options: AgentOptions & Said): void {
    const what = [request.method, request.path, ...(options.said === undefined ? [] : [options.said])];
    const access = recordAccess({ host: this.#host.address, kind: 'api', what });
    watch(request, access);
    inherited.addRequest.call(this, request, options);
  }

  override createConnection(_options: unknown, callback?: (error: Error | null, socket: Duplex) => void): undefined {
    this.#host.connect(this.#socket).then(
      (socket) => {
        this.#via = socket.via ?? 'straight';
        callback?.(null, manners(socket));
      },
      (error: unknown) => callback?.(error instanceof Error ? error : new Error(String(error)), undefined as never),
    );
  }
}

/** Node's documented types leave these two out; the documentation names createConnection, the source addRequest. */
const inherited: { addRequest(this: Agent, request: ClientRequest, options: AgentOptions): void } =
  Agent.prototype as never;

/** What Node's HTTP client calls on a socket, which a channel of an SSH connection has not. */
function manners(socket: HostSocket): Duplex {
  const nothing = () => socket;
  const lacks = (name: string) => !(name in socket);
  const missing = Object.fromEntries(
    ['setKeepAlive', 'setNoDelay', 'setTimeout', 'ref', 'unref'].filter(lacks).map((name) => [name, nothing]),
  );
  const soon = lacks('destroySoon') ? { destroySoon: () => socket.destroy() } : {};
  return Object.assign(socket, missing, soon);
}

/** Fills in status, bytes, time and error of a call as these become known. */
function watch(request: ClientRequest, access: Access): void {
  const began = performance.now();
  const settle = (error?: Error) => {
    access.ms = Math.round(performance.now() - began);
    if (error) access.error ??= error.message;
  };
  request.on('error', settle);
  request.prependOnceListener('response', (response: IncomingMessage) => {
    access.status = response.statusCode;
    // An engine has no business sending us elsewhere, and dockerode's client would go there.
    delete response.headers.location;
    const push = response.push.bind(response);
    response.push = (piece: unknown, ...rest: BufferEncoding[]) => {
      if (Buffer.isBuffer(piece)) access.bytes += piece.length;
      return push(piece, ...rest);
    };
    response.once('close', () => settle(response.complete ? undefined : new Error('The answer broke off.')));
  });
  request.once('upgrade', (response, socket) => {
    access.status = response.statusCode;
    socket.destroy();
    // Node counts the request as answered from here on: only an error of our own tells who waits.
    request.emit(
      'error',
      new LadingError(
        'ENGINE_ERROR',
        'The engine wanted to switch to another protocol, which Lading does not ask for.',
      ),
    );
  });
}
