import { describe, expect, it } from 'vitest';
import logGaps from '../../../../src/main/analyze/analyzers/log-gaps';
import { analyze, byRule, cited, framed, type Given } from '../kit';

const line = (ms: number) => `${new Date(ms).toISOString()} host app[1]: entry\n`;
const START = Date.parse('2026-11-20T00:00:00Z');

function logOf(times: readonly number[]): Given[] {
  return [
    {
      collector: 'host.auth-log',
      kind: 'frames',
      content: framed('host.auth-log', [
        { name: 'log:1.path', kind: 'output', body: '/var/log/auth.log' },
        { name: 'log:1', body: times.map(line).join('') },
      ]),
    },
  ];
}
const steady = Array.from({ length: 200 }, (_, i) => START + i * 30_000);

describe('holes and backward jumps in logs', () => {
  it('says nothing of a steady log', async () => {
    expect((await analyze(logOf(steady), [logGaps])).findings).toEqual([]);
  });

  it('finds a hole and cites the entries on both sides', async () => {
    const given = logOf(steady.map((time, i) => time + (i >= 150 ? 4 * 3_600_000 : 0)));
    const [found, ...more] = byRule(await analyze(given, [logGaps]), 'logs.hole');
    expect(more).toEqual([]);
    expect(found?.claim).toContain('from 2026-11-20T01:14:30.000Z to 2026-11-20T05:15:00.000Z');
    expect(found && (await cited(given, found))).toEqual([
      '2026-11-20T01:14:30.000Z host app[1]: entry',
      '2026-11-20T05:15:00.000Z host app[1]: entry',
    ]);
  });

  it('finds time that goes backward', async () => {
    const [found] = byRule(await analyze(logOf([...steady, START]), [logGaps]), 'logs.backward');
    expect(found?.claim).toContain('an entry of 2026-11-20T00:00:00.000Z stands after one of');
    expect(found?.cites).toHaveLength(2);
  });
});
