import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { resolveCitation } from '../../../../src/main/analyze/cite';
import { buildIndex } from '../../../../src/main/analyze/index/build';
import events from '../../../../src/main/analyze/index/indexers/events';
import logs from '../../../../src/main/analyze/index/indexers/logs';
import { withIndex } from '../../../../src/main/analyze/index/store';
import { fitting } from '../../../../src/main/analyze/timeline/filter';
import { load, openTimeline, type Timeline } from '../../../../src/main/analyze/timeline/open';
import { pageOf, rowsAt } from '../../../../src/main/analyze/timeline/rows';
import { summaryOf } from '../../../../src/main/analyze/timeline/summary';
import type { TimelineFilter } from '../../../../src/shared/contract/timeline';
import type { Entry } from '../../../../src/shared/domain';
import { caseOf, framed, type Given, HOST, WEB } from '../kit';

const EVENT = (id: string, action: string, nanos: string) =>
  `{"Type":"container","Action":"${action}","Actor":{"ID":"${id}","Attributes":{"name":"web","image":"web:1"}},"time":${nanos.slice(0, 10)},"timeNano":${nanos}}\n`;
const AUTH =
  'Nov 25 09:00:00 h sshd[8]: Accepted publickey for root from 10.0.0.9 port 1 ssh2\nNov 25 09:00:05 h x: plain\n';

const GIVEN: Given[] = [
  {
    collector: 'engine.events',
    content: EVENT(WEB.id, 'start', '1795600800123456789') + EVENT(WEB.id, 'exec_create: sh', '1795600801000000000'),
  },
  {
    collector: 'host.auth-log',
    kind: 'frames',
    content: framed('host.auth-log', [
      { name: 'log:1.path', kind: 'output', body: '/var/log/auth.log' },
      { name: 'log:1', body: AUTH },
      { name: 'log:2.path', kind: 'output', body: '/var/log/auth.log.2.gz' },
      { name: 'log:2', body: gzipSync('Nov 24 09:00:00 h sshd[8]: Invalid user eve from 10.0.0.9\n'.repeat(3)) },
      { name: 'log:3.path', kind: 'output', body: '/var/log/auth.log.3.gz' },
      { name: 'log:3', body: Buffer.concat([gzipSync(AUTH).subarray(0, 12), Buffer.alloc(40, 7)]) },
    ]),
  },
  {
    collector: 'container.log-files',
    kind: 'log',
    content:
      '{"log":"10.0.0.5 - - [25/Nov/2026:10:00:02 +0000] \\"GET /x HTTP/1.1\\" 200 5\\n","stream":"stdout","time":"2026-11-25T10:00:02.5Z"}\n',
    target: WEB,
  },
  {
    collector: 'container.logs',
    kind: 'docker log',
    content: '2026-11-25T10:00:02.500000000Z the same\n2026-11-25T10:00:03.000000000Z \u001b[31mlater\n',
  },
];
const ENTRY: Entry = {
  seq: 4,
  time: '2026-11-25T09:30:00.000Z',
  examiner: 'A. Examiner',
  workstation: 'ws',
  action: 'collection.begun',
  subject: 'C1',
  details: {},
  prev: '0'.repeat(64),
  hash: '1'.repeat(64),
};

async function made(given: readonly Given[], offsetMs?: number) {
  const { dir, records } = await caseOf(given);
  const own = records.map((record) => ({ ...record, clockOffsetMs: offsetMs }));
  const built = await buildIndex({ dir, records: own, indexers: [events, logs] });
  const timeline = openTimeline(dir, [ENTRY]);
  const ask = (filter: TimelineFilter, descending = false) =>
    withIndex(dir, (db) => rowsAt(db, timeline, pageOf(fitting(db, timeline, filter), 0, 100, descending)));
  return { dir, built, timeline, ask };
}

