import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readRecord, resolveCitation } from '../../src/main/analyze/cite';
import { analyzeContext } from '../../src/main/analyze/context';
import { planViews } from '../../src/main/analyze/files/plan';
import { changesOfView } from '../../src/main/analyze/files/states';
import { listingCache, loadView } from '../../src/main/analyze/files/view';
import { type App, createApp } from '../../src/main/app';
import type { FileRow, FileView } from '../../src/shared/contract/files';
import type { ExhibitRecord, Task } from '../../src/shared/domain';
import { type LabCase, labCase, members } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost } from '../lab';

const absent = await labAvailable();
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What an entry of a file system is, for comparison: the times of folders move when an engine mounts it. */
function line(
  path: string,
  one: { type: string; mode: number; uid: number; gid: number; size: number; link?: string | null },
  hash?: string | null,
): string {
  const size = one.type === 'file' ? ` ${one.size} ${hash ?? ''}` : '';
  return `${path} ${one.type} ${one.mode.toString(8)} ${one.uid}:${one.gid}${size}${one.link ? ` -> ${one.link}` : ''}`;
}
const TYPES: Record<string, string> = { link: 'symbolic link', character: 'character device', block: 'block device' };

for (const [name, store] of [
  ['fv1', 'overlay2'],
  ['fv1c', 'containerd'],
] as const) {
  describe.skipIf(absent !== undefined)(`file systems of ${store}${absent ? ` (${absent})` : ''}`, () => {
    let host: LabHost;
    let dir: string;
    let app: App;
    let live: LabCase;
    let names: string[];
    let refs = 0;

    beforeAll(async () => {
      process.env.LADING_KEYCHAIN = 'off';
      host = await startHost(name, { store });
      await stageIncident(host);
      dir = await mkdtemp(join(tmpdir(), 'lading-views-'));
      app = await createApp({ window: 'none', configDir: join(dir, 'config') });
      live = await labCase(app, join(dir, 'live'), host.spec);
      names = (await host.output(['docker', 'ps', '-a', '--format', '{{.ID}}', '--no-trunc'])).split('\n');
    }, 300_000);

    afterAll(async () => {
      await live?.close();
      await app?.close();
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    const ended = async (id: string): Promise<Task> => {
      for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
      return app.client.tasks.get({ id });
    };
    async function views(path: string): Promise<FileView[]> {
      expect((await ended((await app.client.findings.analyze({ case: path })).task)).error).toBeUndefined();
      return (await app.client.files.views({ case: path })).views;
    }
    async function rows(path: string, view: string): Promise<FileRow[]> {
      const all: FileRow[] = [];
      for (;;) {
        const page = await app.client.files.list({
          case: path,
          view,
          foldersOnly: false,
          sort: 'path',
          descending: false,
          offset: all.length,
          limit: 1000,
        });
        all.push(...page.rows);
        if (all.length >= page.total || page.rows.length === 0) return all;
      }
    }
    /** The engine's own list, as JSON, in a case of its own: names of any bytes and line ends stay whole there. */
    async function diffs(): Promise<Map<string, string[]>> {
      const ref = await labCase(app, join(dir, `ref-${refs++}`), host.spec);
      expect((await ref.collect({ collectors: ['container.changes'] })).error).toBeUndefined();
      const all = new Map<string, string[]>();
      for (const record of await ref.records()) {
        const list = Changes.parse(JSON.parse((await ref.bytes(record)).toString('utf8')));
        all.set(record.target.id, (list ?? []).map(({ Kind, Path }) => `${'CAD'[Kind]} ${Path}`).sort());
      }
      await ref.close();
      return all;
    }

    /** The engine's own merged view, entry by entry. */
    async function exported(id: string): Promise<string[]> {
      const { code, stdout } = await host.exec(['docker', 'export', id]);
      expect(code).toBe(0);
      const { all, faults } = members(stdout);
      expect(faults).toEqual([]);
      return [...all]
        .filter(([path]) => path !== '/')
        .map(([path, { entry, content }]) => {
          const first = entry.hardLink === undefined ? undefined : all.get(entry.hardLink);
          const bytes = first ? first.content : content;
          return line(path, { ...entry, size: bytes.length }, sha256(bytes));
        })
        .sort();
    }
    /** Folders that no layer's archive has an entry of: the engine made them as it likes. */
    function implied(all: readonly FileRow[], lines: readonly string[]): string[] {
      const paths = new Set(all.filter(({ mode }) => mode === null).map(({ path }) => path));
      return lines.map((one) => {
        const path = one.slice(0, one.indexOf(' directory'));
        return paths.has(path) ? `${path} directory -1 -1:-1` : one;
      });
    }
    function merged(all: readonly FileRow[]): string[] {
      return all
        .filter(({ path, state, type }) => path !== '/' && state !== 'deleted' && type !== 'socket')
        .map((row) =>
          line(
            row.path,
            {
              type: TYPES[row.type] ?? row.type,
              mode: row.mode ?? -1,
              uid: row.uid ?? -1,
              gid: row.gid ?? -1,
              size: row.size ?? -1,
              link: row.link,
            },
            row.sha256,
          ),
        )
        .sort();
    }

    it('triage: the listings say what docker diff says, and no content was read', async () => {
      const layers = [
        'find',
        '/var/lib/docker',
        '-xdev',
        '-path',
        '*/containers',
        '-prune',
        '-o',
        '-path',
        '*/merged',
        '-prune',
      ];
      const times = () => host.output([...layers, '-o', '-type', 'd', '-printf', '%p %T@ %C@\\n']);
      const before = await times();
      const task = await live.collect({ profile: 'triage' });
      expect(task.error).toBeUndefined();
      // nothing was mounted for it, in the engine's folders either
      expect(moved(before, await times())).toEqual([]);
      const records = await live.records();
      expect(records.some(({ collector }) => collector.id === 'container.changes')).toBe(false);
      const found = (await views(live.path)).filter(({ kind }) => kind === 'container');
      expect(found.map(({ target }) => target.id).sort()).toEqual([...names].sort());
      const changes = await diffs();
      expect(changes.size).toBeGreaterThan(2);
      for (const { key, target, complete } of found) {
        expect(complete).toBe(true);
        const all = await rows(live.path, key);
        expect(all.every(({ readable, size, type }) => type !== 'file' || !readable || size === 0)).toBe(true);
        expect(await states(live.path, key)).toEqual(changes.get(target.id) ?? []);
      }
    }, 300_000);

    it('layers and upper directories: the merged view is docker export’s, entry by entry', async () => {
      const task = await live.collect({
        collectors: ['container.upper', 'image.layers', 'image.inspect', 'container.inspect'],
      });
      expect(task.error).toBeUndefined();
      const found = (await views(live.path)).filter(({ kind, exhibit }) => kind === 'container' && exhibit);
      const records = await live.records();
      const uppers = new Set(records.filter(({ collector }) => collector.id === 'container.upper').map(({ id }) => id));
      const whole = found.filter(({ exhibit }) => uppers.has(exhibit));
      expect(whole.map(({ target }) => target.id).sort()).toEqual([...names].sort());
      const changes = await diffs();
      for (const { key, target, complete } of whole) {
        expect(complete).toBe(true);
        const all = await rows(live.path, key);
        expect(await states(live.path, key)).toEqual(changes.get(target.id) ?? []);
        expect(merged(all)).toEqual(implied(all, await exported(target.id)));
        await readable(live.path, key, all);
      }
    }, 300_000);

    /** Content of a file of the image, read as the window does, and cited. */
    async function readable(path: string, view: string, all: readonly FileRow[]) {
      const some = all.find(
        ({ type, size, state, layer }) =>
          type === 'file' && state === 'image' && layer !== 'init' && (size ?? 0) > 10 && (size ?? 0) < 100_000,
      );
      if (!some) throw new Error('the image has no such file');
      const piece = await app.client.files.read({
        case: path,
        view,
        path: some.path,
        version: 'now',
        offset: 0,
        length: some.size ?? 0,
      });
      expect(sha256(Buffer.from(piece.base64, 'base64'))).toBe(some.sha256);
      const { content } = await app.client.files.get({ case: path, view, path: some.path });
      if (!content) throw new Error('no place');
      expect(sha256((await resolveCitation(path, content)).bytes ?? Buffer.alloc(0))).toBe(some.sha256);
    }

    it('a copy of the data root gives the same', async () => {
      await host.engine('stop');
      const copy = join(dir, 'root.tar');
      const { code, stdout } = await host.exec([
        'tar',
        '--numeric-owner',
        '--xattrs',
        '--xattrs-include=*',
        '-C',
        '/var/lib/docker',
        '-cf',
        '-',
        '.',
      ]);
      expect(code).toBe(0);
      await writeFile(copy, stdout);
      await host.engine('start');
      const path = join(dir, 'dead');
      await app.client.cases.create({ path, number: 'DEAD', title: 'Dead', examiner: 'T. Tester' });
      const { task } = await app.client.import.start({ case: path, paths: [copy], from: 'A. Admin' });
      expect((await ended(task)).error).toBeUndefined();
      const found = (await views(path)).filter(({ kind }) => kind === 'container');
      expect(found.map(({ target }) => target.id).sort()).toEqual([...names].sort());
      const changes = await diffs();
      for (const { key, target, complete } of found) {
        expect(complete).toBe(true);
        const all = await rows(path, key);
        expect(await states(path, key)).toEqual(changes.get(target.id) ?? []);
        expect(merged(all)).toEqual(implied(all, await exported(target.id)));
        await readable(path, key, all);
      }
      await app.client.cases.close({ case: path });
    }, 300_000);
  });
}

const Changes = z.array(z.object({ Path: z.string(), Kind: z.number() })).nullable();
const LETTERS = { added: 'A', changed: 'C', deleted: 'D' } as const;

/** Folders whose times are others, but for those of containers that write by themselves. */
function moved(before: string, after: string): string[] {
  const known = new Set(before.split('\n'));
  const work = /\/(?:overlay2\/[0-9a-z]+|snapshots\/\d+)\/(?:diff|fs)\//;
  return after.split('\n').filter((one) => !known.has(one) && !work.test(one));
}

/** What a view says changed, in the letters and the order of docker diff's lines. */
async function states(path: string, key: string): Promise<string[]> {
  const session = await readCase(path);
  const faults: string[] = [];
  const ctx = analyzeContext(path, session, {
    finding: () => undefined,
    unreadable: ({ exhibit, reason }) => void faults.push(`${exhibit}: ${reason}`),
  });
  const plan = (await planViews(ctx)).find((one) => one.key === key);
  if (!plan) throw new Error(`no view ${key}`);
  const all = changesOfView(await loadView(ctx, plan, listingCache(ctx, { hash: true })));
  expect(faults).toEqual([]);
  // JSON of the engine has U+FFFD for each byte that is no UTF-8
  return all
    .map(({ kind, path: at }) => `${LETTERS[kind]} ${at.replace(/[\u{10fe80}-\u{10feff}]/gu, '\ufffd')}`)
    .sort();
}

async function readCase(path: string): Promise<ExhibitRecord[]> {
  const ids = (await readdir(join(path, 'evidence'))).filter((one) => /^E\d+$/.test(one)).sort();
  return Promise.all(ids.map((id) => readRecord(path, id)));
}
