import type { ExhibitRecord } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { readFrames } from '../formats/frames';
import type { Flavour, FsEntry } from '../formats/fs-entry';
import { listingEntries } from '../formats/fs-listing';
import { type ArchivePlace, type ListingOptions, type Reading, readArchive } from './listing';

/** Entries that a source gave, and whether they are what its digest says, where it has one. */
export interface Sourced {
  entries: readonly FsEntry[];
  proven: boolean;
}

/** Where the entries of a layer, or of what a container wrote, come from. */
export interface Source {
  /** The same for the same bytes. */
  key: string;
  /** The exhibit that has them, or most of them. */
  exhibit: ExhibitRecord;
  flavour: Flavour;
  /** Names, owners, times alone: no content. */
  bare: boolean;
  read(options: ListingOptions): Promise<Sourced>;
}

/** An archive, whose SHA-256 must be `digest` (hex) where that is given; where it is not, that is said. */
export function archiveSource(ctx: Reading, place: ArchivePlace, flavour: Flavour, digest?: string): Source {
  const { exhibit, via, span } = place;
  return {
    key: `${exhibit.id} ${via ?? ''} ${span?.offset ?? ''}`,
    exhibit,
    flavour,
    bare: false,
    async read(options) {
      const { entries, sha256 } = await readArchive(ctx, place, options);
      const proven = digest === undefined || sha256 === digest;
      if (!proven)
        ctx.unreadable(exhibit, `Layer sha256:${digest} is not what is there: unpacked it is sha256:${sha256}.`);
      return { entries, proven };
    },
  };
}

/** Larger bodies of listings are not taken into memory: some four million files. */
const BODY_MAX = 768 << 20;

/** A folder's listing of the host's disk. `which` is the first word of its frames' names: '' or 'init.'. */
export function listingSource(ctx: Reading, exhibit: ExhibitRecord, which = ''): Source {
  return {
    key: `${exhibit.id} ${which}`,
    exhibit,
    flavour: 'overlay',
    bare: true,
    async read() {
      const { frames } = await readFrames(ctx.stream(exhibit), { keep: BODY_MAX });
      const of = (name: string) => frames.find((frame) => frame.name === `${which}${name}` && frame.kind === 'output');
      const list = of('list');
      if (!list && which !== '') return { entries: [], proven: true };
      if (!list) {
        ctx.unreadable(
          exhibit,
          `It has no list of files: ${visible(frames.at(-1)?.error ?? 'nothing was said', { max: 300 })}`,
        );
        return { entries: [], proven: false };
      }
      if (list.exit !== 0)
        ctx.unreadable(exhibit, `The list of files may not be whole: ${visible(list.error, { max: 300 })}`);
      const { entries, faults } = listingEntries(exhibit.id, {
        list,
        births: of('births'),
        devices: of('devices'),
        bare: of('bare.tar'),
        attributes: of('getfattr'),
      });
      if (faults > 0) ctx.unreadable(exhibit, `${faults} lines of the list of files cannot be read.`);
      return { entries, proven: list.exit === 0 };
    },
  };
}

/** Runs a reading whose failure is the exhibit's matter: it is said, and there is nothing. */
export async function orNothing<T>(
  ctx: Reading,
  exhibit: ExhibitRecord,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = asLadingError(error);
    if (code === 'CANCELLED' || code === 'DISK_FULL') throw error;
    ctx.unreadable(exhibit, message);
    return undefined;
  }
}
