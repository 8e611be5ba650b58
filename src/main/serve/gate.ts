import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Who may talk to the window's server. Any page in any browser of this machine, and any other user of it, can reach a
 * port on loopback; so a caller must have been given the link, and be a page of this server.
 */
export interface Gate {
  /** The path to open, with the token that is good for one use. */
  readonly entry: string;
  /** Whether the Host header names this server. A name that was rebound to 127.0.0.1 by DNS fails here. */
  hostOk(request: IncomingMessage): boolean;
  /** Whether a WebSocket's Origin is a page of this server. */
  originOk(request: IncomingMessage): boolean;
  /** Whether the request carries the cookie that the token was exchanged for. */
  cookieOk(request: IncomingMessage): boolean;
  /** Takes the token: the Set-Cookie value, once; then 'used', and 'wrong' for any other. */
  redeem(token: string): { cookie: string } | 'used' | 'wrong';
}

/** Makes the gate of a server that listens on `port`. */
export function createGate(port: number): Gate {
  const token = randomBytes(32).toString('base64url');
  const secret = randomBytes(32).toString('base64url');
  // Cookies do not know ports: the name keeps two servers on one machine apart.
  const cookieName = `lading-${port}`;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  let used = false;
  return {
    entry: `/?token=${token}`,
    hostOk: (request) => {
      const host = request.headers.host?.toLowerCase();
      return host !== undefined && hosts.includes(host);
    },
    originOk: (request) => {
      const origin = request.headers.origin;
      return origin !== undefined && origin === `http://${request.headers.host?.toLowerCase()}`;
    },
    cookieOk: (request) => {
      const value = cookies(request.headers.cookie).get(cookieName);
      return value !== undefined && same(value, secret);
    },
    redeem: (given) => {
      if (!same(given, token)) return 'wrong';
      if (used) return 'used';
      used = true;
      return { cookie: `${cookieName}=${secret}; HttpOnly; SameSite=Strict; Path=/` };
    },
  };
}

/** A Cookie header as a map (RFC 6265 section 5.4); the first of a name counts. */
function cookies(header: string | undefined): Map<string, string> {
  const map = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const name = part.slice(0, at).trim();
    if (!map.has(name)) map.set(name, part.slice(at + 1).trim());
  }
  return map;
}

/** Compares without telling by its time where they differ; digests because the lengths may differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
