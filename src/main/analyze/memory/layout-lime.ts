import { type ByteSource, type MemoryLayout, type Region, type Segment, tidySegments } from './layout';

const HEADER = 32;
/** "EMiL" read as a little-endian number (LiME, doc/README.md). */
const MAGIC = 0x4c694d45;
/** A machine has a few dozen ranges; a damaged image could pretend any number. */
const RANGES_MAX = 100_000;

/** Whether bytes begin a LiME image. */
export function isLime(head: Buffer): boolean {
  return head.length >= HEADER && head.readUInt32LE(0) === MAGIC && head.readUInt32LE(4) === 1;
}

/** Reads the ranges of a LiME image of version 1: header (magic, version, first and last physical address), then bytes. */
export async function limeLayout(source: ByteSource): Promise<MemoryLayout> {
  const faults: string[] = [];
  const segments: Segment[] = [];
  const regions: Region[] = [];
  for (let at = 0; at < source.size; ) {
    const head = await source.read(at, HEADER);
    if (!isLime(head)) {
      faults.push(`There is no header of a range at byte ${at}: what follows was not read.`);
      break;
    }
    const [first, last] = [head.readBigUInt64LE(8), head.readBigUInt64LE(16)];
    const length = Number(last - first) + 1;
    if (last < first || !Number.isSafeInteger(length) || segments.length >= RANGES_MAX) {
      faults.push(`The range at byte ${at} cannot be: what follows was not read.`);
      break;
    }
    if (at + HEADER + length > source.size) faults.push(`The range at byte ${at} is cut off: the image is not whole.`);
    segments.push({ address: first, offset: at + HEADER, length });
    regions.push({
      start: first,
      end: last + 1n,
      perms: '????',
      kind: 'ram',
      name: 'System RAM',
      deleted: false,
      fileOffset: 0n,
    });
    at += HEADER + length;
  }
  regions.sort((a, b) => (a.start < b.start ? -1 : 1));
  const space = { id: 'physical', kind: 'physical' as const, open: [], sockets: [], regions };
  return { form: 'lime', spaces: [{ ...space, segments: tidySegments(segments, source.size) }], files: [], faults };
}

/** A raw image: byte N is physical address N. */
export function rawLayout(source: ByteSource): MemoryLayout {
  const region = {
    start: 0n,
    end: BigInt(source.size),
    perms: '????',
    kind: 'ram' as const,
    name: 'raw image',
    deleted: false,
    fileOffset: 0n,
  };
  const segments = tidySegments([{ address: 0n, offset: 0, length: source.size }], source.size);
  const space = { id: 'physical', kind: 'physical' as const, open: [], sockets: [], regions: [region], segments };
  return { form: 'raw', spaces: [space], files: [], faults: [] };
}
