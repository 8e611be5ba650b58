import { z } from 'zod';
import type { Citation } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { bytesAt, jsonAt } from '../../../shared/locator';
import type { FsEntry, Place } from '../formats/fs-entry';
import { overlayXattr } from '../formats/fs-entry';
import { createFsView, type FileState, type ViewFile } from '../formats/fs-view';
import { namesById } from './accounts';
import type { ListingOptions, Reading } from './listing';
import { mountedEntries, mountsOf, type PlannedMount } from './mounts';
import { apkInstalled, dpkgDiversions, dpkgList, dpkgName, dpkgStatus, dpkgSums, type Packaged } from './packages';
import { rpmOf } from './packages-rpm';
import type { ViewPlan } from './plan';
import { orNothing, type Source, type Sourced } from './source';

/** A file system, file by file, with what its own databases say of its files. */
export interface LoadedView {
  plan: ViewPlan;
  files: ViewFile[];
  byPath: ReadonlyMap<string, ViewFile>;
  users: ReadonlyMap<number, string>;
  groups: ReadonlyMap<number, string>;
  packages: ReadonlyMap<string, Packaged>;
  /** Where a state rests on the engine's list of changes. */
  stateAt: ReadonlyMap<string, Citation>;
}

/** Listings that several views are made of, kept while their number allows. */
export interface ListingCache {
  get(source: Source): Promise<Sourced>;
}

const KEPT_ENTRIES = 400_000;

/** Remembers layers, which images share; what is used once is not kept. */
export function listingCache(_ctx: Reading, options: ListingOptions): ListingCache {
  const kept = new Map<string, Sourced>();
  let entries = 0;
  return {
    async get(source) {
      const held = kept.get(source.key);
      if (held) return held;
      const listing = await source.read(options);
      if (source.exhibit.target.kind === 'image' && entries + listing.entries.length <= KEPT_ENTRIES) {
        kept.set(source.key, listing);
        entries += listing.entries.length;
      }
      return listing;
    },
  };
}

function* reversed<T>(items: readonly T[]): Generator<T> {
  for (let at = items.length - 1; at >= 0; at--) yield items[at] as T;
}

const Changes = z.array(z.object({ Path: z.string(), Kind: z.int().min(0).max(2) })).nullable();
const KINDS: readonly FileState[] = ['modified', 'added', 'deleted'];

/** What the engine says became of each path. */
async function changesOf(ctx: Reading, plan: ViewPlan) {
  const states = new Map<string, { state: FileState; cite: Citation }>();
  if (!plan.changes) return undefined;
  try {
    const list = Changes.parse(JSON.parse((await ctx.read(plan.changes)).toString('utf8'))) ?? [];
    for (const [at, { Path, Kind }] of list.entries()) {
      states.set(Path, {
        state: KINDS[Kind] ?? 'unknown',
        cite: { exhibit: plan.changes.id, locator: jsonAt(at) },
      });
    }
    return states;
  } catch (error) {
    if (asLadingError(error).code === 'CANCELLED') throw error;
    return undefined; // the analyzer of changes says what is wrong with it
  }
}

/**
 * Puts a view together. Layers that were not collected are left out; the plan says so. A layer that is not what its digest says is
 * shown as found, and the view is then not called complete. `mounts`: with what was mounted in the container, at its place.
 */
export async function loadView(
  ctx: Reading,
  given: ViewPlan,
  listings: ListingCache,
  options: { mounts?: ListingOptions } = {},
): Promise<LoadedView> {
  const plan = { ...given };
  const changes = plan.complete ? undefined : await changesOf(ctx, plan);
  const files: ViewFile[] = [];
  const stateAt = new Map<string, Citation>();
  const unlayered = (entry: FsEntry): FileState => {
    const said = changes?.get(entry.path);
    if (said) {
      stateAt.set(entry.path, said.cite);
      return said.state;
    }
    // the engine names every file that is not as in the image; a folder of the upper directory is there for its files
    if (changes && (plan.how === 'whole' || entry.type === 'directory')) return 'image';
    return overlayXattr(entry, 'origin') === undefined ? 'unknown' : 'modified';
  };
  const view = createFsView({ emit: (file) => files.push(file), unlayered });
  const get = async (source: Source) => (await orNothing(ctx, source.exhibit, () => listings.get(source))) ?? NOTHING;
  if (plan.topSource) {
    const { entries } = await get(plan.topSource);
    if (plan.births) addBirths(entries, (await get(plan.births)).entries);
    if (plan.how === 'upper') view.upper(reversed(entries));
    else view.whole(reversed(entries));
  }
  // with some layers missing, what they have would look added: then only the engine's word counts
  if (plan.complete || plan.how === 'layers') {
    if (plan.init) view.layer('init', reversed((await get(plan.init)).entries), plan.init.flavour);
    for (const { digest, source } of plan.layers) {
      if (!source) continue;
      const { entries, proven } = await get(source);
      if (!proven) plan.complete = false;
      view.layer(digest, reversed(entries), proven ? source.flavour : 'oci');
    }
  }
  view.end();
  const known = new Map(files.map((file) => [file.path, file]));
  for (const [path, { state, cite }] of changes ?? []) {
    if (state !== 'deleted' || known.has(path)) continue;
    const file = deletedFile(path);
    stateAt.set(path, cite);
    known.set(path, file);
    files.push(file);
  }
  if (options.mounts && plan.kind === 'container' && plan.top) {
    await addMounts(ctx, { files, known }, await mountsOf(ctx, plan.top, plan.inspect), options.mounts);
  }
  const text = async (path: string) => (await readContent(ctx, known.get(path)))?.toString('utf8') ?? '';
  return {
    plan,
    files,
    byPath: known,
    users: namesById(await text('/etc/passwd')),
    groups: namesById(await text('/etc/group')),
    packages: await packagesOf(ctx, known),
    stateAt,
  };
}

