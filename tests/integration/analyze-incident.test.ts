import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveCitation } from '../../src/main/analyze/cite';
import { derivedPath, readDerived } from '../../src/main/analyze/run';
import { type App, createApp } from '../../src/main/app';
import type { JudgedFinding, Task } from '../../src/shared/domain';
import { visible } from '../../src/shared/visible';
import { type LabHost, labAvailable, type Planted, stageIncident, startHost, type Truth } from '../lab';

/** What can be told from configuration, events, changed names, processes and sockets, by the item's id in truth.json. */
const EXPECTED = [
  'web-shell',
  'reverse-shell',
  'deleted-binary',
  'miner-arguments',
  'memfd-process',
  'fake-kernel-thread',
  'established-connection',
  'dropper',
  'replaced-binary',
  'uid-0-user',
  'cron',
  'authorized-keys',
  'ld-so-preload',
  'history-wiped',
  'deleted-log',
  'uploaded-script',
  'environment-secret',
  'open-port',
  'privileged',
  'engine-socket',
  'host-root-mount',
  'exec-event',
  'exec-running',
  'image-history',
  'web-log',
  'relay-log',
];

/** Whether a finding names a planted thing: the same target, a technique that names it rightly, and the thing itself. */
function tells(finding: JudgedFinding, item: Planted): boolean {
  const { path = '', string = '', pid, pointer } = item.where;
  const image = item.kind === 'image' && finding.target.kind === 'image';
  if (finding.target.id !== item.containerId && !image) return false;
  if (item.techniques.length > 0 && !item.techniques.some((each) => finding.techniques.includes(each))) return false;
  const words = string.replace(/^exec_create: /, '');
  return (
    (path !== '' && finding.claim.includes(path.replace(/ \(deleted\)$/, ''))) ||
    (words !== '' && finding.claim.includes(visible(words))) ||
    // a bind as the engine is given it: '/:/host'
    (/^\/.*:\//.test(words) && words.split(':').every((each) => finding.claim.includes(` ${each}`))) ||
    (pid !== undefined && new RegExp(`\\b[Pp]rocess ${pid}\\b`).test(finding.claim)) ||
    (pointer !== undefined &&
      !pointer.endsWith('/Binds') &&
      finding.cites.some(({ locator }) => locator.startsWith(`json:${pointer}`)))
  );
}

const absent = await labAvailable();

describe.skipIf(absent !== undefined)(
  `what the analyzers find of a staged incident${absent ? ` (${absent})` : ''}`,
  () => {
    let host: LabHost;
    let truth: Truth;
    let dir: string;
    let app: App;
    let findings: JudgedFinding[];
    const path = () => join(dir, 'case');

    const ended = async (id: string): Promise<Task> => {
      for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
      return app.client.tasks.get({ id });
    };

    beforeAll(async () => {
      process.env.LADING_KEYCHAIN = 'off';
      host = await startHost('analyze');
      truth = await stageIncident(host);
      dir = await mkdtemp(join(tmpdir(), 'lading-incident-'));
      app = await createApp({ window: 'none', configDir: join(dir, 'config') });
      await app.client.cases.create({ path: path(), number: 'I-1', title: 'Incident', examiner: 'T. Tester' });
      await app.client.hosts.connect({ case: path(), host: host.spec });
      const { task } = await app.client.collect.start({
        case: path(),
        hosts: [host.spec],
        profile: 'triage',
        reason: 'test',
        acceptFootprint: false,
      });
      expect((await ended(task)).error).toBeUndefined();
      const analysed = await ended((await app.client.findings.analyze({ case: path() })).task);
      expect(analysed.error).toBeUndefined();
      findings = await app.client.findings.list({ case: path() });
    });

    afterAll(async () => {
      await app?.close();
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    it('finds what the first analyzers are for', () => {
      const found = truth.items.filter((item) => findings.some((finding) => tells(finding, item))).map(({ id }) => id);
      const missed = truth.items.map(({ id }) => id).filter((id) => !found.includes(id));
      // written out, so that the measure is seen in the log of a run
      console.log(`found ${found.length} of ${truth.items.length}; not found: ${missed.join(' ')}`);
      expect(EXPECTED.filter((id) => !found.includes(id))).toEqual([]);
    });

    it('cites for each finding a place that is there', async () => {
      for (const { cites } of findings) for (const cite of cites) await resolveCitation(path(), cite);
      expect(findings.length).toBeGreaterThan(EXPECTED.length);
    });

    it('says of the innocent containers nothing grave', () => {
      const { 'update-relay': relay, 'shop-migrate': migrate } = truth.containers;
      const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'high');
      expect(grave.filter(({ target }) => target.id === migrate?.id)).toEqual([]);
      // the relay is the intruder's: what is grave of it is its connection, nothing else
      expect(grave.filter(({ target }) => target.id === relay?.id).map(({ rule }) => rule)).toEqual([
        'process.shell-connection',
      ]);
    });

    it('understands every exhibit of a healthy collection', async () => {
      expect((await readDerived(path()))?.unreadable).toEqual([]);
    });

    it('gives the same bytes when it is done again', async () => {
      const before = await readFile(derivedPath(path()));
      await ended((await app.client.findings.analyze({ case: path() })).task);
      expect(await readFile(derivedPath(path()))).toEqual(before);
    });
  },
);
