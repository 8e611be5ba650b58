import { readFile, realpath } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

/** Media types of what the build makes; anything else is handed out as bytes, which `nosniff` keeps from being run. */
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.pdf': 'application/pdf',
};

export interface StaticFile {
  body: Buffer;
  type: string;
}

/**
 * Reads the file that a URL's path names below `root`; `/` is index.html. Gives undefined for what is not there and for
 * every path that would lead out of `root`: dot segments in any encoding, backslashes, device and stream names of
 * Windows, links that point elsewhere.
 */
export async function readStatic(root: string, urlPath: string): Promise<StaticFile | undefined> {
  const segments = segmentsOf(urlPath);
  if (!segments) return undefined;
  try {
    const home = await realpath(root);
    const file = await realpath(resolve(home, ...segments));
    if (!file.startsWith(home + sep)) return undefined;
    return { body: await readFile(file), type: TYPES[extname(file).toLowerCase()] ?? 'application/octet-stream' };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** A URL path as file names, or undefined when a segment is anything but a plain name. */
function segmentsOf(urlPath: string): string[] | undefined {
  if (!urlPath.startsWith('/')) return undefined;
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return undefined;
  }
  if (path === '/') return ['index.html'];
  const segments = path.slice(1).split('/');
  return segments.every((name) => /^[A-Za-z0-9_@-][A-Za-z0-9._@-]*$/.test(name)) ? segments : undefined;
}

function isAbsent(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG'].includes(String(error.code))
  );
}
