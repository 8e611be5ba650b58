import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Collector, defineCollector } from '../../../src/main/collect/collector';
import { makePlan, type PlanHost } from '../../../src/main/collect/plan';
import type { HostFacts, Target } from '../../../src/shared/domain';

const collect = async () => undefined;
const collector = (id: string, rest: Partial<Collector>): Collector =>
  defineCollector({
    id,
    version: '1',
    title: id,
    answers: '',
    how: '',
    scope: 'container',
    volatility: 'process',
    footprint: 'none',
    collect,
    ...rest,
  });

const COLLECTORS = [
  collector('container.export', { volatility: 'file system', footprint: 'engine event' }),
  collector('container.processes', { needs: ['root', 'running'], footprint: 'reads host' }),
  collector('engine.events', { scope: 'host', volatility: 'engine events' }),
  collector('image.inspect', { scope: 'image', volatility: 'image' }),
];

const facts = (root: boolean): HostFacts => ({
  id: 'm',
  address: 'ssh://h',
  transport: 'ssh',
  hostname: 'h',
  os: '',
  kernel: '',
  arch: '',
  user: 'u',
  root,
  capabilities: [
    { need: 'root', ok: root, reason: root ? 'uid 0' : 'You are not root there; connect with --sudo.' },
    { need: 'engine', ok: true, reason: '' },
    { need: 'procfs', ok: true, reason: '' },
  ],
});

const target = (kind: Target['kind'], id: string, rest: Partial<Target> = {}): Target => ({
  kind,
  id,
  name: id,
  aliases: [],
  ...rest,
});
const IMAGE = `sha256:${'1'.repeat(64)}`;
const TARGETS = [
  target('host', 'm'),
  target('container', 'aaaa1111', { name: 'web', state: 'running', aliases: [IMAGE] }),
  target('container', 'aaaa2222', { name: 'old', state: 'exited' }),
  target('image', IMAGE, { name: 'web:1' }),
  target('image', `sha256:${'2'.repeat(64)}`, { name: 'other:1' }),
];
const host = (root = true): PlanHost => ({
  spec: { address: 'ssh://h', sudo: false },
  facts: facts(root),
  targets: TARGETS,
});

describe('a plan', () => {
  it('follows the order of volatility', () => {
    const order = makePlan([host()], COLLECTORS, undefined).items.map((item) => item.collector);
    expect(order[0]).toBe('engine.events');
    expect(order.indexOf('container.processes')).toBeLessThan(order.indexOf('container.export'));
    expect(order.at(-1)).toBe('image.inspect');
  });

  it('says what cannot be done, and why', () => {
    const { items } = makePlan([host(false)], COLLECTORS, undefined);
    const reasons = items.filter((item) => item.collector === 'container.processes').map((item) => item.impossible);
    expect(reasons).toEqual([expect.stringContaining('--sudo'), expect.stringContaining('--sudo')]);
    const stopped = makePlan([host()], COLLECTORS, ['old']).items.find(
      (item) => item.collector === 'container.processes',
    );
    expect(stopped?.impossible).toContain('does not run (exited)');
  });

  it('of two ways to the same takes the better one where it can run, if told so', () => {
    const upper = collector('container.upper', { needs: ['root'], footprint: 'reads host' });
    const ways = [collector('container.export', { standsInFor: () => 'container.upper' }), upper];
    const ids = (root: boolean, all: Collector[], oneWay: boolean) =>
      makePlan([host(root)], all, ['web'], { oneWay }).items.map((item) => item.collector);
    expect(ids(true, ways, true)).toEqual(['container.upper']);
    expect(ids(true, ways, false)).toEqual(['container.export', 'container.upper']);
    expect(ids(false, ways, true)).toEqual(['container.export', 'container.upper']);
    expect(ids(true, ways.slice(0, 1), true)).toEqual(['container.export']);
  });

  it('tells the deepest footprint of what will run', () => {
    expect(makePlan([host()], COLLECTORS, undefined).footprint).toBe('engine event');
    expect(makePlan([host()], COLLECTORS.slice(1), undefined).footprint).toBe('reads host');
    expect(makePlan([host(false)], COLLECTORS.slice(1), undefined).footprint).toBe('none');
  });

  it('takes targets by name, id and prefix, with the image a container was made from', () => {
    for (const word of ['web', 'aaaa1111', 'aaaa1']) {
      const { items } = makePlan([host()], COLLECTORS, [word]);
      expect(items.map((item) => item.target.name)).toEqual(['m', 'web', 'web', 'web:1']);
    }
  });

  it('asks for what a collector needs to be told, and keeps it with the item', () => {
    const files = collector('container.files', { input: z.object({ paths: z.array(z.string()).min(1) }) });
    const plan = (inputs?: Record<string, unknown>) => makePlan([host()], [files], ['web'], { inputs }).items[0];
    expect(plan()?.impossible).toContain('needs to be told: paths');
    expect(plan({ 'container.files': { paths: [] } })?.impossible).toContain('paths');
    const told = plan({ 'container.files': { paths: ['/etc/passwd'] } });
    expect(told).toMatchObject({ input: { paths: ['/etc/passwd'] } });
    expect(told?.impossible).toBeUndefined();
  });

  it('refuses a name that is not there or means several', () => {
    expect(() => makePlan([host()], COLLECTORS, ['nope'])).toThrow('No target is called "nope"');
    expect(() => makePlan([host()], COLLECTORS, ['aaaa'])).toThrow('begins the id of 2 targets');
    expect(() => makePlan([host()], COLLECTORS, ['\u001b[31m'])).toThrow('␛[31m');
  });
});
