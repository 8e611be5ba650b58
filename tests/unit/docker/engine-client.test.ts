import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createNet, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Engine } from '../../../src/main/docker/engine';
import { compareVersions, engineClient, negotiateApi, statusError } from '../../../src/main/docker/engine-client';
import { probeEngine } from '../../../src/main/docker/facts';
import type { HostSession } from '../../../src/main/docker/session';
import { listTargets } from '../../../src/main/docker/targets';
import { withAccessLog } from '../../../src/main/hosts/access';
import { localHost } from '../../../src/main/hosts/local';
import type { Access } from '../../../src/shared/domain';
import { LadingError } from '../../../src/shared/errors';

/** A real engine cannot be made to lie and to break off; these tests need one that does. */
let dir = '';
let server: Server | undefined;
const sockets = new Set<Socket>();
let path = '';
let log: Access[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lading-engine-'));
  path = process.platform === 'win32' ? `\\\\.\\pipe\\lading-${process.pid}-${Date.now()}` : join(dir, 'd.sock');
  log = [];
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
  rmSync(dir, { recursive: true, force: true });
});

async function listen(made: Server): Promise<void> {
  server = made;
  made.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((done) => made.listen(path, done));
}
const http = (handler: (request: IncomingMessage, response: ServerResponse) => void) => listen(createHttp(handler));
const raw = (answer: string | Buffer) =>
  listen(
    createNet((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(answer));
    }),
  );
const client = () => engineClient(localHost('unix:///fake', 'engine only'), path);
const logged = <T>(work: () => Promise<T>): Promise<T> => withAccessLog(log, work);
const failure = async (work: Promise<unknown>): Promise<LadingError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LadingError);
  return error as LadingError;
};

const VERSION = {
  Version: '26.1.5',
  ApiVersion: '1.45',
  MinAPIVersion: '1.24',
  Platform: { Name: 'Docker Engine - Community' },
};
const INFO = {
  ID: 'id',
  Name: 'host',
  Driver: 'overlay2',
  SecurityOptions: ['name=seccomp,profile=builtin', 'name=userns'],
};
/** Answers as an engine does, with what a test says instead. */
const engine = async (answers: Record<string, unknown>): Promise<Engine> => {
  await http((request, response) => {
    const asked = (request.url ?? '').replace(/^\/v1\.\d+/, '').replace(/\?.*/, '');
    const answer = { '/version': VERSION, '/info': INFO, ...answers }[asked];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'page not found' }));
  });
  const { engine: made } = await logged(() => probeEngine(localHost('unix:///fake', 'engine only'), path, Date.now));
  return made;
};

