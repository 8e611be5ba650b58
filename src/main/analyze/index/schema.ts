/**
 * The tables of `derived/index.sqlite`, as plain data: the SQL, the types of rows and docs/index.md follow from here.
 *
 * To add an indexer: a file in indexers/ (the folder is the registry) whose default export is
 * `defineIndexer({ id, version, title, accepts(record), index(ctx, records) })`. It reads exhibits through `ctx.read` and
 * `ctx.stream`, and writes with `ctx.rows.file({ exhibit, locator, … })`, `.event(…)`, `.text(…)`, and so on, each of
 * which gives the row's id. Rows name their target only where it is not that of their exhibit. Same exhibits, same calls
 * in the same order: no clock, no randomness, no order of a directory. Raise `version` when rows change, so that an older
 * index is known to be stale. Long loops call `await ctx.pause()`. What cannot be understood goes to `ctx.unreadable`.
 *
 * To add a column: a line here, raise FORMAT; to add a table: an entry here and a line in rows.ts.
 */

/** Raised when tables change: an index of another format is stale. */
export const FORMAT = 4;

/** A column: its kind in SQLite, whether it may be NULL, what it holds. */
export interface Column {
  readonly sql: 'INTEGER' | 'TEXT' | 'BLOB';
  readonly optional: boolean;
  readonly about: string;
}
type Sql = Column['sql'];
const need = <S extends Sql>(sql: S, about: string) => ({ sql, optional: false, about }) as const;
const may = <S extends Sql>(sql: S, about: string) => ({ sql, optional: true, about }) as const;
const int = (about: string) => need('INTEGER', about);
const text = (about: string) => need('TEXT', about);
const intMay = (about: string) => may('INTEGER', about);
const textMay = (about: string) => may('TEXT', about);

/** Where a row comes from. Every table of evidence begins with these. */
const place = {
  exhibit: text('exhibit id'),
  locator: text('place in it that says so'),
  target: int('→ targets.id'),
} as const;

const process = {
  ...place,
  source: text(
    "'container' (container.processes: everything), 'host' (host.processes: light), 'sample' (beside a capture: the least)",
  ),
  host: text('host id'),
  entity: int('id of the row that stands for this process; equal to id for that row itself'),
  container: textMay('container id, 64 hex, by target or control group'),
  pid: int('on the host'),
  inside: intMay('in the innermost PID namespace, where that is not the host’s'),
  ppid: intMay('on the host; of a container’s process as the host sees it'),
  start_ticks: textMay('field 22 of stat; with host and pid it names one process'),
  started: intMay('µs since 1970: boot time + start_ticks; whole seconds are sure'),
  comm: text('the name it gives itself, at most 15 bytes'),
  command: text('command line, blanks between words; empty where it has none'),
  command_at: textMay('place of the command line'),
  state: textMay('R, S, D, Z, T …'),
  uid: intMay('real user'),
  euid: intMay('effective user'),
  gid: intMay('real group'),
  user: textMay('name, where the container’s or the host’s own user list says it'),
  exe: textMay('path of the executable, without “ (deleted)”; absent for kernel threads'),
  exe_at: textMay('place of the link'),
  executable: intMay('→ executables.id'),
  deleted: int('1: the executable was deleted'),
  memfd: int('1: the executable never had a file, memfd_create(2)'),
  drift: textMay("'added' or 'modified': docker diff names the executable; 'image': it does not; absent: not known"),
  drift_at: textMay('exhibit and place of that, as EXHIBIT LOCATOR'),
  kernel: int('1: a kernel thread'),
  threads: intMay('number of threads'),
  rss: intMay('resident memory, bytes'),
  tracer: intMay('pid of the tracer; 0 for none'),
  cap_eff: textMay('effective capabilities, 16 hex digits'),
  no_new_privs: intMay('1 or 0'),
  seccomp: intMay('0 off, 1 strict, 2 filter'),
  identity: text("'same', 'gone', 'reused' or 'unknown': whether it was one process while it was read"),
  span_from: int('first byte of what the exhibit has of it'),
  span_to: int('byte after the last'),
  parent: intMay('id of the parent’s row, where the parent was seen'),
  depth: intMay('in the tree, 0 for a root'),
  tree: intMay('place in the tree, parents before children; only where entity = id'),
  tree_end: intMay('the last tree place below it'),
} as const;

