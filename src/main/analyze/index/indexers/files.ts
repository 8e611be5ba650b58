import { bytesAt } from '../../../../shared/locator';
import { isFileSystem, planViews, type ViewPlan } from '../../files/plan';
import { type LoadedView, listingCache, loadView } from '../../files/view';
import { type FsType, ownXattrs, type Place } from '../../formats/fs-entry';
import { folderOf } from '../../formats/fs-path';
import type { ViewFile } from '../../formats/fs-view';
import { defineIndexer, type IndexContext } from '../indexer';

const TYPES: Partial<Record<FsType, string>> = {
  'symbolic link': 'link',
  'character device': 'character',
  'block device': 'block',
};
/** Rows between two looks at whether the work was cancelled. */
const STEP = 5000;

const placeText = ({ exhibit, via, ...span }: Place): string => `${exhibit} ${bytesAt(span, via)}`;
/** µs since 1970; the seconds of an archive may have a fraction. */
const micros = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : Math.round(seconds * 1e6);

/** Every file of every view that exhibits give, hashed: containers with what was mounted in them, images, volumes. */
export default defineIndexer({
  id: 'files',
  version: '2',
  title: 'Files of containers, images and volumes',
  accepts: isFileSystem,
  async index(ctx) {
    const options = { hash: true, pause: every(ctx.pause, 64) };
    const listings = listingCache(ctx, options);
    for (const plan of await planViews(ctx)) {
      await ctx.pause();
      const exhibit = plan.top ?? plan.inspect;
      if (!exhibit) continue;
      const loaded = await loadView(ctx, plan, listings, { mounts: options });
      await write(ctx, loaded, exhibit.id);
    }
  },
});

/** Calls the work at each n-th call. */
function every(work: () => Promise<void>, n: number): () => Promise<void> {
  let calls = 0;
  return async () => {
    if (++calls % n === 0) await work();
  };
}

async function write(ctx: IndexContext, loaded: LoadedView, exhibit: string): Promise<void> {
  const { plan, files } = loaded;
  const { target } = plan;
  const view = ctx.rows.view({
    exhibit,
    locator: 'whole',
    target,
    key: plan.key,
    kind: plan.kind,
    how: plan.how,
    complete: plan.complete ? 1 : 0,
    layers: JSON.stringify(layersOf(plan)),
  });
  const heights = new Map(layersOf(plan).map(({ digest }, height) => [digest, height]));
  for (const [n, file] of files.entries()) {
    if (n % STEP === 0) await ctx.pause();
    const cite = loaded.stateAt.get(file.path);
    const own = file.header
      ? { exhibit: file.exhibit, locator: bytesAt(file.header, file.via) }
      : { exhibit, locator: 'whole' };
    const shown = file.exhibit === '' && cite ? cite : own;
    const known = file.exhibit !== '';
    const xattrs = ownXattrs(file);
    const row = ctx.rows.file({
      exhibit: shown.exhibit,
      locator: shown.locator,
      target,
      view,
      folder: file.path === '/' ? '' : folderOf(file.path),
      path: file.path,
      type: TYPES[file.type] ?? file.type,
      mode: known ? file.mode : undefined,
      uid: known ? file.uid : undefined,
      gid: known ? file.gid : undefined,
      user: known ? loaded.users.get(file.uid) : undefined,
      group_name: known ? loaded.groups.get(file.gid) : undefined,
      size: known ? file.size : undefined,
      mtime: micros(file.mtime),
      atime: micros(file.atime),
      ctime: micros(file.ctime),
      btime: micros(file.btime),
      inode: file.inode,
      link: file.link,
      device: file.device && `${file.device.major}:${file.device.minor}`,
      sha256: file.sha256,
      content: file.content && placeText(file.content),
      hard_link: file.hardLink,
      xattrs: xattrs.length > 0 ? JSON.stringify(Object.fromEntries(xattrs)) : undefined,
      layer: layerName(file, plan),
      layer_at: heights.get(file.layer),
      state: file.state,
      state_at: file.mark?.header
        ? `${file.mark.exhibit} ${bytesAt(file.mark.header, file.mark.via)}`
        : cite && `${cite.exhibit} ${cite.locator}`,
      was: wasText(file),
      package: loaded.packages.get(file.path)?.package,
    });
    // image files are found by their path; what drifted also by the search over everything
    if (file.state !== 'image' && file.type !== 'directory') {
      ctx.rows.text({
        ...shown,
        target,
        kind: 'file',
        ref: row,
        body: `${file.path}${file.link ? ` ${file.link}` : ''}`,
      });
    }
  }
}

/** Lowest first. */
function layersOf(plan: ViewPlan): { digest: string; exhibit?: string }[] {
  return plan.layers.map(({ digest, exhibit }) => ({ digest, ...(exhibit && { exhibit: exhibit.id }) })).reverse();
}

function layerName(file: ViewFile, plan: ViewPlan): string | undefined {
  if (file.layer !== 'upper') return file.layer || undefined;
  if (plan.kind === 'volume') return undefined;
  return plan.how === 'whole' ? (file.state === 'image' ? undefined : 'upper') : 'upper';
}

function wasText(file: ViewFile): string | undefined {
  const { was } = file;
  if (!was || file.state === 'image') return undefined;
  const { type, mode, uid, gid, size, mtime, sha256, link, content } = was;
  return JSON.stringify({
    type,
    mode,
    uid,
    gid,
    size,
    mtime: micros(mtime),
    sha256,
    link,
    at: `${was.exhibit} ${bytesAt(was.header, was.via)}`,
    content: content && placeText(content),
  });
}
