import { readMessage, type WireMessage, wireInt, wireNumber } from './protobuf';

/** Bytes of a page in CRIU's images: those of x86-64. */
export const PAGE = 4096;
/** No entry but those that hold files is larger; one that claims to be is damage. */
const ENTRY_MAX = 64 * 1024 * 1024;
/** Images since CRIU 2.0 begin with one of these and a number for their kind (CRIU, include/magic.h). */
const COMMON_MAGIC = 0x54564319;
const SERVICE_MAGIC = 0x55105940;

/** An image's entries; `rest` is where bytes begin that are no entries. */
export interface CriuImage {
  /** The number of its kind, as 0x56084025 of pagemaps. */
  magic: number;
  entries: WireMessage[];
  rest: number;
  /** Why the reading stopped before the end. */
  fault?: string;
}

/**
 * Takes an image of CRIU apart: 4 bytes of size and a protocol-buffer message, repeated. `most` stops after so many, since in
 * ghost files raw bytes follow the first. Undefined for what is no such image.
 */
export function readCriuImage(bytes: Buffer, most = Number.POSITIVE_INFINITY): CriuImage | undefined {
  if (bytes.length < 8) return undefined;
  const first = bytes.readUInt32LE(0);
  if (first !== COMMON_MAGIC && first !== SERVICE_MAGIC) return undefined;
  const entries: WireMessage[] = [];
  let at = 8;
  const end = (fault?: string): CriuImage => ({ magic: bytes.readUInt32LE(4), entries, rest: at, fault });
  while (at < bytes.length && entries.length < most) {
    if (at + 4 > bytes.length) return end('it ends inside the size of an entry');
    const size = bytes.readUInt32LE(at);
    if (size > ENTRY_MAX || at + 4 + size > bytes.length) return end('it ends inside an entry');
    const entry = readMessage(bytes.subarray(at + 4, at + 4 + size));
    if (!entry) return end(`the entry at byte ${at} is no message`);
    entries.push(entry);
    at += 4 + size;
  }
  return end();
}

/** Pages that follow each other: where they are in the process, and where in pages-ID.img. */
export interface PageRun {
  address: bigint;
  /** Bytes. */
  length: number;
  /** In the pages image; absent: the page is in the parent of an incremental checkpoint, or was left for later. */
  offset?: number;
}

export interface PageMap {
  /** N of pages-N.img. */
  pages: number;
  runs: PageRun[];
  /** Bytes of the pages image that the runs need. */
  bytes: number;
}

const IN_PARENT = 1n;
const LAZY = 2n;
const PRESENT = 4n;

/**
 * What pagemap-ID.img says. CRIU up to 4.1 counts pages in field 2, since 4.2 in field 5 (a wider number). Without flags
 * (before 2.11) a page is there unless `in_parent` is set. Undefined for an image that is no pagemap.
 */
export function readPageMap(image: CriuImage): PageMap | undefined {
  const [head, ...entries] = image.entries;
  const pages = head && wireNumber(head, 1);
  if (pages === undefined) return undefined;
  const runs: PageRun[] = [];
  let offset = 0;
  for (const entry of entries) {
    const address = wireInt(entry, 1);
    const count = wireNumber(entry, 5) ?? wireNumber(entry, 2);
    if (address === undefined || count === undefined || count > 2 ** 36) return undefined;
    const flags = wireInt(entry, 4) ?? (wireInt(entry, 3) ? IN_PARENT : PRESENT);
    const length = count * PAGE;
    // present pages of user space are marked lazy too, which then means nothing
    const here = (flags & PRESENT) !== 0n || (flags & (IN_PARENT | LAZY)) === 0n;
    runs.push(here ? { address, length, offset } : { address, length });
    if (here) offset += length;
  }
  return { pages, runs, bytes: offset };
}
