import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, createApp } from '../../src/main/app';
import { parseOpenFiles } from '../../src/main/collect/fs/open-files';
import { pauseCommand } from '../../src/main/collect/memory/pause';
import type { MemoryHit } from '../../src/shared/contract/memory';
import type { ExhibitRecord } from '../../src/shared/domain';
import { type LabCase, labCase } from '../kit/lab-case';
import { type LabHost, labAvailable, stageIncident, startHost, type Truth } from '../lab';

const absent = await labAvailable();

/** A page that is found again: a container without an inet socket, so that any CRIU can save it, which holds a mark in anonymous memory. */
const MARK = 'mark-of-one-page-6b1f';
const STILL = `
docker rm -f mem-still >/dev/null 2>&1
docker run -d --name mem-still --network none --entrypoint perl "$(docker inspect -f '{{.Config.Image}}' shop-web)" -e '
  $p = syscall(9, 0, 1 << 20, 3, 0x22, -1, 0); pipe($r, $w);
  for (0 .. 255) { $m = sprintf("%s %04d %s", join("-", "mark", "of-one", "page", "6b1f"), $_, "p" x 200); syswrite($w, $m); syscall(0, fileno($r), $p + 4096 * $_, length $m); }
  open($o, ">", "/tmp/at"); printf $o "0x%x", $p; close $o; sleep 600 while 1' >/dev/null
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do docker exec mem-still sh -c 'test -s /tmp/at' && break; sleep 0.2; done
docker exec mem-still cat /tmp/at`;

