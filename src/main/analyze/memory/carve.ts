import { createHash } from 'node:crypto';
import { hexAddress, type MemorySpace, type Region, readSpace, segmentFrom } from './layout';
import type { OpenMemory } from './open';

/** Something in memory that can be made a file again. */
export interface Carved {
  /** 'file:0', 'elf:pid:7:0x7f…': the same for the same exhibit. */
  id: string;
  /** 'ghost': deleted but open; 'memfd'; 'mapped': a mapping of a deleted file or memfd; 'elf': an ELF image where no file is mapped. */
  kind: 'ghost' | 'memfd' | 'mapped' | 'elf';
  /** Hostile text. */
  name: string;
  pids: number[];
  /** Where it begins in memory, for what has an address. */
  address?: bigint;
  space?: string;
  size: number;
  /** Bytes of it that the exhibit has; the rest is zeros in what is carved. */
  held: number;
  /** All its bytes are the file's own: its hash can be compared with that of a file. */
  whole: boolean;
  /** By place in the carved file. What no piece has is zeros. */
  pieces: { at: number; offset: number; length: number }[];
  sha256: string;
}

const PAGE = 4096;
/** An executable in memory larger than this is not carved. */
const ELF_MAX = 1 << 30;
/** More ELF headers than this in one space are a trap, not libraries. */
const ELFS_MAX = 2000;

/** Everything that can be carved, hashed. Constant memory. */
export async function carvables(memory: OpenMemory, signal?: AbortSignal): Promise<Carved[]> {
  const { layout } = memory;
  const found: Omit<Carved, 'sha256'>[] = layout.files.map(({ kind, name, size, pieces, pids }, index) => {
    const held = pieces.reduce((sum, { length }) => sum + length, 0);
    return { id: `file:${index}`, kind, name, pids, size, held, whole: true, pieces };
  });
  for (const space of layout.spaces) {
    if (space.kind !== 'process') continue;
    found.push(...mappedFiles(space));
    found.push(...(await elfImages(memory, space)));
  }
  const carved: Carved[] = [];
  for (const one of found) {
    signal?.throwIfAborted();
    const hash = createHash('sha256');
    for await (const bytes of carvedBytes(memory, one)) hash.update(bytes);
    carved.push({ ...one, sha256: hash.digest('hex') });
  }
  return carved;
}

const ZEROS = Buffer.alloc(1 << 20);

/** The bytes of what is carved, from the first to the last, at most a MiB at a time. */
export async function* carvedBytes(
  memory: OpenMemory,
  { size, pieces }: Pick<Carved, 'size' | 'pieces'>,
): AsyncGenerator<Buffer> {
  let at = 0;
  const zeros = function* (to: number) {
    for (; at < to; at += Math.min(ZEROS.length, to - at)) yield ZEROS.subarray(0, Math.min(ZEROS.length, to - at));
  };
  for (const piece of [...pieces].sort((a, b) => a.at - b.at)) {
    yield* zeros(Math.min(piece.at, size));
    const end = Math.min(piece.at + piece.length, size);
    while (at < end) {
      const bytes = await memory.source.read(piece.offset + at - piece.at, Math.min(ZEROS.length, end - at));
      if (bytes.length === 0) break;
      at += bytes.length;
      yield bytes;
    }
  }
  yield* zeros(size);
}

/** Files that are gone from the disk and still mapped: their mappings put together by their place in the file. */
function mappedFiles(space: MemorySpace): Omit<Carved, 'sha256'>[] {
  const byName = new Map<string, Region[]>();
  for (const region of space.regions) {
    if (!(region.kind === 'memfd' || (region.kind === 'file' && region.deleted))) continue;
    byName.set(region.name, [...(byName.get(region.name) ?? []), region]);
  }
  return [...byName].flatMap(([name, regions]) => {
    const pieces = regions.flatMap((region) => heldOf(space, region.start, region.end, Number(region.fileOffset)));
    const size = Math.max(...regions.map(({ start, end, fileOffset }) => Number(fileOffset + end - start)));
    const held = pieces.reduce((sum, { length }) => sum + length, 0);
    const [first] = regions;
    if (!first || held === 0 || size > ELF_MAX) return [];
    const base = { kind: 'mapped' as const, name, pids: pidsOf(space), address: first.start, space: space.id };
    return [
      { ...base, id: `mapped:${space.id}:${hexAddress(first.start)}`, size, held, whole: false, pieces: once(pieces) },
    ];
  });
}

/** Where two mappings give one place of a file, the first is kept. */
function once(pieces: Carved['pieces']): Carved['pieces'] {
  const kept: Carved['pieces'] = [];
  let end = 0;
  for (const piece of [...pieces].sort((a, b) => a.at - b.at)) {
    const skip = Math.max(0, end - piece.at);
    if (skip >= piece.length) continue;
    kept.push({ at: piece.at + skip, offset: piece.offset + skip, length: piece.length - skip });
    end = piece.at + piece.length;
  }
  return kept;
}

