import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type FoundText, stringsReader } from '../../../../src/main/analyze/formats/strings';
import { fastMatcher } from '../../../../src/main/analyze/memory/fast-terms';
import { PIECE_BYTES } from '../../../../src/main/analyze/memory/scan';
import { searchMemory } from '../../../../src/main/analyze/memory/search';
import { memoryTexts } from '../../../../src/main/analyze/memory/strings';
import { type TermMatcher, termMatcher } from '../../../../src/main/analyze/memory/terms';
import { withEngine } from '../../../../src/main/analyze/memory/wasm/engine';
import { memoryOf } from './kit';

const root = resolve(import.meta.dirname, '../../../..');
const dir = mkdtempSync(join(tmpdir(), 'lading-engine-'));
afterAll(() => rmSync(dir, { recursive: true }));

const terms = (texts: readonly (string | Buffer)[]) =>
  texts.map((text, term) => ({ term, bytes: Buffer.from(text), wide: false }));

function all(matcher: TermMatcher, bytes: Buffer, from = 0, to = bytes.length): string[] {
  const found: string[] = [];
  matcher.scan(bytes, from, to, (at, { term }) => found.push(`${at} ${term}`) > 0);
  return found;
}

/** Bytes in which much looks like what is looked for: of few kinds, some capitals, some NULs. */
const hay = fc
  .array(fc.constantFrom(...Buffer.from('abcABC\0\0 ')), { minLength: 0, maxLength: 700 })
  .map((bytes) => Buffer.from(bytes));
const needle = fc
  .array(fc.constantFrom(...Buffer.from('abcAB\0')), { minLength: 3, maxLength: 8 })
  .map((bytes) => Buffer.from(bytes));

describe('the engine', () => {
  it('is what its source says', () => {
    const made = execFileSync(process.execPath, [join(root, 'scripts/wasm.mjs'), '--print'], { encoding: 'utf8' });
    expect(readFileSync(join(root, 'src/main/analyze/memory/wasm/bytes.ts'), 'utf8')).toBe(made);
  });

  it.each([
    ['few', 1, 6],
    ['many', 7, 40],
  ])('finds %s terms where looking at each place finds them, in that order', async (_, minLength, maxLength) => {
    await withEngine(async (engine) => {
      if (!engine) throw new Error('There is no engine here.');
      const lists = fc.array(needle, { minLength, maxLength });
      fc.assert(
        fc.property(lists, hay, fc.boolean(), fc.nat(20), fc.nat(20), (given, bytes, ignoreCase, before, behind) => {
          const from = Math.min(before, bytes.length);
          const to = Math.max(from, bytes.length - behind);
          const expected = all(termMatcher(terms(given), ignoreCase), bytes, from, to);
          expect(all(fastMatcher(terms(given), ignoreCase, engine), bytes, from, to)).toEqual(expected);
        }),
        { numRuns: 400 },
      );
    });
  });

  it('finds what stands at every place of what it looks at in one go', async () => {
    await withEngine(async (engine) => {
      if (!engine) throw new Error('There is no engine here.');
      const bytes = Buffer.alloc(1 << 20, 'a');
      expect(all(fastMatcher(terms(['aaaa']), false, engine), bytes)).toHaveLength(bytes.length - 3);
      const many = terms(['aaaa', ...Array.from({ length: 9 }, (_, i) => `bbbb${i}`)]);
      expect(all(fastMatcher(many, false, engine), bytes)).toHaveLength(bytes.length - 3);
    });
  });
});

