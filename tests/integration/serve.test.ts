import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { eventIterator, os, type RouterClient } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { type Served, serveWindow } from '../../src/main/serve';

const ended: string[] = [];
const router = {
  echo: os.input(z.string()).handler(({ input }) => input),
  count: os.output(eventIterator(z.number())).handler(async function* ({ signal }) {
    try {
      for (let i = 0; !signal?.aborted; i++) {
        yield i;
        await new Promise((done) => setTimeout(done, 5));
      }
    } finally {
      ended.push('count');
    }
  }),
};

let folder: string;
let served: Served;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lading-serve-'));
  const renderer = join(folder, 'renderer');
  mkdirSync(join(renderer, 'assets'), { recursive: true });
  writeFileSync(join(renderer, 'index.html'), '<title>Lading</title>');
  writeFileSync(join(renderer, 'assets', 'app.js'), 'console.log(1)');
  writeFileSync(join(renderer, 'assets', 'odd.xyz'), '<script>1</script>');
  writeFileSync(join(renderer, '.env'), 'SECRET');
  writeFileSync(join(folder, 'secret.txt'), 'SECRET');
  if (process.platform !== 'win32') symlinkSync(join(folder, 'secret.txt'), join(renderer, 'link.txt'));
  served = await serveWindow({ router, renderer });
});

afterEach(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A request whose path and headers go out as they are given: fetch would tidy them. */
function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request(
      { host: '127.0.0.1', port: served.port, path, method: options.method ?? 'GET', headers: options.headers },
      (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    sent.on('error', fail);
    sent.end();
  });
}

const entry = () => new URL(served.url).pathname + new URL(served.url).search;

async function enter(): Promise<string> {
  const { headers } = await ask(entry());
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** Opens a WebSocket; gives it, or the status with which it was refused. */
function socket(options: { path?: string; headers?: Record<string, string> }): Promise<WebSocket | number> {
  return new Promise((done, fail) => {
    const ws = new WebSocket(`ws://127.0.0.1:${served.port}${options.path ?? '/rpc'}`, { headers: options.headers });
    ws.once('open', () => done(ws));
    ws.once('unexpected-response', (_request, response) => {
      response.resume();
      done(response.statusCode ?? 0);
    });
    ws.once('error', fail);
  });
}

const origin = () => `http://127.0.0.1:${served.port}`;

describe('the link', () => {
  it('is on loopback, lets one browser in, and leaves no token in the address', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const first = await ask(entry());
    expect(first.status).toBe(303);
    expect(first.headers.location).toBe('/');
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^lading-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/),
    ]);
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const page = await ask('/', { headers: { cookie } });
    expect(page).toMatchObject({ status: 200, body: '<title>Lading</title>' });
  });

  it('is refused the second time, with a page that says so', async () => {
    const cookie = await enter();
    const again = await ask(entry());
    expect(again.status).toBe(403);
    expect(again.body).toContain('used already');
    expect(again.headers['set-cookie']).toBeUndefined();
    // The browser that is in already may use its old link.
    expect(await ask(entry(), { headers: { cookie } })).toMatchObject({ status: 303 });
  });

  it('is not used up by a wrong token, by HEAD or by a browser that looks ahead', async () => {
    expect((await ask('/?token=wrong')).status).toBe(403);
    expect((await ask(entry(), { method: 'HEAD' })).status).toBe(401);
    expect((await ask(entry(), { headers: { 'sec-purpose': 'prefetch' } })).status).toBe(401);
    expect((await ask(entry())).status).toBe(303);
  });

  it('counts at the start page only', async () => {
    expect((await ask(entry().replace('/?', '/assets/app.js?'))).status).toBe(401);
  });

  it.each([
    ['no cookie', undefined],
    ['a wrong cookie', 'lading-PORT=wrong'],
    ['a cookie of another port', 'lading-1=x'],
  ])('%s is not let in', async (_what, cookie) => {
    await enter();
    const headers = cookie ? { cookie: cookie.replace('PORT', String(served.port)) } : undefined;
    for (const path of ['/', '/assets/app.js', '/nothing']) {
      const answer = await ask(path, { headers });
      expect(answer.status).toBe(401);
      expect(answer.body).not.toContain('console.log');
    }
  });
});

