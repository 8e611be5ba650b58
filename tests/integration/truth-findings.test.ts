import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveCitation } from '../../src/main/analyze/cite';
import { derivedPath, readDerived } from '../../src/main/analyze/run';
import { type App, createApp } from '../../src/main/app';
import type { JudgedFinding, Task } from '../../src/shared/domain';
import { visible } from '../../src/shared/visible';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, type Planted, stageIncident, startHost, type Truth } from '../lab';
import { CLEAN, CLEAR_CLEAN, STAGE_CLEAN } from './truth-findings.clean';

/**
 * What no finding can tell: bytes in memory alone and on the wire, which this collection does not take; names that are odd on
 * purpose, which are no finding but a test of those who show them. Every other planted thing must be found.
 */
const NOT_BY_FINDINGS = new Set(['memory', 'hostile']);
/** On the wire only, which this collection does not capture; and an image's layers, which are exhibits, not a finding. */
const NOT_HERE = new Set(['dns-lookups', 'upload', 'download', 'image-layers']);

/** Whether a finding names a planted thing: the same target, a technique that names it rightly, and the thing itself. */
function tells(finding: JudgedFinding, item: Planted): boolean {
  const { path = '', string = '', pid, pointer, remote = '' } = item.where;
  const elsewhere = finding.target.kind === 'image' || finding.target.kind === 'volume';
  if (finding.target.id !== item.containerId && !elsewhere) return false;
  if (item.techniques.length > 0 && !item.techniques.some((each) => finding.techniques.includes(each))) return false;
  const words = string.replace(/^exec_create: /, '');
  return (
    (path !== '' && finding.claim.includes(path.replace(/ \(deleted\)$/, ''))) ||
    // a volume is evidence by itself: it does not know where it is mounted
    (finding.target.kind === 'volume' && path !== '' && finding.claim.includes(`/${path.split('/').at(-1)}`)) ||
    (words !== '' && finding.claim.includes(visible(words))) ||
    (/^\/.*:\//.test(words) && words.split(':').every((each) => finding.claim.includes(` ${each}`))) ||
    (pid !== undefined && new RegExp(`\\b[Pp]rocess ${pid}\\b`).test(finding.claim)) ||
    (remote !== '' && finding.claim.includes(remote)) ||
    (pointer !== undefined &&
      !pointer.endsWith('/Binds') &&
      finding.cites.some(({ locator }) => locator.startsWith(`json:${pointer}`)))
  );
}

function longest(text: string | undefined): string | undefined {
  return text?.split(/\p{Cc}+/u).sort((a, b) => b.length - a.length)[0];
}

/** The last part of a path, an address, or a few letters: what the bytes at a place must hold to support a claim on it. */
function marks({ where }: Planted): string[] {
  const { path, string, pid, remote } = where;
  const words = [
    path
      ?.split('/')
      .at(-1)
      ?.replace(/ \(deleted\)$/, ''),
    // between control characters, which every form of a log writes otherwise
    longest(string?.replace(/^exec_create: /, '')),
    remote?.split(':')[0],
  ];
  const hex = /^(\d+)\.(\d+)\.(\d+)\.(\d+)/.exec(remote ?? '');
  if (hex)
    words.push(
      hex
        .slice(1)
        .reverse()
        .map((part) => Number(part).toString(16).padStart(2, '0'))
        .join('')
        .toUpperCase(),
    );
  if (pid !== undefined) words.push(String(pid));
  return words.filter((word): word is string => word !== undefined && word !== '');
}

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
    const task = await kase.collect({ profile: 'everything' });
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
    const kindOf = (id: string) => truth.items.find((one) => one.id === id)?.kind ?? '';
    expect(missed.filter((id) => !NOT_BY_FINDINGS.has(kindOf(id)) && !NOT_HERE.has(id))).toEqual([]);
  });

  /** Whether the bytes at one of the places hold what the item is known by. */
  async function supported(item: Planted, telling: readonly JudgedFinding[]): Promise<boolean> {
    const wanted = marks(item);
    for (const { cites } of telling) {
      for (const cite of cites) {
        const { bytes, value } = await resolveCitation(kase.path, cite);
        if (item.where.pointer !== undefined && cite.locator.startsWith(`json:${item.where.pointer}`) && value)
          return true;
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
