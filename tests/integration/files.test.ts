import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { tarFolder } from '../../src/main/collect/fs/tar-folder';
import { type LabCase, labCase, members } from '../kit/lab-case';
import { type LabHost, labAvailable, startHost } from '../lab';

const absent = await labAvailable();
const IMAGE = 'lading-test/files:1';
/** More than any pipe or buffer between host and case holds. */
const BIG = 5_000_000;

/** Fills a volume, a bound folder, a tmpfs, /dev/shm; holds a deleted file; lays links that lead out of the container. */
const STAGE = `
docker rm -f files-web files-idle >/dev/null 2>&1 || :
docker volume rm files-vol >/dev/null 2>&1 || :
rm -rf /root/fb /root/bound && mkdir -p /root/fb/bin /root/fb/tmp /root/fb/proc /root/fb/dev /root/fb/etc /root/fb/data /root/bound
cp /bin/busybox /root/fb/bin/ && for a in sh cp rm sleep ln mkdir setfattr chmod dd touch cat; do ln -s busybox /root/fb/bin/$a; done
echo the container is not the host > /root/fb/etc/mark
tar -C /root/fb -c . | docker import - ${IMAGE} >/dev/null
echo of the host > /etc/mark; echo bound > /root/bound/file
docker run -d --name files-web -v files-vol:/vol -v /root/bound:/bound -v /root/bound/file:/one:ro -v /:/host:ro \\
  -v /var/run/docker.sock:/sock --tmpfs /run ${IMAGE} /bin/sh -c '
  echo in the volume > /vol/file; ln -s /etc/shadow /vol/out; echo shm > /dev/shm/k; echo run > /run/r
  mkdir -p /data/real; echo deep > /data/real/f; ln -s /etc /data/abs; ln -s ../../../../etc /data/rel; ln -s /data/loop /data/loop
  ln -s /etc/mark /data/last; echo -n "" > /data/empty
  cp /bin/busybox /data/sleep; /data/sleep 7001 & exec 5>/data/gone; dd if=/dev/zero bs=1000000 count=5 2>/dev/null >&5; echo end >&5
  rm /data/gone /data/sleep; touch /data/ready; while :; do sleep 7002; done' >/dev/null
docker create --name files-idle ${IMAGE} /bin/true >/dev/null
docker cp /root/bound/file files-idle:/etc/copied
for i in 1 2 3 4 5 6 7 8 9 10; do docker exec files-web /bin/sh -c '[ -e /data/ready ]' && break; sleep 0.3; done
setfattr -n user.mark -v kept /var/lib/docker/volumes/files-vol/_data/file 2>/dev/null || :
touch -a -d '2020-01-01T00:00:00Z' /var/lib/docker/volumes/files-vol/_data/file`;

