import { describe, expect, it } from 'vitest';
import { BTF, bareType, parseBtf } from '../../../../src/main/analyze/formats/btf';
import { buildIsf } from '../../../../src/main/analyze/formats/isf';
import { parseIomem, parseKcore, ramRanges } from '../../../../src/main/analyze/formats/kcore';
import { limeHeader, parseLimeHeader } from '../../../../src/main/analyze/formats/lime';

/** A BTF of types given as [name, info, size or type, words that follow…]. */
function btf(types: [string, number, number, ...(number | string)[]][]): Buffer {
  let strings = '\0';
  const text = (word: string) => {
    const at = strings.length;
    strings += `${word}\0`;
    return word === '' ? 0 : at;
  };
  const words = types.flatMap(([name, ...rest]) => [
    text(name),
    ...rest.map((one) => (typeof one === 'string' ? text(one) : one)),
  ]);
  const body = Buffer.alloc(words.length * 4);
  for (const [at, word] of words.entries()) body.writeUInt32LE(word >>> 0, at * 4);
  const head = Buffer.alloc(24);
  head.writeUInt16LE(0xeb9f, 0);
  head.writeUInt8(1, 2);
  for (const [at, word] of [24, 0, body.length, body.length, strings.length].entries())
    head.writeUInt32LE(word, 4 + at * 4);
  return Buffer.concat([head, body, Buffer.from(strings, 'latin1')]);
}
const kind = (of: number, parts = 0, flag = 0) => ((flag << 31) | (of << 24) | parts) >>> 0;

/** 1 int, 2 task_struct, 3 pointer to it, 4 an enum without a name, 5 its typedef, 6 const int, 7 int[4], 8 a union inside. */
const TYPES = btf([
  ['int', kind(BTF.int), 4, (1 << 24) | 32],
  [
    'task_struct',
    kind(BTF.struct, 5, 1),
    32,
    'pid',
    6,
    0,
    'next',
    3,
    64,
    'low',
    1,
    (3 << 24) | 128,
    'high',
    1,
    (5 << 24) | 131,
    '',
    8,
    192,
  ],
  ['', kind(BTF.pointer), 2],
  ['', kind(BTF.enum, 2, 1), 4, 'NO', 0xffffffff, 'YES', 1],
  ['answer_t', kind(BTF.typedef), 4],
  ['', kind(BTF.const), 1],
  ['', kind(BTF.array), 0, 1, 1, 4],
  ['', kind(BTF.union, 2), 16, 'a', 7, 0, 'b', 5, 0],
  ['later', kind(BTF.forward), 0],
]);
const SYMBOLS = [
  'ffffffff9a000000 T _text',
  'ffffffff9a000100 T _stext',
  'ffffffff9b000040 D init_task',
  '0000000000001000 A cpu_thing',
  'ffffffffc0000000 t in_module\t[evil]',
  'ffffffff9b000080 D __proto__',
].join('\n');

describe('BTF', () => {
  it('reads types, bit fields and signed constants', () => {
    const types = parseBtf(TYPES);
    expect(types?.[2]?.members?.[3]).toEqual({ name: 'high', type: 1, offset: 131, bits: 5 });
    expect(types?.[4]?.constants).toEqual([
      ['NO', -1],
      ['YES', 1],
    ]);
    expect(types && bareType(types, 6)).toBe(1);
  });

  it('refuses what is cut off, refers to nothing, or is none', () => {
    expect(parseBtf(TYPES.subarray(0, TYPES.length - 40))).toBeUndefined();
    expect(parseBtf(btf([['x', kind(BTF.typedef), 99]]))).toBeUndefined();
    expect(parseBtf(Buffer.alloc(100))).toBeUndefined();
  });

  it('ends at a circle of typedefs', () => {
    const types = parseBtf(
      btf([
        ['x', kind(BTF.typedef), 2],
        ['y', kind(BTF.typedef), 1],
      ]),
    );
    expect(types && bareType(types, 1)).toBe(0);
  });
});

