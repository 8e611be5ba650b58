import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFrames } from '../../src/main/analyze/formats/frames';
import { hostFilesOf } from '../../src/main/analyze/formats/host-files';
import { vethsOf } from '../../src/main/analyze/formats/veth';
import { ONE_FILE } from '../../src/main/collect/host-files/script';
import { connectHost } from '../../src/main/docker/connect';
import type { HostSession } from '../../src/main/docker/session';
import { listTargets } from '../../src/main/docker/targets';
import { withAccessLog } from '../../src/main/hosts/access';
import type { Target } from '../../src/shared/domain';
import { at, body, type Collected, collectIn, filesOf, missed, seen, taken } from '../kit/collected';
import { type LabHost, labAvailable, startHost } from '../lab';
import { clearContext, HOSTILE, SECRET, stageContext, traces } from './host-context.stage';

const reason = await labAvailable();

const CONTAINER = ['engine-files', 'log-files', 'journal', 'runtime', 'netns'].map((name) => `container.${name}`);
const ENGINE = ['files', 'plugins', 'swarm', 'binaries', 'journal'].map((name) => `engine.${name}`);
const ALL = [...CONTAINER, ...ENGINE];

describe.skipIf(reason !== undefined)(
  `what the engine keeps of a container${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let host: LabHost;
    let session: HostSession;
    let targets: Target[];
    let dir: string;
    let all: Collected;
    let before: string[];
    let after: string[];

    const collect = (ids: string[], inputs?: Record<string, unknown>) =>
      collectIn(dir, { session, targets }, ids, { inputs });

    beforeAll(async () => {
      host = await startHost('ctx1');
      await stageContext(host);
      dir = await mkdtemp(join(tmpdir(), 'lading-context-'));
      session = await withAccessLog([], () => connectHost(host.spec, { configDir: dir }));
      targets = await withAccessLog([], () => listTargets(session));
      before = await traces(host);
      all = await collect(ALL);
      after = await traces(host);
    });

    afterAll(async () => {
      await session?.close();
      if (host) await clearContext(host);
      await host?.stop();
      if (dir) await rm(dir, { recursive: true, force: true });
    });

    it('leaves every file of the host as it was, by size, content change and status change', () => {
      expect(before.length).toBeGreaterThan(5000);
      expect(after).toEqual(before);
    });

    it('gives for each item an exhibit that parses, or a miss with its reason; nothing is partial or empty', async () => {
      for (const record of all.records) {
        expect([record.title, record.partial, record.reason]).toEqual([record.title, false, undefined]);
        expect(record.bytes).toBeGreaterThan(0);
        if (record.kind !== 'frames') continue;
        const set = parseFrames(await all.bytes(record));
        expect(set).toMatchObject({ source: record.collector.id, complete: true, faults: [] });
        for (const file of hostFilesOf(set).files) expect(file.path === '' && !file.absent).toBe(false);
      }
      for (const miss of all.misses) expect(miss.reason).toMatch(/\.$|link to|paths that are none/);
      for (const item of all.plan.items.filter((one) => !one.impossible)) {
        const count =
          taken(all, item.collector, item.target.name).length + missed(all, item.collector, item.target.name).length;
        expect([item.key, count > 0]).toEqual([item.key, true]);
      }
    });

    it('container.engine-files: configuration whole, a planted link named and not followed', async () => {
      const files = await filesOf(all, 'container.engine-files', 'ctx-web');
      const id = targets.find((one) => one.name === 'ctx-web')?.id ?? '';
      const folder = `/var/lib/docker/containers/${id}`;
      expect(JSON.parse(body(at(files, `${folder}/config.v2.json`)))).toMatchObject({ ID: id, Name: '/ctx-web' });
      expect(JSON.parse(body(at(files, `${folder}/hostconfig.json`)))).toHaveProperty('Binds');
      expect(body(at(files, `${folder}/resolv.conf`))).toContain('nameserver');
      expect(seen(at(files, `${folder}/hostname`))).toMatchObject({ link: '/srv/secret', content: undefined });
      const listed = at(files, folder)?.listing?.files ?? at(files, `${folder}/.`)?.listing?.files ?? [];
      expect(listed.find((one) => one.path === './evil-json.log')).toMatchObject({ type: 'l', target: '/srv/secret' });
      expect(listed.find((one) => one.path.startsWith('./-rf'))?.path).toBe(`./${HOSTILE}`);
      expect(listed.find((one) => one.path === './pipe-json.log')?.type).toBe('p');
    });

    it('container.log-files: each file raw and whole, older ones and those of the driver local too', async () => {
      const web = taken(all, 'container.log-files', 'ctx-web').filter((one) => one.kind !== 'frames');
      const id = targets.find((one) => one.name === 'ctx-web')?.id ?? '';
      const folder = `/var/lib/docker/containers/${id}`;
      // the newest first: the engine compresses what it rotates away a moment later
      const listed = await host.output(['sh', '-c', 'cd "$1" && ls -d "$2"-json.log*', 'sh', folder, id]);
      const names = listed.split('\n');
      expect(names).toHaveLength(3);
      const texts: string[] = [];
      for (const name of names) {
        const record = web.find((one) => one.file === name);
        expect([name, record?.sha256]).toEqual([
          name,
          (await host.output(['sha256sum', `${folder}/${name}`])).slice(0, 64),
        ]);
        if (!record) continue;
        expect(record.kind).toBe(name.endsWith('.gz') ? 'binary' : 'log');
        const bytes = await all.bytes(record);
        texts.unshift((name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
      }
      const lines = texts
        .join('')
        .trimEnd()
        .split('\n')
        .map((line): { log: string } => JSON.parse(line));
      const numbers = lines.map(({ log }) => Number(/^line (\d+)/.exec(log)?.[1]));
      expect(numbers.at(-1)).toBe(400);
      expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => 401 - numbers.length + i));
      // the file with the hostile name is a log by its name, and arrives whole
      expect(web.map((one) => one.bytes)).toContain(SECRET.length + 1 + 'hostile '.length);
      const local = taken(all, 'container.log-files', 'ctx-local').find((one) => one.title.includes('local-logs/'));
      expect(local && (await all.bytes(local)).includes('written by local')).toBe(true);
    });

    it('container.log-files: follows no link out of the folder, waits for no pipe, says so', async () => {
      for (const record of all.records.filter((one) => one.collector.id === 'container.log-files')) {
        const bytes = await all.bytes(record);
        if (!record.title.includes('-rf')) expect(bytes.includes(SECRET)).toBe(false);
      }
      const said = missed(all, 'container.log-files', 'ctx-web').map((one) => one.reason);
      expect(said).toEqual(
        expect.arrayContaining([
          'evil-json.log is a link to /srv/secret: it was not followed out of the container’s folder.',
          'pipe-json.log is no file but of type p.',
          'empty-json.log is empty.',
        ]),
      );
      // local-logs itself is a link there: what lies behind it is not even listed
      const none = missed(all, 'container.log-files', 'ctx-none').map((one) => `${one.outcome}: ${one.reason}`);
      expect(none).toEqual([expect.stringMatching(/^none: No log file lies in the container’s folder/)]);
    });

    it('notices a log that becomes a link, or whose folder does, after it was listed', async () => {
      const id = targets.find((one) => one.name === 'ctx-none')?.id ?? '';
      const read = (folder: string, name: string) =>
        host.exec(['sh', '-c', ONE_FILE, 'lading', folder, name, '/var/lib/docker/containers', id]);
      expect(await read('local-logs', 'secret')).toMatchObject({ code: 3, stdout: Buffer.alloc(0) });
      const web = targets.find((one) => one.name === 'ctx-web')?.id ?? '';
      const link = await host.exec([
        'sh',
        '-c',
        ONE_FILE,
        'lading',
        '',
        'evil-json.log',
        '/var/lib/docker/containers',
        web,
      ]);
      expect([link.code, link.stdout.length, link.stderr.toString()]).toEqual([
        3,
        0,
        'not followed: it is a link now\n',
      ]);
      expect((await read('', '../config.v2.json')).code).toBe(64);
      expect((await read('', 'gone.log')).stderr.toString()).toContain('No such file');
    });

    it('container.journal: the entries of one container, and a reason for the others', async () => {
      const files = await filesOf(all, 'container.journal', 'ctx-journal');
      const text = files.commands.get('journal')?.output?.body.toString() ?? '';
      const id = targets.find((one) => one.name === 'ctx-journal')?.id;
      expect(text).toContain('\nMESSAGE=written to the journal\n');
      expect(new Set(text.match(/^CONTAINER_ID_FULL=.*$/gm))).toEqual(new Set([`CONTAINER_ID_FULL=${id}`]));
      expect(missed(all, 'container.journal', 'ctx-web')[0]?.outcome).toBe('not applicable');
    });

    it('container.runtime: state of runc, the OCI configuration, the files of the control groups', async () => {
      const files = await filesOf(all, 'container.runtime', 'ctx-web');
      const id = targets.find((one) => one.name === 'ctx-web')?.id;
      const pid = Number(await host.output(['docker', 'inspect', '-f', '{{.State.Pid}}', 'ctx-web']));
      const state = files.files.find((one) => one.as === 'state' && one.content);
      expect(JSON.parse(body(state))).toMatchObject({ id, init_process_pid: pid });
      const config = files.files.find((one) => one.as === 'task' && one.path.endsWith('/config.json'));
      expect(JSON.parse(body(config))).toHaveProperty('process.args');
      const group = (name: string) =>
        body(files.files.find((one) => one.as === 'cgroup' && one.path.endsWith(`/${name}`)));
      expect(Number(group('memory.usage_in_bytes') || group('memory.current'))).toBeGreaterThan(0);
      expect(Number(group('pids.current'))).toBeGreaterThan(0);
      expect(missed(all, 'container.runtime', 'ctx-none').map((one) => one.outcome)).toEqual(['missing']);
    });

    it('container.netns: routes and addresses, and which interface of the host is the other end', async () => {
      const [record] = taken(all, 'container.netns', 'ctx-web');
      const set = parseFrames(record ? await all.bytes(record) : Buffer.alloc(0));
      const files = hostFilesOf(set);
      const net = (name: string) =>
        body(files.files.find((one) => one.as === 'net' && one.path.endsWith(`/net/${name}`)));
      const address = await host.output(['docker', 'inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'ctx-web']);
      expect(net('fib_trie')).toContain(address);
      expect(net('route')).toContain('eth0');
      expect(net('dev')).toContain('eth0');
      const inside = await host.output(['docker', 'exec', 'ctx-web', '/bin/cat', '/sys/class/net/eth0/iflink']);
      // the bridge learns an address only from what the container sends; which namespace it is in is known at once
      const pid = await host.output(['docker', 'inspect', '-f', '{{.State.Pid}}', 'ctx-web']);
      const namespace = Number(await host.output(['stat', '-L', '-c', '%i', `/proc/${pid}/ns/net`]));
      const ends = vethsOf(files).filter((one) => one.namespace === namespace);
      expect(ends.map((one) => [one.ifindex, one.bridge])).toEqual([[Number(inside), 'docker0']]);
      expect(ends[0]?.iflink).toBe(
        Number(await host.output(['docker', 'exec', 'ctx-web', '/bin/cat', '/sys/class/net/eth0/ifindex'])),
      );
      expect(
        all.plan.items.find((one) => one.collector === 'container.netns' && one.target.name === 'ctx-none'),
      ).toHaveProperty('impossible', expect.stringContaining('does not run'));
    });

    it('engine.files: settings, secrets whole, sockets by mode and owner, the lists of images and networks', async () => {
      const files = await filesOf(all, 'engine.files');
      expect(at(files, '/root/.docker/config.json')).toBeUndefined();
      expect(body(at(files, '/etc/group'))).toMatch(/^docker:/m);
      const socket = at(files, '/run/docker.sock');
      expect([(socket?.stat?.mode ?? 0) >> 12, (socket?.stat?.mode ?? 0) & 0o777, socket?.content]).toEqual([
        12,
        0o660,
        undefined,
      ]);
      expect(body(at(files, '/var/lib/docker/image/overlay2/repositories.json'))).toContain('lading-test/ctx');
      expect(at(files, '/var/lib/docker/network/files/local-kv.db')?.content?.length).toBeGreaterThan(1000);
      const images = files.files.find((one) => one.as === 'images')?.listing?.files ?? [];
      expect(images.some((one) => /\.\/overlay2\/imagedb\/content\/sha256\/[0-9a-f]{64}$/.test(one.path))).toBe(true);
      expect(body(at(files, '/etc/docker/daemon.json'))).toContain('"experimental": true');
    });

    it('engine.binaries: hash and package of what lies there and of what runs', async () => {
      const files = await filesOf(all, 'engine.binaries');
      const dockerd = files.files.find((one) => one.path.endsWith('/dockerd'));
      const path = await host.output(['sh', '-c', 'command -v dockerd']);
      expect(dockerd?.path).toBe(path);
      const hash = (await host.output(['sha256sum', path])).slice(0, 64);
      expect(dockerd?.sha256).toBe(hash);
      expect(dockerd?.owner?.body.toString()).toMatch(/^docker\.io: /);
      expect(files.running.find((one) => one.path === path)?.sha256).toBe(hash);
      expect(files.running.some((one) => one.path.endsWith('/containerd-shim-runc-v2'))).toBe(true);
      // a program that no package brought is told from one whose package is known
      expect(at(files, '/usr/local/bin/crictl')?.owner).toMatchObject({ exit: 1 });
    });

    it('engine.plugins is the engine’s answer; engine.swarm says that there is none', async () => {
      const [plugins] = taken(all, 'engine.plugins');
      expect(plugins && JSON.parse((await all.bytes(plugins)).toString())).toEqual([]);
      expect(missed(all, 'engine.swarm').map((one) => one.outcome)).toEqual(['none']);
    });
  },
);
