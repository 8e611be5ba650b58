import { describe, expect, it } from 'vitest';
import { buildIndex } from '../../../../src/main/analyze/index/build';
import logs from '../../../../src/main/analyze/index/indexers/logs';
import { withIndex } from '../../../../src/main/analyze/index/store';
import { fitting } from '../../../../src/main/analyze/timeline/filter';
import { openTimeline } from '../../../../src/main/analyze/timeline/open';
import { pageOf, rowsAt } from '../../../../src/main/analyze/timeline/rows';
import { caseOf, framed } from '../kit';

const LINES = ['one', 'two', 'two', 'three', 'four'].map(
  (word, n) => `Nov 25 09:00:0${n === 2 ? 1 : n} h x: ${word}\n`,
);
const [ONE = '', TWO = '', , THREE = '', FOUR = ''] = LINES;

/** The rows of logs that were collected one after the other, oldest first. */
async function told(collections: readonly Record<string, string>[], date = '2026-11-25T10:00:00+0000 UTC') {
  const { dir, records } = await caseOf(
    collections.flatMap((files) => [
      {
        collector: 'host.clock',
        kind: 'frames',
        content: framed('host.clock', [{ name: 'date.local', kind: 'output', body: `${date}\n` }]),
      },
      {
        collector: 'host.auth-log',
        kind: 'frames',
        content: framed(
          'host.auth-log',
          Object.entries(files).flatMap(([path, body], n) => [
            { name: `log:${n}.path`, kind: 'output', body: path },
            { name: `log:${n}`, body },
          ]),
        ),
      },
    ]),
  );
  const own = records.map((record, n) => ({ ...record, collection: `C${Math.floor(n / 2) + 1}` }));
  await buildIndex({ dir, records: own, indexers: [logs] });
  const timeline = openTimeline(dir, []);
  const rows = withIndex(dir, (db) => rowsAt(db, timeline, pageOf(fitting(db, timeline, {}), 0, 100, false)));
  return rows.map(({ exhibit, message, time }) => ({ exhibit, message: message.replace(/^.*: /, ''), time }));
}

const words = (rows: readonly { exhibit: string | null; message: string }[]) =>
  rows.map(({ exhibit, message }) => `${exhibit} ${message}`);

describe('a log that was collected twice', () => {
  it('is told from the newest', async () => {
    const path = '/var/log/auth.log';
    const rows = await told([{ [path]: LINES.slice(0, 3).join('') }, { [path]: LINES.join('') }]);
    expect(words(rows)).toEqual(['E0004 one', 'E0004 two', 'E0004 two', 'E0004 three', 'E0004 four']);
  });

  it('keeps of the older what the newer lacks: cut off, taken out, or gone altogether', async () => {
    const path = '/var/log/auth.log';
    expect(words(await told([{ [path]: ONE + TWO + THREE }, { [path]: TWO + FOUR }]))).toEqual([
      'E0002 one',
      'E0004 two',
      'E0002 three',
      'E0004 four',
    ]);
    expect(words(await told([{ [path]: ONE, '/var/log/secure': TWO }, { [path]: ONE }]))).toEqual([
      'E0004 one',
      'E0002 two',
    ]);
    expect(words(await told([{ [path]: ONE }, { [path]: TWO }, { [path]: ONE + FOUR }]))).toEqual([
      'E0006 one',
      'E0004 two',
      'E0006 four',
    ]);
  });

  it('knows a log by another name after it was rotated, and not another log', async () => {
    const rotated = await told([
      { '/var/log/auth.log': ONE + TWO },
      { '/var/log/auth.log': FOUR, '/var/log/auth.log.1': ONE + TWO + THREE },
    ]);
    expect(words(rotated)).toEqual(['E0004 one', 'E0004 two', 'E0004 three', 'E0004 four']);
    const other = await told([{ '/var/log/auth.log': ONE }, { '/var/log/secure': ONE }]);
    expect(words(other)).toHaveLength(2);
  });

  it('reads times without a zone in the zone that the host said', async () => {
    const [row] = await told([{ '/var/log/auth.log': ONE }], '2026-11-25T11:00:00+0130 XST');
    expect(row?.time).toBe('2026-11-25T07:30:00.000Z');
    const [odd] = await told([{ '/var/log/auth.log': ONE }], '2026-11-25T11:00:00+9999 \u001b[31m');
    expect(odd?.time).toBe('2026-11-25T09:00:00.000Z');
  });
});
