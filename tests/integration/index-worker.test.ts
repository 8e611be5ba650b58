import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readRows } from '../../src/main/analyze/index/query';
import { CANCEL, Said } from '../../src/main/analyze/index/run';
import { indexPath, withIndex } from '../../src/main/analyze/index/store';
import { ExhibitRecord } from '../../src/shared/domain';
import { scratch } from '../kit/case';

const BUNDLE = resolve('out/main/index-worker.cjs');
const built = existsSync(BUNDLE);
if (!built) process.stderr.write(`index-worker.test.ts is skipped: ${BUNDLE} is not built (npm run build).\n`);

/** A case of one log of so many lines. */
async function logCase(lines: number): Promise<{ dir: string; records: ExhibitRecord[] }> {
  const dir = await scratch();
  const text = Array.from({ length: lines }, (_, n) =>
    JSON.stringify({ log: `request ${n}\n`, stream: 'stdout', time: new Date(1.7956e12 + n).toISOString() }),
  ).join('\n');
  await mkdir(join(dir, 'evidence', 'E0001'), { recursive: true });
  await writeFile(join(dir, 'evidence', 'E0001', 'x-json.log'), `${text}\n`);
  const time = { local: '2026-11-25T10:00:00.000Z' };
  const record = ExhibitRecord.parse({
    format: 1,
    id: 'E0001',
    file: 'x-json.log',
    kind: 'log',
    title: 'log',
    collector: { id: 'container.log-files', version: '1' },
    tool: { name: 'Lading', version: '0' },
    target: { kind: 'container', id: 'c'.repeat(64), name: 'web' },
    how: { kind: 'composed', note: 'test' },
    started: time,
    finished: time,
    outcome: 'found',
    partial: false,
    bytes: Buffer.byteLength(text) + 1,
    sha256: createHash('sha256').update(`${text}\n`).digest('hex'),
    examiner: 'A. Examiner',
    workstation: 'ws',
  });
  return { dir, records: [record] };
}

/** Starts the bundled thread; gives what it said last before it ended. `at` is told each message. */
function ended(
  data: object,
  at: (said: Said, worker: Worker) => void,
): Promise<{ last: Said | undefined; code: number }> {
  return new Promise((done, failed) => {
    const worker = new Worker(BUNDLE, { workerData: data });
    let last: Said | undefined;
    worker.on('message', (message: unknown) => {
      last = Said.parse(message);
      at(last, worker);
    });
    worker.on('error', failed);
    worker.on('exit', (code) => done({ last, code }));
  });
}

describe.skipIf(!built)('the bundled thread that makes the index', () => {
  it('makes it, and when it is cancelled ends by itself and leaves the index of before', async () => {
    const { dir, records } = await logCase(300_000);
    const whole = await ended({ dir, records }, () => {});
    expect(whole.last?.kind).toBe('done');
    // beside its pieces of text, a row for each line
    const events = withIndex(dir, (db) =>
      readRows(db, z.object({ n: z.number() }), 'SELECT count(*) AS n FROM events'),
    );
    expect(events).toEqual([{ n: 300_000 }]);
    const before = await readFile(indexPath(dir));
    let begun = false;
    const cut = await ended({ dir, records }, (said, worker) => {
      if (said.kind !== 'progress' || said.at.rows === 0 || begun) return;
      begun = true;
      worker.postMessage(CANCEL);
    });
    expect(begun).toBe(true);
    expect(cut).toMatchObject({ last: { kind: 'failed', error: { code: 'CANCELLED' } }, code: 0 });
    expect(await readdir(join(dir, 'derived'))).toEqual(['index.sqlite']);
    expect((await readFile(indexPath(dir))).equals(before)).toBe(true);
  });

  it('says what it was given wrong, and ends', async () => {
    const { last } = await ended({ dir: 7 }, () => {});
    expect(last?.kind).toBe('failed');
  });
});
