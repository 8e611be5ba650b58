import { useSyncExternalStore } from 'react';

/**
 * Where the window is: `#/exhibits/E0012?at=line%3A3` is screen 'exhibits', id 'E0012', params at='line:3'. In the hash, so
 * that Back, Forward and a reload work in Electron (a file) and in a browser alike.
 */
export interface Route {
  screen: string;
  id?: string;
  params: URLSearchParams;
}

let hash = '';
let route: Route = { screen: '', params: new URLSearchParams() };

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Reads a hash; anything else is the empty screen. */
export function parseRoute(text: string): Route {
  const [path = '', query = ''] = text.replace(/^#?\/?/, '').split(/\?(.*)/s, 2);
  const [screen = '', ...rest] = path.split('/');
  const id = rest.join('/');
  return { screen: decode(screen), id: id ? decode(id) : undefined, params: new URLSearchParams(query) };
}

function current(): Route {
  if (window.location.hash !== hash) {
    hash = window.location.hash;
    route = parseRoute(hash);
  }
  return route;
}

function subscribe(tell: () => void): () => void {
  window.addEventListener('hashchange', tell);
  return () => window.removeEventListener('hashchange', tell);
}

/** The present route; renders again when it changes. */
export function useRoute(): Route {
  return useSyncExternalStore(subscribe, current);
}

/** Goes to `to`, e.g. `exhibits/E0001?at=line%3A3`; `replace` leaves no step for Back. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const next = `#/${to.replace(/^#?\/?/, '')}`;
  if (options.replace) {
    window.history.replaceState(null, '', next);
    window.dispatchEvent(new HashChangeEvent('hashchange'));
  } else window.location.hash = next;
}

/** `navigate`, for components that prefer a hook. */
export function useNavigate(): typeof navigate {
  return navigate;
}

/** The route of a screen, an item on it, and what to show of it. */
export function routeTo(screen: string, id?: string, params: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) if (value !== undefined) query.set(key, value);
  const text = query.toString();
  const tail = text ? `?${text}` : '';
  return `${screen}${id === undefined ? '' : `/${encodeURIComponent(id)}`}${tail}`;
}

/** The route of an exhibit, at a place in it (shared/locator.ts). */
export function exhibitRoute(id: string, locator?: string): string {
  return routeTo('exhibits', id, { at: locator });
}

/** The exhibits list, filtered: by target (its id), collector, collection, or free text. */
export function exhibitsRoute(filter: {
  target?: string;
  collector?: string;
  collection?: string;
  q?: string;
}): string {
  return routeTo('exhibits', undefined, filter);
}

/** For an `<a href>`: links that can be opened, copied and reached with Tab. */
export function href(to: string): string {
  return `#/${to}`;
}
