/** Bytes that can be read at any place: an exhibit's file, or the archive that it unpacks to. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /** Fewer bytes at the end. `into`: memory that may be used for them, and is the caller's to use again. */
  read(offset: number, length: number, into?: Buffer): Promise<Buffer>;
}

/** What a mapping of a process is backed by. */
export type RegionKind = 'file' | 'anonymous' | 'heap' | 'stack' | 'memfd' | 'shared' | 'kernel' | 'ram';

/** Memory with one set of rights, as the process (or the machine) has it, whether or not the exhibit holds its bytes. */
export interface Region {
  start: bigint;
  /** The address after the last. */
  end: bigint;
  /** 'rwxp'; '????' where the exhibit does not say. */
  perms: string;
  kind: RegionKind;
  /** A path, '[heap]', 'memfd:NAME'; empty for anonymous memory. Hostile text. */
  name: string;
  deleted: boolean;
  /** Bytes into the file. */
  fileOffset: bigint;
}

/** Bytes of the source that follow each other in memory too. */
export interface Segment {
  address: bigint;
  /** In the source. */
  offset: number;
  length: number;
}

/** One address space: a process's, or the machine's physical memory. */
export interface MemorySpace {
  /** 'pid:7', 'physical', 'shared:52540'; unique in its exhibit. */
  id: string;
  kind: 'process' | 'shared' | 'physical';
  /** As the exhibit counts: in the container for a checkpoint, on the host for a core. */
  pid?: number;
  ppid?: number;
  comm?: string;
  arguments?: string[];
  environment?: string[];
  uid?: number;
  exe?: string;
  /** Descriptors with what they mean. */
  open: { fd: number; kind: string; name: string; deleted: boolean }[];
  sockets: { fd: number; protocol: string; local: string; remote: string; state: string }[];
  /** By address. */
  regions: Region[];
  /** By address. */
  segments: Segment[];
}

/** A file that the exhibit holds beside memory: deleted but open, or a memfd. */
export interface HeldFile {
  /** 'ghost' or 'memfd'. */
  kind: 'ghost' | 'memfd';
  /** Hostile text. */
  name: string;
  size: number;
  /** Where its bytes are; what no piece has is zeros. By `at`, the place in the file. */
  pieces: { at: number; offset: number; length: number }[];
  /** PIDs that have it open or mapped. */
  pids: number[];
}

/** What is in an exhibit of memory, and where. */
export interface MemoryLayout {
  form: 'core' | 'checkpoint' | 'lime' | 'raw';
  spaces: MemorySpace[];
  files: HeldFile[];
  /** What could not be understood, in sentences. */
  faults: string[];
}

/** The region that holds an address; regions are sorted. */
export function regionAt(regions: readonly Region[], address: bigint): Region | undefined {
  let low = 0;
  let high = regions.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const region = regions[middle] as Region;
    if (address < region.start) high = middle - 1;
    else if (address >= region.end) low = middle + 1;
    else return region;
  }
  return undefined;
}

/** Index of the segment that holds an address, or of the first after it; segments are sorted by address. */
export function segmentFrom(segments: readonly Segment[], address: bigint): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const { address: start, length } = segments[middle] as Segment;
    if (start + BigInt(length) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bytes of an address space; `held` is false for those that the exhibit does not have, which are zeros here. */
export async function readSpace(
  source: ByteSource,
  space: MemorySpace,
  address: bigint,
  length: number,
): Promise<{ bytes: Buffer; held: { from: number; length: number }[] }> {
  const bytes = Buffer.alloc(length);
  const held: { from: number; length: number }[] = [];
  const end = address + BigInt(length);
  for (let i = segmentFrom(space.segments, address); i < space.segments.length; i++) {
    const segment = space.segments[i] as Segment;
    if (segment.address >= end) break;
    const start = segment.address > address ? segment.address : address;
    const into = Number(start - address);
    const skip = Number(start - segment.address);
    const piece = await source.read(segment.offset + skip, Math.min(segment.length - skip, length - into));
    if (piece.length === 0) continue;
    piece.copy(bytes, into);
    const last = held.at(-1);
    if (last && last.from + last.length === into) last.length += piece.length;
    else held.push({ from: into, length: piece.length });
  }
  return { bytes, held };
}

/** Sorts segments by address, joins those that follow each other both in memory and in the source; cuts at the source's end. */
export function tidySegments(segments: readonly Segment[], size: number): Segment[] {
  const sorted = segments
    .map((one) => ({ ...one, length: Math.max(0, Math.min(one.length, size - one.offset)) }))
    .filter(({ length }) => length > 0)
    .sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : a.offset - b.offset));
  const joined: Segment[] = [];
  for (const one of sorted) {
    const last = joined.at(-1);
    const follows =
      last && last.offset + last.length === one.offset && last.address + BigInt(last.length) === one.address;
    if (follows) last.length += one.length;
    else joined.push(one);
  }
  return joined;
}

/** '0x7f1e705c5000'. */
export function hexAddress(address: bigint): string {
  return `0x${address.toString(16)}`;
}
