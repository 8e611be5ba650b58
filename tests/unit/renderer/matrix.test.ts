import { describe, expect, it } from 'vitest';
import { makeMatrix } from '../../../src/renderer/features/overview/matrix';
import type { CollectorInfo, ExhibitSummary, Miss, Target, Task } from '../../../src/shared/domain';

const collector = (
  id: string,
  scope: CollectorInfo['scope'],
  volatility: CollectorInfo['volatility'],
): CollectorInfo => ({
  id,
  version: '1',
  title: id,
  answers: '',
  replaces: [],
  scope,
  volatility,
  footprint: 'none',
  how: '',
  needs: [],
});
const catalogue = [
  collector('engine.events', 'host', 'engine events'),
  collector('container.processes', 'container', 'process'),
  collector('container.sockets', 'container', 'network'),
  collector('container.changes', 'container', 'file system'),
  collector('container.export', 'container', 'file system'),
  collector('image.history', 'image', 'image'),
];
const hosts = [{ id: 'machine-1', address: 'ssh://h', hostname: 'h' }];
const web = { kind: 'container' as const, id: 'aa', name: 'web' };

function exhibit(id: string, by: string, target: ExhibitSummary['target'] = web, partial = false): ExhibitSummary {
  const at = { local: '2026-11-25T00:00:00.000Z' };
  return {
    id,
    file: 'x',
    kind: 'json',
    title: id,
    collector: { id: by, version: '1' },
    host: { id: 'machine-1', address: 'ssh://h', hostname: 'h' },
    target,
    outcome: 'found',
    partial,
    bytes: 1,
    sha256: '0'.repeat(64),
    started: at,
    finished: at,
    recordSha256: '0'.repeat(64),
  };
}
const miss = (by: string, outcome: Miss['outcome'], target = web): Miss => ({
  collection: 'C1',
  collector: by,
  host: 'ssh://h',
  target,
  outcome,
  reason: 'because',
});

function matrix(some: { exhibits?: ExhibitSummary[]; misses?: Miss[]; targets?: Target[]; running?: Task }) {
  return makeMatrix({
    exhibits: some.exhibits ?? [],
    misses: some.misses ?? [],
    catalogue,
    hosts,
    listed: some.targets ? [{ hostId: 'machine-1', address: 'ssh://h', hostname: 'h', targets: some.targets }] : [],
    running: some.running,
  });
}
const stateOf = (made: ReturnType<typeof matrix>, column: 'process' | 'network' | 'file system') =>
  made.rows.find((row) => row.target.id === 'aa')?.cells.get(column)?.state;

describe('makeMatrix', () => {
  it('has columns in the order of volatility, and none for what is not taken of hosts or containers', () => {
    expect(matrix({}).columns).toEqual(['engine events', 'process', 'network', 'file system']);
  });

  it('tells taken, partial, could not, nothing there and not taken apart', () => {
    const made = matrix({
      exhibits: [exhibit('E0001', 'container.processes')],
      misses: [miss('container.sockets', 'denied')],
      targets: [{ ...web, aliases: [] }],
    });
    expect(stateOf(made, 'process')).toBe('done');
    expect(stateOf(made, 'network')).toBe('miss');
    expect(stateOf(made, 'file system')).toBe('open');
    expect(stateOf(matrix({ misses: [miss('container.sockets', 'none')] }), 'network')).toBe('nothing');
    expect(stateOf(matrix({ exhibits: [exhibit('E0001', 'container.processes', web, true)] }), 'process')).toBe(
      'partial',
    );
    expect(
      stateOf(
        matrix({ exhibits: [exhibit('E0001', 'container.changes')], misses: [miss('container.export', 'denied')] }),
        'file system',
      ),
    ).toBe('partial');
  });

  it('counts what was taken at a second try as taken', () => {
    const made = matrix({
      exhibits: [exhibit('E0001', 'container.processes', web, true), exhibit('E0002', 'container.processes')],
      misses: [miss('container.processes', 'unreadable')],
    });
    expect(stateOf(made, 'process')).toBe('done');
  });

  it('joins what a miss calls by address with what an exhibit calls by machine id', () => {
    const made = matrix({
      exhibits: [exhibit('E0001', 'container.processes')],
      misses: [miss('container.sockets', 'denied')],
    });
    expect(made.rows).toHaveLength(1);
  });

  it('keeps containers of one name apart, and shows one never collected from', () => {
    const twin = { kind: 'container' as const, id: 'bb', name: 'web' };
    const made = matrix({
      exhibits: [exhibit('E0001', 'container.processes')],
      targets: [{ ...twin, state: 'exited', aliases: [] }],
    });
    expect(made.rows.map((row) => row.target.id).sort()).toEqual(['aa', 'bb']);
    const never = made.rows.find((row) => row.target.id === 'bb');
    expect(never?.state).toBe('exited');
    expect(never?.cells.get('process')?.untouched).toEqual(['container.processes']);
  });

  it('shows what is under way', () => {
    const running: Task = {
      id: 't',
      kind: 'collect',
      title: '',
      case: '/c',
      state: 'running',
      begun: '2026-11-25T00:00:00.000Z',
      done: 0,
      bytes: 0,
      items: [{ key: 'ssh://h container.sockets container:aa', label: '', state: 'running', bytes: 0 }],
    };
    const made = matrix({ targets: [{ ...web, aliases: [] }], running });
    expect(stateOf(made, 'network')).toBe('running');
    expect(stateOf(made, 'process')).toBe('open');
  });
});
