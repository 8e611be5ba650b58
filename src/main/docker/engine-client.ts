import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type RequestOptions } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import Dockerode, { type DockerOptions } from 'dockerode';
import type { EngineFacts } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { Gate } from '../hosts/gate';
import type { Host } from '../hosts/host';
import type { ApiResponse, Engine, Query } from './engine';
import { EngineAgent, type Said } from './engine-agent';

/** Calls under way at once. Over a dialling command each takes one of sshd's sessions, which commands need too. */
const CALLS = 8;
const CALLS_BY_COMMAND = 4;
/** A parsed answer larger than this is an attack or an accident; it can still be stored as it is. */
const JSON_LIMIT = 256 << 20;
/** The newest API Lading was written for; an engine that only knows an older one is asked in that. */
const NEWEST_API = '1.47';

/** The engine of a host before its version is known. */
export interface EngineClient {
  readonly via: string;
  request: Engine['request'];
  json: Engine['json'];
  /** Makes the whole of it. */
  complete(facts: EngineFacts): Engine;
  setApi(version: string): void;
  close(): void;
}

/** Speaks with the engine behind a socket of a host; nothing is sent before the first call. */
export function engineClient(host: Host, socket: string): EngineClient {
  const agent = new EngineAgent(host, socket);
  const calls = new Gate(CALLS);
  let prefix = '';

  /** One attempt. A kept connection may have gone since: then `request.reusedSocket` is set. */
  function attempt(
    method: string,
    path: string,
    signal: AbortSignal | undefined,
    said: string | undefined,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers: OutgoingHttpHeaders = { Host: 'docker', 'User-Agent': 'lading' };
      if (said !== undefined) {
        headers['Content-Type'] = 'application/json';
        headers['Content-Length'] = Buffer.byteLength(said);
      }
      const options: RequestOptions & Said = { agent, method, path, headers, said };
      const request = httpRequest(options);
      const onAbort = () => request.destroy(cancelled(signal, host));
      signal?.addEventListener('abort', onAbort, { once: true });
      const settled = () => signal?.removeEventListener('abort', onAbort);
      request.once('response', (response) => {
        settled();
        resolve(response);
      });
      request.once('error', (error) => {
        settled();
        reject(request.reusedSocket && isReset(error) ? new StaleConnection() : error);
      });
      request.end(said);
    });
  }

  const engine: EngineClient & { request: Engine['request'] } = {
    get via() {
      return agent.via;
    },

    async request(method, path, query, signal, sent): Promise<ApiResponse> {
      if (signal?.aborted) throw cancelled(signal, host);
      const whole = `${prefix}${path}${queryText(query)}`;
      const said = sent === undefined ? undefined : JSON.stringify(sent);
      const leave = await calls.enter(signal).catch(() => {
        throw cancelled(signal, host);
      });
      try {
        let response: IncomingMessage;
        try {
          response = await attempt(method, whole, signal, said);
        } catch (error) {
          // Only what changes nothing is asked again.
          if (!(error instanceof StaleConnection) || method !== 'GET') throw error;
          response = await attempt(method, whole, signal, said);
        }
        if (agent.via === 'by a command of the host') calls.shrink(CALLS_BY_COMMAND);
        const body = bodyOf(response, host, signal);
        body.once('close', leave);
        return { status: response.statusCode ?? 0, headers: response.headers, body, path: whole };
      } catch (error) {
        leave();
        throw callError(error, host);
      }
    },

    async json(schema, path, query, signal) {
      const response = await engine.request('GET', path, query, signal);
      const text = await readAll(response.body, JSON_LIMIT);
      if (response.status >= 400) throw statusError(response.status, response.path, text);
      let value: unknown;
      try {
        value = JSON.parse(text.toString('utf8'));
      } catch (error) {
        throw new LadingError('ENGINE_ERROR', `The engine's answer to ${visible(path, { max: 200 })} is not JSON.`, {
          cause: error,
        });
      }
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new LadingError(
        'ENGINE_ERROR',
        `The engine's answer to ${visible(path, { max: 200 })} is not what the API says (${visible(where, { max: 200 })}).`,
        {
          cause: parsed.error,
        },
      );
    },

    setApi(version) {
      prefix = `/v${version}`;
    },

    complete(facts) {
      // `agent` is an option of docker-modem that the types do not name.
      const options: DockerOptions & { agent: EngineAgent } = {
        protocol: 'http',
        host: 'docker',
        port: 80,
        agent,
        version: `v${facts.apiVersion}`,
        headers: { 'User-Agent': 'lading' },
      };
      const docker = new Dockerode(options);
      return { facts, docker, request: engine.request, json: engine.json, close: engine.close };
    },

    close: () => agent.destroy(),
  };
  return engine;
}