/** Puts what is mounted in the place of what it hides; a mount below another one counts there. */
async function addMounts(
  ctx: Reading,
  { files, known }: { files: ViewFile[]; known: Map<string, ViewFile> },
  mounts: readonly PlannedMount[],
  options: ListingOptions,
): Promise<void> {
  const over = new Set<ViewFile>();
  const depth = ({ at }: PlannedMount) => at.split('/').length;
  for (const mount of [...mounts].sort((a, b) => depth(a) - depth(b))) {
    for (const entry of await mountedEntries(ctx, mount, options)) {
      const held = known.get(entry.path);
      if (held) over.add(held);
      // nothing of the image is there to compare it with
      const file: ViewFile = { ...entry, layer: mount.kind, state: 'unknown' };
      known.set(entry.path, file);
      files.push(file);
    }
  }
  if (over.size === 0) return;
  const kept = files.filter((file) => !over.has(file));
  files.length = 0;
  for (const file of kept) files.push(file);
}

const NOTHING: Sourced = { entries: [], proven: false };

/** Times of birth, which no archive has, from the listing of the same folder. */
function addBirths(entries: readonly FsEntry[], listed: readonly FsEntry[]): void {
  const born = new Map(listed.map((one) => [one.path, one]));
  for (const entry of entries) {
    const one = born.get(entry.path);
    if (one?.type !== entry.type) continue;
    if (one.btime !== undefined) entry.btime = one.btime;
    if (one.inode !== undefined) entry.inode = one.inode;
  }
}

/** The engine names a deleted file and nothing more of it. */
function deletedFile(path: string): ViewFile {
  return { path, type: 'other', mode: 0, uid: 0, gid: 0, size: 0, exhibit: '', layer: '', state: 'deleted' };
}

/** Bytes of a small file of a view; of a larger one the first. Undefined where no exhibit holds them. */
export async function readContent(
  ctx: Reading,
  file: { type: string; content?: Place } | undefined,
  max = 4 << 20,
): Promise<Buffer | undefined> {
  if (!file?.content || file.type !== 'file') return undefined;
  const { exhibit, offset, length, via } = file.content;
  const record = ctx.exhibits.find(({ id }) => id === exhibit);
  if (!record) return undefined;
  const pieces: Buffer[] = [];
  const range = { start: offset, end: offset + Math.min(length, max) };
  for await (const piece of ctx.stream(record, range, via) as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Which package owns which file. Paths are those of the view, where /bin may be a link to /usr/bin. */
async function packagesOf(ctx: Reading, files: ReadonlyMap<string, ViewFile>): Promise<Map<string, Packaged>> {
  const owned = new Map<string, Packaged>();
  const put = (path: string, one: Packaged) => {
    const [, first = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(path) ?? [];
    const link = files.get(`/${first}`);
    const real = link?.type === 'symbolic link' && link.link ? `/${link.link.replace(/^\/+/, '')}${rest}` : path;
    const at = files.has(real) ? real : path;
    // a digest is not lost to a list that has none
    if (one.digest || !owned.has(at)) owned.set(at, one);
  };
  const text = async (path: string, max?: number) =>
    (await readContent(ctx, files.get(path), max))?.toString('utf8') ?? '';
  const place = (path: string): { cite?: Citation } => {
    const content = files.get(path)?.content;
    return content ? { cite: { exhibit: content.exhibit, locator: bytesAt(content, content.via) } } : {};
  };
  await dpkgOf({ ctx, files, put, text, place });
  for (const path of ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']) {
    for (const [owns, one] of apkInstalled(await text(path, DATABASE_MAX))) put(owns, { ...one, ...place(path) });
  }
  await rpmOf(ctx, files, put);
  return owned;
}

const DATABASE_MAX = 64 << 20;

/** dpkg: /var/lib/dpkg, and status.d of images without dpkg itself. */
async function dpkgOf({
  ctx,
  files,
  put,
  text,
  place,
}: {
  ctx: Reading;
  files: ReadonlyMap<string, ViewFile>;
  put: (path: string, one: Packaged) => void;
  text: (path: string, max?: number) => Promise<string>;
  place: (path: string) => { cite?: Citation };
}): Promise<void> {
  const INFO = /^\/var\/lib\/dpkg\/(?:info|status\.d)\/([^/]+\.(?:md5sums|list))$/;
  const lists = [...files.keys()].filter((path) => INFO.test(path));
  const status = await text('/var/lib/dpkg/status', DATABASE_MAX);
  if (status === '' && lists.length === 0) return;
  const { versions, configuration } = dpkgStatus(status);
  const diversions = dpkgDiversions(await text('/var/lib/dpkg/diversions'));
  for (const path of lists) {
    const file = INFO.exec(path)?.[1] ?? '';
    const name = dpkgName(file);
    const owner = `${name} ${versions.get(name) ?? ''}`.trim();
    const content = (await readContent(ctx, files.get(path)))?.toString('utf8') ?? '';
    const moved = (owns: string) => {
      const diversion = diversions.get(owns);
      return diversion && diversion.by !== name ? diversion.to : owns;
    };
    if (file.endsWith('.list')) {
      for (const owns of dpkgList(content)) {
        put(moved(owns), { package: owner, configuration: configuration.has(owns), ...place(path) });
      }
      continue;
    }
    for (const [owns, hex] of dpkgSums(content)) {
      const digest = { algorithm: 'md5', hex } as const;
      put(moved(owns), { package: owner, digest, configuration: configuration.has(owns), ...place(path) });
    }
  }
}
