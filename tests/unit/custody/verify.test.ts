import { chmod, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from '../../../src/main/cases/project';
import { sealCase } from '../../../src/main/cases/seal-case';
import { CaseSession } from '../../../src/main/cases/session';
import { canonicalJson, sha256 } from '../../../src/main/custody/hash';
import { entryHash } from '../../../src/main/custody/ledger';
import { verifyCase } from '../../../src/main/custody/verify';
import type { Entry } from '../../../src/shared/domain';
import { keyRing, newCase, PASSPHRASE, PLACE, scratch, sealedCase, store } from '../../kit/case';

const check = (dir: string, trustedKeys?: string[]) => verifyCase(dir, { project, trustedKeys });
const named = async (dir: string) => (await check(dir)).faults.map((fault) => `${fault.kind}: ${fault.path}`);

async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] as number) ^ 1;
  await chmod(path, 0o600);
  await writeFile(path, bytes);
}

async function editLedger(dir: string, edit: (lines: string[]) => string[]): Promise<void> {
  const path = join(dir, 'ledger.jsonl');
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  await writeFile(
    path,
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

describe('a sealed case', () => {
  it('verifies, and says what it counted', async () => {
    const result = await check(await sealedCase());
    expect(result).toMatchObject({
      ok: true,
      exhibits: 3,
      bytes: 14,
      seals: 1,
      unsealed: 0,
      faults: [],
      interrupted: [],
    });
  });

  it('names one byte changed at any place of any exhibit and any record', async () => {
    const dir = await sealedCase();
    for (const id of await readdir(join(dir, 'evidence'))) {
      for (const file of await readdir(join(dir, 'evidence', id))) {
        const path = join(dir, 'evidence', id, file);
        const size = (await readFile(path)).length;
        for (const at of [0, Math.floor(size / 2), size - 1]) {
          await flip(path, at);
          const kind = file === 'exhibit.json' ? 'record changed' : 'exhibit changed';
          expect(await named(dir)).toEqual([`${kind}: evidence/${id}/${file}`]);
          await flip(path, at);
        }
      }
    }
    expect((await check(dir)).ok).toBe(true);
  });

  it('names every ledger line of which any one byte was changed', async () => {
    const dir = await sealedCase();
    const path = join(dir, 'ledger.jsonl');
    const text = await readFile(path);
    let line = 1;
    for (let at = 0; at < text.length; at++) {
      // Every byte about a line's end, and every 31st between: each check reads the whole case.
      if (at % 31 === 0 || text[at] === 10 || text[at + 1] === 10 || text[at - 1] === 10) {
        await flip(path, at);
        const faults = await named(dir);
        expect(
          faults.some((fault) => fault.includes(`ledger.jsonl:${line}`)),
          `byte ${at} of line ${line}`,
        ).toBe(true);
        await flip(path, at);
      }
      if (text[at] === 10) line += 1;
    }
  }, 60_000);

  it('names a file added to or removed from any folder', async () => {
    const dir = await sealedCase();
    for (const path of [
      'evidence/E0001/extra',
      'evidence/E0009',
      'seals/x.json',
      'reports.txt',
      'derived.txt',
      'seals/000099.sig',
    ]) {
      await writeFile(join(dir, path), 'x');
      expect((await named(dir)).join(), path).toMatch(/file added|seal missing/);
      await rm(join(dir, path));
    }
    const whole = await scratch();
    await cp(dir, whole, { recursive: true });
    const removable: [string, string][] = [
      ['evidence/E0002/b.json', 'exhibit missing: evidence/E0002/b.json'],
      ['evidence/E0002/exhibit.json', 'record missing: evidence/E0002/exhibit.json'],
      ['manifest-sha256.txt', 'manifest wrong: manifest-sha256.txt'],
      ['tagmanifest-sha256.txt', 'manifest wrong: tagmanifest-sha256.txt'],
      ['bag-info.txt', 'manifest wrong: bag-info.txt'],
      ['data/README.txt', 'manifest wrong: data/README.txt'],
    ];
    for (const [path, fault] of removable) {
      await rm(join(dir, path));
      expect(await named(dir), path).toContain(fault);
      await cp(join(whole, path), join(dir, path));
    }
    for (const path of await readdir(join(dir, 'seals'))) {
      await rm(join(dir, 'seals', path));
      expect((await named(dir)).join(), path).toMatch(/seal (missing|broken)/);
      await cp(join(whole, 'seals', path), join(dir, 'seals', path));
    }
    expect((await check(dir)).ok).toBe(true);
  });

  it('names swapped lines, a removed line, and a ledger cut short', async () => {
    for (let at = 0; at < 4; at++) {
      const dir = await sealedCase();
      await editLedger(dir, (lines) => lines.toSpliced(at, 2, lines[at + 1] as string, lines[at] as string));
      expect((await named(dir)).join(), `lines ${at}`).toContain('ledger chain broken: ledger.jsonl:');
    }
    const removed = await sealedCase();
    await editLedger(removed, (lines) => lines.toSpliced(3, 1));
    expect((await named(removed)).join()).toContain('ledger chain broken: ledger.jsonl:4');
    const cut = await sealedCase();
    await editLedger(cut, (lines) => lines.slice(0, -1));
    expect((await named(cut)).join()).toContain('ledger cut short: seals/');
  });

  it('names a ledger rewritten with good hashes after a seal', async () => {
    const dir = await sealedCase();
    await editLedger(dir, (lines) => {
      let prev = '0'.repeat(64);
      return lines.map((line) => {
        const entry = JSON.parse(line) as Entry;
        if (entry.seq === 0) entry.details.title = 'Another title';
        entry.prev = prev;
        entry.hash = entryHash(entry);
        prev = entry.hash;
        return canonicalJson(entry);
      });
    });
    expect((await named(dir)).join()).toContain('seal broken: seals/');
  });

  it('names a seal by a foreign key, and one the checker does not trust', async () => {
    const dir = await sealedCase();
    const other = await sealedCase();
    const foreign = (await readdir(join(other, 'seals'))).find((name) => name.endsWith('.json')) as string;
    await cp(join(other, 'seals'), join(dir, 'seals'), { recursive: true });
    expect((await named(dir)).join()).toContain(`seal foreign: seals/${foreign}`);
    const own = await sealedCase();
    expect((await check(own, ['f'.repeat(64)])).faults.map((fault) => fault.kind)).toEqual(['seal foreign']);
  });

  it('takes entries after a seal, and then the next seal', async () => {
    const keys = await keyRing();
    const dir = await sealedCase(keys);
    const session = await CaseSession.open(dir, PLACE);
    expect(session.recovered).toEqual([]);
    await store(session, 'd.txt', 'delta');
    await session.close();
    expect(await check(dir)).toMatchObject({ ok: true, unsealed: 1 });
    const again = await CaseSession.open(dir, PLACE);
    await sealCase(again, keys, PASSPHRASE);
    await again.close();
    expect(await check(dir)).toMatchObject({ ok: true, seals: 2, unsealed: 0 });
  });

  it('says when case.json is not what the ledger says', async () => {
    const dir = await sealedCase();
    const path = join(dir, 'case.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('A test', 'B test'));
    expect(await named(dir)).toContain('case file differs: case.json');
  });
});

describe('what a crash leaves is not a fault', () => {
  it('a torn last line', async () => {
    const session = await newCase();
    await store(session, 'a.txt', 'alpha');
    await session.close();
    const path = join(session.dir, 'ledger.jsonl');
    const whole = (await readFile(path)).length;
    const start = (await readFile(path, 'utf8')).trimEnd().lastIndexOf('\n') + 1;
    for (const keep of [start + 1, start + 20, whole - 2, whole - 1]) {
      const copy = join(await scratch(), 'case');
      await cp(session.dir, copy, { recursive: true });
      await truncate(join(copy, 'ledger.jsonl'), keep);
      const before = await check(copy);
      expect(before.interrupted.join(), `cut at ${keep}`).toContain('The last line of the ledger');
      const opened = await CaseSession.open(copy, PLACE);
      expect(opened.recovered.join()).toContain('was being written when Lading ended');
      await opened.close();
      const lines = (await readFile(join(copy, 'ledger.jsonl'), 'utf8')).trimEnd().split('\n');
      const last = JSON.parse(lines.at(-1) as string) as Entry;
      expect(last.action).toBe('ledger.recovered');
      expect(Buffer.from(String(last.details.base64), 'base64')).toHaveLength(keep - start);
    }
  });

  it('an exhibit that was being taken, wherever it stopped', async () => {
    const session = await newCase();
    await session.append('collection.begun', 'C1', { hosts: ['h'], plan: [] });
    await store(session, 'a.txt', 'alpha', 'C1');
    await store(session, 'b.txt', 'beta', 'C1');
    await session.close();
    const begun = JSON.parse(await readFile(join(session.dir, 'evidence/E0002/exhibit.json'), 'utf8'));
    const lines = (await readFile(join(session.dir, 'ledger.jsonl'), 'utf8')).trimEnd().split('\n');
    const states: Record<string, (dir: string) => Promise<void>> = {
      'its record whole, its entry missing': async () => undefined,
      'its record missing': async (dir) => {
        await rm(join(dir, 'exhibit.json'));
        await writeFile(join(dir, 'begun.json'), JSON.stringify(begun));
      },
      'its record torn': async (dir) => {
        await truncate(join(dir, 'exhibit.json'), 30).catch(() => undefined);
        await writeFile(join(dir, 'begun.json'), JSON.stringify(begun));
      },
      'its file not begun': async (dir) => {
        await rm(join(dir, 'exhibit.json'));
        await rm(join(dir, 'b.txt'));
        await writeFile(join(dir, 'begun.json'), JSON.stringify(begun));
      },
      'its folder empty': async (dir) => {
        await rm(join(dir, 'exhibit.json'));
        await rm(join(dir, 'b.txt'));
      },
    };
    for (const [state, make] of Object.entries(states)) {
      const copy = join(await scratch(), 'case');
      await cp(session.dir, copy, { recursive: true });
      await make(join(copy, 'evidence/E0002'));
      await writeFile(join(copy, 'ledger.jsonl'), `${lines.slice(0, -1).join('\n')}\n`);
      await rm(join(copy, 'case.json'));
      expect(await check(copy), state).toMatchObject({ ok: true });
      const opened = await CaseSession.open(copy, PLACE);
      expect(opened.recovered.length, state).toBeGreaterThan(0);
      const kept = opened.data.exhibits.find((exhibit) => exhibit.id === 'E0002');
      if (state.startsWith('its f')) expect(kept, state).toBeUndefined();
      else
        expect(kept, state).toMatchObject({
          sha256: sha256('beta'),
          partial: state !== 'its record whole, its entry missing',
        });
      expect(opened.data.collections[0]?.state).toBe('cut off');
      await store(opened, 'next.txt', 'next');
      await opened.close();
      expect(await check(copy), state).toMatchObject({ ok: true, interrupted: [] });
    }
  });

  it('a seal that did not end', async () => {
    const dir = await sealedCase();
    const statement = (await readdir(join(dir, 'seals'))).find((name) => name.endsWith('.sig')) as string;
    await rm(join(dir, 'seals', statement));
    const opened = await CaseSession.open(dir, PLACE);
    expect(opened.recovered.join()).toContain('has no signature');
    await opened.close();
    expect((await check(dir)).faults).toEqual([]);
  });
});
