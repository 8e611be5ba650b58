import { childrenOf, isBranch, type JsonNode } from './parse';

/** A line of the tree. `path` is the child numbers from the root ('0.3.1', '' for the root): unique where keys repeat. */
export interface TreeRow {
  path: string;
  /** RFC 6901. */
  pointer: string;
  key: string | undefined;
  node: JsonNode;
  depth: number;
  branch: boolean;
  /** A later entry of the same object has the same key, so that a JSON parser would drop this one. */
  shadowed: boolean;
}

const escapeKey = (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The lines to show with these branches open, at most `max`. */
export function flatten(root: JsonNode, open: ReadonlySet<string>, max = 1_000_000): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (row: TreeRow) => {
    if (rows.length >= max) return;
    rows.push(row);
    if (!row.branch || !open.has(row.path)) return;
    const children = childrenOf(row.node);
    const last = row.node.type === 'object' ? new Map(children.map(({ key }, index) => [key, index])) : undefined;
    for (const [index, { key, value }] of children.entries()) {
      visit({
        path: row.path === '' ? String(index) : `${row.path}.${index}`,
        pointer: `${row.pointer}/${escapeKey(key)}`,
        key,
        node: value,
        depth: row.depth + 1,
        branch: isBranch(value),
        shadowed: last !== undefined && last.get(key) !== index,
      });
    }
  };
  visit({ path: '', pointer: '', key: undefined, node: root, depth: 0, branch: isBranch(root), shadowed: false });
  return rows;
}

/** The path of a pointer's value (of the last, where a key repeats), or undefined where there is none. */
export function pathOfPointer(root: JsonNode, pointer: string): string | undefined {
  let node = root;
  const path: number[] = [];
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const children = childrenOf(node);
    const index =
      node.type === 'array'
        ? /^(0|[1-9]\d*)$/.test(key)
          ? Number(key)
          : -1
        : children.findLastIndex((child) => child.key === key);
    const child = children[index];
    if (!child) return undefined;
    path.push(index);
    node = child.value;
  }
  return path.join('.');
}

/** Every branch above a path: what has to be open for it to be seen. */
export function ancestors(path: string): string[] {
  if (path === '') return [];
  const parts = path.split('.');
  return parts.map((_, index) => parts.slice(0, index).join('.'));
}

/** Branches down to a depth, as long as no more than `max` are open. */
export function openTo(root: JsonNode, depth: number, max = 5000): Set<string> {
  const open = new Set<string>();
  let level: { path: string; node: JsonNode }[] = [{ path: '', node: root }];
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    const next: { path: string; node: JsonNode }[] = [];
    for (const { path, node } of level) {
      if (!isBranch(node)) continue;
      if (open.size >= max) return open;
      open.add(path);
      for (const [index, child] of childrenOf(node).entries()) {
        next.push({ path: path === '' ? String(index) : `${path}.${index}`, node: child.value });
      }
    }
    level = next;
  }
  return open;
}

/** Paths whose key or value contains a text (case-insensitive), in order, at most `max`. */
export function findInTree(root: JsonNode, text: string, max = 2000): string[] {
  const wanted = text.toLowerCase();
  const hits: string[] = [];
  const visit = (node: JsonNode, path: string, key: string | undefined) => {
    if (hits.length >= max) return;
    const value = node.type === 'string' ? node.value : 'text' in node ? node.text : '';
    if (key?.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted)) hits.push(path);
    if (node.type !== 'object' && node.type !== 'array') return;
    for (const [index, child] of childrenOf(node).entries()) {
      visit(
        child.value,
        path === '' ? String(index) : `${path}.${index}`,
        node.type === 'object' ? child.key : undefined,
      );
    }
  };
  visit(root, '', undefined);
  return hits;
}
