// Test-only: what an app written for Electron >= 25 (Node >= 20) misses in Electron 22 (Node 16.17), as much of it as
// Lading's main process uses. Loaded before the app: `electron -r compat22.cjs APP`. See get-electron.
const { protocol } = require('electron');
const buffer = require('buffer');
const web = require('stream/web');
const { webcrypto } = require('crypto');

const set = (k, v) => {
  if (globalThis[k] === undefined && v) globalThis[k] = v;
};
for (const k of [
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'CompressionStream',
  'DecompressionStream',
  'TextDecoderStream',
  'TextEncoderStream',
])
  set(k, web[k]);
set('Blob', buffer.Blob);
set('crypto', webcrypto);
set('structuredClone', (v) => require('v8').deserialize(require('v8').serialize(v)));
set(
  'DOMException',
  (() => {
    try {
      atob('~');
    } catch (e) {
      return e.constructor;
    }
  })(),
);

// Node 20.3
if (!AbortSignal.any) {
  AbortSignal.any = (signals) => {
    const either = new AbortController();
    for (const signal of signals) {
      if (signal.aborted) either.abort(signal.reason);
      else signal.addEventListener('abort', () => either.abort(signal.reason), { once: true, signal: either.signal });
    }
    return either.signal;
  };
}
// Node 18.15. What the app asks of it is free space only.
const fs = require('fs');
if (!fs.promises.statfs) {
  const { execFile } = require('child_process');
  fs.promises.statfs = (path) =>
    new Promise((resolve, reject) =>
      execFile(
        'stat',
        ['-f', '-c', '{"type":0,"bsize":%S,"blocks":%b,"bfree":%f,"bavail":%a,"files":%c,"ffree":%d}', '--', path],
        (error, out) => (error ? reject(error) : resolve(JSON.parse(out))),
      ),
    );
}

if (globalThis.Response === undefined) {
  class Headers {
    #m = new Map();
    constructor(init = {}) {
      for (const [k, v] of init instanceof Headers || Array.isArray(init) ? init : Object.entries(init)) this.set(k, v);
    }
    get(k) {
      return this.#m.get(String(k).toLowerCase()) ?? null;
    }
    set(k, v) {
      this.#m.set(String(k).toLowerCase(), String(v));
    }
    has(k) {
      return this.#m.has(String(k).toLowerCase());
    }
    append(k, v) {
      this.set(k, this.has(k) ? `${this.get(k)}, ${v}` : v);
    }
    delete(k) {
      this.#m.delete(String(k).toLowerCase());
    }
    forEach(f) {
      this.#m.forEach((v, k) => f(v, k, this));
    }
    [Symbol.iterator]() {
      return this.#m[Symbol.iterator]();
    }
    entries() {
      return this.#m.entries();
    }
  }
  class Response {
    constructor(body = null, { status = 200, statusText = '', headers } = {}) {
      this.body = body;
      this.status = status;
      this.statusText = statusText;
      this.headers = new Headers(headers);
      this.ok = status >= 200 && status < 300;
    }
    async bytes() {
      const b = this.body;
      if (b == null) return Buffer.alloc(0);
      if (typeof b === 'string') return Buffer.from(b);
      if (b instanceof ArrayBuffer) return Buffer.from(b);
      if (ArrayBuffer.isView(b)) return Buffer.from(b.buffer, b.byteOffset, b.byteLength);
      if (typeof b.arrayBuffer === 'function') return Buffer.from(await b.arrayBuffer());
      const parts = [];
      for await (const c of b) parts.push(Buffer.from(c));
      return Buffer.concat(parts);
    }
    async text() {
      return (await this.bytes()).toString('utf8');
    }
    async json() {
      return JSON.parse(await this.text());
    }
  }
  Object.assign(globalThis, { Headers, Response });
}

if (!protocol.handle) {
  protocol.handle = (scheme, handler) => {
    const ok = protocol.registerBufferProtocol(scheme, async (req, done) => {
      try {
        const body = req.uploadData ? Buffer.concat(req.uploadData.map((d) => d.bytes || Buffer.alloc(0))) : null;
        const res = await handler({
          url: req.url,
          method: req.method,
          headers: new Headers(req.headers),
          referrer: req.referrer,
          body,
          text: async () => String(body ?? ''),
          json: async () => JSON.parse(String(body)),
        });
        // mimeType must be bare: with "; charset=..." in it, Electron 22 shows an empty page.
        const [mimeType, ...rest] = (res.headers.get('content-type') || 'application/octet-stream').split(';');
        const charset = rest
          .map((s) => s.trim())
          .find((s) => s.startsWith('charset='))
          ?.slice(8);
        const headers = {};
        res.headers.forEach((v, k) => {
          if (k !== 'content-type') headers[k] = v;
        });
        done({
          statusCode: res.status,
          mimeType: mimeType.trim(),
          ...(charset ? { charset } : {}),
          headers,
          data: await res.bytes(),
        });
      } catch (e) {
        console.error(e);
        done({ error: -2 });
      }
    });
    if (!ok) throw new Error(`protocol ${scheme} is already handled`);
  };
  protocol.unhandle = (s) => protocol.unregisterProtocol(s);
  protocol.isProtocolHandled = (s) => protocol.isProtocolRegistered(s);
}
