import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveCitation } from '../../src/main/analyze/cite';
import { type App, createApp } from '../../src/main/app';
import { project } from '../../src/main/cases/project';
import { verifyCase } from '../../src/main/custody/verify';
import { bytesOf } from '../../src/main/import/recognise/survey';
import { plainName } from '../../src/main/import/tar/names';
import { scanTar } from '../../src/main/import/tar/scan';
import { unpacked } from '../../src/main/import/unpack';
import { ImportResult } from '../../src/shared/contract/import';
import type { ExhibitRecord, JudgedFinding, Task } from '../../src/shared/domain';
import { atPointer } from '../../src/shared/locator';
import { type LabHost, labAvailable, type Planted, stageIncident, startHost, type Truth } from '../lab';

const run = promisify(execFile);
const absent = await labAvailable();

const ROOT = '/var/lib/docker/';
/**
 * What no data root holds: files in memory-backed file systems and the engine's events, which it keeps in memory only.
 * Whoever wants these has to come while the host is alive.
 */
const NOT_ON_DISK = ['tmpfs-file', 'shm-file', 'exec-event'];
const KINDS = ['file', 'volume', 'log', 'config', 'event', 'image'];

interface Held {
  type: string;
  link: string;
  bytes: Buffer;
}

describe.skipIf(absent !== undefined)(`a dead host's data root${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let live: JudgedFinding[];

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('imp1');
    truth = await stageIncident(host);
    dir = await mkdtemp(join(tmpdir(), 'lading-import-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    const path = await create('live');
    await app.client.hosts.connect({ case: path, host: host.spec });
    const { task } = await app.client.collect.start({
      case: path,
      hosts: [host.spec],
      profile: 'triage',
      reason: 'to compare',
      acceptFootprint: false,
    });
    expect((await ended(task)).error).toBeUndefined();
    live = await analyzed(path);
    await app.client.cases.close({ case: path });
    await host.engine('stop');
    const copied = await host.exec(['tar', '--numeric-owner', '--xattrs', '--sparse', '-C', ROOT, '-cf', '-', '.']);
    await writeFile(join(dir, 'docker.tar'), copied.stdout);
    await writeFile(join(dir, 'docker.tar.gz'), gzipSync(copied.stdout, { level: 1 }));
    await mkdir(join(dir, 'docker'));
    await run('tar', ['--numeric-owner', '-xpf', join(dir, 'docker.tar'), '-C', join(dir, 'docker')]);
  }, 300_000);

  afterAll(async () => {
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const create = async (name: string) => {
    const path = join(dir, `case-${name}`);
    await app.client.cases.create({ path, number: name, title: 'Import', examiner: 'T. Tester' });
    return path;
  };
  const ended = async (id: string): Promise<Task> => {
    for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
    return app.client.tasks.get({ id });
  };
  const analyzed = async (path: string) => {
    expect((await ended((await app.client.findings.analyze({ case: path })).task)).error).toBeUndefined();
    return app.client.findings.list({ case: path });
  };

  for (const [form, name] of [
    ['a folder', 'docker'],
    ['a tar.gz', 'docker.tar.gz'],
  ] as const) {
    it(`imported as ${form}, gives what is on its disk, and the findings of a live engine`, async () => {
      const path = await create(name);
      const { task } = await app.client.import.start({
        case: path,
        paths: [join(dir, name)],
        from: 'A. Admin, who pulled the plug',
      });
      const done = await ended(task);
      expect(done.error).toBeUndefined();
      const result = ImportResult.parse(done.result);
      expect(result.items[0]).toMatchObject({ state: 'stored', kind: 'data-root', exhibit: 'E0001' });
      expect(result.failed + result.partial).toBe(0);

      const records = await Promise.all(
        (await app.client.exhibits.list({ case: path })).map(({ id }) => app.client.exhibits.get({ case: path, id })),
      );
      const evidence = (record: ExhibitRecord) => join(path, 'evidence', record.id, record.file);
      const [parent, ...members] = records;
      for (const { how } of members) expect(how).toMatchObject({ kind: 'import', parent: 'E0001' });

      // every planted thing that a disk can hold is in an exhibit
      const wanted = truth.items.filter(({ id, kind }) => KINDS.includes(kind) && !NOT_ON_DISK.includes(id));
      const paths = new Set(wanted.flatMap(({ where }) => where.hostPath?.slice(ROOT.length) ?? []));
      const held = new Map<string, Held>();
      const images: string[] = [];
      const packing = name.endsWith('.gz') ? 'gzip' : 'none';
      if (!parent) throw new Error('nothing was imported');
      for await (const member of scanTar(unpacked(createReadStream(evidence(parent)), packing))) {
        const plain = plainName(member.name);
        if (plain === undefined) continue;
        if (paths.has(plain)) held.set(plain, { type: member.type, link: member.link, bytes: await bytesOf(member) });
        if (plain.endsWith('/diff/srv/shop/.env')) images.push((await bytesOf(member)).toString('utf8'));
      }
      const missed: string[] = [];
      for (const item of wanted) if (!(await there(item))) missed.push(item.id);
      expect(wanted.length).toBeGreaterThan(20);
      expect(missed).toEqual([]);

      async function there(item: Planted): Promise<boolean> {
        const { hostPath, string, pointer } = item.where;
        const of = (collector: string) =>
          members.filter((one) => one.collector.id === collector && one.target.id === item.containerId);
        if (item.kind === 'config') {
          for (const record of [...of('import.container-config'), ...of('import.container-hostconfig')]) {
            const key = record.collector.id.endsWith('hostconfig') ? pointer?.replace('/HostConfig', '') : pointer;
            const value = atPointer(JSON.parse(await readFile(evidence(record), 'utf8')), key ?? '');
            // of the stopped container the text is in its log
            if (
              value !== undefined &&
              (pointer?.startsWith('/State') || JSON.stringify(value).includes(string ?? ''))
            ) {
              return true;
            }
          }
          return false;
        }
        if (item.kind === 'log') {
          for (const record of of('import.container-log')) {
            const text = await readFile(evidence(record), 'utf8');
            const lines = text.split('\n').flatMap((line) => (line ? [JSON.parse(line).log as string] : []));
            if (lines.some((line) => line.includes(string ?? ''))) return true;
          }
          return false;
        }
        if (item.id === 'image-secret') return images.some((text) => text.includes(string ?? '\0'));
        if (item.kind === 'image') {
          const configs = members.filter((one) => one.collector.id === 'import.image-config');
          const texts = await Promise.all(configs.map((record) => readFile(evidence(record), 'utf8')));
          const layers = (item.where as { layers?: string[] }).layers ?? [];
          return texts.some((text) => {
            const config = JSON.parse(text);
            const diffs = JSON.stringify(config.rootfs ?? {});
            return string
              ? JSON.stringify(config.history).includes(string)
              : layers.every((one) => diffs.includes(one));
          });
        }
        const file = held.get(hostPath?.slice(ROOT.length) ?? '');
        if (!file) return false;
        if (item.id === 'deleted-log') return file.type === 'device';
        if (file.type === 'link') return file.link === string;
        return file.bytes.length > 0 && (string === undefined || file.bytes.includes(string));
      }

      // and the configuration tells the same as that of the live engine
      const findings = await analyzed(path);
      for (const { cites } of findings) for (const cite of cites) await resolveCitation(path, cite);
      // but for what only a live engine says: that one container among the running ones does not run
      const config = (some: JudgedFinding[]) =>
        some
          .filter(({ rule }) => rule.startsWith('config.') && rule !== 'config.stopped')
          .map(({ rule, target, severity }) => `${rule} ${target.id} ${severity}`)
          .sort();
      expect(config(live).length).toBeGreaterThan(5);
      expect(config(findings)).toEqual(config(live));
      const others = (some: JudgedFinding[]) =>
        [...new Set(some.filter(({ rule }) => /^(?:logs|image)\./.test(rule)).map(({ rule }) => rule))].sort();
      // the layers' content is on the disk; the live collection did not take it
      expect(others(findings)).toEqual([...others(live), 'image.layer-secret'].sort());
      await app.client.cases.close({ case: path });
      expect(await verifyCase(path, { project })).toMatchObject({ ok: true, faults: [] });
    }, 120_000);
  }
});
