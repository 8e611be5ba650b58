import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger, GENESIS, Ledger, parseEntry } from '../../../src/main/custody/ledger';
import { scratch } from '../../kit/case';

const WHO = { examiner: 'A', workstation: 'ws' };

async function fresh() {
  const path = join(await scratch(), 'ledger.jsonl');
  await createLedger(path);
  return { path, ...(await Ledger.open(path, { write: true })) };
}

describe('the ledger', () => {
  it('chains entries that were asked for at once, in their order', async () => {
    const { path, ledger } = await fresh();
    const entries = await Promise.all(
      Array.from({ length: 200 }, (_, i) => ledger.append(WHO, 'test', String(i), { i })),
    );
    await ledger.close();
    expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    let before = { seq: -1, hash: GENESIS };
    for (const line of (await readFile(path, 'utf8')).trimEnd().split('\n')) {
      const entry = parseEntry(Buffer.from(line), before);
      if (typeof entry === 'string') throw new Error(entry);
      before = entry;
    }
    expect(before.seq).toBe(199);
  });

  it('keeps any JSON details, byte for byte the same when read again', async () => {
    const { ledger } = await fresh();
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string({ unit: 'binary' }),
        async (details, subject) => {
          const wellFormed = Buffer.from(subject).toString();
          const entry = await ledger.append(WHO, 'test', wellFormed, details);
          const [read] = await ledger.read(entry.seq, 1);
          expect(read).toEqual(JSON.parse(JSON.stringify(entry)));
        },
      ),
      { numRuns: 200 },
    );
    await ledger.close();
  });

  it('keeps a detail whose name a host chose to be lost', async () => {
    const { ledger } = await fresh();
    const details = JSON.parse('{"__proto__":{"a":1},"constructor":2}');
    const entry = await ledger.append(WHO, 'test', '', details);
    const [read] = await ledger.read(entry.seq, 1);
    expect(Object.keys(read?.details ?? {}).sort()).toEqual(['__proto__', 'constructor']);
    await ledger.close();
  });

  it('reads a part', async () => {
    const { ledger } = await fresh();
    for (let i = 0; i < 10; i++) await ledger.append(WHO, 'test', String(i), {});
    expect((await ledger.read(3, 4)).map((entry) => entry.subject)).toEqual(['3', '4', '5', '6']);
    expect(await ledger.read(99, 4)).toEqual([]);
    await ledger.close();
  });

  it('refuses to open where a line in the middle is damaged, and changes nothing', async () => {
    const { path, ledger } = await fresh();
    for (let i = 0; i < 3; i++) await ledger.append(WHO, 'test', String(i), {});
    await ledger.close();
    const damaged = (await readFile(path, 'utf8')).replace('"subject":"1"', '"subject":"9"');
    await writeFile(path, damaged);
    await expect(Ledger.open(path, { write: true })).rejects.toMatchObject({
      code: 'CASE_DAMAGED',
      message: expect.stringContaining('line 2'),
    });
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });
});
