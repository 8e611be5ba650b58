/**
 * ELF core files (elf(5), System V ABI chapter 4; the kernel's include/uapi/linux/elfcore.h and fs/binfmt_elf.c for the notes):
 * what Lading writes of a process, and any other 64-bit little-endian one.
 */
export const PT_LOAD = 1;
export const PT_NOTE = 4;
export const PF = { x: 1, w: 2, r: 4 } as const;
export const NT = { prstatus: 1, prpsinfo: 3, auxv: 6, file: 0x46494c45 } as const;
/** Notes of the name 'LADING': the process's maps and smaps as they were, and what was asked for, as JSON. */
export const LADING_NOTE = { name: 'LADING', maps: 1, smaps: 2, plan: 3 } as const;
/** e_machine by what `uname -m` says. */
export const MACHINES: Readonly<Record<string, number>> = { x86_64: 62, aarch64: 183, riscv64: 243, ppc64le: 21 };
export const PAGE = 4096;
const EHDR = 64;
const PHDR = 56;
const SHDR = 64;
/** e_phnum when there are more headers than it can say; the number is then in the first section header's sh_info. */
const PN_XNUM = 0xffff;
/** More headers or notes than any process has. */
const HEAD_MAX = 512 << 20;

export interface CoreSegment {
  /** Virtual address of its first byte. */
  address: bigint;
  /** Its place in the file, in bytes. */
  offset: number;
  /** Bytes of it in the file; 0: none of it was had. */
  fileBytes: number;
  /** Its size in the process. */
  memoryBytes: bigint;
  /** Sum of PF. */
  flags: number;
}

export interface CoreNote {
  name: string;
  type: number;
  body: Buffer;
}

export interface ElfCore {
  machine: number;
  segments: CoreSegment[];
  notes: CoreNote[];
  /** What the whole file has in bytes; a shorter one was cut off. */
  fileBytes: number;
}

export function noteBytes({ name, type, body }: CoreNote): Buffer {
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const head = Buffer.alloc(12);
  const label = Buffer.from(`${name}\0`, 'latin1');
  head.writeUInt32LE(label.length, 0);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, padded(label), padded(body)]);
}

/**
 * Everything before the first byte of memory. Segments follow each other in the file from there on, each with the bytes it is said to
 * have; the file offsets are given with it.
 */
