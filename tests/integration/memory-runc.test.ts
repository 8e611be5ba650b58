import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import type { ExhibitRecord } from '../../src/shared/domain';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost, type Truth } from '../lab';
import { newerCriu, olderCriu } from '../lab/criu';

const absent = (await labAvailable()) ?? (process.arch === 'x64' ? undefined : 'the newer CRIU is had for x86-64 only');

/** CRIU before 4.2 fails where a container has an inet socket on such a kernel. */
async function oldFails(host: LabHost): Promise<boolean> {
  const [major = 0, minor = 0] = (await host.output(['uname', '-r'])).split('.').map(Number);
  const [, first, second] = /Version: (\d+)\.(\d+)/.exec(await host.output(['/usr/sbin/criu', '--version'])) ?? [];
  const old = Number(first) < 4 || (Number(first) === 4 && Number(second) < 2);
  return old && (major > 6 || (major === 6 && minor >= 16));
}

describe.skipIf(absent !== undefined)(`checkpoints by runc${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kept: LabCase;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('mem2');
    await olderCriu(host);
    truth = await stageIncident(host);
    dir = await mkdtemp(join(tmpdir(), 'lading-memory-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), host.spec);
  });

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    if (host) await olderCriu(host);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const planted = (id: string) => {
    const item = truth.items.find((one) => one.id === id);
    if (!item) throw new Error(`${id} was not planted`);
    return item;
  };
  async function take(collector: string, target: string, input?: unknown) {
    const before = new Set((await kept.records()).map(({ id }) => id));
    const missed = (await kept.misses()).length;
    await kept.collect({
      collectors: [collector],
      targets: [target],
      ...(input !== undefined && { inputs: { [collector]: input } }),
    });
    const records = (await kept.records()).filter(({ id }) => !before.has(id));
    return { records, misses: (await kept.misses()).slice(missed) };
  }
  const tarOf = (records: ExhibitRecord[]) => records.find(({ file }) => file === 'container.checkpoint.tar');
  /** Folders with images on the host. */
  const left = () =>
    host.output([
      'sh',
      '-c',
      'ls -d /var/lib/docker/lading-checkpoint-* /dev/shm/lading-checkpoint-* 2>/dev/null; true',
    ]);
  /** The container runs, and its connection is one still. */
  const established = async () => {
    const { where, container } = planted('established-connection');
    const port = Number(String(where.remote).split(':')[1]).toString(16).toUpperCase().padStart(4, '0');
    expect(await host.output(['docker', 'inspect', '-f', '{{.State.Status}}', String(container)])).toBe('running');
    expect(await host.output(['cat', `/proc/${where.pid}/net/tcp`])).toMatch(new RegExp(`:${port} 01 `));
  };
  const where = async (exhibit: string, text: string) => {
    const { hits } = await app.client.memory.search({
      case: kept.path,
      exhibit,
      query: { kind: 'text', terms: [text], wide: false },
    });
    return hits.map(({ space, address }) => ({ space, address }));
  };

  it('an older CRIU: its own reason, its log, nothing left on the host, and the container goes on', async (test) => {
    if (!(await oldFails(host))) return test.skip('This CRIU saves inet sockets on this kernel.');
    const { records, misses } = await take(
      'container.checkpoint-runc',
      String(planted('memory-only-string').container),
    );
    expect(records.map(({ file }) => file)).toEqual(['checkpoint.times.txt', 'criu-dump.log']);
    expect(misses.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/CRIU could not save the container, which goes on: sockets: Can't get 1:16 opt.*4\.2/),
    ]);
    expect(await left()).toBe('');
    await established();
  });

  it('a newer one: the container with its TCP connections, which the engine refuses, the secret at the address it has in a core', async (test) => {
    let version: string;
    try {
      version = await newerCriu(host);
    } catch (error) {
      return test.skip(`A newer CRIU could not be had: ${error instanceof Error ? error.message : String(error)}`);
    }
    expect(version).toMatch(/^(4\.[2-9]|[5-9])/);
    const secret = planted('memory-only-string');
    const { records, misses } = await take('container.checkpoint-runc', String(secret.container));
    expect(misses).toEqual([]);
    const tar = tarOf(records);
    if (!tar) throw new Error('no checkpoint');
    expect(tar.partial).toBe(false);
    expect(tar.title).toMatch(/stood still for (0\.\d+|[1-9]\d*(\.\d+)?) s$/);
    expect(await left()).toBe('');
    await established();

    const inCheckpoint = await where(tar.id, String(secret.where.string));
    expect(inCheckpoint.length).toBeGreaterThan(0);
    expect(new Set(inCheckpoint.map(({ space }) => space))).toEqual(new Set([`pid:${secret.where.pidInContainer}`]));
    const { records: cores } = await take('process.memory', String(secret.container), { pids: [secret.where.pid] });
    const core = cores.find(({ file }) => file.endsWith('.core'));
    if (!core) throw new Error('no core');
    const addresses = (found: { address: string }[]) => found.map(({ address }) => address).sort();
    expect(addresses(inCheckpoint)).toEqual(addresses(await where(core.id, String(secret.where.string))));

    const beacon = planted('established-connection').where;
    const { sockets } = await app.client.memory.process({
      case: kept.path,
      exhibit: tar.id,
      space: `pid:${beacon.pidInContainer}`,
    });
    expect(sockets).toContainEqual(expect.objectContaining({ remote: beacon.remote }));
  });

  it('in memory instead of on disk; kept only when that was chosen; a folder that cannot be is refused', async (test) => {
    if (!(await host.exec(['test', '-x', '/usr/local/sbin/criu'])).code) {
      const { container } = planted('memory-only-string');
      const { records, misses } = await take('container.checkpoint-runc', String(container), {
        folder: '/dev/shm',
        keep: true,
      });
      expect(tarOf(records)).toBeDefined();
      const folder = await left();
      expect(folder).toMatch(/^\/dev\/shm\/lading-checkpoint-[0-9a-f]{12}$/);
      expect(misses.map(({ reason }) => reason)).toEqual([expect.stringContaining(folder)]);
      await host.output(['rm', '-r', folder]);
      for (const bad of ['/nowhere/at/all', '/dev/shm/../shm', 'tmp', '/tmp/$(id)']) {
        const refused = await take('container.checkpoint-runc', String(container), { folder: bad });
        expect(tarOf(refused.records)).toBeUndefined();
        expect(refused.misses).toHaveLength(1);
      }
      expect(await left()).toBe('');
      await established();
    } else test.skip('A newer CRIU could not be had.');
  });
});
