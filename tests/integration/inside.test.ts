import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeCase } from '../../src/main/analyze/run';
import { type App, createApp } from '../../src/main/app';
import { project } from '../../src/main/cases/project';
import { verifyCase } from '../../src/main/custody/verify';
import type { ExhibitRecord, Task } from '../../src/shared/domain';
import { type LabHost, labAvailable, startHost } from '../lab';

const absent = await labAvailable();

/** An image of busybox alone, whose ps and netstat can be replaced; made on the host itself. */
const IMAGE = `set -e
cd "$(mktemp -d)"; mkdir -p bin etc proc root tmp; cp /usr/bin/busybox bin/
for x in sh ps netstat grep sed sleep nc cat find ls env id yes; do ln -s busybox bin/$x; done
echo 'root:x:0:0::/root:/bin/sh' > etc/passwd
tar -c . | docker import -c 'CMD ["/bin/sleep","100000"]' - inside-box:1 >/dev/null`;

describe.skipIf(absent !== undefined)(`asking a container itself${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  let app: App;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('ins1');
    await host.output(['sh', '-c', IMAGE]);
    for (const name of ['honest', 'liar', 'mask']) {
      await host.exec(['docker', 'rm', '-f', name]);
      await host.output(['docker', 'run', '-d', '--name', name, 'inside-box:1']);
      await host.output(['docker', 'exec', '-d', name, 'nc', '-l', '-p', '31337', '-e', '/bin/sh']);
    }
    // The liar's own tools leave out what they shall not show, and show a process that is not there.
    const lie = (tool: string, more: string) =>
      `rm /bin/${tool}; printf '#!/bin/sh\\n/bin/busybox ${tool} "$@" | /bin/busybox grep -v 31337\\n${more}\\n' > /bin/${tool}; chmod 755 /bin/${tool}`;
    await host.output(['docker', 'exec', 'liar', 'sh', '-c', lie('netstat', '')]);
    await host.output(['docker', 'exec', 'liar', 'sh', '-c', lie('ps', 'echo "    2 root      0:00 /sbin/auditd"')]);
    // The mask's ps shows every process, and one of them as another program.
    const mask = `rm /bin/ps; printf '#!/bin/sh\\n/bin/busybox ps "$@" | /bin/busybox sed "s,nc -l.*,/usr/sbin/crond -f,"\\n' > /bin/ps; chmod 755 /bin/ps`;
    await host.output(['docker', 'exec', 'mask', 'sh', '-c', mask]);
    dir = await mkdtemp(join(tmpdir(), 'lading-inside-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
  });

  afterAll(async () => {
    await app?.close();
    await host?.exec(['docker', 'rm', '-f', 'honest', 'liar', 'mask']);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const create = async (name: string) => {
    const path = join(dir, name);
    await app.client.cases.create({ path, number: name, title: 'Inside', examiner: 'T. Tester' });
    await app.client.hosts.connect({ case: path, host: host.spec });
    return path;
  };
  const ended = async (id: string): Promise<Task> => {
    for await (const task of await app.client.tasks.watch({ id })) if (task.state !== 'running') return task;
    return app.client.tasks.get({ id });
  };
  type More = Omit<Parameters<App['client']['collect']['start']>[0], 'case' | 'hosts' | 'acceptFootprint'>;
  const collect = async (path: string, more: More) => {
    const start = { case: path, hosts: [host.spec], acceptFootprint: true, ...more };
    return ended((await app.client.collect.start(start)).task);
  };
  const records = async (path: string) => {
    const list = await app.client.exhibits.list({ case: path });
    return Promise.all(list.map(({ id }) => app.client.exhibits.get({ case: path, id })));
  };
  const text = (path: string, { id, file }: ExhibitRecord) => readFile(join(path, 'evidence', id, file), 'utf8');
  const misses = async (path: string) => (await app.client.cases.get({ case: path })).data.collections.at(-1)?.misses;
  const closeAndVerify = async (path: string) => {
    await app.client.cases.close({ case: path });
    expect(await verifyCase(path, { project })).toMatchObject({ ok: true, faults: [] });
  };

  it('is refused until its footprint is accepted', async () => {
    const path = await create('refused');
    const start = { case: path, hosts: [host.spec], collectors: ['container.inside.users'], acceptFootprint: false };
    await expect(app.client.collect.start(start)).rejects.toMatchObject({
      data: { message: expect.stringContaining('runs in container') },
    });
    expect(await app.client.exhibits.list({ case: path })).toEqual([]);
    await app.client.cases.close({ case: path });
  });

  it('finds what the container hides, and nothing where it hides nothing', async () => {
    const path = await create('views');
    const collectors = ['container.inside.processes', 'container.inside.sockets'];
    const task = await collect(path, { collectors, targets: ['honest', 'liar', 'mask'] });
    expect(task.items.filter((item) => item.state !== 'done' && item.state !== 'skipped')).toEqual([]);
    const all = await records(path);
    const said = all.filter((one) => one.how.kind === 'inside');
    expect(said.map((one) => `${one.target.name} ${one.collector.id}`).sort()).toEqual([
      'honest container.inside.processes',
      'honest container.inside.sockets',
      'liar container.inside.processes',
      'liar container.inside.sockets',
      'mask container.inside.processes',
      'mask container.inside.sockets',
    ]);
    for (const { how, accesses } of said) {
      if (how.kind !== 'inside') continue;
      expect(how.exit).toBe(0);
      expect(JSON.parse(how.inspect ?? '')).toMatchObject({ Running: false, ExitCode: 0 });
      // The argv is in the record of the call that carried it, too.
      expect(accesses.some(({ what }) => what[0] === 'POST' && what[2]?.includes(JSON.stringify(how.argv)))).toBe(true);
    }
    const result = await analyzeCase({ dir: path, records: all });
    const found = result.findings.filter(({ rule }) => rule.startsWith('crossview.'));
    expect(found.map(({ rule, target }) => `${target.name} ${rule}`).sort()).toEqual([
      'liar crossview.hidden-process',
      'liar crossview.hidden-socket',
      'liar crossview.invented-process',
      'mask crossview.renamed-process',
    ]);
    for (const { cites } of found) expect(new Set(cites.map(({ exhibit }) => exhibit)).size).toBeGreaterThan(1);
    expect(found.find(({ rule }) => rule === 'crossview.hidden-process')?.claim).toContain('31337');
    await closeAndVerify(path);
  });

  it('says with the words of the engine that a program is not there', async () => {
    const path = await create('absent');
    const collectors = ['container.inside.open-files', 'container.inside.scan', 'container.inside.users'];
    await collect(path, { collectors, targets: ['honest'] });
    const [user] = await records(path);
    expect(user && (await text(path, user))).toBe('root:x:0:0::/root:/bin/sh\n');
    expect(user?.how).toMatchObject({ argv: ['cat', '/etc/passwd'] });
    const absent = (await misses(path))?.filter(({ outcome }) => outcome === 'missing');
    expect(absent?.map(({ collector }) => collector).sort()).toEqual([
      'container.inside.open-files',
      'container.inside.scan',
    ]);
    for (const { reason } of absent ?? []) expect(reason).toMatch(/executable file not found/);
    await closeAndVerify(path);
  });

  it('runs what the examiner says, as whom he says, word by word', async () => {
    const path = await create('command');
    const run = (argv: string[], more: object = {}) =>
      collect(path, {
        collectors: ['container.inside.command'],
        targets: ['honest'],
        inputs: { 'container.inside.command': { argv, ...more } },
      });
    await run(['sh', '-c', 'printf "%s" "$1"; printf err >&2', 'x', '$(id); a\nb'], { user: '1234:5678' });
    await run(['id'], { user: '1234:5678' });
    await run(['sh', '-c', 'echo part; exit 3']);
    await run(['sh', '-c', 'exit 0']);
    await run(['sh', '-c', 'echo secret words >&2; exit 9']);
    const all = await records(path);
    expect(await Promise.all(all.map((one) => text(path, one)))).toEqual([
      '$(id); a\nb',
      'uid=1234 gid=5678 groups=5678\n',
      'part\n',
    ]);
    expect(all[0]?.how).toMatchObject({ stderr: 'err', stderrBytes: 3, user: '1234:5678' });
    expect(all.map((one) => one.partial)).toEqual([false, false, true]);
    expect(all[2]?.reason).toContain('status 3');
    const { data } = await app.client.cases.get({ case: path });
    const reasons = data.collections.map((one) => one.misses.map(({ outcome, reason }) => `${outcome}: ${reason}`));
    expect(reasons.slice(3)).toEqual([
      ['none: The program ended well and gave no output.'],
      ['unreadable: The program ended with status 9: secret words'],
    ]);
    await closeAndVerify(path);
  });

  it('cuts a program off that runs too long, keeps what came, and leaves it not running', async () => {
    const path = await create('long');
    await collect(path, {
      collectors: ['container.inside.command'],
      targets: ['honest'],
      inputs: { 'container.inside.command': { argv: ['sh', '-c', 'echo begun; exec sleep 54321'], seconds: 2 } },
    });
    const [record] = await records(path);
    expect(record).toMatchObject({ partial: true, reason: expect.stringContaining('more than 2 s'), bytes: 6 });
    expect(await host.output(['docker', 'exec', 'honest', 'ps'])).not.toContain('54321');
    await closeAndVerify(path);
  });

  it('takes a flood in constant memory and says that a container is paused', async () => {
    const path = await create('flood');
    const inputs = { 'container.inside.command': { argv: ['sh', '-c', 'yes 0123456789abcdef'], seconds: 3 } };
    const before = process.memoryUsage().rss;
    await collect(path, { collectors: ['container.inside.command'], targets: ['honest'], inputs });
    const [record] = await records(path);
    expect(record?.partial).toBe(true);
    expect(record?.bytes).toBeGreaterThan(5e6);
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
    await host.output(['docker', 'pause', 'liar']);
    try {
      await collect(path, { collectors: ['container.inside.users'], targets: ['liar'] });
      expect((await misses(path))?.[0]?.reason).toMatch(/paused/);
    } finally {
      await host.output(['docker', 'unpause', 'liar']);
    }
    await closeAndVerify(path);
  });
});
