import { z } from 'zod';
import type { Db } from './db';

/** Rows that are read at once. */
const STEP = 20_000;

const Row = z.object({
  id: z.number(),
  host: z.string(),
  pid: z.number(),
  ppid: z.number().nullable(),
  start_ticks: z.string().nullable(),
  source: z.string(),
});

/** What a row says, by its source: of a sample the least. */
const RANKS = new Map([
  ['container', 2],
  ['host', 1],
]);

/** One process, in however many exhibits it was seen. */
interface Entity {
  /** The row that stands for it: of those that have the most, the last. */
  id: number;
  rank: number;
  host: number;
  pid: number;
  ppid: number;
  /** Ticks; -1 where they could not be read. */
  start: number;
  parent?: Entity;
  children?: Entity[];
  depth: number;
  tree: number;
  end: number;
}

/**
 * Finds the rows of one process (same host, pid and start), its parent, and its place in the tree. A parent is the process of
 * that number which began last before the child: numbers are used again. Roots and children stand in the order of their
 * start. A loop, which only forged evidence can have, is cut where it closes.
 */
export function joinProcesses(db: Db): void {
  const hosts = new Map<string, number>();
  const entities = new Map<string, Entity>();
  const byPid = new Map<string, Entity[]>();
  const owner: Entity[] = [];
  const ids: number[] = [];
  const read = db.prepare(
    `SELECT id, host, pid, ppid, start_ticks, source FROM processes WHERE id > ? ORDER BY id LIMIT ${STEP}`,
  );
  for (let last = 0; ; ) {
    const rows = read.all(last);
    if (rows.length === 0) break;
    for (const raw of rows) {
      const row = Row.parse(raw);
      last = row.id;
      const host = hosts.get(row.host) ?? hosts.size;
      hosts.set(row.host, host);
      const start = row.start_ticks === null ? -1 : Number(row.start_ticks);
      const pid = `${host} ${row.pid}`;
      // without its start nothing says that two rows are of one process
      const key = start < 0 ? `${pid} row ${row.id}` : `${pid} ${row.start_ticks}`;
      const rank = RANKS.get(row.source) ?? 0;
      let entity = entities.get(key);
      if (!entity) {
        entity = { id: row.id, rank, host, pid: row.pid, ppid: row.ppid ?? 0, start, depth: 0, tree: 0, end: 0 };
        entities.set(key, entity);
        const same = byPid.get(pid);
        if (same) same.push(entity);
        else byPid.set(pid, [entity]);
      } else if (rank >= entity.rank) {
        entity.id = row.id;
        entity.rank = rank;
        entity.ppid = row.ppid ?? entity.ppid;
      }
      ids.push(row.id);
      owner.push(entity);
    }
  }
  const all = [...entities.values()].sort(byStart);
  const roots: Entity[] = [];
  for (const one of all) {
    one.parent = parentOf(one, byPid.get(`${one.host} ${one.ppid}`) ?? []);
    if (!one.parent) roots.push(one);
    else if (one.parent.children) one.parent.children.push(one);
    else one.parent.children = [one];
  }
  number(roots, all);
  const write = db.prepare(
    'UPDATE processes SET entity = ?, parent = ?, depth = ?, tree = ?, tree_end = ? WHERE id = ?',
  );
  for (const [n, id] of ids.entries()) {
    const one = owner[n];
    if (!one) continue;
    const stands = one.id === id;
    write.run([one.id, one.parent?.id ?? null, one.depth, stands ? one.tree : null, stands ? one.end : null, id]);
  }
}

const byStart = (a: Entity, b: Entity) => a.host - b.host || a.start - b.start || a.pid - b.pid || a.id - b.id;

function parentOf(child: Entity, candidates: readonly Entity[]): Entity | undefined {
  if (child.ppid === 0) return undefined;
  let best: Entity | undefined;
  for (const one of candidates) {
    if (one === child || (child.start >= 0 && one.start > child.start)) continue;
    if (!best || one.start > best.start) best = one;
  }
  return best;
}

/** Numbers the tree, parents before children. */
function number(roots: readonly Entity[], all: readonly Entity[]): void {
  const seen = new Set<Entity>();
  let next = 0;
  const visit = (root: Entity) => {
    const stack: { one: Entity; child: number }[] = [];
    const enter = (one: Entity, depth: number) => {
      seen.add(one);
      one.depth = depth;
      one.tree = ++next;
      stack.push({ one, child: 0 });
    };
    enter(root, 0);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const child = top.one.children?.[top.child++];
      if (child === undefined) {
        top.one.end = next;
        stack.pop();
      } else if (!seen.has(child)) enter(child, top.one.depth + 1);
    }
  };
  for (const root of roots) visit(root);
  // what no root leads to is a loop: its first process is taken for a root
  for (const one of all) {
    if (seen.has(one)) continue;
    one.parent = undefined;
    visit(one);
  }
}
