import { rmSync, statSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CaseSession } from '../../../src/main/cases/session';
import { LadingError } from '../../../src/shared/errors';
import { newCase, PLACE } from '../../kit/case';
import { bring, file, folder, verified } from './bring';
import { dataRoot, filesTar } from './kit';

describe('an import', () => {
  it('stores a file whole, says where it came from, and tells the ledger before and after', async () => {
    const session = await newCase();
    const path = await file('capture.pcap', Buffer.concat([Buffer.from('d4c3b2a1', 'hex'), Buffer.alloc(3000, 5)]));
    const before = statSync(path, { bigint: true });
    const result = await bring(session, [path], { from: 'handed over by A. Admin, 25 November, on a stick' });
    expect(result).toMatchObject({ exhibits: 1, referred: 0, partial: 0, failed: 0, bytes: 3004 });
    const [item] = result.items;
    expect(item).toMatchObject({ state: 'stored', kind: 'pcap', exhibit: 'E0001', members: 0, notes: [] });
    const record = await session.record('E0001');
    expect(record).toMatchObject({
      file: 'capture.pcap',
      kind: 'pcap',
      collector: { id: 'import.pcap' },
      collection: result.import,
      target: { kind: 'host', name: 'capture.pcap' },
      partial: false,
      how: { kind: 'import', from: 'handed over by A. Admin, 25 November, on a stick' },
    });
    expect(record.host).toBeUndefined();
    const note = record.how.kind === 'import' ? record.how.note : '';
    expect(note).toContain(`Original: ${path}.`);
    expect(note).toContain(new Date(Number(before.mtimeMs)).toISOString());
    expect(note).toContain(record.sha256);
    const after = statSync(path, { bigint: true });
    expect([after.mtimeNs, after.ctimeNs, after.size]).toEqual([before.mtimeNs, before.ctimeNs, before.size]);
    const entries = await session.entries(0, 100);
    expect(entries.map(({ action }) => action)).toEqual([
      'case.opened',
      'import.begun',
      'exhibit.stored',
      'import.ended',
    ]);
    expect(entries[3]?.details).toMatchObject({ state: 'done', exhibits: 1 });
    expect(await verified(session)).toEqual([]);
  });

  it('refers to bytes that the case has already, whatever their name', async () => {
    const session = await newCase();
    const bytes = filesTar({ 'x.txt': 'x' });
    await bring(session, [await file('one.tar', bytes)]);
    const again = await bring(session, [await file('two.tar', bytes)]);
    expect(again).toMatchObject({ exhibits: 0, referred: 1 });
    expect(again.items[0]).toMatchObject({ state: 'in the case already', exhibit: 'E0001' });
    expect(session.data.exhibits).toHaveLength(1);
    expect(
      (await session.entries(0, 100)).some(
        ({ action, subject }) => action === 'exhibit.referred' && subject === 'E0001',
      ),
    ).toBe(true);
    const root = await folder(dataRoot());
    const first = await bring(session, [root]);
    expect(first.items[0]?.state).toBe('stored');
    const count = session.data.exhibits.length;
    expect((await bring(session, [root])).items[0]).toMatchObject({ state: 'in the case already', exhibit: 'E0002' });
    expect(session.data.exhibits).toHaveLength(count);
    await writeFile(join(root, 'engine-id'), 'another-engine');
    expect((await bring(session, [root])).items[0]?.state).toBe('stored');
    expect(await verified(session)).toEqual([]);
  });

  it('takes what the examiner says, beside what the content says', async () => {
    const session = await newCase();
    const raw = await file('ram.raw', Buffer.alloc(5000, 3));
    const plain = await bring(session, [raw]);
    expect(plain.items[0]).toMatchObject({ kind: 'binary', why: 'nothing in it is of a kind that Lading knows' });
    const other = await file('ram2.raw', Buffer.alloc(5000, 4));
    const said = await bring(session, [other], { kind: 'memory' });
    expect(said.items[0]?.why).toBe(
      'the examiner says so; by its content: nothing in it is of a kind that Lading knows',
    );
    expect(await session.record('E0002')).toMatchObject({ collector: { id: 'import.memory' }, kind: 'binary' });
    await bring(session, [await file('no.tar', 'words')], { kind: 'data-root' });
    expect(await session.record('E0003')).toMatchObject({ collector: { id: 'import.data-root' }, kind: 'binary' });
  });

  it('ends one that cannot be read alone, and never makes an empty exhibit', async () => {
    const session = await newCase();
    const here = await file('here.txt', 'text');
    const away = join(dirname(here), 'away');
    const link = join(dirname(here), 'link');
    await symlink(here, link);
    const empty = await file('empty', '');
    const result = await bring(session, [
      away,
      empty,
      '/dev/null',
      session.dir,
      dirname(session.dir),
      join(session.dir, 'ledger.jsonl'),
      here,
      link,
    ]);
    expect(result).toMatchObject({ exhibits: 1, failed: 6, referred: 1 });
    const notes = result.items.map((item) => item.notes.join(' '));
    expect(notes[0]).toMatch(/is not there/);
    expect(notes[1]).toMatch(/is empty/);
    expect(notes[2]).toMatch(/neither a file nor a folder/);
    for (const i of [3, 4, 5]) expect(notes[i]).toMatch(/case folder/);
    expect(result.items[7]).toMatchObject({
      state: 'in the case already',
      notes: [expect.stringContaining('leads to')],
    });
    expect(session.data.exhibits).toHaveLength(1);
    expect(await verified(session)).toEqual([]);
  });

  it('keeps what arrived when it is cancelled', async () => {
    const session = await newCase();
    const path = await file('big.raw', Buffer.alloc(40 << 20, 1));
    const cancel = new AbortController();
    let bytes = 0;
    const stop = new LadingError('CANCELLED', 'Cancelled by the examiner.');
    const ending = bring(session, [path, await file('next', 'x')], {
      signal: cancel.signal,
      onBytes: (more) => {
        bytes += more;
        if (bytes > 4 << 20) cancel.abort(stop);
      },
    });
    await expect(ending).rejects.toMatchObject({ code: 'CANCELLED' });
    const [exhibit] = session.data.exhibits;
    expect(exhibit).toMatchObject({ partial: true, reason: expect.stringContaining('Cancelled') });
    expect(exhibit?.bytes).toBeGreaterThan(3 << 20);
    expect(exhibit?.bytes).toBeLessThan(40 << 20);
    const end = (await session.entries(0, 100)).at(-1);
    expect(end).toMatchObject({ action: 'import.ended', details: { state: 'cancelled', exhibits: 1 } });
    expect(await verified(session)).toEqual([]);
  });

  it('notes a file that changes between its first and its second reading', async () => {
    const session = await newCase();
    const path = await file('live.log', 'first words\n'.repeat(100));
    const result = await bring(session, [path], {
      onItem: (_key, { note }) => {
        if (note?.startsWith('binary')) rmSync(path, { force: true });
      },
    });
    // the file went away after it had been looked at
    expect(result.items[0]).toMatchObject({ state: 'failed' });
    const again = await file('live2.log', 'first words\n'.repeat(100));
    const { writeFileSync } = await import('node:fs');
    const other = await bring(session, [again], {
      onItem: (_key, { note }) => {
        if (note?.startsWith('binary')) writeFileSync(again, 'other words\n'.repeat(100));
      },
    });
    expect(other.items[0]).toMatchObject({ state: 'partial' });
    expect(other.items[0]?.notes.join(' ')).toMatch(/changed while it was imported/);
    expect(session.data.exhibits.at(-1)).toMatchObject({ partial: true });
    expect(await verified(session)).toEqual([]);
  });

  it('leaves a case whole that was cut off in the middle', async () => {
    const session = await newCase();
    await bring(session, [await file('a', 'whole')]);
    await session.append('import.begun', 'I99', { paths: ['/x'] });
    // as a crash leaves it: an exhibit that had begun, without its record
    const dir = join(session.dir, 'evidence', 'E0002');
    await session.close();
    await mkdir(dir);
    const record = JSON.parse(await readFile(join(session.dir, 'evidence', 'E0001', 'exhibit.json'), 'utf8'));
    await writeFile(join(dir, 'begun.json'), JSON.stringify({ ...record, id: 'E0002', collection: 'I99' }));
    await writeFile(join(dir, 'a'), 'half');
    const opened = await CaseSession.open(session.dir, PLACE);
    expect(opened.recovered.join(' ')).toContain('Import I99 was cut off; 1 exhibits of it are kept.');
    expect(opened.data.exhibits.at(-1)).toMatchObject({ id: 'E0002', partial: true });
    expect(await verified(opened)).toEqual([]);
    const third = await CaseSession.open(session.dir, PLACE);
    expect(third.recovered).toEqual([]);
    await third.close();
  });
});
