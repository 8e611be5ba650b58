import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameSet, parseFrames } from '../../src/main/analyze/formats/frames';
import { archiveReader } from '../../src/main/analyze/formats/fs-archive';
import { type FsEntry, markOf } from '../../src/main/analyze/formats/fs-entry';
import { type App, createApp } from '../../src/main/app';
import type { ExhibitRecord, Task } from '../../src/shared/domain';
import { parseListing } from '../../src/shared/listing';
import { type LabHost, labAvailable, startHost } from '../lab';

const absent = await labAvailable();
const STORES = ['overlay2', 'containerd'] as const;

/** Two images that share their first layer, and containers that changed, deleted and emptied; one never ran, one has ended. */
const STAGE = `
docker ps -aq --filter name=layers- | xargs -r docker rm -f >/dev/null
docker images -q lading/layers | xargs -r docker rmi -f >/dev/null 2>&1 || true
r=$(mktemp -d); cd "$r"; mkdir -p bin etc/keep etc/emptied data
cp "$(command -v busybox)" bin/busybox; ln -s busybox bin/sh; ln bin/busybox bin/twin
echo kept > etc/keep/a; echo gone > etc/deleted; echo old > etc/changed; echo in > etc/emptied/in; : > etc/nothing
chmod 4755 bin/busybox; n=$(printf 'odd\\nname\\377'); echo odd > "data/$n"; echo dash > ./-dash
printf %0200d 7 > "data/$(printf %0150d 1)"; head -c 3000000 /dev/urandom > data/big
tar -c . | docker import - lading/layers:1 >/dev/null; rm -rf "$r"
docker run --name layers-made lading/layers:1 /bin/sh -c 'echo second > /second'
docker commit layers-made lading/layers:2 >/dev/null; docker rm layers-made >/dev/null
docker run -d --name layers-runs lading/layers:2 /bin/sh -c '
  B=/bin/busybox; echo new > /etc/changed; $B rm /etc/deleted; $B rm -r /etc/emptied; $B mkdir /etc/emptied; echo mine > /etc/emptied/mine
  $B mknod /dev-thing c 7 9; $B ln -s /etc/shadow /link; $B chmod 2755 /etc/changed; exec $B sleep 100000' >/dev/null
docker run --name layers-ended lading/layers:1 /bin/sh -c 'echo end > /ended' >/dev/null
docker create --name layers-never lading/layers:1 /bin/sh >/dev/null
sleep 1
`;