describe.skipIf(absent !== undefined)(`file systems by other ways${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let dir: string;
  let app: App;
  let kept: LabCase;
  let plain: LabCase;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('fs2');
    await host.output(['sh', '-euc', STAGE]);
    dir = await mkdtemp(join(tmpdir(), 'lading-files-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'root'), host.spec);
    plain = await labCase(app, join(dir, 'plain'), host.specFor('dockeruser'));
  }, 180_000);

  afterAll(async () => {
    await kept?.close();
    await plain?.close();
    await app?.close();
    await host?.exec([
      'sh',
      '-c',
      'docker rm -f files-web files-idle; docker volume rm files-vol; docker rmi lading-test/made:1',
    ]);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  /** Collects with one collector; gives what came new, with content. */
  async function take(from: LabCase, collector: string, target: string, input?: unknown) {
    const before = new Set((await from.records()).map(({ id }) => id));
    const missed = (await from.misses()).length;
    const task = await from.collect({
      collectors: [collector],
      targets: [target],
      ...(input !== undefined && { inputs: { [collector]: input } }),
    });
    expect(task.error).toBeUndefined();
    const records = (await from.records()).filter(({ id }) => !before.has(id));
    const exhibits = await Promise.all(records.map(async (record) => ({ record, bytes: await from.bytes(record) })));
    return { exhibits, misses: (await from.misses()).slice(missed), task };
  }
  const stderrOf = ({ record }: { record: { how: object } }) =>
    'stderr' in record.how ? String(record.how.stderr) : '';

  it('volume.content: every file, extended attributes, links as links, no access time moved', async () => {
    const at = '/var/lib/docker/volumes/files-vol/_data/file';
    const before = await host.output(['stat', '-c', '%X %Y %Z', at]);
    const { exhibits, misses } = await take(kept, 'volume.content', 'files-vol');
    expect(misses).toEqual([]);
    expect(exhibits.map(({ record }) => record.partial)).toEqual([false]);
    const [one] = exhibits;
    if (!one) throw new Error('nothing came');
    const { all, faults } = members(one.bytes);
    expect(faults).toEqual([]);
    expect(all.get('/file')?.content.toString()).toBe('in the volume\n');
    expect(all.get('/out')?.entry).toMatchObject({ type: 'symbolic link', link: '/etc/shadow' });
    expect(stderrOf(one)).toMatch(/^Taken with tar \(GNU tar\) [\d.]+ \(\/.*tar\):/m);
    expect(await host.output(['stat', '-c', '%X %Y %Z', at])).toBe(before);
    const marked = await host.exec(['getfattr', '-n', 'user.mark', at]);
    if (marked.code === 0) expect(all.get('/file')?.entry.xattrs?.['user.mark']).toBe('kept');
  });

  it('container.binds: folders and files, the host’s own system only when it is chosen', async () => {
    const { exhibits, misses } = await take(kept, 'container.binds', 'files-web');
    const of = (where: string) => exhibits.find(({ record }) => record.title.endsWith(`in the container ${where}`));
    expect(
      members(of('/bound')?.bytes ?? Buffer.alloc(0))
        .all.get('/bound/file')
        ?.content.toString(),
    ).toBe('bound\n');
    expect(
      members(of('/one')?.bytes ?? Buffer.alloc(0))
        .all.get('/file')
        ?.content.toString(),
    ).toBe('bound\n');
    expect(of('/host')).toBeUndefined();
    expect(misses.map((miss) => miss.reason).join('\n')).toMatch(/in the container \/host: not taken.*wholeSystem/);
    expect(misses.map((miss) => miss.reason).join('\n')).toMatch(/it is a socket/);
  });

  it('container.tmpfs: tmpfs mounts and /dev/shm', async () => {
    const { exhibits, misses } = await take(kept, 'container.tmpfs', 'files-web');
    // The host's root is mounted in it: the host's own tmpfs, and those of other containers, are no files of this one.
    expect(misses.map(({ reason }) => reason)).toEqual([expect.stringMatching(/through bind mounts.*\/host\//)]);
    const all = exhibits.flatMap(({ bytes }) => [...members(bytes).all]);
    expect(new Map(all).get('/dev/shm/k')?.content.toString()).toBe('shm\n');
    expect(new Map(all).get('/run/r')?.content.toString()).toBe('run\n');
    // Of control groups version 1 its links look to tar as if they changed; marked partial all the same.
    expect(
      exhibits.flatMap(({ record }) =>
        record.partial && !record.title.endsWith(': /sys/fs/cgroup') ? [`${record.title}: ${record.reason}`] : [],
      ),
    ).toEqual([]);
  });

  it('container.open-deleted: a deleted file of 5 MB to the byte, a deleted program; again: referred to', async () => {
    const { exhibits } = await take(kept, 'container.open-deleted', 'files-web');
    const gone = exhibits.find(({ record }) => /: \/data\/gone \(deleted\)$/.test(record.title));
    const whole = Buffer.concat([Buffer.alloc(BIG), Buffer.from('end\n')]);
    expect(gone?.record.sha256).toBe(createHash('sha256').update(whole).digest('hex'));
    const program = (await host.output(['sha256sum', '/bin/busybox'])).slice(0, 64);
    // The deleted copy and the program of the image are one and the same content: taken once.
    expect(exhibits.filter(({ record }) => record.sha256 === program)).toHaveLength(1);
    const again = await take(kept, 'container.open-deleted', 'files-web');
    expect(again.exhibits.map(({ record }) => record.kind)).toEqual(['frames']);
  });

  it('container.files: as the container sees its paths; no link leads to the host', async () => {
    const paths = [
      '/data/abs/mark',
      '/data/rel/mark',
      '/data/last',
      '/data/real',
      '/data/loop/x',
      '/no/such',
      '/data/empty',
    ];
    const { exhibits, misses } = await take(kept, 'container.files', 'files-web', { paths });
    const of = (path: string) => exhibits.find(({ record }) => record.title === `From the container: ${path}`);
    for (const path of ['/data/abs/mark', '/data/rel/mark']) {
      const one = of(path);
      expect(
        members(one?.bytes ?? Buffer.alloc(0))
          .all.get('/etc/mark')
          ?.content.toString(),
        path,
      ).toBe('the container is not the host\n');
      expect(one && stderrOf(one)).toMatch(/is a link to .*: resolved within/);
    }
    expect(members(of('/data/last')?.bytes ?? Buffer.alloc(0)).all.get('/data/last')?.entry.link).toBe('/etc/mark');
    expect(
      members(of('/data/real')?.bytes ?? Buffer.alloc(0))
        .all.get('/data/real/f')
        ?.content.toString(),
    ).toBe('deep\n');
    expect(members(of('/data/empty')?.bytes ?? Buffer.alloc(0)).all.get('/data/empty')?.entry.size).toBe(0);
    expect(misses.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/No such file or directory: no/),
      expect.stringMatching(/Too many links on the way/),
    ]);
  });

  it('container.files of a stopped container: through the engine', async () => {
    const { exhibits } = await take(kept, 'container.files', 'files-idle', { paths: ['/etc/copied'] });
    expect(exhibits.map(({ record }) => record.how)).toMatchObject([{ kind: 'api', method: 'GET', status: 200 }]);
    expect(
      members(exhibits[0]?.bytes ?? Buffer.alloc(0))
        .all.get('/copied')
        ?.content.toString(),
    ).toBe('bound\n');
  });

  it('without root: what changed, through the engine, one archive each', async () => {
    const { exhibits } = await take(plain, 'container.archive', 'files-web');
    const titles = exhibits.map(({ record }) => record.title);
    expect(titles).toContain('Changed: /data/real');
    expect(titles).not.toContain('Changed: /data/real/f');
    expect(titles).not.toContain('Changed: /data');
    const real = exhibits[titles.indexOf('Changed: /data/real')];
    expect(
      members(real?.bytes ?? Buffer.alloc(0))
        .all.get('/real/f')
        ?.content.toString(),
    ).toBe('deep\n');
    const idle = await take(plain, 'container.archive', 'files-idle');
    expect(idle.exhibits.map(({ record }) => record.title)).toContain('Changed: /etc/copied');
    const rooted = await take(kept, 'container.archive', 'files-web');
    expect(rooted).toMatchObject({ exhibits: [], misses: [{ outcome: 'not applicable' }] });
    const files = await take(plain, 'container.files', 'files-web', { paths: ['/data/real/f'] });
    expect(
      members(files.exhibits[0]?.bytes ?? Buffer.alloc(0))
        .all.get('/f')
        ?.content.toString(),
    ).toBe('deep\n');
  });

  it('image.save: the engine’s own archive', async () => {
    const { exhibits } = await take(plain, 'image.save', IMAGE);
    const { all } = members(exhibits[0]?.bytes ?? Buffer.alloc(0));
    expect(JSON.parse(all.get('/manifest.json')?.content.toString() ?? '')).toHaveLength(1);
  });

  it('container.commit: only when asked, refuses a name in use, removes only when chosen', async () => {
    const there = async () => (await host.exec(['docker', 'image', 'inspect', 'lading-test/made:1'])).code === 0;
    await expect(kept.collect({ collectors: ['container.commit'], targets: ['files-web'] })).rejects.toThrow(
      /can be collected/,
    );
    const used = await take(kept, 'container.commit', 'files-web', { image: IMAGE });
    expect(used.exhibits).toEqual([]);
    expect(used.misses.map(({ reason }) => reason).join()).toMatch(/already/);
    const made = await take(kept, 'container.commit', 'files-web', { image: 'lading-test/made:1' });
    expect(made.exhibits).toHaveLength(1);
    expect(made.misses.map(({ reason }) => reason).join()).toMatch(/stays on the host/);
    expect(await there()).toBe(true);
    await host.output(['docker', 'rmi', 'lading-test/made:1']);
    const removed = await take(kept, 'container.commit', 'files-web', { image: 'lading-test/made:1', remove: true });
    expect(removed.exhibits).toHaveLength(1);
    expect(removed.misses).toEqual([]);
    expect(await there()).toBe(false);
  });

  it('the script with dash and with busybox alone: what is lost is said', async () => {
    const [, , script = '', ...words] = tarFolder({ base: '/root/bound', sub: 'file' });
    const dash = await host.exec(['dash', '-c', script, ...words]);
    expect(members(dash.stdout).all.get('/file')?.content.toString()).toBe('bound\n');
    const only =
      'rm -rf /root/bo && mkdir -p /root/bo/bin /root/bo/dev /root/bo/proc /root/bo/t/sub && cp /bin/busybox /root/bo/bin/ && for a in $(busybox --list); do [ -e /root/bo/bin/$a ] || ln -s busybox /root/bo/bin/$a; done; echo x > /root/bo/t/sub/f; touch /root/bo/dev/null';
    await host.output(['sh', '-c', only]);
    const [, , , ...inside] = tarFolder({ base: '/t', sub: '/sub/f' });
    const ash = await host.exec(['chroot', '/root/bo', '/bin/sh', '-c', script, ...inside]);
    expect(ash.stderr.toString()).toMatch(
      /tar of busybox.*without extended attributes[\s\S]*Names in the archive are below sub/,
    );
    expect(members(ash.stdout).all.get('/f')?.content.toString()).toBe('x\n');
  });
});
