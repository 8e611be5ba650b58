import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { project } from '../../src/main/cases/project';
import { CaseSession } from '../../src/main/cases/session';
import { type Collector, defineCollector } from '../../src/main/collect/collector';
import { makePlan } from '../../src/main/collect/plan';
import { collectorById } from '../../src/main/collect/registry';
import { type RunOptions, runCollection } from '../../src/main/collect/run';
import { verifyCase } from '../../src/main/custody/verify';
import { Connections } from '../../src/main/services/connections';
import { ExhibitRecord, type TaskItem } from '../../src/shared/domain';
import { PLACE, scratch } from '../kit/case';
import type { LabHost } from '../lab';

const IMAGE = `set -e
cd "$(mktemp -d)"; mkdir -p bin tmp; cp /usr/bin/busybox bin/
for x in sh sleep dd; do ln -s busybox bin/$x; done
head -c 60000000 /dev/urandom > tmp/bulk
tar -c . | docker import -c 'CMD ["/bin/sleep","100000"]' - resume-box:1 >/dev/null`;

/** Puts the image of the tests on a host. */
export const putImage = (host: LabHost) => host.output(['sh', '-c', IMAGE]);

/** Removes every container. */
export const clear = (host: LabHost) => host.exec(['sh', '-c', 'docker rm -f $(docker ps -aq)']);

/** Starts containers of these names. */
export const start = (host: LabHost, names: string[]) =>
  host.output([
    'sh',
    '-c',
    'for n; do docker run -d --name $n --network none resume-box:1 >/dev/null || exit 1; done',
    'x',
    ...names,
  ]);

/** Cuts every connection to the host; it takes new ones. The shell that does it is not meant: its own words begin otherwise. */
export const cutLinks = (host: LabHost) =>
  host.output(['sh', '-c', 'for p in $(pgrep -f "^sshd(-session)?: root"); do kill -KILL $p; done; true']);

/** Ends every process of the host at once, as a power cut does: its first process takes all others along. */
export async function pullPlug(host: LabHost): Promise<void> {
  process.kill(Number(await readFile(join(host.dir, 'pid'), 'utf8')), 'SIGKILL');
}

/** A collector that is there. */
export const need = (id: string): Collector => {
  const found = collectorById(id);
  if (!found) throw new Error(`no collector ${id}`);
  return found;
};

/** Gives bytes slowly, so that something can happen in their middle. */
export const slow = (seconds: number): Collector =>
  defineCollector({
    id: 'host.slow',
    version: '1.0.0',
    title: 'Slow bytes',
    answers: 'What comes slowly?',
    how: 'Prints a number now and then.',
    scope: 'host',
    volatility: 'engine state',
    footprint: 'none',
    async collect(ctx) {
      const script = `i=0; while [ $i -lt ${seconds * 10} ]; do echo "$i of a line that is long enough"; i=$((i+1)); sleep 0.1; done`;
      await ctx.capture({ file: 'slow.txt', kind: 'text', title: 'Slow bytes' }, ['sh', '-c', script]);
    },
  });

/** A case of its own, and what is under way in it. */
export interface Scene {
  session: CaseSession;
  items: Map<string, TaskItem>;
  collect(
    hosts: LabHost[],
    collectors: readonly Collector[],
    options?: Partial<RunOptions> & Meanwhile,
  ): Promise<{ most: number; ms: number }>;
  states(collector: string): TaskItem['state'][];
  record(id: string): Promise<ExhibitRecord>;
  actions(): Promise<string[]>;
  /** Closes the case and verifies it. */
  finish(): Promise<void>;
}

interface Meanwhile {
  /** `meanwhile` is called once, when this holds of what is under way. */
  when?: (items: Map<string, TaskItem>) => boolean;
  meanwhile?: () => Promise<unknown>;
}

/** Opens a case for one test. `again`: a case that is there already. */
export async function scene(again?: string): Promise<Scene> {
  const dir = await scratch();
  const connections = new Connections(join(dir, 'config'));
  const session = again
    ? await CaseSession.open(again, PLACE)
    : await CaseSession.create({ path: join(dir, 'case'), number: 'R', title: 'R', examiner: 'R' }, PLACE);
  const items = new Map<string, TaskItem>();

  const collect: Scene['collect'] = async (hosts, collectors, options = {}) => {
    const { when, meanwhile, ...more } = options;
    const planned: RunOptions['hosts'] = new Map();
    for (const one of hosts) {
      const live = await connections.connect(session, one.spec);
      planned.set(live.facts.address, { session: live, targets: await connections.targets(session, one.spec) });
    }
    const given = [...planned.values()].map(({ session: { spec, facts }, targets }) => ({ spec, facts, targets }));
    let done: Promise<unknown> | undefined;
    const look = () => {
      if (done || !when?.(items)) return;
      done = meanwhile?.() ?? Promise.resolve();
      done.catch(() => undefined);
    };
    let most = 0;
    const began = performance.now();
    await runCollection({
      session,
      plan: makePlan(given, collectors, undefined),
      hosts: planned,
      collectors,
      signal: new AbortController().signal,
      reconnect: (address) => {
        const spec = planned.get(address)?.session.spec;
        if (!spec) throw new Error(address);
        return connections.connect(session, spec);
      },
      patience: { stallMs: 3000, pingMs: 1500, reconnectAfter: [200, 1000, 2000] },
      onItem: (key, change) => {
        const held: TaskItem = items.get(key) ?? { key, label: key, state: 'waiting', bytes: 0 };
        items.set(key, { ...held, ...change });
        most = Math.max(most, [...items.values()].filter((one) => one.state === 'running').length);
        look();
      },
      onBytes: (bytes, key) => {
        const held = items.get(key);
        if (held) held.bytes += bytes;
        look();
      },
      onDone: look,
      ...more,
    });
    const ms = performance.now() - began;
    if (when) expect(done, 'what should have happened meanwhile did').toBeDefined();
    await done;
    return { most, ms };
  };
  return {
    session,
    items,
    collect,
    states: (collector) =>
      [...items.values()].filter(({ key }) => key.split(' ')[1] === collector).map(({ state }) => state),
    record: async (id) =>
      ExhibitRecord.parse(JSON.parse(await readFile(join(session.dir, 'evidence', id, 'exhibit.json'), 'utf8'))),
    actions: async () =>
      (await readFile(join(session.dir, 'ledger.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => String(JSON.parse(line).action)),
    finish: async () => {
      await connections.close(session);
      await session.close();
      expect(await verifyCase(session.dir, { project })).toMatchObject({ ok: true, faults: [] });
    },
  };
}
