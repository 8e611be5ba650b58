import { createHash, type Hash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import type { ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import type { AnalyzeContext } from '../analyzer';
import { archiveReader } from '../formats/fs-archive';
import type { FsEntry } from '../formats/fs-entry';

/** What reading needs of an analyzer's or an indexer's context. */
export type Reading = Pick<AnalyzeContext, 'exhibits' | 'read' | 'stream' | 'unreadable'>;

export interface ListingOptions {
  /** Hash the content of each regular file; what is read is checked against the exhibit's record either way. */
  hash?: boolean;
  /** Called now and then, so that others get their turn. */
  pause?: () => Promise<void>;
}

/** Entries kept of one archive; a machine's file system has fewer. */
const ENTRIES_MAX = 2_000_000;
/** Faults said of one archive; the rest is counted. */
const FAULTS_MAX = 20;
const GZIP = Buffer.from([0x1f, 0x8b]);

/**
 * The entries of an archive that is an exhibit, in its order, in one pass. Further names of a file have its size, content
 * and hash. Of a compressed archive the entries have no places: its bytes cannot be cited one by one.
 */
export async function readListing(
  ctx: Reading,
  exhibit: ExhibitRecord,
  options: ListingOptions = {},
): Promise<FsEntry[]> {
  const entries: FsEntry[] = [];
  let faults = 0;
  let left = 0;
  let hash: Hash | undefined;
  const fault = (offset: number, reason: string) => {
    faults++;
    if (faults <= FAULTS_MAX) ctx.unreadable(exhibit, `At byte ${offset}: ${visible(reason, { max: 300 })}`);
  };
  const reader = archiveReader(exhibit.id, {
    entry: (entry) => {
      if (entries.length >= ENTRIES_MAX) {
        left++;
        return;
      }
      entries.push(entry);
      hash = options.hash && entry.content ? createHash('sha256') : undefined;
    },
    content: (piece) => hash?.update(piece),
    ended: (entry, whole) => {
      if (whole && hash) entry.sha256 = hash.digest('hex');
      if (!whole) entry.content = undefined;
      hash = undefined;
    },
    fault,
  });
  const source = ctx.stream(exhibit);
  let packed: boolean | undefined;
  let inflated: AsyncIterable<Buffer> | undefined;
  const pieces = source as AsyncIterable<Buffer>;
  async function* plain(): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      if (packed === undefined) {
        packed = piece.subarray(0, 2).equals(GZIP);
        if (packed) {
          source.unshift(piece);
          inflated = source.pipe(createGunzip());
          yield* inflated;
          return;
        }
      }
      yield piece;
    }
  }
  try {
    for await (const piece of plain()) {
      reader.push(piece);
      await options.pause?.();
    }
  } finally {
    source.destroy();
  }
  reader.end();
  if (faults > FAULTS_MAX) ctx.unreadable(exhibit, `${faults - FAULTS_MAX} more places could not be read.`);
  if (left > 0) ctx.unreadable(exhibit, `${left} entries beyond the first ${ENTRIES_MAX} are not listed.`);
  if (packed) for (const entry of entries) entry.content = undefined;
  linkNames(entries);
  return entries;
}

/** Gives further names what the first one has. A name that leads nowhere stays without content. */
function linkNames(entries: FsEntry[]): void {
  const links = entries.filter(({ hardLink }) => hardLink !== undefined);
  if (links.length === 0) return;
  const wanted = new Set(links.map(({ hardLink }) => hardLink));
  const firsts = new Map(
    entries.filter(({ path, hardLink }) => hardLink === undefined && wanted.has(path)).map((one) => [one.path, one]),
  );
  for (const link of links) {
    const first = firsts.get(link.hardLink ?? '');
    if (!first) continue;
    const { type, size, content, sha256, xattrs, device } = first;
    Object.assign(link, { type, size, content, sha256 }, xattrs && { xattrs }, device && { device });
  }
}
