import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TimelineRow, TimelineSummary } from '../../../src/shared/contract/timeline';
import { HASH, run } from './kit';

const WEB = { kind: 'container' as const, id: 'c'.repeat(64), name: 'web' };
const NO = '\u001b[31m';

function row(n: number, message = `message ${n}`): TimelineRow {
  return {
    n,
    time: '2026-11-25T10:00:00.000Z',
    precision: 'ms',
    kind: 'log',
    desc: 'Logged',
    message,
    raw: '2026-11-25T10:00:01.000Z',
    offsetMs: 1000,
    target: WEB,
    exhibit: 'E0001',
    locator: 'bytes:0+9',
    entry: null,
  };
}

function summary(total: number, stale: string[] = []): TimelineSummary {
  return {
    all: total,
    total,
    first: null,
    last: null,
    widthMs: 1,
    buckets: [],
    kinds: [],
    targets: [{ target: WEB, count: total }],
    hosts: [{ id: 'host-1', name: 'shop', offsetMs: 0 }],
    stale,
  };
}

const READY = { state: 'ready', reasons: [], task: null };
/** A timeline of so many rows, given page by page as the core does. */
const handlers = (total: number, message?: string) => ({
  'evidence.prepare': () => READY,
  'timeline.summary': () => summary(total),
  'timeline.rows': ({ offset, limit }: { offset: number; limit: number }) => ({
    rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => row(offset + i, message)),
    total,
  }),
});

describe('timeline', () => {
  it('prints every row as a JSON line, in as many calls as it takes', async () => {
    const { code, out, calls } = await run(['timeline', 'c', '--json'], handlers(4500));
    expect(code).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(4500);
    expect(JSON.parse(lines[4499] ?? '')).toMatchObject({
      datetime: '2026-11-25T10:00:00.000Z',
      timestamp_desc: 'Logged',
      message: 'message 4499',
      source: 'log',
      target: 'container web',
      exhibit: 'E0001',
      locator: 'bytes:0+9',
      clock_offset_ms: 1000,
    });
    expect(calls.filter(({ call }) => call === 'timeline.rows')).toHaveLength(3);
  });

  it('stops at the limit and says how many there are', async () => {
    const { out, err } = await run(['timeline', 'c', '--json', '--limit', '3'], handlers(10));
    expect(out.trimEnd().split('\n')).toHaveLength(3);
    expect(err).toContain('3 of 10 rows');
  });

  it('makes the filter of names, and refuses one that is not there', async () => {
    const { calls } = await run(
      ['timeline', 'c', '--target', 'web', '--host', 'shop', '--kind', 'log', '--kind', 'auth', '--from', '2026-11-25'],
      handlers(1),
    );
    expect(calls.findLast(({ call }) => call === 'timeline.rows')?.input).toMatchObject({
      filter: { targets: [WEB.id], hosts: ['host-1'], kinds: ['log', 'auth'], from: '2026-11-25T00:00:00.000Z' },
    });
    for (const argv of [
      ['--target', 'nobody'],
      ['--host', 'nobody'],
      ['--kind', 'nothing'],
      ['--from', 'yesterday'],
      ['--from', '2026-11-25T10:00:00'],
      ['--limit', '0'],
    ]) {
      expect([argv, (await run(['timeline', 'c', ...argv], handlers(1))).code]).toEqual([argv, 2]);
    }
  });

  it('is harmless to a terminal and to a spreadsheet', async () => {
    const evil = `=cmd()${NO}\u202e`;
    for (const how of [[], ['--json'], ['--csv']]) {
      const { out } = await run(['timeline', 'c', ...how], handlers(1, evil));
      expect(out).not.toMatch(/[\u001b\u202e]/);
      if (how[0] === '--csv') expect(out).toContain(`"'=cmd()`);
    }
  });
});

describe('export', () => {
  const written = { path: resolve('t.csv'), sha256: HASH, bytes: 7, rows: 1 };

  it('has the core write the file, and prints its hash as sha256sum does', async () => {
    const { code, out, err, calls } = await run(
      ['export', 'c', '--format', 'csv', '--out', 't.csv', '--text', 'x', '--reason', 'asked for'],
      { ...handlers(1), 'timeline.export': () => written },
    );
    expect(code).toBe(0);
    expect(out).toBe(`${HASH}  ${resolve('t.csv')}\n`);
    expect(err).toContain('1 rows, 7 bytes');
    expect(calls.find(({ call }) => call === 'timeline.export')?.input).toMatchObject({
      format: 'csv',
      to: resolve('t.csv'),
      reason: 'asked for',
      filter: { text: 'x' },
    });
  });

  it.each([
    [['--format', 'xml', '--out', 'x']],
    [['--format', 'csv']],
    [['--format', 'bodyfile', '--out', 'x', '--text', 'y']],
    [['--format', 'bodyfile', '--out', 'x', '--from', '2026-11-25']],
  ])('%j is wrong usage and writes nothing', async (argv) => {
    const { code, calls } = await run(['export', 'c', ...argv], handlers(1));
    expect(code).toBe(2);
    expect(calls.map(({ call }) => call)).not.toContain('timeline.export');
  });
});
