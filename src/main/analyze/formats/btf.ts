/**
 * BTF, the kernel's own description of its types (Documentation/bpf/btf.rst): /sys/kernel/btf/vmlinux. Little-endian.
 */
export const BTF = {
  void: 0,
  int: 1,
  pointer: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  forward: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  prototype: 13,
  variable: 14,
  section: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

export interface BtfMember {
  name: string;
  type: number;
  /** In bits from the beginning of the structure. */
  offset: number;
  /** Of a bit field; 0 for any other. */
  bits: number;
}

export interface BtfType {
  /** One of BTF. */
  kind: number;
  name: string;
  /** Size in bytes, or the type that it refers to, by kind. */
  sizeOrType: number;
  /** A forward declaration is of a union; an enumeration is signed. */
  flag: boolean;
  /** BTF_INT_ENCODING: 1 signed, 2 char, 4 bool. */
  encoding?: number;
  element?: number;
  count?: number;
  members?: BtfMember[];
  constants?: [string, number][];
}

const MAGIC = 0xeb9f;
/** Bytes that follow the three words of each type, and those for each of its parts. */
const FOLLOWS: Readonly<Record<number, [number, number]>> = {
  [BTF.int]: [4, 0],
  [BTF.array]: [12, 0],
  [BTF.struct]: [0, 12],
  [BTF.union]: [0, 12],
  [BTF.enum]: [0, 8],
  [BTF.prototype]: [0, 8],
  [BTF.variable]: [4, 0],
  [BTF.section]: [0, 12],
  [BTF.declTag]: [4, 0],
  [BTF.enum64]: [0, 12],
};

/**
 * Reads all types; their numbers are their places, 0 is void. Undefined for what is no little-endian BTF, or is cut off, or refers to
 * what is not there.
 */
export function parseBtf(bytes: Buffer): BtfType[] | undefined {
  if (bytes.length < 24 || bytes.readUInt16LE(0) !== MAGIC) return undefined;
  const header = bytes.readUInt32LE(4);
  const from = header + bytes.readUInt32LE(8);
  const to = from + bytes.readUInt32LE(12);
  const strings = header + bytes.readUInt32LE(16);
  const stringsEnd = strings + bytes.readUInt32LE(20);
  if (to > bytes.length || stringsEnd > bytes.length) return undefined;
  const text = (offset: number): string => {
    const end = bytes.indexOf(0, strings + offset);
    return end < 0 || strings + offset >= stringsEnd ? '' : bytes.toString('latin1', strings + offset, end);
  };
  const types: BtfType[] = [{ kind: BTF.void, name: 'void', sizeOrType: 0, flag: false }];
  for (let at = from; at < to; ) {
    if (at + 12 > to) return undefined;
    const info = bytes.readUInt32LE(at + 4);
    const kind = (info >>> 24) & 31;
    const parts = info & 0xffff;
    const [once, each] = FOLLOWS[kind] ?? [0, 0];
    const body = at + 12;
    const next = body + once + each * parts;
    if (kind === BTF.void || kind > BTF.enum64 || next > to) return undefined;
    const type: BtfType = {
      kind,
      name: text(bytes.readUInt32LE(at)),
      sizeOrType: bytes.readUInt32LE(at + 8),
      flag: info >>> 31 === 1,
    };
    readBody(bytes, type, body, parts, text);
    types.push(type);
    at = next;
  }
  return types.every((type) => refers(type).every((one) => one < types.length)) ? types : undefined;
}

function readBody(bytes: Buffer, type: BtfType, body: number, parts: number, text: (offset: number) => string): void {
  const word = (offset: number) => bytes.readUInt32LE(body + offset);
  const places = (size: number) => Array.from({ length: parts }, (_, n) => n * size);
  switch (type.kind) {
    case BTF.int:
      type.encoding = (word(0) >>> 24) & 15;
      break;
    case BTF.array:
      type.element = word(0);
      type.count = word(8);
      break;
    case BTF.struct:
    case BTF.union:
      // with the flag, an offset holds the width of a bit field in its highest byte
      type.members = places(12).map((at) => ({
        name: text(word(at)),
        type: word(at + 4),
        offset: type.flag ? word(at + 8) & 0xffffff : word(at + 8),
        bits: type.flag ? word(at + 8) >>> 24 : 0,
      }));
      break;
    case BTF.enum:
      type.constants = places(8).map((at) => [
        text(word(at)),
        type.flag ? bytes.readInt32LE(body + at + 4) : word(at + 4),
      ]);
      break;
    case BTF.enum64:
      type.constants = places(12).map((at) => {
        const value = (BigInt(word(at + 8)) << 32n) | BigInt(word(at + 4));
        return [text(word(at)), Number(type.flag ? BigInt.asIntN(64, value) : value)];
      });
      break;
  }
}

const SIZED: ReadonlySet<number> = new Set([BTF.int, BTF.struct, BTF.union, BTF.enum, BTF.enum64, BTF.float]);
const REFERRING: ReadonlySet<number> = new Set([
  BTF.pointer,
  BTF.typedef,
  BTF.volatile,
  BTF.const,
  BTF.restrict,
  BTF.typeTag,
]);

/** The types that a type is made of. */
function refers(type: BtfType): number[] {
  const own = REFERRING.has(type.kind) ? [type.sizeOrType] : [];
  return [
    ...own,
    ...(type.element === undefined ? [] : [type.element]),
    ...(type.members ?? []).map((one) => one.type),
  ];
}

const WRAPPERS: ReadonlySet<number> = new Set([BTF.typedef, BTF.volatile, BTF.const, BTF.restrict, BTF.typeTag]);

/** The number of the type itself, without typedef, const and the like; a circle of them ends at void. */
export function bareType(types: readonly BtfType[], id: number): number {
  let at = id;
  for (let steps = 0; steps < 64; steps++) {
    const type = types[at];
    if (!type || !WRAPPERS.has(type.kind)) return at;
    at = type.sizeOrType;
  }
  return 0;
}

/** Its size in bytes; 0 where it has none. */
export function sizeOf(types: readonly BtfType[], id: number, depth = 0): number {
  const type = types[bareType(types, id)];
  if (!type || depth > 32) return 0;
  if (type.kind === BTF.pointer) return 8;
  if (type.kind === BTF.array) return (type.count ?? 0) * sizeOf(types, type.element ?? 0, depth + 1);
  return SIZED.has(type.kind) ? type.sizeOrType : 0;
}
