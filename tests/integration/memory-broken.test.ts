import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type MemorySpace, readSpace } from '../../src/main/analyze/memory/layout';
import { openMemory } from '../../src/main/analyze/memory/open';
import { CaseSession } from '../../src/main/cases/session';
import type { ExhibitRecord } from '../../src/shared/domain';
import { PLACE, scratch } from '../kit/case';
import { type LabHost, labAvailable, startHost } from '../lab';
import { cutLinks, need, putImage, type Scene, scene } from './breakage.stage';

const absent = await labAvailable();
const run = promisify(execFile);

/** A process that holds 300 MB and waits, and a clock beside it that shows whether the container goes on. */
const BIG = `
docker rm -f mem-big >/dev/null 2>&1
docker run -d --name mem-big --network none --entrypoint sh resume-box:1 -c '
  dd if=/dev/urandom bs=300000000 count=1 iflag=fullblock | sleep 100000 &
  while :; do read -r u r < /proc/uptime; echo "$u" >> /tmp/ticks; sleep 0.1; done' >/dev/null
# filled once it waits to write, which is system call 1
for i in $(seq 150); do case $(cat /proc/$(pgrep -n -x dd)/syscall 2>/dev/null) in '1 '*) exit 0;; esac; sleep 0.2; done; exit 1`;

describe.skipIf(absent !== undefined)(`memory when something breaks${absent ? ` (${absent})` : ''}`, () => {
  let host: LabHost;
  let mounted: string | undefined;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    host = await startHost('mem2');
    await putImage(host);
    await host.output(['sh', '-c', BIG]);
  });

  afterEach(async () => {
    if (mounted) await run('umount', [mounted]);
    mounted = undefined;
  });

  afterAll(async () => {
    await host?.exec(['docker', 'rm', '-f', 'mem-big']);
    await host?.stop();
  });

  const ticks = () =>
    host.output(['sh', '-c', 'stat -c %s /proc/$(docker inspect -f {{.State.Pid}} mem-big)/root/tmp/ticks']);
  /** Whether it goes on within so many milliseconds. */
  const goesOn = async (within: number) => {
    const before = await ticks();
    for (const end = Date.now() + within; Date.now() < end; await wait(200))
      if ((await ticks()) !== before) return true;
    return false;
  };
  const all = async (of: Scene) => {
    const records = await Promise.all(of.session.data.exhibits.map(({ id }) => of.record(id)));
    // other containers of the host are none of this test's
    return records.filter(({ target }) => target.name === 'mem-big');
  };
  const reached = (bytes: number) => (items: Scene['items']) => [...items.values()].some((one) => one.bytes > bytes);

  /** The largest stretch that an exhibit has of a process, and a look at its last page. */
  async function lastOf(dir: string, record: ExhibitRecord, address?: bigint) {
    const memory = await openMemory(dir, record);
    if (!memory) throw new Error(`${record.id} holds no memory`);
    try {
      const [space] = memory.layout.spaces as [MemorySpace];
      const held = space.segments.reduce((sum, { length }) => sum + length, 0);
      const most = space.segments.reduce((a, b) => (b.length > a.length ? b : a));
      const at = address ?? most.address + BigInt(most.length - 4096);
      const { bytes, held: there } = await readSpace(memory.source, space, at, 4096);
      return { held, at, bytes, there: there.reduce((sum, { length }) => sum + length, 0) };
    } finally {
      await memory.close();
    }
  }

  it('the link is cut in the middle of a core: what came is kept as part, then it is taken again, whole', async () => {
    const s = await scene();
    await s.collect([host], [need('process.memory')], {
      when: reached(60e6),
      meanwhile: () => cutLinks(host),
    });
    const cores = (await all(s)).filter(({ file }) => file.endsWith('.core'));
    const [part] = cores.filter(({ partial }) => partial);
    const whole = cores.find(({ file, partial }) => !partial && file === part?.file);
    if (!part || !whole)
      throw new Error(`no part or no whole: ${cores.map(({ file, reason }) => `${file} ${reason}`)}`);
    expect(part.reason).toMatch(/connection/i);
    expect(whole.follows).toBe(part.id);
    expect(part.bytes).toBeGreaterThan(1e6);
    expect(whole.bytes).toBeGreaterThan(300e6);
    expect(part.bytes).toBeLessThan(whole.bytes);
    // the part reads as far as it came, says no more than that, and has what the whole has there
    const came = await lastOf(s.session.dir, part);
    const same = await lastOf(s.session.dir, whole, came.at);
    expect(came.held).toBeLessThan(same.held);
    expect(came.there).toBe(4096);
    expect(came.bytes.equals(same.bytes)).toBe(true);
    expect(await goesOn(2000)).toBe(true);
    await s.finish();
  });

  it('the link is cut while the container stands still: it goes on by itself, and the second reading says its own pause', async () => {
    const s = await scene();
    let again: boolean | undefined;
    await s.collect([host], [need('process.memory-paused')], {
      when: reached(60e6),
      patience: { stallMs: 30_000, pingMs: 1500, reconnectAfter: [6000, 2000, 2000] },
      meanwhile: async () => {
        await cutLinks(host);
        again = await goesOn(4000);
      },
    });
    expect(again, 'it went on before anybody connected again').toBe(true);
    const records = await all(s);
    expect(records.filter(({ file, partial }) => file.endsWith('.core') && partial)).toHaveLength(1);
    const pauses = records.filter(({ file }) => file === 'pause.txt');
    expect(pauses.map(({ partial }) => partial)).toEqual([false]);
    expect(await goesOn(2000)).toBe(true);
    await s.finish();
  });

  it('the examiner’s disk fills in the middle: the part that came is kept and said, the case verifies, the container goes on', async () => {
    const path = join(await scratch(), 'small');
    await mkdir(path);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'small', path]);
    mounted = path;
    const dir = join(path, 'case');
    const made = await CaseSession.create({ path: dir, number: 'D', title: 'D', examiner: 'D' }, PLACE);
    await made.close();
    const s = await scene(dir);
    const thrown: unknown = await s.collect([host], [need('process.memory-paused')]).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: 'DISK_FULL' });
    const [partial] = (await all(s)).filter((one) => one.partial && one.file.endsWith('.core'));
    if (!partial) throw new Error('nothing of the core was kept');
    expect(partial.bytes).toBeGreaterThan(40e6);
    expect(partial.reason).toMatch(/disk|space/i);
    const came = await lastOf(dir, partial);
    expect(came.there).toBe(4096);
    expect(await goesOn(3000)).toBe(true);
    await s.finish();
  });
});
