import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { buildIndex } from '../../../../src/main/analyze/index/build';
import { defineIndexer } from '../../../../src/main/analyze/index/indexer';
import { readRows } from '../../../../src/main/analyze/index/query';
import { indexPath, indexState, withIndex } from '../../../../src/main/analyze/index/store';
import { LadingError } from '../../../../src/shared/errors';
import { caseOf } from '../kit';

const MIB = 1 << 20;

/** Writes events until it is stopped. */
const endless = defineIndexer({
  id: 'endless',
  version: '1',
  title: 'Endless',
  accepts: () => true,
  async index(ctx, [exhibit]) {
    for (let n = 0; ; n++) {
      const place = { exhibit: exhibit?.id ?? '', locator: `bytes:${n}+1`, us: n };
      ctx.rows.event({ ...place, precision: 'us', source: 'log', timestamp_desc: 'x', message: `m ${n}`, raw: '' });
      if (n % 1000 === 0) await ctx.pause();
    }
  },
});

describe('the index at its limits', () => {
  it('ends when it is cancelled: the index of before stays, and nothing else', async () => {
    const { dir, records } = await caseOf([{ collector: 'engine.info', content: '{}' }]);
    await buildIndex({ dir, records });
    const before = await stat(indexPath(dir));
    const stop = new AbortController();
    const building = buildIndex({
      dir,
      records,
      indexers: [endless],
      signal: stop.signal,
      progress: ({ rows }) => {
        if (rows >= 50_000) stop.abort(new LadingError('CANCELLED', 'Cancelled by the examiner.'));
      },
    });
    await expect(building).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(join(dir, 'derived'))).toEqual(['index.sqlite']);
    expect((await stat(indexPath(dir))).ino).toBe(before.ino);
    expect(indexState(dir, records).state).toBe('ready');
  });

  it('names JSON of a gigabyte, and a line of a hundred megabytes, and goes on in little memory', async () => {
    const { dir, records } = await caseOf([
      { collector: 'container.inspect', content: '{"Id":"' },
      { collector: 'engine.events', kind: 'jsonl', content: '{"Type":"' },
    ]);
    const sizes = [1024 * MIB, 100 * MIB];
    // holes of a sparse file: zeros that take no disk
    for (const [at, { id, file }] of records.entries()) await truncate(join(dir, 'evidence', id, file), sizes[at]);
    const grown = records.map((record, at) => ({ ...record, bytes: sizes[at] ?? 0 }));
    const { faults } = await buildIndex({ dir, records: grown });
    expect(faults).toBeGreaterThanOrEqual(2);
    const Named = z.object({ exhibit: z.string(), reason: z.string() });
    const named = withIndex(dir, (db) =>
      readRows(db, Named, 'SELECT exhibit, reason FROM faults ORDER BY exhibit, id'),
    );
    expect(new Set(named.map(({ exhibit }) => exhibit))).toEqual(new Set(['E0001', 'E0002']));
    for (const { reason } of named) expect(reason.length).toBeLessThan(600);
  }, 120_000);
});
