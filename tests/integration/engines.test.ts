import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import type { ExhibitRecord } from '../../src/shared/domain';
import { type LabCase, labCase, members } from '../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../lab';
import { ENGINE_PACKAGES, type LabEngine, startEngine } from '../lab/engines';

const absent = await labAvailable();

describe.skipIf(absent !== undefined)(`engines other than Docker as it comes${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  let app: App;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('engines', { packages: ENGINE_PACKAGES });
    dir = await mkdtemp(join(tmpdir(), 'lading-engines-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
  });

  afterAll(async () => {
    await app?.close();
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  interface Given {
    lab: LabCase;
    records: ExhibitRecord[];
    /** The first exhibit of a collector. */
    the(collector: string): ExhibitRecord;
    missed(collector: string): string | undefined;
  }

  async function collected(engine: LabEngine, profile: string): Promise<Given> {
    const lab = await labCase(app, join(dir, engine), await startEngine(host, engine));
    // a capture lasts as long as it is told to
    const chosen = (await app.client.collect.profiles()).find(({ id }) => id === profile)?.collectors ?? [];
    const without = chosen.filter((id) => /capture|follow/.test(id));
    const task = await lab.collect({ profile, targets: ['one'], without });
    expect([task.state, task.error]).toEqual(['done', undefined]);
    const records = await lab.records();
    expect(records.filter((one) => one.partial).map((one) => `${one.title}: ${one.reason}`)).toEqual([]);
    const misses = await lab.misses();
    const missed = (collector: string) => misses.find((one) => one.collector === collector)?.reason;
    return {
      lab,
      records,
      the(collector) {
        const found = records.find((one) => one.collector.id === collector);
        if (!found) throw new Error(`no exhibit of ${collector}; it says: ${missed(collector)}`);
        return found;
      },
      missed,
    };
  }

  /** What it wrote, deleted, said and runs is in exhibits. */
  async function showsTheWork(given: Given, files: 'container.upper' | 'container.export') {
    const { all, faults } = members(await given.lab.bytes(given.the(files)));
    expect(faults).toEqual([]);
    expect(all.get('/tmp/planted')?.content.toString()).toBe('planted\n');
    if (files === 'container.export') expect(all.has('/bin/head')).toBe(false);
    else
      expect(all.get('/bin/head')?.entry).toMatchObject({ type: 'character device', device: { major: 0, minor: 0 } });
    expect((await given.lab.bytes(given.the('container.logs'))).toString('latin1')).toContain('a log line');
    expect((await given.lab.bytes(given.the('container.top'))).toString()).toContain('sleep 86400');
  }

  it('Docker with another root folder, and root in containers mapped to another user', async () => {
    const given = await collected('remapped', 'compromised container');
    await showsTheWork(given, 'container.upper');
    // the mapped owner, as it stands on the host's disk
    const { all } = members(await given.lab.bytes(given.the('container.upper')));
    expect(all.get('/tmp/planted')?.entry).toMatchObject({ uid: 100_000, gid: 100_000 });
    const layer = given.the('image.layers');
    expect(layer.title).toBe(`Layer sha256:${layer.sha256}`);
    expect((await given.lab.bytes(given.the('container.processes'))).toString('latin1')).toContain('86400');
  });

  it('Podman as root, by its Docker-compatible socket', async () => {
    const given = await collected('podman', 'compromised container');
    await showsTheWork(given, 'container.upper');
    expect((await given.lab.bytes(given.the('container.processes'))).toString('latin1')).toContain('86400');
    expect(given.missed('image.layers')).toContain('storage driver overlay');
    // so the whole file system comes through the engine beside the upper directory, and the image when it is asked for
    await showsTheWork(given, 'container.export');
    await given.lab.collect({ collectors: ['image.save'], targets: [given.the('image.inspect').target.id] });
    const save = (await given.lab.records()).at(-1) as ExhibitRecord;
    const { all } = members(await given.lab.bytes(save));
    expect([save.collector.id, [...all.keys()].some((name) => name.endsWith('manifest.json'))]).toEqual([
      'image.save',
      true,
    ]);
  });

  it('Podman without root, of a user who has no other right', async () => {
    const given = await collected('rootless', 'compromised container');
    await showsTheWork(given, 'container.export');
    const changes = JSON.parse((await given.lab.bytes(given.the('container.changes'))).toString());
    expect(changes).toContainEqual({ Path: '/bin/head', Kind: 2 });
    expect(given.missed('container.processes')).toContain('dockeruser is not root');
  });
});