describe('hosts and methods', () => {
  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil.example:PORT',
    '127.0.0.1:PORT.evil.example',
    '[::1]:PORT',
  ])('the Host %j is refused, cookie or not, and does not use up the link', async (name) => {
    const host = name.replace('PORT', String(served.port));
    const link = await ask(entry(), { headers: { host } });
    expect(link.status).toBe(403);
    expect(link.headers['set-cookie']).toBeUndefined();
    const cookie = await enter();
    expect(cookie).not.toBe('');
    expect((await ask('/', { headers: { host, cookie } })).status).toBe(403);
  });

  it('localhost is its other name', async () => {
    const cookie = await enter();
    const answer = await ask('/', { headers: { host: `LOCALHOST:${served.port}`, cookie } });
    expect(answer.status).toBe(200);
  });

  it('a request without a Host is refused', async () => {
    const answer = await new Promise<string>((done) => {
      const raw = connect(served.port, '127.0.0.1', () => raw.write('GET / HTTP/1.0\r\n\r\n'));
      let text = '';
      raw.on('data', (chunk) => {
        text += chunk;
      });
      raw.on('close', () => done(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.[01] 403 /);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s is refused', async (method) => {
    const cookie = await enter();
    const answer = await ask('/', { method, headers: { cookie } });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe('GET, HEAD');
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('files', () => {
  it('come with their type and the headers that keep a page in its place', async () => {
    const cookie = await enter();
    const script = await ask('/assets/app.js', { headers: { cookie } });
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect((await ask('/assets/odd.xyz', { headers: { cookie } })).headers['content-type']).toBe(
      'application/octet-stream',
    );
    const head = await ask('/', { method: 'HEAD', headers: { cookie } });
    expect(head).toMatchObject({ status: 200, body: '' });
    const refused = await ask('/');
    for (const { headers } of [script, head, refused, await ask('/x', { headers: { cookie } })]) {
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['x-frame-options']).toBe('DENY');
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe-eval');
      expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${served.port} ws://localhost:${served.port};`);
    }
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/../../secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/%252e%252e/secret.txt',
    '//secret.txt',
    '/index.html%00.js',
    '/index.html::$DATA',
    '/C:/secret.txt',
    '/.env',
    '/link.txt',
    '/assets',
    '/assets/',
    '/%E0%A4%A',
    '/nothing.js',
    'http://127.0.0.1/index.html',
    '*',
  ])('%s is not there', async (path) => {
    const cookie = await enter();
    const answer = await ask(path, { headers: { cookie } });
    expect([400, 404]).toContain(answer.status);
    expect(answer.body).not.toContain('SECRET');
  });
});

describe('the WebSocket', () => {
  it('carries calls and streams, and ends a stream with its tab', async () => {
    const ws = await socket({ headers: { cookie: await enter(), origin: origin() } });
    if (typeof ws === 'number') throw new Error(`refused with ${ws}`);
    const client: RouterClient<typeof router> = createORPCClient(new RPCLink({ websocket: ws as never }));
    expect(await client.echo('héllo')).toBe('héllo');
    let seen = 0;
    for await (const n of await client.count()) {
      seen = n;
      if (n === 3) break;
    }
    expect(seen).toBe(3);
    await expect.poll(() => ended).toEqual(['count']);
    const stream = await client.count();
    await stream.next();
    ws.terminate();
    await expect.poll(() => ended).toEqual(['count', 'count']);
  });

  it.each([
    ['another origin', { origin: 'http://evil.example' }, 403],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }, 403],
    ['https', { origin: 'https://127.0.0.1:PORT' }, 403],
    ['localhost, when the Host is 127.0.0.1', { origin: 'http://localhost:PORT' }, 403],
    ['the origin null', { origin: 'null' }, 403],
    ['no origin', {}, 403],
    ['a rebound name', { origin: 'http://evil.example:PORT', host: 'evil.example:PORT' }, 403],
  ])('is refused to %s', async (_what, headers, status) => {
    const cookie = await enter();
    const sent = Object.fromEntries(
      Object.entries(headers).map(([k, v]) => [k, v.replace('PORT', String(served.port))]),
    );
    expect(await socket({ headers: { cookie, ...sent } })).toBe(status);
  });

  it('is refused without the cookie, with the token instead of it, and at another path', async () => {
    expect(await socket({ headers: { origin: origin() } })).toBe(401);
    expect(await socket({ path: `/rpc${entry().slice(1)}`, headers: { origin: origin() } })).toBe(401);
    expect(await socket({ path: '/other', headers: { origin: origin(), cookie: await enter() } })).toBe(404);
  });

  it('is closed when a message is too long, and the server lives on', async () => {
    const cookie = await enter();
    const ws = await socket({ headers: { cookie, origin: origin() } });
    if (typeof ws === 'number') throw new Error(`refused with ${ws}`);
    ws.on('error', () => {});
    const closed = new Promise((done) => ws.once('close', done));
    ws.send(Buffer.alloc(9 * 1024 * 1024));
    await closed;
    expect((await ask('/', { headers: { cookie } })).status).toBe(200);
  });
});

describe('the end', () => {
  it('closes open connections and frees the port', async () => {
    const ws = await socket({ headers: { cookie: await enter(), origin: origin() } });
    if (typeof ws === 'number') throw new Error(`refused with ${ws}`);
    const code = new Promise((done) => ws.once('close', done));
    await served.close();
    expect(await code).toBe(1001);
    const next = await serveWindow({ router, renderer: folder, port: served.port });
    await next.close();
  });

  it('says that a port is taken', async () => {
    await expect(serveWindow({ router, renderer: folder, port: served.port })).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: `Port ${served.port} of this machine is taken by another program.`,
    });
  });
});