describe('search and grep', () => {
  const words = ['needle', 'dleneed', 'nee', '\x01\x02\x03'];
  const bytes = Buffer.from(randomBytes(PIECE_BYTES * 2 + 4321).map((byte) => (byte === 10 ? 11 : byte)));
  for (let i = 0; i < 4000; i++) bytes.write(words[i % 4] as string, (i * 1049) % (bytes.length - 8), 'latin1');
  // across the border of two pieces, overlapping
  Buffer.from('needleneedle').copy(bytes, PIECE_BYTES - 5);
  const file = join(dir, 'bytes');
  writeFileSync(file, bytes);

  it.each([['needle'], ['nee'], ['\x01\x02\x03'], ['edl']])('give the same places for %j', async (word) => {
    const env = { ...process.env, LC_ALL: 'C' };
    const said = execFileSync('grep', ['-aobF', '-e', word, file], { env, encoding: 'latin1', maxBuffer: 1 << 28 });
    const places = said
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.split(':')[0]));
    const query = { kind: 'text' as const, terms: [word], ignoreCase: false, wide: false };
    const memory = memoryOf([{ address: 0x7000_0000n, bytes }]);
    const { hits } = await searchMemory(memory, query, { limit: 100_000 });
    expect(places.length).toBeGreaterThan(900);
    expect(hits.map(({ offset }) => offset)).toEqual(places);
    expect(hits.every(({ offset, address }) => address === 0x7000_0000n + BigInt(offset))).toBe(true);
  });
});

describe('texts of memory', () => {
  const inMemory = async (bytes: Buffer, least: number, limit = 100_000) => {
    const memory = memoryOf([{ address: 0n, bytes }]);
    const lines: string[] = [];
    for (let from: number | undefined; ; ) {
      const page = await memoryTexts(memory, { least, limit, from });
      lines.push(...page.texts.map(({ offset, length, encoding, text }) => `${offset}+${length} ${encoding} ${text}`));
      if (page.next === undefined) return lines;
      from = page.next;
    }
  };
  const plainly = (bytes: Buffer, least: number) => {
    const found: FoundText[] = [];
    const reader = stringsReader(least, (one) => found.push(one) > 0);
    reader.push(bytes);
    reader.end();
    found.sort((a, b) => a.at - b.at || (a.encoding < b.encoding ? -1 : 1));
    return found.map(({ at, length, encoding, text }) => `${at}+${length} ${encoding} ${text}`);
  };

  it('are those that looking at each byte finds, however they are paged', async () => {
    const some = fc.array(fc.constantFrom('a', 'bcde', '\0', '\0\0', 'f\0g\0h\0i\0', '\x01', 'j\0', '~\t '), {
      maxLength: 120,
    });
    await fc.assert(
      fc.asyncProperty(some, fc.integer({ min: 1, max: 5 }), async (given, limit) => {
        const bytes = Buffer.from(given.join(''));
        const expected = plainly(bytes, 4);
        expect(await inMemory(bytes, 4)).toEqual(expected);
        expect(await inMemory(bytes, 4, limit)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('go on over pieces in every way: one, two and many, narrow and wide', async () => {
    const bytes = Buffer.alloc((1 << 20) + 77, 1);
    for (let border = 1; border < 4; border++) {
      const at = border * (1 << 18);
      bytes.write('narrow over it', at - border);
      bytes.write('wide over it', at + 100 - (at % 2), 'utf16le');
      bytes.write('broad', at - 100 - 10 + border, 'utf16le');
    }
    bytes.write('Wide across the border', (1 << 18) * 2 - 7, 'utf16le');
    bytes.fill('x', 700_000, 1_000_000);
    bytes.write('the end', bytes.length - 7);
    expect(await inMemory(bytes, 4)).toEqual(plainly(bytes, 4));
    expect(await inMemory(bytes, 4, 3)).toEqual(plainly(bytes, 4));
  });

  it('are those of strings(1), with its places', async ({ skip }) => {
    const bytes = Buffer.concat([readFileSync(process.execPath).subarray(0, 3 << 20), randomBytes(1 << 20)]);
    const file = join(dir, 'program');
    writeFileSync(file, bytes);
    let said: string;
    try {
      said = execFileSync('strings', ['-a', '-t', 'd', '-n', '6', file], { encoding: 'latin1', maxBuffer: 1 << 28 });
    } catch {
      return skip('strings(1) of binutils is not there');
    }
    const theirs = said
      .trimEnd()
      .split('\n')
      .map((line) => line.trimStart().split(' ')[0]);
    const ours = (await inMemory(bytes, 6)).filter((line) => line.split(' ')[1] === 'ascii');
    expect(ours.map((line) => line.split('+')[0])).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(1000);
  });
});
