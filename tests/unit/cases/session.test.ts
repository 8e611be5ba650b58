import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { project } from '../../../src/main/cases/project';
import { CaseSession } from '../../../src/main/cases/session';
import type { Entry } from '../../../src/shared/domain';
import { newCase, PLACE, scratch, store, WEB } from '../../kit/case';

async function entries(session: CaseSession): Promise<Entry[]> {
  return session.entries(0, session.entryCount);
}

describe('a case', () => {
  it('is refused where there is something already, and nothing there is touched', async () => {
    const dir = await scratch();
    await writeFile(join(dir, 'mine.txt'), 'mine');
    const input = { path: dir, number: '1', title: 't', examiner: 'e' };
    await expect(CaseSession.create(input, PLACE)).rejects.toMatchObject({ code: 'CASE_EXISTS' });
    expect(await readFile(join(dir, 'mine.txt'), 'utf8')).toBe('mine');
    const there = await newCase();
    await expect(CaseSession.create({ ...input, path: there.dir }, PLACE)).rejects.toMatchObject({
      code: 'CASE_EXISTS',
    });
    await there.close();
  });

  it('says the same after it was closed, and case.json is what the ledger says', async () => {
    const session = await newCase();
    await store(session, 'a.txt', 'alpha');
    await session.append('finding.judged', 'F1', { status: 'confirmed', reason: 'seen', title: 'x' });
    await session.append('custody.handed over', session.data.id, {
      from: 'A. Examiner',
      to: 'B. Other',
      reason: 'leave',
    });
    await session.append('report.texts', session.data.id, { texts: { opinion: 'None.' } });
    const before = structuredClone(session.data);
    await session.close();
    const stored = JSON.parse(await readFile(join(session.dir, 'case.json'), 'utf8'));
    expect(stored).toEqual(JSON.parse(JSON.stringify(before)));
    await rm(join(session.dir, 'case.json'));
    const again = await CaseSession.open(session.dir, PLACE);
    expect(again.data).toEqual(before);
    expect(again.data.examiner).toBe('B. Other');
    expect(project(await entries(again))).toEqual(again.data);
    const next = await again.append('report.texts', again.data.id, { texts: {} });
    expect(next.examiner).toBe('B. Other');
    await again.close();
  });

  it('is opened for reading while another writes it, says who, and refuses entries', async () => {
    const session = await newCase();
    await store(session, 'a.txt', 'alpha');
    const reader = await CaseSession.open(session.dir, PLACE);
    expect(reader.readOnly).toContain(`process ${process.pid}`);
    expect(reader.data.exhibits).toHaveLength(1);
    await expect(reader.append('report.texts', 'x', { texts: {} })).rejects.toMatchObject({ code: 'CASE_READ_ONLY' });
    await reader.close();
    await session.append('report.texts', 'x', { texts: {} });
    await session.close();
  });

  it('is not found where there is no ledger', async () => {
    await expect(CaseSession.open(await scratch(), PLACE)).rejects.toMatchObject({ code: 'CASE_NOT_FOUND' });
  });

  it('keeps a note and its correction as versions', async () => {
    const session = await newCase();
    const note = { id: 'N1', version: 1, text: 'first', time: new Date().toISOString(), examiner: 'e' };
    await session.append('note.saved', 'N1', { note });
    await session.append('note.saved', 'N1', { note: { ...note, version: 2, text: 'second' } });
    expect(session.data.notes).toEqual([{ id: 'N1', versions: [note, { ...note, version: 2, text: 'second' }] }]);
    await session.close();
  });

  it('lists what a plan could not do as misses, with the reason', async () => {
    const session = await newCase();
    const item = {
      key: 'k',
      host: 'h',
      collector: 'c',
      target: WEB,
      footprint: 'none' as const,
      impossible: 'No root.',
    };
    await session.append('collection.begun', 'C1', { hosts: ['h'], plan: [item] });
    expect(session.data.collections[0]?.misses).toMatchObject([
      { collector: 'c', outcome: 'not applicable', reason: 'No root.' },
    ]);
    await session.close();
  });

  it('gives one number to one thing when many are asked for at once', async () => {
    const session = await newCase();
    let last = 0;
    const numbers = await Promise.all(
      Array.from({ length: 20 }, () =>
        session.exclusive(async () => {
          const number = last + 1;
          await session.append('report.texts', 'x', { texts: {} });
          last = number;
          return number;
        }),
      ),
    );
    expect(new Set(numbers).size).toBe(20);
    await session.close();
  });
});
