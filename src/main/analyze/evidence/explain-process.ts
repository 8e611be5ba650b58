import { z } from 'zod';
import type { ExplainItem, Explanation } from '../../../shared/contract/evidence';
import type { JudgedFinding } from '../../../shared/domain';
import { capabilityNames } from '../formats/proc-status';
import type { Db } from '../index/db';
import { readRows } from '../index/query';
import { connectionsWhere, connectionText } from './connections';
import { eventItems } from './explain-events';
import { citeOf, fileItems, findingItems, processItem, section, textItems } from './explain-items';
import { findingsOfProcesses, processesById } from './processes';

const Stored = z.object({
  entity: z.number(),
  parent: z.number().nullable(),
  host: z.string(),
  container: z.string().nullable(),
  exhibit: z.string(),
  locator: z.string(),
  command_at: z.string().nullable(),
  exe_at: z.string().nullable(),
  executable: z.number().nullable(),
  deleted: z.number(),
  memfd: z.number(),
  drift: z.string().nullable(),
  drift_at: z.string().nullable(),
  cap_eff: z.string().nullable(),
  no_new_privs: z.number().nullable(),
  seccomp: z.number().nullable(),
  tracer: z.number().nullable(),
  identity: z.string(),
  started: z.number().nullable(),
});
const Id = z.object({ id: z.number() });
/** Ancestors are followed no further: a tree of the evidence may be of any depth. */
const UP = 64;

/** Everything tied to one process; undefined for an id that there is not. */
export function explainProcess(db: Db, id: number, findings: readonly JudgedFinding[]): Explanation | undefined {
  const columns = Object.keys(Stored.shape).join(', ');
  const [asked] = readRows(db, Stored, `SELECT ${columns} FROM processes WHERE id = ?`, [id]);
  const [own] = asked ? readRows(db, Stored, `SELECT ${columns} FROM processes WHERE id = ?`, [asked.entity]) : [];
  const [row] = own ? processesById(db, [own.entity]) : [];
  if (!own || !row) return undefined;
  const at = (locator: string | null) => [{ exhibit: own.exhibit, locator: locator ?? own.locator }];
  const item = (text: string, cites = at(null), notable = false, about?: string): ExplainItem => ({
    text,
    notable,
    cites,
    about,
  });
  const who = row.user ?? (row.uid === null ? 'unknown' : `user ${row.uid}`);
  const about = [
    item(`Command line: ${row.command || `none, it calls itself ${row.comm}`}`, at(own.command_at)),
    item(
      `Name ${row.comm}, state ${row.state ?? 'unknown'}, parent ${row.ppid ?? 'unknown'}, as ${who}${row.euid !== null && row.euid !== row.uid ? `, effective user ${row.euid}` : ''}`,
    ),
    ...(row.started ? [item(`Began ${row.started} (boot time and ticks since; whole seconds are sure)`)] : []),
    ...(own.cap_eff === null ? [] : [item(`Effective capabilities: ${capabilitiesText(own.cap_eff)}`)]),
    item(
      `No new privileges ${said(own.no_new_privs, ['off', 'on'])}, seccomp ${said(own.seccomp, ['off', 'strict', 'filter'])}`,
    ),
    ...(own.tracer ? [item(`Traced by process ${own.tracer}`, at(null), true)] : []),
    ...(own.identity === 'same' || own.identity === 'unknown'
      ? []
      : [
          item(
            own.identity === 'gone'
              ? 'It ended while it was read.'
              : 'Its number went to another process while it was read.',
            at(null),
            true,
          ),
        ]),
  ];
  const parents: ExplainItem[] = [];
  for (let next = own.parent; next !== null && parents.length < UP; ) {
    const [up] = processesById(db, [next]);
    if (!up) break;
    parents.push(processItem(up));
    next = up.parent;
  }
  const ids = (sql: string) => readRows(db, Id, sql, [own.entity]).map((one) => one.id);
  const children = processesById(
    db,
    ids('SELECT id FROM processes WHERE parent = ? AND tree IS NOT NULL ORDER BY tree LIMIT 1000'),
  );
  const sockets = connectionsWhere(
    db,
    { sql: 's.id IN (SELECT socket FROM holders WHERE process = ?)', values: [own.entity] },
    1000,
  );
  const rested = findingsOfProcesses(db, findings).get(own.entity) ?? [];
  const path = row.exe;
  return {
    about: `process:${own.entity}`,
    kind: 'process',
    title: `${row.pid}${row.inside === null ? '' : ` (${row.inside} inside)`} ${row.comm}, ${row.containerName ?? row.hostname ?? row.host}`,
    sections: [
      section('Findings', findingItems(rested)),
      section('Process', about),
      section('Executable', executableItems(db, own, path)),
      section('Parents', parents),
      section(
        'Children',
        children.map((one) => processItem(one)),
      ),
      section(
        'Sockets',
        sockets.map((one) =>
          item(
            `${connectionText(one)}${one.direction ? `, ${one.direction}` : ''}`,
            [
              ...one.holders.filter(({ process }) => process === own.entity).map(({ cite }) => cite),
              { exhibit: one.exhibit, locator: one.locator },
            ],
            false,
            one.remotePort ? (one.remoteAddress ?? undefined) : undefined,
          ),
        ),
      ),
      section('Open files', fdItems(db, own.entity)),
      section('Memory maps', factItems(db, own.entity, ['map'])),
      section('Environment', factItems(db, own.entity, ['environ'])),
      section('Namespaces and folders', factItems(db, own.entity, ['ns', 'cwd', 'root', 'cgroup', 'login'])),
      section('Log lines and other places that name its file', path ? textItems(db, path, ['process', 'file']) : []),
      section('Events around its start', eventItems(db, own)),
      section('Also seen in', seenItems(db, own.entity)),
    ].filter(({ items }) => items.length > 0),
  };
}