describe.skipIf(absent !== undefined)(`memory of the staged incident${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let truth: Truth;
  let dir: string;
  let app: App;
  let kept: LabCase;
  let page: string;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('mem2');
    truth = await stageIncident(host);
    page = await host.output(['sh', '-c', STILL]);
    dir = await mkdtemp(join(tmpdir(), 'lading-memory-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), host.spec);
  });

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    await host?.exec(['docker', 'rm', '-f', 'mem-still']);
    await host?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  const planted = (id: string) => {
    const item = truth.items.find((one) => one.id === id);
    if (!item) throw new Error(`${id} was not planted`);
    return item;
  };

  async function take(collectors: string[], target: string): Promise<ExhibitRecord[]> {
    const before = new Set((await kept.records()).map(({ id }) => id));
    const task = await kept.collect({ collectors, targets: [target] });
    expect(task.error).toBeUndefined();
    return (await kept.records()).filter(({ id }) => !before.has(id));
  }

  /** Every hit of a text in an exhibit, by the call that window and command line use. */
  async function hits(exhibit: string, text: string): Promise<MemoryHit[]> {
    const all: MemoryHit[] = [];
    for (let from: number | null = 0; from !== null; ) {
      const page: { hits: MemoryHit[]; next: number | null } = await app.client.memory.search({
        case: kept.path,
        exhibit,
        from,
        query: { kind: 'text', terms: [text], wide: false },
      });
      all.push(...page.hits);
      from = page.next;
    }
    return all;
  }

  const ofHost = async (path: string) =>
    (await host.output(['sh', '-c', `sha256sum < "$1"`, 'x', path])).split(' ')[0] ?? '';
  const inHost = async (pid: number, address: string, length: number) =>
    (
      await host.exec([
        'dd',
        `if=/proc/${pid}/mem`,
        'bs=1',
        'status=none',
        'iflag=skip_bytes,count_bytes',
        `skip=${BigInt(address)}`,
        `count=${length}`,
      ])
    ).stdout.toString('latin1');

  it('the secret that is in one process’s memory only: found by search, with process and address, there alone', async () => {
    const { container, where } = planted('memory-only-string');
    const secret = String(where.string);
    const records = await take(['process.memory'], String(container));
    const cores = records.filter(({ file }) => file.endsWith('.core'));
    expect(cores.length).toBeGreaterThan(4);
    const found: { file: string; hit: MemoryHit }[] = [];
    for (const { id, file } of cores) for (const hit of await hits(id, secret)) found.push({ file, hit });
    expect(new Set(found.map(({ file }) => file))).toEqual(new Set([`${where.pid}.core`]));
    for (const { hit } of found) {
      expect(hit.space).toBe(`pid:${where.pid}`);
      expect(await inHost(Number(where.pid), hit.address, secret.length)).toBe(secret);
    }
    // its place in the exhibit's file is where it says
    const core = cores.find(({ file }) => file === `${where.pid}.core`);
    const [{ hit } = { hit: undefined }] = found;
    if (!core || !hit) throw new Error('no core');
    const bytes = await kept.bytes(core);
    expect(bytes.toString('latin1', hit.offset, hit.offset + hit.length)).toBe(secret);
    expect(await hits(core.id, `${secret}-not-there`)).toEqual([]);
  });

  it('the program whose file was deleted, and the one from a memfd: their images, with the hash of what runs', async () => {
    const { container } = planted('deleted-binary');
    await take(['container.open-deleted'], String(container));
    const records = (await kept.records()).filter(({ collector }) => collector.id === 'container.open-deleted');
    for (const id of ['deleted-binary', 'memfd-process'] as const) {
      const { where } = planted(id);
      const runs = await ofHost(`/proc/${where.pid}/exe`);
      // both are copies of perl, which the image has: what is the same byte for byte is taken once
      const taken = records.find(({ sha256 }) => sha256 === runs);
      if (!taken) throw new Error(`${id}: no exhibit has the bytes that run (${runs})`);
      expect(
        createHash('sha256')
          .update(await kept.bytes(taken))
          .digest('hex'),
      ).toBe(runs);
      expect(taken.partial).toBe(false);
    }
    const list = records.find(({ kind }) => kind === 'frames');
    if (!list) throw new Error('no list');
    const listed = parseOpenFiles(await kept.bytes(list));
    for (const [id, link] of [
      ['deleted-binary', '/var/tmp/kdevtmpfsi (deleted)'],
      ['memfd-process', '/memfd:update (deleted)'],
    ] as const) {
      const { pid } = planted(id).where;
      expect(listed.find((one) => one.link === link && one.pid === pid)).toMatchObject({
        at: 'exe',
        names: 0,
        sha256: await ofHost(`/proc/${pid}/exe`),
      });
    }
  });

  it('their processes’ cores hold the same programs at the addresses of their mappings', async () => {
    for (const [id, name] of [
      ['deleted-binary', '/var/tmp/kdevtmpfsi'],
      ['memfd-process', 'memfd:update'],
    ] as const) {
      const { where } = planted(id);
      const core = (await kept.records()).find(({ file }) => file === `${where.pid}.core`);
      if (!core) throw new Error(`${id}: no core`);
      const regions = await app.client.memory.regions({ case: kept.path, exhibit: core.id, space: `pid:${where.pid}` });
      const code = regions.find((one) => one.name.startsWith(name) && one.perms.includes('x'));
      expect(code).toMatchObject({ deleted: true, held: code?.size });
      if (!code) continue;
      const { base64 } = await app.client.memory.read({
        case: kept.path,
        exhibit: core.id,
        space: `pid:${where.pid}`,
        address: code.start,
        length: 65_536,
      });
      expect(Buffer.from(base64, 'base64').toString('latin1')).toBe(
        await inHost(Number(where.pid), code.start, 65_536),
      );
    }
  });

  it('a core, one standing still, and a checkpoint of one process have the same bytes at the same address', async () => {
    const records = await take(['process.memory', 'process.memory-paused', 'container.checkpoint'], 'mem-still');
    const own = records.filter(({ file }) => file.endsWith('.core') || file === 'container.checkpoint.tar');
    expect(own.map(({ collector }) => collector.id).sort()).toEqual([
      'container.checkpoint',
      'process.memory',
      'process.memory-paused',
    ]);
    const at: Record<string, string[]> = {};
    for (const { id, collector } of own) {
      const all = (await hits(id, MARK)).filter(({ address }) => {
        const from = BigInt(address) - BigInt(page);
        return from >= 0n && from < 1n << 20n;
      });
      at[collector.id] = all
        .map(({ address, space, after }) => `${address} ${space === 'pid:1' ? '' : ''}${after}`)
        .sort();
    }
    expect(at['process.memory']).toHaveLength(256);
    expect(at['process.memory']?.[0]).toMatch(new RegExp(`^${page} ?.0000 `));
    expect(at['process.memory-paused']).toEqual(at['process.memory']);
    expect(at['container.checkpoint']).toEqual(at['process.memory']);
  });

  it('somebody else’s pause is left as it is, and said; where it ends in the middle, that is said too', async () => {
    const id = await host.output(['docker', 'inspect', '-f', '{{.Id}}', 'mem-still']);
    await host.output(['docker', 'pause', 'mem-still']);
    try {
      const records = await take(['process.memory-paused'], 'mem-still');
      const pause = records.find(({ file }) => file === 'pause.txt');
      if (!pause) throw new Error('no record of the pause');
      expect((await kept.bytes(pause)).toString()).toMatch(/^already [\d.]+\nleft [\d.]+ held\n$/);
      expect(pause.partial).toBe(false);
      expect(await host.output(['docker', 'inspect', '-f', '{{.State.Status}}', 'mem-still'])).toBe('paused');
    } finally {
      const script = '(sleep 0.3; docker unpause mem-still >/dev/null; echo go) | "$@"';
      const said = await host.output(['sh', '-c', script, 'x', ...pauseCommand(id, 60)]);
      expect(said).toMatch(/^already [\d.]+\nleft [\d.]+ early$/);
    }
    expect(await host.output(['docker', 'inspect', '-f', '{{.State.Status}}', 'mem-still'])).toBe('running');
  });
});
