import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ExhibitRecord } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import type { AnalyzeContext } from '../analyzer';
import { archiveReader } from '../formats/fs-archive';
import type { FsEntry, Span } from '../formats/fs-entry';
import { packingOf } from '../inner';

/** What reading needs of an analyzer's or an indexer's context. */
export type Reading = Pick<AnalyzeContext, 'exhibits' | 'read' | 'stream' | 'unreadable'>;

export interface ListingOptions {
  /** Hash the content of each regular file; what is read is checked against the exhibit's record either way. */
  hash?: boolean;
  /** Called now and then, so that others get their turn. */
  pause?: () => Promise<void>;
}

/** An archive: an exhibit, what is unpacked from it, or a piece of either. */
export interface ArchivePlace {
  exhibit: ExhibitRecord;
  via?: string;
  span?: Span;
}

export interface ArchiveOptions extends ListingOptions {
  /** Takes an entry away from the list, or changes it; gets its content too where it asks for that. */
  take?: (entry: FsEntry) => { keep: FsEntry | undefined; bytes?: (content: Buffer) => void } | undefined;
}

/** Entries kept of one archive; a machine's file system has fewer. */
const ENTRIES_MAX = 2_000_000;
/** Faults said of one archive; the rest is counted. */
const FAULTS_MAX = 20;
/** Small files that somebody asks for whole. */
const SMALL = 4 << 20;

/**
 * The entries of an archive that is an exhibit, in its order, in one pass. Further names of a file have its size, content
 * and hash. Of a compressed archive the entries have no content here: see readArchive, which says its place.
 */
export async function readListing(
  ctx: Reading,
  exhibit: ExhibitRecord,
  options: ListingOptions = {},
): Promise<FsEntry[]> {
  const { entries } = await readArchive(ctx, { exhibit }, options);
  for (const entry of entries) if (entry.content?.via !== undefined) entry.content = undefined;
  return entries;
}

/** The entries of an archive, as readListing, and the SHA-256 of its bytes, unpacked where it is packed. */
export async function readArchive(
  ctx: Reading,
  place: ArchivePlace,
  options: ArchiveOptions = {},
): Promise<{ entries: FsEntry[]; sha256: string }> {
  const { exhibit } = place;
  const { source, via } = await openArchive(ctx, place);
  const shift = via === place.via ? (place.span?.offset ?? 0) : 0;
  const entries: FsEntry[] = [];
  const whole = createHash('sha256');
  let faults = 0;
  let left = 0;
  let hash: Hash | undefined;
  let wanted: { pieces: Buffer[]; bytes: (content: Buffer) => void } | undefined;
  const fault = (offset: number, reason: string) => {
    faults++;
    if (faults > FAULTS_MAX) return;
    const where = via === undefined ? '' : ' of what is unpacked';
    ctx.unreadable(exhibit, `At byte ${offset + shift}${where}: ${visible(reason, { max: 300 })}`);
  };
  const reader = archiveReader(exhibit.id, {
    entry: (entry) => {
      hash = undefined;
      wanted = undefined;
      placed(entry, shift, via);
      const taken = options.take ? options.take(entry) : { keep: entry };
      if (!taken) return;
      if (taken.bytes && entry.size <= SMALL) wanted = { pieces: [], bytes: taken.bytes };
      if (taken.keep && entries.length >= ENTRIES_MAX) {
        left++;
        return;
      }
      if (taken.keep) entries.push(taken.keep);
      hash = options.hash && entry.content ? createHash('sha256') : undefined;
    },
    content: (piece) => {
      hash?.update(piece);
      wanted?.pieces.push(piece);
    },
    ended: (entry, all) => {
      if (all && hash) entry.sha256 = hash.digest('hex');
      if (all) wanted?.bytes(Buffer.concat(wanted.pieces));
      if (!all) entry.content = undefined;
      hash = undefined;
      wanted = undefined;
    },
    fault,
  });
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      whole.update(piece);
      reader.push(piece);
      await options.pause?.();
    }
  } finally {
    source.destroy();
  }
  reader.end();
  if (faults > FAULTS_MAX) ctx.unreadable(exhibit, `${faults - FAULTS_MAX} more places could not be read.`);
  if (left > 0) ctx.unreadable(exhibit, `${left} entries beyond the first ${ENTRIES_MAX} are not listed.`);
  linkNames(entries);
  return { entries, sha256: whole.digest('hex') };
}

/** Says where in the exhibit an entry lies, whose places are those in its own archive. */
function placed(entry: FsEntry, shift: number, via: string | undefined): void {
  entry.header.offset += shift;
  if (entry.content) entry.content.offset += shift;
  if (via === undefined) return;
  entry.via = via;
  if (entry.content) entry.content.via = via;
}

/** The archive's bytes; one that is packed is unpacked, which its `via` then says. */
async function openArchive(
  ctx: Reading,
  { exhibit, via, span }: ArchivePlace,
): Promise<{ source: Readable; via?: string }> {
  const start = span?.offset ?? 0;
  const end = span ? span.offset + span.length : undefined;
  const head: Buffer[] = [];
  const length = end ?? (via === undefined ? exhibit.bytes : Number.MAX_SAFE_INTEGER);
  for await (const piece of ctx.stream(exhibit, { start, end: Math.min(start + 4, length) }, via)) head.push(piece);
  const packing = packingOf(Buffer.concat(head));
  if (!packing) {
    const range = span && { start, end: span.offset + span.length };
    return { source: ctx.stream(exhibit, range, via), ...(via !== undefined && { via }) };
  }
  const steps = [via, span && `bytes:${span.offset}+${span.length}`, 'unpacked'];
  const inner = steps.filter((step) => step !== undefined).join('!');
  return { source: ctx.stream(exhibit, undefined, inner), via: inner };
}

/** Gives further names what the first one has. A name that leads nowhere stays without content. */
export function linkNames(entries: readonly FsEntry[]): void {
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