/** Every table, in the order in which it is written. Each has `id INTEGER PRIMARY KEY`, counted from 1 in the order of rows. */
export const TABLES = {
  /** Containers, images, hosts… that exhibits or rows are about. */
  targets: { kind: text('host, container, image, volume, network'), key: text('its id'), name: text('its name') },
  containers: {
    ...place,
    key: text('container id'),
    host: text('host id'),
    name: text('without the leading /'),
    image: textMay('as it was asked for'),
    image_id: textMay('sha256:…'),
    state: textMay('running, exited …'),
    pid: intMay('of its first process'),
    created: intMay('µs'),
    started: intMay('µs'),
    finished: intMay('µs'),
    user: textMay('configured user'),
    privileged: intMay('1 or 0'),
    addresses: textMay('IP addresses, blank-separated'),
    driver: textMay('storage driver'),
    upper: textMay('upper directory on the host'),
  },
  images: {
    ...place,
    key: text('sha256:…'),
    host: text('host id'),
    tags: text('blank-separated'),
    created: intMay('µs'),
    size: intMay('bytes'),
    layers: text('diff ids, blank-separated, lowest first'),
    platform: textMay('os/architecture'),
  },
  processes: process,
  /** What a process has beside its row: environ, ns, map, cap, cgroup … */
  facts: {
    ...place,
    process: int('→ processes.id'),
    kind: text("'word', 'environ', 'ns', 'map', 'cgroup', 'cwd', 'root', 'login'"),
    name: text('variable, namespace, file'),
    value: text('its value'),
    more: textMay('for maps: what stands out, as “deleted”, “writable and executable”'),
  },
  /** One row a file that runs, in each exhibit. */
  executables: {
    ...place,
    path: text('as the first process names it'),
    file: textMay('device:inode'),
    size: intMay('bytes'),
    names: intMay('hard links; 0: deleted'),
    sha256: textMay('lower-case hex'),
    sha256_at: textMay('place of the hash'),
    deleted: int('1 or 0'),
    memfd: int('1 or 0'),
    bytes_at: textMay('place of its own bytes, where the exhibit holds them'),
  },
  fds: {
    ...place,
    process: intMay('→ processes.id; absent where no process table has this pid and start'),
    host: text('host id'),
    pid: int('on the host'),
    fd: int('number of the descriptor'),
    kind: text("'file', 'socket', 'pipe', 'anon', 'memfd', 'device'"),
    path: text('target of the link, without “ (deleted)”'),
    inode: intMay('of a socket or pipe'),
    deleted: int('1 or 0'),
  },
  sockets: {
    ...place,
    host: text('host id'),
    entity: int('id of the row that stands for this socket, seen in several exhibits of one collection'),
    netns: textMay('net:[…] of the process under which the table was read'),
    protocol: text("'tcp', 'tcp6', 'udp', 'unix', 'packet' …"),
    local_address: textMay('as RFC 5952 writes it'),
    local_port: intMay('0–65535'),
    remote_address: textMay('as RFC 5952 writes it'),
    remote_port: intMay('0–65535'),
    state: text('LISTEN, ESTABLISHED …'),
    uid: intMay('owner'),
    inode: int('0: no process has it any more'),
    path: textMay('of a unix socket; abstract ones begin with @'),
    type: textMay('of unix and packet sockets'),
    direction: textMay("'in', 'out', 'listen' or 'local'; of TCP and UDP"),
  },
  /** Which process holds which socket, by inode: made from fds and sockets. */
  holders: {
    ...place,
    socket: int('→ sockets.id (its entity)'),
    process: int('→ processes.id (its entity)'),
    fd: int('number of the descriptor'),
  },
  /** A file system as it can be put together: of a container, an image, a volume. */
  views: {
    ...place,
    key: text('the same for the same exhibits'),
    kind: text("'container', 'image', 'volume'"),
    how: text("'whole': the exhibit has every file; 'upper': what is not in the image; 'layers'"),
    complete: int('1: every layer of the image is there'),
    layers: text('digests of the layers with the exhibit of each, lowest first, as JSON'),
  },
  files: {
    ...place,
    view: int('→ views.id'),
    folder: text('path of the folder it is in; empty for the root'),
    path: text('absolute, in the container; bytes that are no UTF-8 as formats/fs-path.ts writes them'),
    type: text("'file', 'directory', 'link', 'character', 'block', 'fifo', 'socket', 'other'"),
    mode: intMay('permission bits with setuid, setgid, sticky'),
    uid: intMay('owner'),
    gid: intMay('group'),
    user: textMay('owner’s name'),
    group_name: textMay('group’s name'),
    size: intMay('bytes'),
    mtime: intMay('µs'),
    atime: intMay('µs'),
    ctime: intMay('µs'),
    btime: intMay('µs'),
    link: textMay('target of a link'),
    inode: intMay('inode'),
    device: textMay('major:minor'),
    sha256: textMay('of the content'),
    content: textMay('exhibit and place of the content, as EXHIBIT LOCATOR'),
    hard_link: textMay('of a further name of a file: its first one'),
    xattrs: textMay('extended attributes but overlayfs’s own, as JSON: name → latin1 text'),
    layer: textMay('diff id, “upper”, “export” …'),
    layer_at: intMay('0 is the lowest'),
    state: text("'image', 'added', 'modified', 'deleted', 'metadata', 'opaque', 'unknown'"),
    state_at: textMay('exhibit and place that say so, beside the row’s own, as EXHIBIT LOCATOR'),
    was: textMay('what it was in the image, as JSON; of modified files'),
    package: textMay('name and version of the package that owns it'),
  },
  /** Found by time through the table `timeline`, by their words through `event_texts`: an index over millions takes too long. */
  events: {
    ...place,
    us: int('µs since 1970, UTC, corrected by offset'),
    precision: text("'ns', 'us', 'ms', 's', 'min', 'day'"),
    source: text("'engine', 'log', 'file', 'process', 'examiner' …"),
    timestamp_desc: text('what the time means, as Timesketch names it: “Content Modification Time” …'),
    message: text('in a sentence'),
    raw: text('the time as the evidence has it'),
    offset_ms: intMay('clock offset of the host that was taken off, ms'),
  },
  /** Text that can be searched: rows of it and of the tables above but events; texts_fts is its FTS5 index. */
  texts: {
    ...place,
    kind: text("'process', 'environ', 'file', 'log', 'container' …"),
    ref: intMay('id in the table of that kind'),
    body: text('the text'),
  },
} as const satisfies Record<string, Record<string, Column>>;

export type TableName = keyof typeof TABLES;
type Value<S extends Sql> = S extends 'INTEGER' ? number : S extends 'TEXT' ? string : Uint8Array;
type Columns<T extends TableName> = (typeof TABLES)[T];
type Needed<C> = { [K in keyof C]: C[K] extends { optional: false } ? K : never }[keyof C];
type Optional<C> = { [K in keyof C]: C[K] extends { optional: true } ? K : never }[keyof C];
type Of<C, K extends keyof C> = C[K] extends { sql: infer S extends Sql } ? Value<S> : never;

/** A row as it is written: a property a column. */
export type NewRow<T extends TableName> = { [K in Needed<Columns<T>>]: Of<Columns<T>, K> } & {
  [K in Optional<Columns<T>>]?: Of<Columns<T>, K> | undefined;
};
/** A row as it is read: NULL where it may be absent. */
export type StoredRow<T extends TableName> = { id: number } & { [K in Needed<Columns<T>>]: Of<Columns<T>, K> } & {
  [K in Optional<Columns<T>>]: Of<Columns<T>, K> | null;
};

/** Names of a table's columns without id, in their order. */
export function columnsOf(table: TableName): string[] {
  return Object.keys(TABLES[table]);
}
