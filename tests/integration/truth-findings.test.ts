import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resolveCitation } from '../../src/main/analyze/cite';
import { derivedPath, readDerived } from '../../src/main/analyze/run';
import { type App, createApp } from '../../src/main/app';
import type { JudgedFinding, Task } from '../../src/shared/domain';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, type Planted, stageIncident, startHost, type Truth } from '../lab';
import { CLEAN, CLEAR_CLEAN, STAGE_CLEAN } from './truth-findings.clean';
import { hostileMarks, marks, NOT_BY_RULES, NOT_ON_DISK, pointsTo, tells } from './truth-findings.match';
import { sendAgain, whileCaptured } from './truth-findings.stage';

/** What a careful examiner would not call wrong: true of the lab's host, and of a build that left the program it had made. */
const RIGHT = new Set([
  'engine.old-version host findings-clean',
  'host.sudo-all host findings-clean',
  'fs.executable-drift container clean-build',
]);

const absent = await labAvailable();
const ended = async (app: App, id: string): Promise<Task> => {
  for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
  return app.client.tasks.get({ id });
};

describe.skipIf(absent !== undefined)(`findings of a staged incident${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kase: LabCase;
  let findings: JudgedFinding[];

  const analyze = async (path: string) => {
    const task = await ended(app, (await app.client.findings.analyze({ case: path })).task);
    expect(task.error).toBeUndefined();
    return app.client.findings.list({ case: path });
  };

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('findings');
    truth = await stageIncident(host);
    dir = await mkdtemp(join(tmpdir(), 'lading-findings-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kase = await labCase(app, join(dir, 'case'), host.spec);
    // what went over the wire before nobody can capture: it goes again while the containers' packets are taken
    const [task] = await Promise.all([
      kase.collect({ profile: 'everything', inputs: { 'container.capture': { seconds: 12 } } }),
      whileCaptured('shop-web', () => sendAgain(host, truth)),
    ]);
    expect(task.error).toBeUndefined();
    const own = join(dir, 'indicators.csv');
    await writeFile(
      own,
      `type,value,comment\nip-dst,${truth.facts.sink.address},the intruder's machine\ndomain,t.update-cdn.example,tunnel\n`,
    );
    for (const [path, kind] of [
      [own, 'indicators'],
      [join(process.cwd(), 'resources/yara/lading.yar'), 'yara-rules'],
    ] as const) {
      const done = await ended(
        app,
        (await app.client.import.start({ case: kase.path, paths: [path], kind, from: 'test' })).task,
      );
      expect(done.error).toBeUndefined();
    }
    findings = await analyze(kase.path);
  }, 300_000);

  afterAll(async () => {
    await kase?.close();
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('has every planted thing that evidence can show, with bytes at a cited place that show it', async () => {
    const missed: string[] = [];
    const unsupported: string[] = [];
    for (const item of truth.items) {
      const telling = findings.filter((finding) => tells(finding, item));
      if (telling.length === 0) missed.push(item.id);
      else if (!(await supported(item, telling))) unsupported.push(item.id);
    }
    const found = truth.items.length - missed.length;
    // written out, so that the measure is seen in the log of a run
    console.log(`found ${found} of ${truth.items.length}; not found: ${missed.join(' ')}`);
    expect(unsupported).toEqual([]);
    expect(missed.sort()).toEqual([...NOT_BY_RULES].sort());
  });

  /** Whether the bytes at one of the places hold what the item is known by. */
  async function supported(item: Planted, telling: readonly JudgedFinding[], dir = kase.path): Promise<boolean> {
    if (item.kind === 'hostile') return shows(hostileMarks(item), telling, dir);
    const wanted = marks(item);
    for (const { cites } of telling) {
      for (const cite of cites) {
        const { bytes, value } = await resolveCitation(dir, cite);
        if (item.where.pointer !== undefined && pointsTo(cite.locator, item.where.pointer) && value) return true;
        const raw = bytes ? bytes.toString('latin1') : JSON.stringify(value);
        // Go writes & < > in JSON as escapes
        const text = raw
          .replace(/\\u00(26|3c|3e)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
          .replaceAll('\\"', '"');
        // a bind as the engine is given it, '/:/host', stands as source and destination
        const ends = /^\/.*:\//.test(item.where.string ?? '') ? item.where.string?.split(':') : undefined;
        if (ends?.every((end) => text.includes(JSON.stringify(end)))) return true;
        if (wanted.some((word) => text.includes(word) || text.includes(JSON.stringify(word).slice(1, -1)))) return true;
      }
    }
    return false;
  }

  /** Whether all of it is at the cited places together. */
  async function shows(wanted: readonly Buffer[], telling: readonly JudgedFinding[], dir: string): Promise<boolean> {
    const held: Buffer[] = [];
    for (const cite of telling.flatMap(({ cites }) => cites)) {
      const { bytes, value } = await resolveCitation(dir, cite);
      held.push(bytes ?? Buffer.from(String(value)));
    }
    const all = Buffer.concat(held);
    return wanted.every((one) => one.length > 0 && all.includes(one));
  }

  it('finds by a search what lies in one process’s memory alone: in which process, at which place', async () => {
    const item = truth.items.find(({ id }) => id === 'memory-only-string');
    const text = item?.where.string ?? '';
    const held: { pid: number | null; bytes: string }[] = [];
    for (const { exhibit, target, spaces } of await app.client.memory.exhibits({ case: kase.path })) {
      if (target.id !== item?.containerId) continue;
      const query = { kind: 'text' as const, terms: [text], ignoreCase: false, wide: true };
      for (let from: number | null = 0; from !== null; ) {
        const { hits, next } = await app.client.memory.search({ case: kase.path, exhibit, query, from });
        for (const { locator, space } of hits) {
          const { bytes } = await resolveCitation(kase.path, { exhibit, locator });
          held.push({
            pid: spaces.find(({ id }) => id === space)?.pid ?? null,
            bytes: bytes?.toString('latin1') ?? '',
          });
        }
        from = next;
      }
    }
    expect(held.length).toBeGreaterThan(0);
    expect(new Set(held.map(({ pid }) => pid))).toEqual(new Set([item?.where.pid]));
    for (const { bytes } of held) expect(bytes).toContain(text);
    // and in no other exhibit than cores of memory
    const others = (await kase.records()).filter(({ collector }) => collector.id !== 'process.memory');
    for (const record of others)
      expect([record.id, (await kase.bytes(record)).includes(text)]).toEqual([record.id, false]);
  });

  it('has the layers of the image as exhibits, by their digests', async () => {
    const { layers } = z
      .object({ layers: z.array(z.string()).min(1) })
      .parse(truth.items.find(({ id }) => id === 'image-layers')?.where);
    const taken = (await kase.records()).filter(
      ({ collector, kind }) => collector.id === 'image.layers' && kind === 'tar',
    );
    for (const layer of layers)
      expect([layer, taken.some(({ sha256 }) => layer === `sha256:${sha256}`)]).toEqual([layer, true]);
  });

  it('cites places that are there, of exhibits of the same target or beside it', async () => {
    for (const { cites } of findings) for (const cite of cites) await resolveCitation(kase.path, cite);
    expect(findings.length).toBeGreaterThan(truth.items.length);
  });

  it('finds the address and the domain of an imported list', () => {
    const claims = findings.filter(({ rule }) => rule === 'list.indicator').map(({ claim }) => claim);
    expect(claims.join('\n')).toContain(truth.facts.sink.address);
    expect(claims.some((claim) => claim.includes('the other end of a socket'))).toBe(true);
  });

  it('gives the same bytes again, and in a copy of the case at another path', async () => {
    const first = await readFile(derivedPath(kase.path));
    await analyze(kase.path);
    expect((await readFile(derivedPath(kase.path))).equals(first)).toBe(true);
    await kase.close();
    const copy = join(dir, 'a copy', 'of the case');
    await cp(kase.path, copy, { recursive: true });
    await rm(join(copy, 'derived'), { recursive: true });
    await rename(kase.path, `${kase.path}-away`);
    try {
      await analyze(copy);
      expect((await readFile(derivedPath(copy))).equals(first)).toBe(true);
      await app.client.cases.close({ case: copy });
    } finally {
      await rename(`${kase.path}-away`, kase.path);
    }
  }, 120_000);

  it('answers the checklists: what was planted is something to weigh', async () => {
    const get = (id: 'compromised' | 'malware' | 'exfiltration') =>
      app.client.investigations.get({ case: kase.path, id });
    const of = async (id: Parameters<typeof get>[0]) =>
      new Map((await get(id)).answers.map((one) => [one.id, one.state]));
    const compromised = await of('compromised');
    for (const id of [
      'identity',
      'processes',
      'connections',
      'changes',
      'commands',
      'users',
      'way-in',
      'persistence',
      'escape',
      'traces',
    ])
      expect([id, compromised.get(id)]).toEqual([id, 'found']);
    const malware = await of('malware');
    for (const id of ['running', 'mining', 'hidden', 'modified', 'known', 'control', 'origin'])
      expect([id, malware.get(id)]).toEqual([id, 'found']);
    const exfiltration = await of('exfiltration');
    for (const id of ['reach', 'outbound', 'volume', 'sent']) expect([id, exfiltration.get(id)]).toEqual([id, 'found']);
    const { answers } = await get('compromised');
    for (const { points } of answers)
      for (const { cites } of points) for (const cite of cites) await resolveCitation(kase.path, cite);
  });

  it('has on an imported data root of the same host all that a disk holds, with bytes that show it', async () => {
    await host.engine('stop');
    const root = join(dir, 'docker.tar');
    const copied = await host.exec(['tar', '--numeric-owner', '--xattrs', '-C', '/var/lib/docker', '-cf', '-', '.']);
    await writeFile(root, copied.stdout);
    const path = join(dir, 'imported');
    await app.client.cases.create({ path, number: 'DEAD', title: 'Data root', examiner: 'T. Tester' });
    const done = await ended(app, (await app.client.import.start({ case: path, paths: [root], from: 'test' })).task);
    expect(done.error).toBeUndefined();
    const dead = await analyze(path);
    const missed: string[] = [];
    for (const item of truth.items) {
      const telling = dead.filter((finding) => tells(finding, item));
      if (telling.length === 0 || !(await supported(item, telling, path))) missed.push(item.id);
    }
    console.log(`of the data root: found ${truth.items.length - missed.length}; not found: ${missed.join(' ')}`);
    const elsewhere = ({ id, kind }: Planted) => NOT_ON_DISK.kinds.has(kind) || NOT_ON_DISK.ids.has(id);
    const wanted = truth.items.filter((item) => !elsewhere(item) && !NOT_BY_RULES.includes(item.id));
    expect(wanted.map(({ id }) => id).filter((id) => missed.includes(id))).toEqual([]);
    await app.client.cases.close({ case: path });
  }, 180_000);
});

describe.skipIf(absent !== undefined)(`findings of a clean host${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  let app: App;
  let kase: LabCase;
  let findings: JudgedFinding[];

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('findings-clean');
    await host.output(['sh', '-euc', CLEAR_CLEAN]);
    await host.engine('stop');
    await host.engine('start');
    await host.output(['sh', '-euc', STAGE_CLEAN]);
    dir = await mkdtemp(join(tmpdir(), 'lading-clean-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kase = await labCase(app, join(dir, 'case'), host.spec);
    expect((await kase.collect({ profile: 'everything' })).error).toBeUndefined();
    expect((await ended(app, (await app.client.findings.analyze({ case: kase.path })).task)).error).toBeUndefined();
    findings = await app.client.findings.list({ case: kase.path });
  }, 300_000);

  afterAll(async () => {
    await kase?.close();
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('took all five containers', async () => {
    const names = new Set(
      (await kase.records()).filter(({ target }) => target.kind === 'container').map(({ target }) => target.name),
    );
    expect([...names].filter((name) => CLEAN.includes(name)).sort()).toEqual([...CLEAN].sort());
  });

  it('says nothing above informational but what is so', () => {
    const above = findings.filter(
      ({ severity, rule, target }) =>
        severity !== 'informational' && !RIGHT.has(`${rule} ${target.kind} ${target.name}`),
    );
    expect(
      above.map(({ rule, severity, target, claim }) => `${severity} ${rule} ${target.name}: ${claim.slice(0, 300)}`),
    ).toEqual([]);
    // what is so is not told as grave
    expect(findings.filter(({ severity }) => severity === 'critical' || severity === 'high')).toEqual([]);
  });

  it('understood every exhibit', async () => {
    expect((await readDerived(kase.path))?.unreadable).toEqual([]);
  });
});
