import { PAGE, PT_LOAD } from './elf-core';
import type { PhysicalRange } from './lime';

/** A stretch of /proc/kcore: virtual and physical address, place in the file, size in bytes. All 64 bits. */
export interface KcoreSegment {
  virtual: bigint;
  physical: bigint;
  offset: bigint;
  size: bigint;
}

export interface Kcore {
  segments: KcoreSegment[];
  /** The kernel's VMCOREINFO (Documentation/admin-guide/kdump/vmcoreinfo.rst), where it is among the notes. */
  vmcoreinfo: Record<string, string>;
}

/** A range of RAM with its place in /proc/kcore. */
export interface RamRange extends PhysicalRange {
  offset: bigint;
}

const PHDR = 56;
const NOWHERE = 0xffff_ffff_ffff_ffffn;
/** A kernel's text, modules and fixed mappings; RAM is mapped below (x86-64: Documentation/arch/x86/x86_64/mm.rst). */
const KERNEL_TEXT = 0xffff_ffff_8000_0000n;

/**
 * Reads the beginning of /proc/kcore (fs/proc/kcore.c): an ELF core whose numbers do not fit a file. Undefined for what is no 64-bit
 * little-endian one.
 */
export function parseKcore(head: Buffer): Kcore | undefined {
  if (head.length < 64 || head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2 || head[5] !== 1) return undefined;
  const at = Number(head.readBigUInt64LE(32));
  const count = head.readUInt16LE(56);
  if (at + count * PHDR > head.length || head.readUInt16LE(54) !== PHDR) return undefined;
  const segments: KcoreSegment[] = [];
  let notes = '';
  for (let n = 0; n < count; n++) {
    const to = at + n * PHDR;
    const word = (offset: number) => head.readBigUInt64LE(to + offset);
    if (head.readUInt32LE(to) === PT_LOAD) {
      segments.push({ virtual: word(16), physical: word(24), offset: word(8), size: word(32) });
    } else {
      const from = Number(word(8));
      if (from < head.length) notes += head.toString('latin1', from, from + Number(word(32)));
    }
  }
  const info = /OSRELEASE=[\x20-\x7e\n]+/.exec(notes)?.[0] ?? '';
  const vmcoreinfo = Object.fromEntries(
    info.split('\n').flatMap((line) => {
      const equal = line.indexOf('=');
      return equal > 0 ? [[line.slice(0, equal), line.slice(equal + 1)]] : [];
    }),
  );
  return { segments, vmcoreinfo };
}

/** The ranges of RAM that /proc/iomem names, whole pages; `hidden`: the kernel shows its reader no addresses. */
export function parseIomem(text: string): { ranges: { start: bigint; end: bigint }[]; hidden: boolean } {
  const ranges = text.split('\n').flatMap((line) => {
    const [, start, end] = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) : System RAM$/.exec(line) ?? [];
    return start === undefined || end === undefined
      ? []
      : [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) + 1n }];
  });
  return { ranges, hidden: ranges.length > 0 && ranges.every(({ start, end }) => start === 0n && end === 1n) };
}

/**
 * Where each page of RAM is in /proc/kcore: segments of the direct map (the same distance of virtual and physical addresses in all of
 * them), cut to what is RAM, sorted by address. `missing`: bytes of RAM that no segment has.
 */
export function ramRanges(
  { segments }: Pick<Kcore, 'segments'>,
  ram: readonly { start: bigint; end: bigint }[],
): { ranges: RamRange[]; missing: bigint } {
  const known = segments.filter(({ physical, virtual }) => physical !== NOWHERE && virtual < KERNEL_TEXT);
  const distance = known[0] ? known[0].virtual - known[0].physical : 0n;
  const direct = known.filter(({ virtual, physical }) => virtual - physical === distance);
  const page = BigInt(PAGE);
  const ranges: RamRange[] = [];
  let missing = 0n;
  for (const { start, end } of ram) {
    const from = ((start + page - 1n) / page) * page;
    const to = (end / page) * page;
    let had = 0n;
    for (const one of direct) {
      const first = from > one.physical ? from : one.physical;
      const last = to < one.physical + one.size ? to : one.physical + one.size;
      if (last <= first) continue;
      had += last - first;
      ranges.push({ start: first, length: Number(last - first), offset: one.offset + (first - one.physical) });
    }
    if (to > from) missing += to - from - had;
  }
  ranges.sort((a, b) => (a.start < b.start ? -1 : 1));
  return { ranges, missing };
}
