import { protocol } from 'electron';
import { safeHeaders } from '../serve/headers';
import { readStatic } from '../serve/statics';
import { isOwnPage, SCHEME } from './address';

/** Makes lading:// a scheme like https: an origin of its own, a secure context. Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built window to the default session at lading://app/, with the same headers and the same care for paths as `lading serve`. */
export function handleScheme(renderer: string): void {
  protocol.handle(SCHEME, async (request) => {
    if (!isOwnPage(request.url) || request.method !== 'GET') return answer(403, 'Refused.');
    // The URL's path as written, not normalised twice: readStatic decodes it once and takes plain names only.
    const file = await readStatic(renderer, new URL(request.url).pathname);
    if (!file) return answer(404, 'There is nothing here.');
    return new Response(new Uint8Array(file.body), { headers: { ...safeHeaders(), 'Content-Type': file.type } });
  });
}

function answer(status: number, text: string): Response {
  return new Response(text, { status, headers: { ...safeHeaders(), 'Content-Type': 'text/plain; charset=utf-8' } });
}