class StaleConnection extends Error {}

const isReset = (error: Error): boolean =>
  'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE') && !(error instanceof LadingError);

/** The lower of what the engine offers and what Lading knows; each a dotted pair of numbers. */
export function negotiateApi(engineApi: string, minimum: string | undefined): string {
  const wanted = compareVersions(engineApi, NEWEST_API) < 0 ? engineApi : NEWEST_API;
  return minimum && compareVersions(wanted, minimum) < 0 ? minimum : wanted;
}

export function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

function queryText(query: Query | undefined): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

/** The body with its errors in Lading's words. An answer that broke off is an error, never a short body. */
function bodyOf(response: IncomingMessage, host: Host, signal: AbortSignal | undefined): Readable {
  const body = new PassThrough({ highWaterMark: 1 << 20 });
  const onAbort = () => body.destroy(cancelled(signal, host));
  signal?.addEventListener('abort', onAbort, { once: true });
  response.once('error', (error) => body.destroy(callError(error, host)));
  response.once('aborted', () => body.destroy(brokeOff(host)));
  body.once('close', () => {
    signal?.removeEventListener('abort', onAbort);
    if (!response.readableEnded) response.destroy();
  });
  body.on('error', () => undefined); // whoever reads it hears of it; nobody is hurt by not reading
  response.pipe(body);
  return body;
}

async function readAll(stream: Readable, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let have = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    have += piece.length;
    if (have > limit) {
      stream.destroy();
      throw new LadingError('ENGINE_ERROR', `The engine's answer is larger than ${limit} bytes.`);
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** An error status as an error: 404 is TARGET_GONE, 403 ENGINE_DENIED, the rest ENGINE_ERROR with the engine's words. */
export function statusError(status: number, path: string, body: Buffer): LadingError {
  let words = body.toString('utf8').slice(0, 2000);
  try {
    const parsed: unknown = JSON.parse(words);
    if (parsed && typeof parsed === 'object' && 'message' in parsed) words = String(parsed.message);
  } catch {
    // not JSON: shown as it is
  }
  const code = status === 404 ? 'TARGET_GONE' : status === 401 || status === 403 ? 'ENGINE_DENIED' : 'ENGINE_ERROR';
  return new LadingError(
    code,
    `The engine answered ${status} to ${visible(path, { max: 200 })}: ${visible(words.trim(), { max: 500 })}`,
    {
      details: { status },
    },
  );
}

function callError(error: unknown, host: Host): LadingError {
  if (error instanceof LadingError) return error;
  if (host.lost.aborted) return asLadingError(host.lost.reason);
  if (error instanceof Error && isReset(error)) return brokeOff(host, error);
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('HPE_')) {
    return new LadingError(
      'ENGINE_ERROR',
      `What answers on ${host.address} is not an engine: it does not speak HTTP.`,
      { cause: error },
    );
  }
  return asLadingError(error);
}

function brokeOff(host: Host, cause?: unknown): LadingError {
  if (host.lost.aborted) return asLadingError(host.lost.reason);
  return new LadingError('CONNECTION_LOST', `The engine on ${host.address} broke its answer off.`, {
    advice: 'See whether the engine still runs; what arrived is kept.',
    cause,
  });
}

function cancelled(signal: AbortSignal | undefined, host: Host): LadingError {
  return signal?.reason instanceof LadingError
    ? signal.reason
    : new LadingError('CANCELLED', `A call to the engine on ${host.address} was cancelled.`, { cause: signal?.reason });
}