export function coreHead(
  machine: number,
  notes: readonly CoreNote[],
  parts: readonly Omit<CoreSegment, 'offset'>[],
): { head: Buffer; segments: CoreSegment[] } {
  const count = parts.length + 1;
  const many = count >= PN_XNUM;
  const noteAt = EHDR + PHDR * count + (many ? SHDR : 0);
  const note = Buffer.concat(notes.map(noteBytes));
  const start = Math.ceil((noteAt + note.length) / PAGE) * PAGE;
  const head = Buffer.alloc(start);
  head.write('7f454c46020101', 0, 'hex');
  head.writeUInt16LE(4, 16); // ET_CORE
  head.writeUInt16LE(machine, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(BigInt(EHDR), 32);
  head.writeUInt16LE(EHDR, 52);
  head.writeUInt16LE(PHDR, 54);
  head.writeUInt16LE(many ? PN_XNUM : count, 56);
  if (many) {
    const section = EHDR + PHDR * count;
    head.writeBigUInt64LE(BigInt(section), 40);
    head.writeUInt16LE(SHDR, 58);
    head.writeUInt16LE(1, 60);
    head.writeUInt32LE(count, section + 44);
  }
  program(head, 0, { type: PT_NOTE, flags: 0, offset: noteAt, address: 0n, fileBytes: note.length, memoryBytes: 0n });
  note.copy(head, noteAt);
  let offset = start;
  const segments = parts.map((part, at) => {
    const segment = { ...part, offset };
    program(head, at + 1, { type: PT_LOAD, ...segment });
    offset += part.fileBytes;
    return segment;
  });
  return { head, segments };
}

function program(head: Buffer, at: number, one: CoreSegment & { type: number }): void {
  const to = EHDR + PHDR * at;
  head.writeUInt32LE(one.type, to);
  head.writeUInt32LE(one.flags, to + 4);
  head.writeBigUInt64LE(BigInt(one.offset), to + 8);
  head.writeBigUInt64LE(one.address, to + 16);
  head.writeBigUInt64LE(BigInt(one.fileBytes), to + 32);
  head.writeBigUInt64LE(one.memoryBytes, to + 40);
  head.writeBigUInt64LE(BigInt(one.type === PT_LOAD ? PAGE : 4), to + 48);
}

/**
 * Reads headers and notes from the beginning of a core. `more`: so many bytes from the beginning are needed. Undefined for what is no
 * 64-bit little-endian ELF core, or one whose headers lie.
 */
export function parseCore(bytes: Buffer): ElfCore | { more: number } | undefined {
  if (bytes.length < EHDR) return { more: EHDR };
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1 || bytes.readUInt16LE(16) !== 4) {
    return undefined;
  }
  const at = whole(bytes, 32);
  const section = whole(bytes, 40);
  let count = bytes.readUInt16LE(56);
  if (bytes.readUInt16LE(54) !== PHDR || at < EHDR) return undefined;
  if (count === PN_XNUM) {
    if (section > HEAD_MAX) return undefined;
    if (bytes.length < section + SHDR) return { more: section + SHDR };
    count = bytes.readUInt32LE(section + 44);
  }
  const end = at + count * PHDR;
  if (end > HEAD_MAX) return undefined;
  if (bytes.length < end) return { more: end };
  const segments: CoreSegment[] = [];
  const noted: { from: number; to: number }[] = [];
  let fileBytes = end;
  for (let to = at; to < end; to += PHDR) {
    const type = bytes.readUInt32LE(to);
    const offset = whole(bytes, to + 8);
    const length = whole(bytes, to + 32);
    if (!Number.isSafeInteger(offset + length)) return undefined;
    fileBytes = Math.max(fileBytes, offset + length);
    if (type === PT_NOTE) noted.push({ from: offset, to: offset + length });
    if (type !== PT_LOAD) continue;
    segments.push({
      address: bytes.readBigUInt64LE(to + 16),
      offset,
      fileBytes: length,
      memoryBytes: bytes.readBigUInt64LE(to + 40),
      flags: bytes.readUInt32LE(to + 4),
    });
  }
  const need = Math.max(0, ...noted.map(({ to }) => to));
  if (need > HEAD_MAX) return undefined;
  if (bytes.length < need) return { more: need };
  const notes = noted.flatMap(({ from, to }) => parseNotes(bytes.subarray(from, to)));
  return { machine: bytes.readUInt16LE(18), segments, notes, fileBytes };
}

/** A 64-bit number as a number; what does not fit is no place in a file and becomes Infinity. */
function whole(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}

function parseNotes(bytes: Buffer): CoreNote[] {
  const notes: CoreNote[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const label = bytes.readUInt32LE(at);
    const length = bytes.readUInt32LE(at + 4);
    const body = at + 12 + Math.ceil(label / 4) * 4;
    if (body + length > bytes.length) break;
    notes.push({
      name: bytes.toString('latin1', at + 12, at + 12 + label).replace(/\0.*$/s, ''),
      type: bytes.readUInt32LE(at + 8),
      body: bytes.subarray(body, body + length),
    });
    at = body + Math.ceil(length / 4) * 4;
  }
  return notes;
}

/** The virtual address of a byte of the file; undefined where it is no byte of memory. */
export function addressAt({ segments }: Pick<ElfCore, 'segments'>, offset: number): bigint | undefined {
  const found = segments.find((one) => offset >= one.offset && offset < one.offset + one.fileBytes);
  return found && found.address + BigInt(offset - found.offset);
}

/** The place in the file of a virtual address; undefined where the file does not have it. */
export function offsetOf({ segments }: Pick<ElfCore, 'segments'>, address: bigint): number | undefined {
  const found = segments.find((one) => address >= one.address && address < one.address + BigInt(one.fileBytes));
  return found && found.offset + Number(address - found.address);
}
