import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/shared/domain';
import { LadingError } from '../../../src/shared/errors';
import { exhibit, facts, fakeIo, type Handlers, run, states, task } from './kit';

const item = (state: Task['items'][number]['state'], key: string = state) => ({
  key,
  label: `Item ${key}`,
  state,
  bytes: 10,
});
const result = (exhibits: number, partial = 0) => ({ collection: 'C1', exhibits, partial, misses: 0, bytes: 10 });

function handlers(ended: Task, more: Handlers = {}): Handlers {
  return {
    'hosts.connect': () => facts,
    'collect.start': () => ({ task: 't1' }),
    'tasks.watch': () => states(task({ state: 'running', items: [item('running', 'a')] }), ended),
    ...more,
  };
}

describe('collect', () => {
  it('takes several hosts, and says what it did as JSON', async () => {
    const argv = [
      'collect',
      'c',
      '--host',
      'a',
      '--host',
      'b',
      '--host',
      'a',
      '--target',
      'web',
      '--reason',
      'R',
      '--json',
    ];
    const got = await run(argv, handlers(task({ result: result(2), items: [item('done')] })));
    expect(got.code).toBe(0);
    expect(JSON.parse(got.out)).toMatchObject({ collection: 'C1', state: 'done', exhibits: 2, partial: 0 });
    expect(got.calls.filter((c) => c.call === 'hosts.connect')).toHaveLength(2);
    expect(got.calls.find((c) => c.call === 'collect.start')?.input).toMatchObject({
      hosts: [{ address: 'a' }, { address: 'b' }],
      targets: ['web'],
      reason: 'R',
      acceptFootprint: false,
    });
    expect(got.err).toContain('done      Item done  10 B');
  });

  it.each([
    ['an item failed', task({ result: result(1), items: [item('done'), item('failed')] })],
    ['a part is missing', task({ result: result(1, 1), items: [item('partial')] })],
    ['nothing was collected', task({ result: result(0), items: [item('none')] })],
    ['the task failed', task({ state: 'failed', error: { code: 'DISK_FULL', message: 'Full.' } })],
    ['it was cancelled', task({ state: 'cancelled' })],
  ])('ends with 1 when %s', async (_why, ended) => {
    expect((await run(['collect', 'c', '--host', 'a'], handlers(ended))).code).toBe(1);
  });

  it('prints the outcome of a cancelled collection too: what arrived is in the case', async () => {
    const ended = task({ state: 'cancelled', items: [item('done'), item('cancelled')] });
    const got = await run(['collect', 'c', '--host', 'a', '--json'], handlers(ended));
    expect(JSON.parse(got.out)).toMatchObject({ state: 'cancelled', exhibits: 1 });
  });

  const reaches =
    (...reached: string[]) =>
    ({ host }: { host: { address: string } }) => {
      if (reached.includes(host.address)) return facts;
      throw new LadingError('HOST_UNREACHABLE', `${host.address} does not answer.`);
    };
  const three = ['collect', 'c', '--host', 'a', '--host', 'b', '--host', 'c'];

  it('does not let a dead host keep the others: takes from them, names it before and after, and ends with 1', async () => {
    const ended = task({ result: result(1), items: [item('done')] });
    const got = await run([...three, '--json'], { ...handlers(ended), 'hosts.connect': reaches('a', 'c') });
    expect(got.code).toBe(1);
    expect(got.calls.find((c) => c.call === 'collect.start')?.input).toMatchObject({
      hosts: [{ address: 'a' }, { address: 'c' }],
    });
    expect(got.err.match(/NOT REACHED.*\n {2}b: b does not answer\./g)).toHaveLength(2);
    expect(JSON.parse(got.out).unreached).toEqual([{ host: 'b', message: 'b does not answer.' }]);
  });

  it('names every host where none was reached, and collects nothing', async () => {
    const got = await run(three, { ...handlers(task()), 'hosts.connect': reaches() });
    expect(got.code).toBe(1);
    expect(got.err).toContain('a does not answer.\nb does not answer.\nc does not answer.');
    expect(got.calls.map((c) => c.call)).not.toContain('collect.start');
  });

  it('leaves collectors out, and tells others what they need', async () => {
    const argv = [
      'collect',
      'c',
      '--host',
      'a',
      '--profile',
      'mine',
      '--without',
      'engine.info',
      '--without',
      'host.clock',
    ];
    const told = ['--input', 'container.files={"paths":["/etc/a=b"]}'];
    const got = await run([...argv, ...told], handlers(task({ result: result(1), items: [item('done')] })));
    expect(got.calls.find((c) => c.call === 'collect.start')?.input).toMatchObject({
      profile: 'mine',
      without: ['engine.info', 'host.clock'],
      inputs: { 'container.files': { paths: ['/etc/a=b'] } },
    });
    for (const bad of ['container.files', '={}', 'container.files={']) {
      const refused = await run([...argv, '--input', bad], handlers(task()));
      expect([refused.code, refused.calls.length]).toEqual([2, 0]);
    }
  });

  describe('beyond reading', () => {
    const refuse = ({ acceptFootprint }: { acceptFootprint: boolean }) => {
      if (acceptFootprint) return { task: 't1' };
      throw new LadingError('BAD_INPUT', 'Beyond reading.', { details: { footprint: 'engine event' } });
    };
    const plan = () => ({
      items: [
        {
          key: 'k',
          host: 'a',
          collector: 'container.export',
          title: 'Export',
          target: exhibit.target,
          volatility: 'file system',
          footprint: 'engine event',
          replaces: [],
          needs: [],
        },
      ],
      footprint: 'engine event',
    });
    const deep = handlers(task({ result: result(1), items: [item('done')] }), {
      'collect.start': refuse,
      'collect.plan': plan,
    });
    const starts = (got: { calls: { call: string; input: unknown }[] }) =>
      got.calls
        .filter((c) => c.call === 'collect.start')
        .map((c) => (c.input as { acceptFootprint: boolean }).acceptFootprint);

    it('needs --yes where nobody can be asked', async () => {
      const got = await run(['collect', 'c', '--host', 'a'], deep);
      expect(got.code).toBe(2);
      expect(got.err).toContain('engine event: Export');
      expect(got.err).toContain('--yes');
      expect(starts(got)).toEqual([false]);
      expect(starts(await run(['collect', 'c', '--host', 'a', '--yes'], deep))).toEqual([true]);
    });

    it('asks a person, and takes only yes', async () => {
      const yes = await run(['collect', 'c', '--host', 'a'], deep, fakeIo({ answers: ['yes'] }));
      expect(yes.code).toBe(0);
      expect(starts(yes)).toEqual([false, true]);
      const no = await run(['collect', 'c', '--host', 'a'], deep, fakeIo({ answers: ['y'] }));
      expect(no.code).toBe(2);
      expect(starts(no)).toEqual([false]);
    });
  });

  it('cancels at the first Ctrl-C and ends at the second', async () => {
    const io = fakeIo();
    const got = await run(
      ['collect', 'c', '--host', 'a'],
      handlers(task(), {
        'tasks.cancel': () => undefined,
        'tasks.watch': async function* () {
          yield task({ state: 'running' });
          io.interrupt();
          io.interrupt();
          yield task({ state: 'cancelled' });
        },
      }),
      io,
    );
    expect(got.calls.filter((c) => c.call === 'tasks.cancel')).toHaveLength(1);
    expect(got.exits).toEqual([130]);
    expect(got.err).toContain('what arrived is kept');
    expect(got.code).toBe(1);
  });

  it('reads the end of a task whose stream broke off', async () => {
    const got = await run(
      ['collect', 'c', '--host', 'a'],
      handlers(task(), {
        'tasks.watch': () => states(task({ state: 'running' })),
        'tasks.get': () => task({ result: result(1), items: [item('done')] }),
      }),
    );
    expect(got.code).toBe(0);
  });
});
