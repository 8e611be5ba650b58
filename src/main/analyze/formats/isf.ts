import { LadingError } from '../../../shared/errors';
import { BTF, type BtfType, bareType, parseBtf, sizeOf } from './btf';
import { RENAMED, TIMEKEEPER, VARIABLES } from './isf-symbols';

/**
 * Volatility 3's symbol file (Intermediate Symbol Format 6.2.0: volatility3/schemas/schema-6.2.0.json), made of what a host says of its
 * own kernel. x86-64, little-endian.
 */
export type IsfType =
  | { kind: 'base' | 'struct' | 'union' | 'enum'; name: string }
  | { kind: 'pointer'; subtype: IsfType }
  | { kind: 'array'; count: number; subtype: IsfType }
  | { kind: 'bitfield'; bit_length: number; bit_position: number; type: IsfType }
  | { kind: 'function' };

interface Field {
  type: IsfType;
  offset: number;
  anonymous?: true;
}

interface Structure {
  size: number;
  fields: Record<string, Field>;
  kind: 'struct' | 'union';
}

interface Base {
  size: number;
  signed: boolean;
  kind: string;
  endian: 'little';
}

/** Where x86-64 kernels are linked to, and where their part of the address space begins (arch/x86/include/asm/page_64_types.h). */
const LINKED = 0xffff_ffff_8100_0000n;
const KERNEL = 0xffff_ffff_8000_0000n;

const COMPOSED: ReadonlySet<number> = new Set([BTF.struct, BTF.union, BTF.enum, BTF.enum64]);
const isComposed = (type: BtfType | undefined) => type !== undefined && COMPOSED.has(type.kind);

/** Names of all types: one without a name takes that of the first typedef of it, as dwarf2json does. */
function namer(types: readonly BtfType[]): (id: number) => string {
  const given = new Map<number, string>();
  for (const { kind, name, sizeOrType } of types) {
    const of = types[sizeOrType];
    if (kind === BTF.typedef && isComposed(of) && of?.name === '' && !given.has(sizeOrType))
      given.set(sizeOrType, name);
  }
  return (id) => types[id]?.name || given.get(id) || `unnamed_${id.toString(16)}`;
}

const NOTHING: IsfType = { kind: 'base', name: 'void' };

function referrer(types: readonly BtfType[], nameOf: (id: number) => string): (id: number) => IsfType {
  const refer = (id: number, depth = 0): IsfType => {
    const bare = bareType(types, id);
    const type = types[bare];
    if (!type || depth > 64) return NOTHING;
    switch (type.kind) {
      case BTF.int:
      case BTF.float:
        return { kind: 'base', name: type.name };
      case BTF.pointer:
        return { kind: 'pointer', subtype: refer(type.sizeOrType, depth + 1) };
      case BTF.array:
        return { kind: 'array', count: type.count ?? 0, subtype: refer(type.element ?? 0, depth + 1) };
      case BTF.struct:
        return { kind: 'struct', name: nameOf(bare) };
      case BTF.union:
        return { kind: 'union', name: nameOf(bare) };
      case BTF.enum:
      case BTF.enum64:
        return { kind: 'enum', name: nameOf(bare) };
      case BTF.forward:
        return { kind: type.flag ? 'union' : 'struct', name: type.name };
      case BTF.func:
      case BTF.prototype:
        return { kind: 'function' };
      default:
        return NOTHING;
    }
  };
  return (id) => refer(id);
}

function baseType({ kind, name, sizeOrType, encoding = 0 }: BtfType): Base {
  const float = kind === BTF.float;
  const what = float ? 'float' : name === '_Bool' ? 'bool' : /char$/.test(name) ? 'char' : 'int';
  return { size: sizeOrType, signed: float || (encoding & 1) === 1 || name === 'char', kind: what, endian: 'little' };
}

function structure(types: readonly BtfType[], type: BtfType, refer: (id: number) => IsfType): Structure {
  const fields: Record<string, Field> = {};
  let unnamed = 0;
  for (const { name, type: of, offset, bits } of type.members ?? []) {
    const unit = sizeOf(types, of) || 4;
    const start = Math.floor(offset / (8 * unit)) * unit;
    const field: Field = bits
      ? {
          type: { kind: 'bitfield', bit_length: bits, bit_position: offset - start * 8, type: refer(of) },
          offset: start,
        }
      : { type: refer(of), offset: offset / 8 };
    const inner = types[bareType(types, of)]?.kind;
    if (name) fields[name] = field;
    // an unnamed bit field is padding
    else if (!bits || inner === BTF.struct || inner === BTF.union) {
      fields[`unnamed_field_${unnamed++}`] = { ...field, anonymous: true };
    }
  }
  return { size: type.sizeOrType, fields, kind: type.kind === BTF.struct ? 'struct' : 'union' };
}

interface Enumeration {
  size: number;
  base: string;
  constants: Record<string, number>;
}

