import type { Citation, ExhibitRecord } from '../../../shared/domain';
import { bytesAt } from '../../../shared/locator';
import { sameRights } from '../formats/fs-entry';
import { folderOf } from '../formats/fs-path';
import type { ViewFile } from '../formats/fs-view';
import type { Reading } from './listing';
import { planViews, type ViewPlan } from './plan';
import { type LoadedView, listingCache, loadView } from './view';

/** What became of a path since the container was made from its image, as `docker diff` lists it. */
export interface StateChange {
  path: string;
  kind: 'added' | 'changed' | 'deleted';
  /** A folder, or what has something changed below it. */
  folder: boolean;
  cite: Citation;
}

/**
 * The changes of a view whose states are certain, as the engine counts them (moby: pkg/archive/changes.go): of a deleted folder only
 * itself, folders above a change are changed, times of folders do not count, and a file that was copied up and is the same is none. In
 * the order of paths.
 */
export function changesOfView({ files, byPath, stateAt }: LoadedView): StateChange[] {
  const changes = new Map<string, StateChange>();
  const put = (file: ViewFile, kind: StateChange['kind'], folder: boolean) => {
    const cite = citeOf(file) ?? stateAt.get(file.path);
    if (cite) changes.set(file.path, { path: file.path, kind, folder: folder || file.type === 'directory', cite });
  };
  for (const file of files) {
    const kind = kindOf(file, byPath);
    if (kind) put(file, kind, false);
  }
  for (const { path } of [...changes.values()]) {
    for (let at = folderOf(path); at !== '/'; at = folderOf(at)) {
      const held = changes.get(at);
      if (held) {
        held.folder = true;
        continue;
      }
      const folder = byPath.get(at);
      if (folder && folder.state !== 'deleted') put(folder, 'changed', true);
    }
  }
  return [...changes.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function kindOf(file: ViewFile, byPath: ReadonlyMap<string, ViewFile>): StateChange['kind'] | undefined {
  if (file.path === '/') return undefined;
  const { was } = file;
  switch (file.state) {
    case 'added':
      return 'added';
    case 'deleted': {
      const above = byPath.get(folderOf(file.path));
      const gone = above?.state === 'deleted' || (above !== undefined && above.type !== 'directory');
      return gone ? undefined : 'deleted';
    }
    case 'modified':
    case 'metadata':
      if (!was || was.type !== file.type) return 'changed';
      if (sameRights(asEntry(file), was) && (file.type === 'directory' || sameBytes(file, was))) return undefined;
      return 'changed';
    default:
      return undefined;
  }
}

const asEntry = (file: ViewFile) => ({ ...file, header: file.header ?? { offset: 0, length: 0 } });

const second = (time: number | undefined): number => Math.floor(time ?? 0);

/** As far as size and time of last write tell, which is what the engine looks at. */
function sameBytes(file: ViewFile, was: NonNullable<ViewFile['was']>): boolean {
  return file.state === 'metadata' && file.size === was.size && second(file.mtime) === second(was.mtime);
}

function citeOf(file: ViewFile): Citation | undefined {
  const { mark } = file;
  if (mark) return { exhibit: mark.exhibit, locator: bytesAt(mark.header, mark.via) };
  return file.header && file.exhibit !== ''
    ? { exhibit: file.exhibit, locator: bytesAt(file.header, file.via) }
    : undefined;
}

const kept = new WeakMap<readonly ExhibitRecord[], Map<string, Promise<StateChange[]>>>();
const plans = new WeakMap<readonly ExhibitRecord[], Promise<ViewPlan[]>>();

/**
 * What listings of the host's disk say changed in the container that an exhibit is of: those of the same collection where there are
 * some, else the last. Undefined where no listing is there, or not of every layer.
 */
export async function listedChanges(ctx: Reading, of: ExhibitRecord): Promise<StateChange[] | undefined> {
  const known = plans.get(ctx.exhibits) ?? planViews(ctx, { bare: true });
  plans.set(ctx.exhibits, known);
  known.catch(() => plans.delete(ctx.exhibits));
  const fitting = (await known).filter(
    ({ kind, target, top, complete }) =>
      kind === 'container' && complete && target.id === of.target.id && top?.host?.id === of.host?.id,
  );
  const plan = fitting.find(({ top }) => top?.collection === of.collection) ?? fitting.at(-1);
  if (!plan) return undefined;
  const held = kept.get(ctx.exhibits) ?? new Map<string, Promise<StateChange[]>>();
  kept.set(ctx.exhibits, held);
  const made = held.get(plan.key) ?? loadView(ctx, plan, listingCache(ctx, {})).then(changesOfView);
  held.set(plan.key, made);
  made.catch(() => held.delete(plan.key));
  return made;
}
