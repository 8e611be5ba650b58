import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PIECE_BYTES } from '../../../../src/main/analyze/memory/scan';
import { type MemoryQuery, searchMemory } from '../../../../src/main/analyze/memory/search';
import { memoryTexts } from '../../../../src/main/analyze/memory/strings';
import { termMatcher } from '../../../../src/main/analyze/memory/terms';
import { memoryOf } from './kit';

const PIECE = PIECE_BYTES;
const text = (...terms: string[]): MemoryQuery => ({ kind: 'text', terms, ignoreCase: false, wide: true });
const addresses = async (query: MemoryQuery, ...parts: [address: bigint, bytes: Buffer][]) => {
  const memory = memoryOf(parts.map(([address, bytes]) => ({ address, bytes })));
  return (await searchMemory(memory, query, { limit: 1000 })).hits.map(({ address, term }) => [address, term]);
};

describe('many terms at once', () => {
  it('finds what looking for each by itself finds', () => {
    const bytes = fc.array(fc.integer({ min: 97, max: 100 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(bytes, { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 96, max: 101 })),
        (terms, hay) => {
          const memory = Buffer.from(hay);
          const found: string[] = [];
          const matcher = termMatcher(
            terms.map((one, term) => ({ term, bytes: Buffer.from(one), wide: false })),
            false,
          );
          expect(matcher.scan(memory, 0, memory.length, (at, { term }) => found.push(`${at} ${term}`) > 0)).toBe(
            memory.length,
          );
          const expected = terms.flatMap((one, term) => {
            const places: string[] = [];
            const needle = Buffer.from(one);
            for (let at = memory.indexOf(needle); at >= 0; at = memory.indexOf(needle, at + 1))
              places.push(`${at} ${term}`);
            return places;
          });
          expect(found.sort()).toEqual(expected.sort());
        },
      ),
    );
  });

  it('refuses no term, one byte, and more than it takes', () => {
    const one = (bytes: string) => [{ term: 0, bytes: Buffer.from(bytes), wide: false }];
    for (const terms of [[], one('a'), one('a'.repeat(5000))]) expect(() => termMatcher(terms, false)).toThrow();
  });

  it('folds ASCII letters only where it is asked to', async () => {
    const memory: [bigint, Buffer] = [0n, Buffer.from('a Secret B')];
    expect(await addresses(text('secret'), memory)).toEqual([]);
    expect(await addresses({ kind: 'text', terms: ['sECRET'], ignoreCase: true, wide: false }, memory)).toEqual([
      [2n, 0],
    ]);
  });
});

describe('search', () => {
  it('finds texts, and the same in UTF-16, with their address', async () => {
    const bytes = Buffer.concat([Buffer.from('..needle..'), Buffer.from('needle', 'utf16le')]);
    expect(await addresses(text('needle', 'eedl'), [0x1000n, bytes])).toEqual([
      [0x1002n, 0],
      [0x1003n, 1],
      [0x100an, 0],
      [0x100cn, 1],
    ]);
  });

  it.each([1, 3, 5, 6])('finds what lies across the border of two pieces, %i bytes before it, once', async (before) => {
    const bytes = Buffer.alloc(PIECE + 100);
    bytes.write('needle', PIECE - before);
    expect(await addresses(text('needle'), [0n, bytes])).toEqual([[BigInt(PIECE - before), 0]]);
    expect(await addresses({ kind: 'regex', pattern: 'ne+dle', ignoreCase: false, wide: false }, [0n, bytes])).toEqual([
      [BigInt(PIECE - before), 0],
    ]);
  });

  it('joins no bytes that are neighbours in the file but not in memory', async () => {
    const [a, b] = [Buffer.from('..nee'), Buffer.from('dle..')];
    expect(await addresses(text('needle'), [0n, a], [0x9000n, b])).toEqual([]);
    expect(await addresses(text('needle'), [0n, Buffer.concat([a, b])])).toEqual([[2n, 0]]);
  });

  it('takes bytes with gaps, and regular expressions over UTF-16', async () => {
    const bytes = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 9, 1]), Buffer.from('key-42', 'utf16le')]);
    expect(await addresses({ kind: 'hex', hex: '7F 45 ?? 46' }, [0n, bytes])).toEqual([[0n, 0]]);
    expect(await addresses({ kind: 'hex', hex: '0x090x01' }, [0n, bytes])).toEqual([[4n, 0]]);
    expect(
      await addresses({ kind: 'regex', pattern: '[a-z]+-\\d\\d', ignoreCase: false, wide: true }, [0n, bytes]),
    ).toEqual([[6n, 0]]);
  });

  it.each(['zz', '7', '?? ??', '', '7f4'])('refuses the bytes %j', async (hex) => {
    await expect(addresses({ kind: 'hex', hex }, [0n, Buffer.from('x')])).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('refuses what is no regular expression', async () => {
    const query: MemoryQuery = { kind: 'regex', pattern: '(', ignoreCase: false, wide: false };
    await expect(addresses(query, [0n, Buffer.from('x')])).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  it('gives every hit once over pages of any size', async () => {
    const memory = memoryOf([{ address: 0n, bytes: Buffer.from('ababa'.repeat(50)) }]);
    const query: MemoryQuery = { kind: 'text', terms: ['ab', 'aba', 'ba'], ignoreCase: false, wide: false };
    const whole = (await searchMemory(memory, query, { limit: 10_000 })).hits.map(
      ({ offset, term }) => `${offset} ${term}`,
    );
    for (const limit of [1, 2, 7]) {
      const all: string[] = [];
      for (let from: number | undefined = 0; from !== undefined; ) {
        const page = await searchMemory(memory, query, { limit, from });
        all.push(...page.hits.map(({ offset, term }) => `${offset} ${term}`));
        from = page.next;
      }
      expect(all.sort()).toEqual([...whole].sort());
    }
  });

  it('ends when it is cancelled', async () => {
    const memory = memoryOf([{ address: 0n, bytes: Buffer.alloc(100) }]);
    const signal = AbortSignal.abort();
    await expect(searchMemory(memory, text('xx'), { limit: 1, signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('texts of memory', () => {
  const found = async (bytes: Buffer, least = 4) =>
    (await memoryTexts(memoryOf([{ address: 0x4000n, bytes }]), { least, limit: 1000 })).texts.map(
      ({ address, encoding, text: value }) => `${address.toString(16)} ${encoding} ${value}`,
    );

  it('have their address and encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\x01abcd\x00xyz\x00'),
      Buffer.from('\x02wide!', 'utf16le'),
      Buffer.from([1]),
    ]);
    expect(await found(bytes)).toEqual(['4001 ascii abcd', '400c utf16le wide!']);
  });

  it('are found at odd addresses in UTF-16 too, and end where they end', async () => {
    expect(await found(Buffer.concat([Buffer.from([1]), Buffer.from('odd one\0next', 'utf16le')]))).toEqual([
      '4001 utf16le odd one',
      '4011 utf16le next',
    ]);
  });

  it('go on over pieces', async () => {
    const bytes = Buffer.alloc(1 << 19, 1);
    bytes.write('across the border', (1 << 18) - 6);
    expect(await found(bytes)).toEqual([`${(0x4000 + (1 << 18) - 6).toString(16)} ascii across the border`]);
  });

  it('of endless length come in parts', async () => {
    const lines = await found(Buffer.alloc(40_000, 0x61));
    expect(lines.map((line) => line.split(' ')[2]?.length)).toEqual([16384, 16384, 7232]);
  });
});