describe('a call', () => {
  it('gives the body byte for byte, de-chunked and never decoded', async () => {
    const body = Buffer.from([0x1f, 0x8b, 0, 0xff, 0x0a, 0x0d]);
    await raw(
      Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n6\r\n'),
        body,
        Buffer.from('\r\n0\r\n\r\n'),
      ]),
    );
    const got = await logged(async () => {
      const response = await client().request('GET', '/x', { all: 1, filters: '{"a":["b c"]}', none: undefined });
      return { ...response, bytes: await buffer(response.body) };
    });
    expect(got.bytes.equals(body)).toBe(true);
    expect(got.path).toBe('/x?all=1&filters=%7B%22a%22%3A%5B%22b+c%22%5D%7D');
    expect(log.find((one) => one.kind === 'api')).toMatchObject({ what: ['GET', got.path], status: 200, bytes: 6 });
  });

  it('does nothing without a record, also through dockerode', async () => {
    let asked = 0;
    await http((_request, response) => {
      asked += 1;
      response.end('{}');
    });
    const made = client();
    expect(await failure(made.request('GET', '/x'))).toMatchObject({ code: 'INTERNAL' });
    const { docker } = made.complete({ apiVersion: '1.45' } as never);
    await expect(docker.version()).rejects.toThrow(/without a record/);
    expect(asked).toBe(0);
  });

  it('that breaks off is an error, not a short body', async () => {
    for (const answer of [
      'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n',
    ]) {
      await raw(answer);
      const error = await failure(logged(async () => buffer((await client().request('GET', '/x')).body)));
      expect(error.code).toBe('CONNECTION_LOST');
      expect(log.at(-2)?.error ?? log.at(-1)?.error).toBeDefined();
      server?.close();
      rmSync(path, { force: true });
    }
  });

  it('follows neither redirects nor upgrades', async () => {
    let elsewhere = 0;
    const trap = createHttp((_request, response) => {
      elsewhere += 1;
      response.end('{}');
    });
    await new Promise<void>((done) => trap.listen(0, '127.0.0.1', done));
    const address = trap.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await http((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` });
      response.end();
    });
    const { docker, request } = client().complete({ apiVersion: '1.45' } as never);
    await logged(async () => {
      await expect(docker.version()).rejects.toThrow(/302/);
      expect((await request('GET', '/x')).status).toBe(302);
    });
    expect(elsewhere).toBe(0);
    trap.close();
    server?.close();
    rmSync(path, { force: true });
    await raw('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: tcp\r\n\r\n');
    expect(await failure(logged(() => client().request('GET', '/x')))).toMatchObject({ code: 'ENGINE_ERROR' });
  });

  it('is cancelled while it waits and while it flows', async () => {
    await http((request, response) => {
      if (request.url === '/flows') response.write('begun');
    });
    const waits = new AbortController();
    const waiting = logged(() => client().request('GET', '/waits', {}, waits.signal));
    setTimeout(() => waits.abort(), 50);
    expect(await failure(waiting)).toMatchObject({ code: 'CANCELLED' });
    const flows = new AbortController();
    const response = await logged(() => client().request('GET', '/flows', {}, flows.signal));
    setTimeout(() => flows.abort(), 50);
    expect(await failure(buffer(response.body))).toMatchObject({ code: 'CANCELLED' });
    expect(await failure(logged(() => client().request('GET', '/x', {}, AbortSignal.abort())))).toMatchObject({
      code: 'CANCELLED',
    });
  });

  it('is asked again when a kept connection had gone, if it changes nothing', async () => {
    let served = 0;
    await http((_request, response) => {
      served += 1;
      response.end('{}', () => setTimeout(() => response.socket?.destroy(), 20));
    });
    const made = client();
    const ask = () => logged(async () => buffer((await made.request('GET', '/x')).body));
    await ask();
    for (let round = 0; round < 20; round++) {
      await new Promise((done) => setTimeout(done, round));
      await ask();
    }
    expect(served).toBeGreaterThanOrEqual(21);
  });

  it('more than eight at once wait for their turn, and none is lost', async () => {
    let now = 0;
    let most = 0;
    await http((_request, response) => {
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        response.end('{}');
      }, 20);
    });
    const made = client();
    await logged(() => Promise.all(Array.from({ length: 40 }, () => made.json(z.object({}), '/x'))));
    expect(most).toBeLessThanOrEqual(8);
    expect(log.filter((one) => one.kind === 'api')).toHaveLength(40);
  });
});

describe('an error', () => {
  it('says what the engine said, made harmless', async () => {
    const made = await engine({});
    const gone = await failure(logged(() => made.json(z.unknown(), '/containers/x/json')));
    expect(gone).toMatchObject({ code: 'TARGET_GONE', message: expect.stringContaining('page not found') });
    expect(statusError(500, '/x', Buffer.from(JSON.stringify({ message: 'bad \u001b[31m thing' }))).message).toBe(
      'The engine answered 500 to /x: bad ␛[31m thing',
    );
    expect(statusError(403, '/x', Buffer.from('no')).code).toBe('ENGINE_DENIED');
  });

  it('tells an engine from something else', async () => {
    const host = localHost('unix:///fake', 'engine only');
    const probe = () => logged(() => probeEngine(host, path, Date.now));
    expect(await failure(probe())).toMatchObject({ code: 'ENGINE_ABSENT' });
    await raw('220 mail.example ESMTP\r\n');
    expect(await failure(probe())).toMatchObject({
      code: 'ENGINE_ERROR',
      message: expect.stringContaining('not an engine'),
    });
    server?.close();
    rmSync(path, { force: true });
    await raw('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello');
    expect(await failure(probe())).toMatchObject({
      code: 'ENGINE_ERROR',
      message: expect.stringContaining('not JSON'),
    });
    server?.close();
    rmSync(path, { force: true });
    await raw('HTTP/1.1 200 OK\r\ncontent-length: 22\r\n\r\n{"ApiVersion":"1.45x"}');
    expect(await failure(probe())).toMatchObject({ code: 'ENGINE_ERROR' });
  });
});

it('agrees on an API version', () => {
  expect(negotiateApi('1.45', '1.24')).toBe('1.45');
  expect(negotiateApi('1.99', '1.24')).toBe('1.47');
  expect(negotiateApi('1.99', '1.60')).toBe('1.60');
  expect(negotiateApi('1.9', undefined)).toBe('1.9');
  expect(compareVersions('1.9', '1.10')).toBeLessThan(0);
});

it('lists targets with names as they are, however hostile', async () => {
  const name = `/\u001b]0;pwned\u0007<img src=x>\u202e${'a'.repeat(10_000)}`;
  const made = await engine({
    '/containers/json': [
      {
        Id: 'c1',
        Names: ['/web/link', name],
        Image: 'nginx',
        ImageID: 'sha256:i1',
        State: 'running',
        Created: 1_700_000_000,
        Extra: { deep: [1] },
      },
      { Id: 'c2', Names: null, Created: 1e300 },
    ],
    '/images/json': [
      { Id: 'sha256:i1', RepoTags: ['nginx:1', 'nginx:latest'], RepoDigests: null, Size: 5 },
      { Id: 'sha256:i2', RepoTags: ['<none>:<none>'] },
    ],
    '/volumes': { Volumes: null, Warnings: null },
    '/networks': [{ Id: 'n1', Name: 'bridge', Driver: 'bridge', Scope: 'local' }],
  });
  const facts = { id: 'h', hostname: 'host', os: 'Debian', address: 'unix:///fake' };
  const targets = await logged(() => listTargets({ facts, engine: made } as unknown as HostSession));
  expect(targets.map((one) => [one.kind, one.id])).toEqual([
    ['host', 'h'],
    ['container', 'c1'],
    ['container', 'c2'],
    ['image', 'sha256:i1'],
    ['image', 'sha256:i2'],
    ['network', 'n1'],
  ]);
  expect(targets[1]).toMatchObject({
    name: name.slice(1),
    state: 'running',
    created: '2023-11-14T22:13:20.000Z',
    aliases: ['web/link', 'sha256:i1'],
  });
  expect(targets[2]).toMatchObject({ name: 'c2', created: undefined });
  expect(targets[3]).toMatchObject({ name: 'nginx:1', aliases: ['nginx:latest'] });
  expect(targets[4]).toMatchObject({ name: 'sha256:i2' });
});

it('reads what the engine is', async () => {
  const made = await engine({});
  expect(made.facts).toMatchObject({
    product: 'Docker Engine - Community',
    version: '26.1.5',
    apiVersion: '1.45',
    usernsRemap: true,
    rootless: false,
    via: 'straight',
  });
});