/** Everything but the symbols. */
function describeTypes(types: readonly BtfType[]) {
  const nameOf = namer(types);
  const refer = referrer(types, nameOf);
  const bases: Record<string, Base> = {
    pointer: { size: 8, signed: false, kind: 'int', endian: 'little' },
    void: { size: 0, signed: false, kind: 'void', endian: 'little' },
  };
  const structures: Record<string, Structure> = {};
  const enums: Record<string, Enumeration> = {};
  for (const [id, type] of types.entries()) {
    const name = nameOf(id);
    if (type.kind === BTF.int || type.kind === BTF.float) bases[type.name] ??= baseType(type);
    else if (type.kind === BTF.enum || type.kind === BTF.enum64) {
      const base = type.sizeOrType === 8 ? 'long unsigned int' : type.flag ? 'int' : 'unsigned int';
      enums[name] ??= { size: type.sizeOrType, base, constants: Object.fromEntries(type.constants ?? []) };
    } else if (type.kind === BTF.struct || type.kind === BTF.union) {
      structures[name] ??= structure(types, type, refer);
    }
  }
  // Volatility refuses references to names that are not there.
  for (const { kind, name, flag } of types) {
    if (kind === BTF.forward) structures[name] ??= { size: 0, fields: {}, kind: flag ? 'union' : 'struct' };
  }
  const clock = structures.timekeeper;
  if (clock) {
    structures[TIMEKEEPER] = {
      size: clock.size + 8,
      kind: 'struct',
      fields: {
        seq: { type: { kind: 'base', name: 'unsigned int' }, offset: 0 },
        timekeeper: { type: { kind: 'struct', name: 'timekeeper' }, offset: 8 },
      },
    };
  }
  return { bases, structures, enums };
}

interface KernelSymbol {
  name: string;
  address: bigint;
}

/** The kernel's own symbols of kallsyms (or a System.map); those of modules have a fourth column and are left out. */
function parseKallsyms(text: string): KernelSymbol[] {
  return text.split('\n').flatMap((line) => {
    const [, address, name] = /^([0-9a-f]{1,16}) \w (\S+)$/.exec(line) ?? [];
    return address === undefined || name === undefined ? [] : [{ name, address: BigInt(`0x${address}`) }];
  });
}

/** How far the kernel was moved at its start (KASLR). */
function shiftOf(symbols: readonly KernelSymbol[]): bigint {
  const text = symbols.find(({ name }) => name === '_text') ?? symbols.find(({ name }) => name === '_stext');
  if (!text || text.address === 0n) {
    throw new LadingError('NOT_POSSIBLE', 'The kernel’s symbols have no addresses: it hid them when they were read.');
  }
  if (!symbols.some(({ name }) => name === 'init_task')) {
    throw new LadingError('NOT_POSSIBLE', 'The kernel names no variables (it was built without CONFIG_KALLSYMS_ALL).', {
      advice: 'The debug package of this kernel, or its System.map, is needed.',
    });
  }
  return text.address - LINKED;
}

/** Who the symbol file says it is from. */
export interface IsfProducer {
  name: string;
  version: string;
}
const LADING: IsfProducer = { name: 'lading', version: '1.0.0' };

/**
 * The symbol file as JSON text. Takes /sys/kernel/btf/vmlinux, /proc/kallsyms and /proc/version of one host. Throws FILE_UNREADABLE for
 * what is no BTF, NOT_POSSIBLE where the symbols do not suffice.
 */
export function buildIsf(btf: Buffer, kallsyms: Buffer, version: Buffer, producer = LADING): string {
  const types = parseBtf(btf);
  if (!types) throw new LadingError('FILE_UNREADABLE', 'The kernel’s types are no whole little-endian BTF.');
  const { bases, structures, enums } = describeTypes(types);
  const symbols = parseKallsyms(kallsyms.toString('latin1'));
  const shift = shiftOf(symbols);
  const known = { ...VARIABLES };
  for (const [name, instead] of Object.entries(RENAMED)) if (structures[name]) Object.assign(known, instead);
  const there = (type: IsfType): boolean => {
    if (type.kind === 'base') return type.name in bases;
    if (type.kind === 'struct' || type.kind === 'union') return type.name in structures;
    return 'subtype' in type ? there(type.subtype) : true;
  };
  const rows = new Map<string, { address: string; type: IsfType; constant_data?: string }>();
  for (const { name, address } of symbols) {
    if (rows.has(name)) continue;
    const type = Object.hasOwn(known, name) ? known[name] : undefined;
    const at = address >= KERNEL ? address - shift : address;
    rows.set(name, { address: mark(at), type: type && there(type) ? type : NOTHING });
  }
  const banner = rows.get('linux_banner') ?? { address: mark(0n), type: known.linux_banner ?? NOTHING };
  const words = `${version.toString('latin1').replace(/\n*$/, '')}\n\0`;
  rows.set('linux_banner', { ...banner, constant_data: Buffer.from(words, 'latin1').toString('base64') });
  const source = (kind: string, name: string) => ({ kind, name, hash_type: 'sha256', hash_value: '0'.repeat(64) });
  const text = JSON.stringify({
    metadata: {
      linux: { symbols: [source('symtab', 'kallsyms')], types: [source('dwarf', 'btf')] },
      producer,
      format: '6.2.0',
    },
    base_types: bases,
    user_types: structures,
    enums,
    symbols: Object.fromEntries(rows),
  });
  return text.replace(/"@@(\d+)@@"/g, '$1');
}

/** JSON's numbers hold 64 bits, those of this language do not. A symbol's name has no `@@` with digits around it. */
const mark = (address: bigint) => `@@${BigInt.asUintN(64, address)}@@`;