describe.skipIf(absent !== undefined).each(STORES)(
  `layers and upper directories, %s${absent ? ` (${absent})` : ''}`,
  (store) => {
    let host: LabHost;
    let dir: string;
    let app: App;
    let path: string;

    beforeAll(async () => {
      process.env.LADING_KEYCHAIN = 'off';
      host = await startHost(store === 'overlay2' ? 'fs1' : 'fs1c', { store });
      await host.output(['sh', '-euc', STAGE]);
      dir = await mkdtemp(join(tmpdir(), 'lading-layers-'));
      app = await createApp({ window: 'none', configDir: join(dir, 'config') });
      path = join(dir, 'case');
      await app.client.cases.create({ path, number: 'L', title: 'Layers', examiner: 'T. Tester' });
      await app.client.hosts.connect({ case: path, host: host.spec });
    });

    afterAll(async () => {
      await app?.close();
      await host?.exec(['sh', '-c', 'docker ps -aq --filter name=layers- | xargs -r docker rm -f']);
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    const collect = async (
      collectors: string[],
      targets: string[],
    ): Promise<{ task: Task; records: ExhibitRecord[] }> => {
      const before = new Set((await app.client.exhibits.list({ case: path })).map(({ id }) => id));
      const started = await app.client.collect.start({
        case: path,
        hosts: [host.spec],
        collectors,
        targets,
        reason: 'test',
        acceptFootprint: false,
      });
      let task = await app.client.tasks.get({ id: started.task });
      for await (const now of await app.client.tasks.watch({ id: started.task })) {
        task = now;
        if (now.state !== 'running') break;
      }
      const ids = (await app.client.exhibits.list({ case: path })).filter(({ id }) => !before.has(id));
      return { task, records: await Promise.all(ids.map(({ id }) => app.client.exhibits.get({ case: path, id }))) };
    };
    const bytes = (record: ExhibitRecord) => readFile(join(path, 'evidence', record.id, record.file));
    const entriesOf = (tar: Buffer): Map<string, FsEntry & { text: string }> => {
      const found = new Map<string, FsEntry & { text: string }>();
      const faults: string[] = [];
      const reader = archiveReader('E', {
        entry: (one) => found.set(one.path, { ...one, text: '' }),
        fault: (_, why) => faults.push(why),
      });
      reader.push(tar);
      reader.end();
      expect(faults).toEqual([]);
      for (const one of found.values()) {
        if (one.content)
          one.text = tar.toString('utf8', one.content.offset, one.content.offset + Math.min(100, one.content.length));
      }
      return found;
    };
    const frameOf = (set: FrameSet, name: string) => set.frames.find((one) => one.name === name);
    const ledger = async () =>
      (await readFile(join(path, 'ledger.jsonl'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

    it('takes upper directories of running, ended and never started containers, with marks and attributes', async () => {
      const names = ['layers-runs', 'layers-ended', 'layers-never'];
      const { task, records } = await collect(['container.upper-listing', 'container.upper'], names);
      expect(
        task.items.filter(({ state }) => state !== 'done').map(({ label, state, note }) => `${label} ${state} ${note}`),
      ).toEqual([]);
      const of = (name: string, collector: string) => {
        const one = records.find(({ target, collector: { id } }) => target.name === name && id === collector);
        if (!one) throw new Error(`${collector} of ${name} is not there`);
        return one;
      };
      // the listings come before any content
      const number = (one: ExhibitRecord) => Number(one.id.slice(1));
      const listed = Math.max(...names.map((name) => number(of(name, 'container.upper-listing'))));
      expect(Math.min(...names.map((name) => number(of(name, 'container.upper'))))).toBeGreaterThan(listed);

      const upper = entriesOf(await bytes(of('layers-runs', 'container.upper')));
      expect(upper.get('/etc/changed')).toMatchObject({ text: 'new\n', mode: 0o2755 });
      expect(markOf(upper.get('/etc/deleted') as FsEntry, 'overlay')).toEqual({
        kind: 'whiteout',
        path: '/etc/deleted',
      });
      expect(upper.get('/etc/emptied')?.xattrs?.['trusted.overlay.opaque']).toBe('y');
      expect(upper.get('/etc/emptied/mine')?.text).toBe('mine\n');
      expect(upper.get('/dev-thing')).toMatchObject({ type: 'character device', device: { major: 7, minor: 9 } });
      expect(upper.get('/link')).toMatchObject({ type: 'symbolic link', link: '/etc/shadow' });
      expect(upper.get('/etc/changed')?.mtime).not.toBe(Math.floor(upper.get('/etc/changed')?.mtime ?? 0));
      expect(entriesOf(await bytes(of('layers-ended', 'container.upper'))).get('/ended')?.text).toBe('end\n');

      const listing = await bytes(of('layers-runs', 'container.upper-listing'));
      const set = parseFrames(listing);
      const list = frameOf(set, 'list');
      const { files, faults } = parseListing(list?.body ?? Buffer.alloc(0));
      expect(faults).toBe(0);
      expect(files.find((one) => one.path === './etc/deleted')).toMatchObject({ type: 'c' });
      expect(files.map((one) => one.path.replace(/^\./, '') || '/').sort()).toEqual([...upper.keys()].sort());
      const bare = entriesOf(frameOf(set, 'bare.tar')?.body ?? Buffer.alloc(0));
      expect(bare.get('/etc/emptied')?.xattrs?.['trusted.overlay.opaque']).toBe('y');
      expect(frameOf(set, 'devices')?.body.toString()).toContain('7:9 ./dev-thing');
    });

    it('takes every layer once, proven by its digest, and lists it first', async () => {
      const { task, records } = await collect(
        ['image.layer-listing', 'image.layers'],
        ['lading/layers:1', 'lading/layers:2'],
      );
      expect(
        task.items.filter(({ state }) => state !== 'done').map(({ label, state, note }) => `${label} ${state} ${note}`),
      ).toEqual([]);
      const images = JSON.parse(
        await host.output(['docker', 'image', 'inspect', 'lading/layers:1', 'lading/layers:2']),
      );
      const diffIds: string[] = [
        ...new Set<string>(images.flatMap((one: { RootFS: { Layers: string[] } }) => one.RootFS.Layers)),
      ];
      expect(diffIds).toHaveLength(2);
      const taken = records.filter(({ collector, kind }) => collector.id === 'image.layers' && kind !== 'json');
      expect(taken).toHaveLength(2);
      for (const record of taken) {
        const content = await bytes(record);
        expect(createHash('sha256').update(content).digest('hex')).toBe(record.sha256);
        expect(record.title).toContain(record.sha256);
      }
      if (store === 'overlay2')
        expect(taken.map(({ sha256 }) => `sha256:${sha256}`).sort()).toEqual([...diffIds].sort());
      const again = await collect(['image.layers'], ['lading/layers:1', 'lading/layers:2']);
      expect(again.records).toEqual([]);
      const referred = (await ledger())
        .filter(({ action }) => action === 'exhibit.referred')
        .map(({ subject }) => subject);
      for (const { id } of taken) expect(referred).toContain(id);
    });

    it('touches no access time of a file, no time else, and mounts nothing', async () => {
      // reading a folder's names moves its access time at most once a day where the disk is mounted relatime
      const times = async () => {
        const all = await host.output([
          'find',
          '/var/lib/docker',
          '(',
          '-path',
          '/var/lib/docker/*/merged',
          '-o',
          '-path',
          '/var/lib/docker/rootfs/*',
          ')',
          '-prune',
          '-o',
          '(',
          '-type',
          'd',
          '-printf',
          '%p %T@ %C@\\n',
          '-o',
          '-printf',
          '%p %T@ %C@ %A@\\n',
          ')',
        ]);
        return all.split('\n').sort();
      };
      const engine = async () =>
        host.output(['docker', 'events', '--since', '0', '--until', '1s', '--format', '{{.Action}} {{.ID}}']);
      const before = {
        times: await times(),
        events: await engine(),
        mounts: await host.output(['cat', '/proc/mounts']),
      };
      path = join(dir, 'untouched');
      await app.client.cases.create({ path, number: 'U', title: 'Untouched', examiner: 'T. Tester' });
      await app.client.hosts.connect({ case: path, host: host.spec });
      const all = ['container.upper-listing', 'container.upper', 'image.layer-listing', 'image.layers'];
      const { records } = await collect(all, ['layers-runs', 'layers-ended']);
      expect(records.length).toBeGreaterThan(6);
      expect(await times()).toEqual(before.times);
      expect(await engine()).toBe(before.events);
      expect(await host.output(['cat', '/proc/mounts'])).toBe(before.mounts);
    });

    it('keeps a layer that was changed on the disk as found, and names what was changed', async () => {
      const script =
        store === 'overlay2'
          ? `for d in /var/lib/docker/overlay2/*/diff; do if [ -e "$d/data/big" ]; then
             printf X | dd of="$d/data/big" bs=1 seek=5 conv=notrunc 2>/dev/null; rm "$d/etc/keep/a"; echo longer > "$d/-dash"; fi; done`
          : `cd /var/lib/docker/containerd/daemon/io.containerd.content.v1.content/blobs/sha256
           for f in *; do if [ "$(stat -c %s "$f")" -gt 1000000 ]; then printf X | dd of="$f" bs=1 seek=5000 conv=notrunc 2>/dev/null; fi; done`;
      await host.output(['sh', '-euc', script]);
      path = join(dir, 'tampered');
      await app.client.cases.create({ path, number: 'T', title: 'Tampered', examiner: 'T. Tester' });
      await app.client.hosts.connect({ case: path, host: host.spec });
      const { records } = await collect(['image.layers'], ['lading/layers:1']);
      const misses = (await ledger()).filter(({ action }) => action === 'collection.miss');
      expect(misses).toHaveLength(1);
      expect(misses[0].details.reason).toContain("was changed on the host's disk");
      if (store !== 'overlay2') return;
      expect(misses[0].details.reason).toContain('3 of its files');
      const list = records.find(({ file }) => file.endsWith('.differences.json'));
      const { files } = JSON.parse((await bytes(list as ExhibitRecord)).toString());
      expect(files.map((one: { name: string }) => one.name).sort()).toEqual(['./-dash', './data/big', './etc/keep/a']);
      const found = entriesOf(await bytes(records.find(({ file }) => file.endsWith('.as-found.tar')) as ExhibitRecord));
      expect(found.get('/-dash')?.text).toBe('longer\n');
      expect(found.has('/etc/keep/a')).toBe(false);
      // what could be rebuilt is an archive still
      entriesOf(
        await bytes(records.find(({ title, kind }) => kind === 'tar' && title.startsWith('Layer')) as ExhibitRecord),
      );
    });
  },
);