describe('the symbol file for Volatility', () => {
  it('says where members lie and what they are, and takes KASLR out of addresses', () => {
    const text = buildIsf(TYPES, Buffer.from(SYMBOLS), Buffer.from('Linux version 6.1\n'));
    const isf = JSON.parse(text);
    expect(isf.user_types.task_struct.fields).toEqual({
      pid: { type: { kind: 'base', name: 'int' }, offset: 0 },
      next: { type: { kind: 'pointer', subtype: { kind: 'struct', name: 'task_struct' } }, offset: 8 },
      low: {
        type: { kind: 'bitfield', bit_length: 3, bit_position: 0, type: { kind: 'base', name: 'int' } },
        offset: 16,
      },
      high: {
        type: { kind: 'bitfield', bit_length: 5, bit_position: 3, type: { kind: 'base', name: 'int' } },
        offset: 16,
      },
      unnamed_field_0: { type: { kind: 'union', name: 'unnamed_8' }, offset: 24, anonymous: true },
    });
    expect(isf.enums.answer_t.constants).toEqual({ NO: -1, YES: 1 });
    expect(isf.user_types.later).toEqual({ size: 0, fields: {}, kind: 'struct' });
    // 64 bits do not fit a number of this language: as text
    expect(text).toContain(
      `"init_task":{"address":${0xffff_ffff_8200_0040n},"type":{"kind":"struct","name":"task_struct"}}`,
    );
    expect(isf.symbols.cpu_thing.address).toBe(4096);
    expect(isf.symbols.in_module).toBeUndefined();
    expect(Buffer.from(isf.symbols.linux_banner.constant_data, 'base64').toString()).toBe('Linux version 6.1\n\0');
  });

  it('refuses hidden addresses, and a kernel that names no variables', () => {
    const build = (symbols: string) => () => buildIsf(TYPES, Buffer.from(symbols), Buffer.from('v'));
    expect(build('0000000000000000 T _text')).toThrow(/no addresses/);
    expect(build('ffffffff81000000 T _text')).toThrow(/CONFIG_KALLSYMS_ALL/);
    expect(() => buildIsf(Buffer.from('x'), Buffer.from(SYMBOLS), Buffer.from('v'))).toThrow(/BTF/);
  });
});

describe('the kernel’s memory', () => {
  const direct = 0xffff_8880_0000_0000n;
  const kcore = (segments: [bigint, bigint, bigint, bigint][]) => {
    const head = Buffer.alloc(64 + 56 * segments.length);
    head.write('7f454c460201', 0, 'hex');
    head.writeBigUInt64LE(64n, 32);
    head.writeUInt16LE(56, 54);
    head.writeUInt16LE(segments.length, 56);
    for (const [at, [virtual, physical, offset, size]] of segments.entries()) {
      const to = 64 + at * 56;
      head.writeUInt32LE(1, to);
      for (const [n, value] of [offset, virtual, physical, size].entries())
        head.writeBigUInt64LE(value, to + 8 + n * 8);
    }
    return head;
  };
  const text: [bigint, bigint, bigint, bigint] = [0xffff_ffff_8100_0000n, 0x100_0000n, 0x7fff_0000_0000n, 0x200_0000n];

  it('finds RAM in the direct map only, whole pages, and says what of it is not there', () => {
    const parsed = parseKcore(
      kcore([
        text,
        [direct + 0x1000n, 0x1000n, 0x3000n, 0x9e000n],
        [direct + 0x10_0000n, 0x10_0000n, 0x10_2000n, 0x80_0000n],
      ]),
    );
    const { ranges: ram } = parseIomem(
      '00001000-0009fbff : System RAM\n000a0000-000bffff : PCI Bus\n00100000-00afffff : System RAM\n  00200000-002fffff : Kernel code\n',
    );
    expect(parsed && ramRanges(parsed, ram)).toEqual({
      ranges: [
        { start: 0x1000n, length: 0x9e000, offset: 0x3000n },
        { start: 0x10_0000n, length: 0x80_0000, offset: 0x10_2000n },
      ],
      missing: 0x20_0000n,
    });
  });

  it('knows hidden addresses, and what is no kcore', () => {
    expect(parseIomem('00000000-00000000 : System RAM\n').hidden).toBe(true);
    expect(parseKcore(Buffer.from('dd: Operation not permitted'.padEnd(100)))).toBeUndefined();
    expect(parseKcore(kcore([text]).subarray(0, 70))).toBeUndefined();
  });

  it('writes and reads LiME headers; refuses ranges that cannot be', () => {
    const head = limeHeader({ start: 0x1_0000_0000n, length: 4096 });
    expect(parseLimeHeader(head)).toEqual({ start: 0x1_0000_0000n, length: 4096 });
    const lying = Buffer.from(head);
    lying.writeBigUInt64LE(0n, 16);
    expect(parseLimeHeader(lying)).toBeUndefined();
    expect(parseLimeHeader(head.subarray(0, 31))).toBeUndefined();
  });
});