const said = (value: number | null, words: readonly string[]) =>
  value === null ? 'unknown' : (words[value] ?? String(value));

function capabilitiesText(hex: string): string {
  if (!/^[0-9a-f]{1,16}$/.test(hex)) return hex;
  const names = capabilityNames(BigInt(`0x${hex}`));
  return names.length === 0 ? 'none' : `${hex}: ${names.map((name) => name.replace('CAP_', '')).join(' ')}`;
}

const Exe = z.object({
  path: z.string(),
  size: z.number().nullable(),
  sha256: z.string().nullable(),
  sha256_at: z.string().nullable(),
  exhibit: z.string(),
});

function executableItems(db: Db, own: z.infer<typeof Stored>, path: string | null): ExplainItem[] {
  if (path === null) return [];
  const state = own.memfd ? ', never a file: memfd_create' : own.deleted ? ', deleted' : '';
  const items: ExplainItem[] = [
    {
      text: `${path}${state}`,
      notable: state !== '',
      cites: [{ exhibit: own.exhibit, locator: own.exe_at ?? own.locator }],
      about: own.memfd ? undefined : path,
    },
  ];
  const [exe] = readRows(db, Exe, 'SELECT path, size, sha256, sha256_at, exhibit FROM executables WHERE id = ?', [
    own.executable,
  ]);
  if (exe?.sha256) {
    items.push({
      text: `SHA-256 ${exe.sha256}${exe.size === null ? '' : `, ${exe.size} bytes`}`,
      notable: false,
      cites: [{ exhibit: exe.exhibit, locator: exe.sha256_at ?? 'whole' }],
      about: exe.sha256,
    });
  }
  if (own.drift !== null) {
    items.push({
      text:
        own.drift === 'image'
          ? 'The engine lists no change of it since the container was made from its image'
          : `${own.drift} since the container was made from its image, as the engine says`,
      notable: own.drift !== 'image',
      cites: citeOf(own.drift_at),
    });
  }
  const inContainer =
    own.container === null
      ? []
      : fileItems(db, "f.path = ? AND t.kind = 'container' AND t.key = ?", [path, own.container]);
  return [...items, ...inContainer];
}

const Fd = z.object({
  fd: z.number(),
  path: z.string(),
  deleted: z.number(),
  kind: z.string(),
  exhibit: z.string(),
  locator: z.string(),
});

function fdItems(db: Db, process: number): ExplainItem[] {
  return readRows(
    db,
    Fd,
    "SELECT fd, path, deleted, kind, exhibit, locator FROM fds WHERE process = ? AND kind <> 'socket' ORDER BY fd, id LIMIT 1000",
    [process],
  ).map(({ fd, path, deleted, kind, exhibit, locator }) => ({
    text: `${fd} → ${path}${kind === 'memfd' ? ', in memory alone' : deleted ? ', deleted' : ''}`,
    notable: deleted === 1,
    cites: [{ exhibit, locator }],
    about: kind === 'file' && path.startsWith('/') ? path : undefined,
  }));
}

const Fact = z.object({
  kind: z.string(),
  name: z.string(),
  value: z.string(),
  more: z.string().nullable(),
  exhibit: z.string(),
  locator: z.string(),
});

function factItems(db: Db, process: number, kinds: readonly string[]): ExplainItem[] {
  return readRows(
    db,
    Fact,
    `SELECT kind, name, value, more, exhibit, locator FROM facts WHERE process = ?
    AND kind IN (SELECT value FROM json_each(?)) ORDER BY more IS NULL, id LIMIT 5000`,
    [process, JSON.stringify(kinds)],
  ).map(({ kind, name, value, more, exhibit, locator }) => ({
    text: kind === 'environ' ? `${name}=${value}` : `${name} ${value}${more ? `: ${more}` : ''}`,
    notable: more !== null || (kind === 'environ' && /^LD_(?:PRELOAD|LIBRARY_PATH|AUDIT)$/.test(name)),
    cites: [{ exhibit, locator }],
  }));
}

const Seen = z.object({ exhibit: z.string(), locator: z.string(), title: z.string() });

function seenItems(db: Db, entity: number): ExplainItem[] {
  return readRows(
    db,
    Seen,
    `SELECT p.exhibit, p.locator, e.title FROM processes p JOIN exhibits e ON e.exhibit = p.exhibit
    WHERE p.entity = ? AND p.id <> ? ORDER BY p.id LIMIT 200`,
    [entity, entity],
  ).map(({ exhibit, locator, title }) => ({
    text: title,
    notable: false,
    cites: [{ exhibit, locator }],
    about: exhibit,
  }));
}