describe('the timeline', () => {
  it('puts logs, events and the examiner’s own actions on one axis, each with a place that says so', async () => {
    const { dir, ask, built } = await made(GIVEN);
    const rows = ask({});
    expect(rows.map(({ kind, desc }) => `${kind}: ${desc}`)).toEqual([
      ...Array(3).fill('auth: Login failed'),
      'auth: Login accepted',
      'log: Logged',
      'examiner: Examiner',
      'engine: Engine event: start',
      'engine: Engine event: exec_create',
      'access: Request',
      'log: Logged',
    ]);
    expect(rows.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // the engine's API repeats what its file says: only what came later is told again
    expect(rows.filter(({ message }) => message.includes('the same'))).toEqual([]);
    expect(rows.at(-1)?.message).toContain('␛[31mlater');
    const login = rows[3];
    expect(login).toMatchObject({ time: '2026-11-25T09:00:00.000Z', precision: 's, year assumed, zone assumed' });
    const place = await resolveCitation(dir, { exhibit: login?.exhibit ?? '', locator: login?.locator ?? '' });
    expect(place.bytes?.toString()).toBe(AUTH.split('\n')[0]);
    expect(rows[5]).toMatchObject({ exhibit: null, entry: 4, message: 'collection.begun: C1 (A. Examiner)' });
    expect(rows[6]?.time).toBe('2026-11-25T10:00:00.123456Z');
    // the broken rotation is said
    expect(built.faults).toBeGreaterThan(0);
  });

  it('takes in what the ledger gets meanwhile as if it had been read anew, and a ledger that is another one', async () => {
    const { dir, timeline } = await made(GIVEN);
    const later = (seq: number, time: string): Entry => ({ ...ENTRY, seq, time, hash: String(seq).repeat(64) });
    const rowsOf = (now: Timeline) =>
      withIndex(dir, (db) => rowsAt(db, now, pageOf(fitting(db, now, {}), 0, 100, false)));
    const seen = (entries: Entry[]) => {
      const now = openTimeline(dir, entries);
      return { now, rows: rowsOf(now) };
    };
    expect(openTimeline(dir, [ENTRY])).toBe(timeline);
    const more = [ENTRY, later(5, '2026-11-25T10:00:02.600Z'), later(6, '2026-11-25T09:30:00.000Z')];
    const gone = seen(more);
    expect(gone.now.shapes).toBe(timeline.shapes); // the index was not read again
    expect(gone.rows.filter(({ kind }) => kind === 'examiner').map(({ entry }) => entry)).toEqual([4, 6, 5]);
    expect(gone.rows).toEqual(rowsOf(withIndex(dir, (db) => load(db, more))));
    const other = seen([later(7, '2026-11-25T09:30:00.000Z')]);
    expect(other.rows.filter(({ kind }) => kind === 'examiner').map(({ entry }) => entry)).toEqual([7]);
  });

  it('corrects by the clock’s offset and keeps what the evidence says', async () => {
    const { ask } = await made(GIVEN, 90_000);
    const [start] = ask({ kinds: ['engine'] });
    expect(start).toMatchObject({
      time: '2026-11-25T09:58:30.123456Z',
      raw: '1795600800123456789',
      offsetMs: 90_000,
    });
  });

  it('filters by time, kind, target, host and text, and counts the same', async () => {
    const { dir, timeline, ask } = await made(GIVEN);
    const filters: [TimelineFilter, number][] = [
      [{ from: '2026-11-25T10:00:00Z' }, 4],
      [{ to: '2026-11-25T09:00:00.000Z' }, 3],
      [{ from: '2026-11-25T09:00:00Z', to: '2026-11-25T09:00:05.000Z' }, 1],
      [{ kinds: ['auth', 'examiner'] }, 5],
      [{ kinds: [] }, 0],
      [{ targets: [WEB.id] }, 4],
      [{ targets: [HOST.id] }, 5],
      [{ hosts: ['host-1'] }, 9],
      [{ hosts: ['nobody'] }, 0],
      [{ text: 'INVALID user' }, 3],
      [{ text: '"; DROP TABLE texts; --' }, 0],
      [{ text: '%' }, 0],
      [{ text: 'c1' }, 1],
      [{ text: 'exec_create', targets: [WEB.id], kinds: ['engine'] }, 1],
    ];
    for (const [filter, count] of filters) {
      expect([filter, ask(filter).length]).toEqual([filter, count]);
      const summary = withIndex(dir, (db) => summaryOf(db, timeline, filter, 50));
      expect(summary.total).toBe(count);
      expect(summary.buckets.reduce((sum, { total }) => sum + total, 0)).toBe(count);
      expect(summary.buckets.length).toBeLessThanOrEqual(50);
    }
    const summary = withIndex(dir, (db) => summaryOf(db, timeline, { kinds: ['engine'] }, 50));
    expect(summary.kinds.find(({ kind }) => kind === 'auth')?.count).toBe(4);
    expect(ask({}, true).map(({ n }) => n)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it('is the same twice', async () => {
    const [one, two] = [await made(GIVEN), await made(GIVEN)];
    expect(one.ask({})).toEqual(two.ask({}));
  });
});
