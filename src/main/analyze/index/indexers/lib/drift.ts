import { z } from 'zod';
import type { ExhibitRecord } from '../../../../../shared/domain';
import { jsonAt } from '../../../../../shared/locator';
import { listedChanges, type StateChange } from '../../../files/states';
import { parseMountinfo } from '../../../formats/proc-mountinfo';
import type { IndexContext } from '../../indexer';
import { beside } from './frames';

const Changes = z.array(z.object({ Path: z.string(), Kind: z.number() })).nullable();

/** What the engine says of a path since the container was made from its image. */
export type DriftOf = (path: string) => { drift: 'added' | 'modified' | 'image'; at: string } | undefined;

/** From 'container.changes' of the same container, else from listings of the host's disk; undefined where neither is there, or can be read. */
export async function driftOf(ctx: IndexContext, exhibit: ExhibitRecord): Promise<DriftOf | undefined> {
  const source = beside(ctx, exhibit, ['container.changes'], { lasts: true, target: true });
  if (!source || source.partial) return ofListing(await listedChanges(ctx, exhibit));
  let changes: z.infer<typeof Changes>;
  try {
    changes = Changes.parse(JSON.parse((await ctx.read(source)).toString('utf8')));
  } catch {
    ctx.unreadable(source, 'The list of changes cannot be read; no executable is compared with it.');
    return undefined;
  }
  const byPath = new Map((changes ?? []).map(({ Path, Kind }, n) => [Path, { Kind, n }]));
  return (path) => {
    const found = byPath.get(path);
    if (!found) return { drift: 'image', at: `${source.id} whole` };
    if (found.Kind === 2) return undefined;
    return { drift: found.Kind === 1 ? 'added' : 'modified', at: `${source.id} ${jsonAt(found.n)}` };
  };
}

function ofListing(listed: readonly StateChange[] | undefined): DriftOf | undefined {
  if (!listed) return undefined;
  const byPath = new Map(listed.map((one) => [one.path, one]));
  const whole = listed[0] && `${listed[0].cite.exhibit} whole`;
  return (path) => {
    const found = byPath.get(path);
    if (!found) return whole === undefined ? undefined : { drift: 'image', at: whole };
    if (found.kind === 'deleted') return undefined;
    const { exhibit, locator } = found.cite;
    return { drift: found.kind === 'added' ? 'added' : 'modified', at: `${exhibit} ${locator}` };
  };
}

/**
 * Whether a path lies on the container's own root file system, so that the engine's list would name a change of it: what
 * is on a volume, a bind or a tmpfs is never listed. By the process's own mountinfo; false where there is none.
 */
export function onRoot(mountinfo: Buffer | undefined, path: string): boolean {
  if (!mountinfo || !path.startsWith('/')) return false;
  const covering = parseMountinfo(mountinfo)
    .mounts.map(({ mountPoint }) => mountPoint)
    .filter((point) => point === '/' || path === point || path.startsWith(`${point}/`));
  return covering.length > 0 && covering.every((point) => point === '/');
}
