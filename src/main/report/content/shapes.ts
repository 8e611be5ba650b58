import type { Access } from '../../../shared/domain';
import { clip, command } from './format';
import { commandWith, type Script } from './scripts';

/** Touches of one shape: ids, numbers and query values are replaced, so that a thousand containers make one line. */
export interface TouchShape {
  kind: Access['kind'];
  shape: string;
  asRoot: boolean;
  times: number;
  bytes: number;
  failed: number;
}

/** The touches by shape, in the order of their first appearance. */
export function shapes(all: readonly Access[], known: Map<string, Script>): TouchShape[] {
  const found = new Map<string, TouchShape>();
  for (const access of all) {
    const shape = shapeOf(access, known);
    const key = `${access.kind} ${access.asRoot} ${shape}`;
    const entry = found.get(key) ?? { kind: access.kind, shape, asRoot: access.asRoot, times: 0, bytes: 0, failed: 0 };
    entry.times++;
    entry.bytes += access.bytes;
    if (failed(access)) entry.failed++;
    found.set(key, entry);
  }
  return [...found.values()];
}

function failed(access: Access): boolean {
  return access.error !== undefined || (access.status ?? 0) >= 400 || (access.exit ?? 0) !== 0;
}

/** Longest shape that is shown. */
const MOST_SHAPE = 300;

function shapeOf({ kind, what }: Access, known: Map<string, Script>): string {
  if (kind === 'connect') return command(what, MOST_SHAPE);
  if (kind === 'exec') {
    const words = what
      .slice(0, 200)
      .map((word) => (known.has(word) || word.length > MOST_SHAPE ? word : general(word)));
    // A list of process numbers is one argument to the reader, however long it is.
    const kept = words.filter((word, i) => !(word === '{n}' && words[i - 1] === '{n}'));
    return commandWith(known, kept, MOST_SHAPE);
  }
  const [method = '', path = ''] = what;
  const [route = '', query] = path.split('?', 2);
  const names = query
    ?.split('&')
    .map((part) => part.split('=', 1)[0])
    .join(', ');
  return clip(`${method} ${generalRoute(route)}${names ? ` (with ${names})` : ''}`, MOST_SHAPE);
}

function general(word: string): string {
  if (/^\d+$/.test(word)) return '{n}';
  return word.replace(/\b[0-9a-f]{64}\b/g, '{id}').replace(/\/proc\/\d+/g, '/proc/{pid}');
}

/** `/v1.45/containers/web/json` → `/v1.45/containers/{id}/json`: what follows a kind of target names one. */
function generalRoute(route: string): string {
  const parts = route.split('/');
  return parts.map((part, i) => (KINDS.has(parts[i - 1] ?? '') && !LISTS.has(part) ? '{id}' : part)).join('/');
}
const KINDS = new Set(['containers', 'images', 'volumes', 'networks', 'exec']);
const LISTS = new Set(['json', 'create', 'prune', 'search', 'get', 'load']);