/** What the exhibit has of a stretch of memory, with its place from `at` on. */
function heldOf(space: MemorySpace, start: bigint, end: bigint, at: number): Carved['pieces'] {
  const pieces: Carved['pieces'] = [];
  for (let i = segmentFrom(space.segments, start); i < space.segments.length; i++) {
    const segment = space.segments[i];
    if (!segment || segment.address >= end) break;
    const from = segment.address > start ? segment.address : start;
    const last = segment.address + BigInt(segment.length);
    const to = last < end ? last : end;
    pieces.push({
      at: at + Number(from - start),
      offset: segment.offset + Number(from - segment.address),
      length: Number(to - from),
    });
  }
  return pieces;
}

const pidsOf = ({ pid }: MemorySpace) => (pid === undefined ? [] : [pid]);

/** Whether an ELF image has no business in such memory: it came by no file that is mapped. */
export function withoutFile({ kind }: Pick<Region, 'kind'>): boolean {
  return kind === 'anonymous' || kind === 'heap' || kind === 'stack' || kind === 'shared';
}

/** ELF images that begin a page of memory that is no file's, as they lie there: by their program headers, else to the end of the region. */
export async function elfImages(memory: OpenMemory, space: MemorySpace): Promise<Omit<Carved, 'sha256'>[]> {
  const found: Omit<Carved, 'sha256'>[] = [];
  for (const region of space.regions) {
    if (!withoutFile(region)) continue;
    for (const address of await elfStarts(memory, space, region)) {
      if (found.length >= ELFS_MAX) return found;
      const { bytes } = await readSpace(memory.source, space, address, PAGE);
      const size = Math.min(imageSize(bytes) ?? Number(region.end - address), Number(region.end - address), ELF_MAX);
      const pieces = heldOf(space, address, address + BigInt(size), 0);
      const held = pieces.reduce((sum, { length }) => sum + length, 0);
      const name = `${elfWords(bytes)} in ${region.name || 'anonymous memory'} ${region.perms}`;
      const id = `elf:${space.id}:${hexAddress(address)}`;
      found.push({
        id,
        kind: 'elf',
        name,
        pids: pidsOf(space),
        address,
        space: space.id,
        size,
        held,
        whole: false,
        pieces,
      });
    }
  }
  return found;
}

/** Addresses of pages of a region that begin with an ELF header of a class and byte order that exist. */
export async function elfStarts(memory: OpenMemory, space: MemorySpace, region: Region): Promise<bigint[]> {
  const starts: bigint[] = [];
  const span = 4 << 20;
  for (const { at, offset, length } of heldOf(space, region.start, region.end, 0)) {
    for (let done = 0; done < length; done += span) {
      const bytes = await memory.source.read(offset + done, Math.min(span, length - done));
      const skip = (PAGE - ((Number(region.start & 0xfffn) + at + done) % PAGE)) % PAGE;
      for (let i = skip; i + 64 <= bytes.length; i += PAGE) {
        if (bytes.readUInt32BE(i) !== 0x7f454c46) continue;
        const [kind, order, version] = [bytes[i + 4], bytes[i + 5], bytes[i + 6]];
        if ((kind === 1 || kind === 2) && (order === 1 || order === 2) && version === 1) {
          starts.push(region.start + BigInt(at + done + i));
        }
      }
    }
  }
  return starts;
}

/** Bytes of the file that an ELF header and its program and section headers tell (64-bit, little-endian); undefined where they tell none. */
function imageSize(bytes: Buffer): number | undefined {
  if (bytes[4] !== 2 || bytes[5] !== 1) return undefined;
  const at = Number(bytes.readBigUInt64LE(32));
  const [size, count] = [bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  if (size !== 56 || count === 0 || at + size * count > bytes.length) return undefined;
  let end = Number(bytes.readBigUInt64LE(40)) + bytes.readUInt16LE(58) * bytes.readUInt16LE(60);
  for (let i = 0; i < count; i++) {
    const to = at + i * size;
    end = Math.max(end, Number(bytes.readBigUInt64LE(to + 8)) + Number(bytes.readBigUInt64LE(to + 32)));
  }
  return Number.isSafeInteger(end) && end > 0 ? end : undefined;
}

function elfWords(bytes: Buffer): string {
  const type = bytes.readUInt16LE(16);
  return `ELF ${bytes[4] === 2 ? 64 : 32}-bit ${['none', 'object', 'executable', 'shared object', 'core'][type] ?? `type ${type}`}`;
}
