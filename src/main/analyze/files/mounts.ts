import { z } from 'zod';
import type { ExhibitRecord } from '../../../shared/domain';
import type { FsEntry } from '../formats/fs-entry';
import { baseOf, pathOfMember, within } from '../formats/fs-path';
import { jsonOf } from './images';
import type { ListingOptions, Reading } from './listing';
import { archiveSource, orNothing, type Source } from './source';

/** What was mounted in a container and was taken as an archive of its own. */
export interface PlannedMount {
  /** Where the container has it. */
  at: string;
  kind: 'tmpfs' | 'volume' | 'bind';
  source: Source;
  /** The first part of the archive's names, which the mount point stands for; '' where they begin in it. */
  strip: string;
}

const Mounts = z.looseObject({
  Mounts: z
    .array(
      z.looseObject({
        Type: z.string().nullish(),
        Name: z.string().nullish(),
        Source: z.string().nullish(),
        Destination: z.string(),
      }),
    )
    .nullish(),
});

/** Base and path that a tar was asked for (collect/fs/tar-folder.ts). */
function asked({ how }: ExhibitRecord): { base: string; sub: string } | undefined {
  if (how.kind !== 'exec') return undefined;
  const [base, sub] = how.argv.slice(4);
  return base === undefined || sub === undefined ? undefined : { base, sub };
}

/** The mounts of a container of which the same collection has an archive, in the order of exhibits. */
export async function mountsOf(ctx: Reading, top: ExhibitRecord, inspect?: ExhibitRecord): Promise<PlannedMount[]> {
  const own = ctx.exhibits.filter(
    ({ kind, host, collection }) => kind === 'tar' && host?.id === top.host?.id && collection === top.collection,
  );
  const said = (inspect && (await jsonOf(ctx, inspect, Mounts))?.Mounts) ?? [];
  const mounts: PlannedMount[] = [];
  for (const exhibit of own) {
    const source = archiveSource(ctx, { exhibit }, 'overlay');
    const { id } = exhibit.collector;
    if (id === 'volume.content') {
      for (const { Type, Name, Destination } of said) {
        const at = pathOfMember(Destination);
        if (Type === 'volume' && Name === exhibit.target.id && at)
          mounts.push({ at, kind: 'volume', source, strip: '' });
      }
      continue;
    }
    const path = exhibit.target.id === top.target.id ? asked(exhibit) : undefined;
    if (!path) continue;
    if (id === 'container.tmpfs') {
      const at = pathOfMember(path.sub.replace(/\/\.$/, ''));
      // names that are not made of plain characters begin in the folder itself, as the record says
      const plain = /^[A-Za-z0-9/._-]*$/.test(path.sub);
      if (at) mounts.push({ at, kind: 'tmpfs', source, strip: plain ? at : '' });
    } else if (id === 'container.binds') {
      const from = pathOfMember(`${path.base}/${path.sub}`);
      if (from === undefined) continue;
      for (const { Type, Source, Destination } of said) {
        const at = pathOfMember(Destination);
        if (Type !== 'bind' || !at || pathOfMember(Source ?? '') !== from) continue;
        mounts.push({ at, kind: 'bind', source, strip: `/${baseOf(from)}` });
      }
    }
  }
  return mounts;
}

/** The entries of a mount, by their paths in the container. What lies outside of it in the archive is left out. */
export async function mountedEntries(
  ctx: Reading,
  { at, source, strip }: PlannedMount,
  options: ListingOptions,
): Promise<FsEntry[]> {
  const read = await orNothing(ctx, source.exhibit, () => source.read(options));
  const inside = (path: string): string | undefined => {
    if (strip === '') return path === '/' ? at : within(at, path.slice(1));
    if (path === strip) return at;
    return path.startsWith(`${strip}/`) ? within(at, path.slice(strip.length + 1)) : undefined;
  };
  return (read?.entries ?? []).flatMap((entry) => {
    const path = inside(entry.path);
    if (path === undefined) return [];
    const link = entry.hardLink === undefined ? undefined : inside(entry.hardLink);
    return [{ ...entry, path, ...(link !== undefined && { hardLink: link }) }];
  });
}
