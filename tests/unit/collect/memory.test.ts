import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressAt, coreHead, offsetOf, PAGE, parseCore } from '../../../src/main/analyze/formats/elf-core';
import { parseMaps } from '../../../src/main/analyze/formats/proc-maps';
import { parseSmaps } from '../../../src/main/analyze/formats/proc-smaps';
import { criuErrors, knownCause } from '../../../src/main/collect/memory/checkpoint-cause';
import { parseSyscalls } from '../../../src/main/collect/memory/notes';
import { changesOf, piecesOf } from '../../../src/main/collect/memory/process-core';
import { newTold, readMemory } from '../../../src/main/collect/memory/read';
import { planRegions } from '../../../src/main/collect/memory/regions';
import type { Piece } from '../../../src/main/collect/memory/scripts';
import { stoodStill } from '../../../src/main/collect/memory/stillness';
import { wire } from '../../../src/main/collect/memory/wire';
import { capabilitiesOf, type Situation } from '../../../src/main/docker/capabilities';
import { withAccessLog } from '../../../src/main/hosts/access';
import { localHost } from '../../../src/main/hosts/local';

const smap = (head: string, fields: Record<string, number> = {}, flags = 'rd wr mr mw me ac') =>
  `${head}\nSize:  4 kB\n${Object.entries({ Rss: 4, Swap: 0, Anonymous: 0, ...fields })
    .map(([name, kb]) => `${name}:   ${kb} kB\n`)
    .join('')}VmFlags: ${flags} \n`;
const ALL = { take: 'all', largest: 16 } as const;

describe('which of a process’s mappings are asked for', () => {
  const table = Buffer.from(
    smap('00400000-00402000 r-xp 00000000 08:01 7     /bin/a b') +
      smap('00600000-00601000 rw-p 00000000 00:00 0', { Anonymous: 4 }) +
      smap('00700000-00701000 ---p 00000000 00:00 0', { Anonymous: 4 }) +
      smap('00800000-00900000 ---p 00000000 00:00 0', { Rss: 0 }) +
      smap('00a00000-00a10000 r--s 00001000 08:01 9     /data/short', { Rss: 8 }) +
      smap('00b00000-00b04000 r--p 00000000 00:00 0                          [vvar]', { Rss: 0 }, 'rd mr pf io de dd') +
      smap('00c00000-00c01000 rw-s 00000000 00:0e 3     /secretmem (deleted)', {}) +
      smap('100000000-900000000 rw-p 00000000 00:00 0', { Rss: 4, Anonymous: 4 }),
  );
  const { mappings, unreadable } = parseSmaps(table);
  const sizes = new Map([['00a00000-00a10000', 5000 + 4096]]);

  it('reads smaps, a path with a blank among them', () => {
    expect(unreadable).toBe(0);
    expect(mappings.map(({ path }) => path)).toEqual([
      '/bin/a b',
      '',
      '',
      '',
      '/data/short',
      '[vvar]',
      '/secretmem',
      '',
    ]);
    expect(mappings[1]).toMatchObject({ resident: 4096, anonymous: 4096, flags: ['rd', 'wr', 'mr', 'mw', 'me', 'ac'] });
  });

  it('everything that holds something; of what is left out, why', () => {
    const regions = planRegions(mappings, sizes, ALL);
    expect(regions.map(({ asked }) => asked)).toEqual([8192, 4096, 4096, 0, 8192, 0, 0, 0]);
    expect(regions.map(({ left }) => left ?? '')).toEqual([
      '',
      '',
      '',
      'no page of it was ever touched',
      'the mapped file ends here, at 9096 bytes',
      expect.stringContaining('of a device or of the kernel'),
      expect.stringContaining('memfd_secret'),
      'larger than 16 GiB, as the examiner chose',
    ]);
  });

  it('only what is the process’s own', () => {
    const regions = planRegions(mappings, sizes, { ...ALL, take: 'own' });
    expect(regions[0]).toMatchObject({ asked: 0, left: 'unchanged content of a file, which was not asked for' });
    expect(regions[1]?.asked).toBe(4096);
    const changed = parseSmaps(Buffer.from(smap('00400000-00402000 r-xp 00000000 08:01 7 /bin/a', { Anonymous: 4 })));
    expect(planRegions(changed.mappings, sizes, { ...ALL, take: 'own' })[0]?.asked).toBe(8192);
  });

  it('says which mappings came and went', () => {
    const after = Buffer.from(
      '00400000-00402000 r-xp 00000000 08:01 7 /bin/a b\n00700000-00709000 rwxp 00000000 00:00 0 \n',
    );
    const changed = changesOf(mappings, after);
    expect(changed).toContainEqual({ start: '00700000', end: '00709000', perms: 'rwxp', path: '', what: 'new' });
    expect(changed.filter(({ what }) => what === 'gone')).toHaveLength(7);
  });
});

describe('ELF cores', () => {
  it('gives addresses for places in the file and back, and says how long the whole file is', () => {
    const notes = [{ name: 'LADING', type: 3, body: Buffer.from('abc') }];
    const parts = [
      { address: 0x400000n, fileBytes: PAGE, memoryBytes: 8192n, flags: 5 },
      { address: 0xffff_8000_0000_0000n, fileBytes: 0, memoryBytes: 4096n, flags: 4 },
      { address: 0x7fff_0000_0000n, fileBytes: 2 * PAGE, memoryBytes: 8192n, flags: 6 },
    ];
    const { head } = coreHead(62, notes, parts);
    const core = parseCore(head);
    if (!core || 'more' in core) throw new Error('no core');
    expect(core.notes).toEqual(notes);
    expect(core.fileBytes).toBe(head.length + 3 * PAGE);
    expect(addressAt(core, head.length + PAGE + 5)).toBe(0x7fff_0000_0005n);
    expect(offsetOf(core, 0x7fff_0000_0005n)).toBe(head.length + PAGE + 5);
    expect(offsetOf(core, 0x401000n)).toBeUndefined();
    expect(addressAt(core, 3)).toBeUndefined();
    expect(parseCore(head.subarray(0, 200))).toEqual({ more: expect.any(Number) });
  });

  it('holds more mappings than e_phnum can say', () => {
    const parts = Array.from({ length: 70_000 }, (_, at) => ({
      address: BigInt(at) * 8192n,
      fileBytes: 1,
      memoryBytes: 4096n,
      flags: 6,
    }));
    const core = parseCore(coreHead(62, [], parts).head);
    expect(core && 'segments' in core && core.segments.length).toBe(70_000);
  });

  it('refuses headers that lie', () => {
    const { head } = coreHead(62, [], []);
    const lying = Buffer.from(head);
    lying.writeBigUInt64LE(2n ** 63n, 32);
    expect(parseCore(lying)).toBeUndefined();
    expect(parseCore(Buffer.from('#!/bin/sh'.padEnd(100)))).toBeUndefined();
  });

  it('takes registers only where the kernel tells them', () => {
    expect(
      parseSyscalls(
        '12/syscall:running\n13/syscall:-1 0x7ffe 0x401000\n14/syscall:0 0x3 0x4 0x5 0x0 0x0 0x0 0x7f00 0x40f\nx',
      ),
    ).toEqual([
      { tid: 13, call: -1n, args: [], sp: 0x7ffen, pc: 0x401000n },
      { tid: 14, call: 0n, args: [3n, 4n, 5n, 0n, 0n, 0n], sp: 0x7f00n, pc: 0x40fn },
    ]);
  });
});

describe('the wire', () => {
  it('takes lines and lengths from pieces of any size, and says what is missing', async () => {
    const w = wire(Readable.from([Buffer.from('li'), Buffer.from('ne\nab'), Buffer.from('cdrest')]));
    expect(await w.line()).toBe('line');
    const got: Buffer[] = [];
    for await (const piece of w.take(4)) got.push(piece);
    expect(Buffer.concat(got).toString()).toBe('abcd');
    expect((await w.rest(3)).toString()).toBe('res');
    expect(await wire(Readable.from([Buffer.from('no end')])).line()).toBeUndefined();
  });
});

describe.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0)('reading a process of this machine', () => {
  let child: ChildProcess;
  let started: string;
  const pid = () => child.pid ?? 0;
  const host = localHost('local', 'local');
  host.elevation = { by: 'login' };
  const ctx = { host, signal: new AbortController().signal };

  beforeAll(async () => {
    child = spawn(
      process.execPath,
      ['-e', 'globalThis.s = Buffer.alloc(1 << 22, "known-text "); console.log(1); setInterval(() => 0, 1e6)'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    if (child.stdout) await once(child.stdout, 'data');
    const stat = await readFile(`/proc/${pid()}/stat`, 'latin1');
    started = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[19] ?? '';
  });
  afterAll(async () => {
    child.kill('SIGKILL');
    await host.close();
  });

  const collect = async (pieces: readonly Piece[], as = { pid: pid(), started }) => {
    const told = newTold();
    const got: Buffer[] = [];
    let error: unknown;
    try {
      await withAccessLog([], async () => {
        for await (const piece of readMemory(ctx, as, pieces, told)) got.push(Buffer.from(piece));
      });
    } catch (thrown) {
      error = thrown;
    }
    return { bytes: Buffer.concat(got), told, error };
  };
  const regions = async () => {
    const { mappings } = parseSmaps(await readFile(`/proc/${pid()}/smaps`));
    return planRegions(mappings, new Map(), ALL);
  };

  it('has what the process has, to the byte asked for', async () => {
    const all = await regions();
    const { bytes, told, error } = await collect(piecesOf(all));
    expect(error).toBeUndefined();
    expect(bytes.length).toBe(all.reduce((sum, { asked }) => sum + asked, 0));
    expect(bytes.indexOf('known-text known-text known-text')).toBeGreaterThan(0);
    expect(told.startedAfter).toBe(started);
    expect(parseMaps(told.mapsAfter ?? Buffer.alloc(0)).maps.length).toBeGreaterThan(10);
    expect(told.exit).toBe(0);
  });

  it('tells a part that is not there as a gap, zero in its place, and goes on behind it', async () => {
    const { maps } = parseMaps(await readFile(`/proc/${pid()}/maps`));
    const at = maps.findIndex(
      ({ end, path }, n) => path === '[heap]' && BigInt(`0x${end}`) < BigInt(`0x${maps[n + 1]?.start}`),
    );
    const heap = BigInt(`0x${maps[at]?.end}`);
    const pieces = [
      { piece: 0, group: 0, start: heap - 8192n, length: 8192 + 100 * 4096 },
      { piece: 1, group: 0, start: heap + 100n * 4096n, length: 4096 },
      { piece: 2, group: 1, start: heap - 4096n, length: 4096 },
    ];
    const { bytes, told, error } = await collect(pieces);
    expect(error).toBeUndefined();
    expect(told.gaps).toEqual([
      { piece: 0, offset: 8192, length: 100 * 4096, error: 'could not be read' },
      { piece: 1, offset: 0, length: 4096, error: 'nothing could be read of the part before' },
    ]);
    expect(bytes.length).toBe(8192 + 101 * 4096 + 4096);
    expect(bytes.subarray(8192, 8192 + 101 * 4096).every((byte) => byte === 0)).toBe(true);
    expect(told.had).toBe(8192 + 4096);
    expect(told.stderr).toMatch(/Input\/output error/);
  });

  it('refuses a PID that belongs to another process now', async () => {
    const { bytes, error } = await collect(piecesOf(await regions()), { pid: pid(), started: '1' });
    expect(bytes.length).toBe(0);
    expect(error).toMatchObject({ code: 'TARGET_GONE', message: expect.stringContaining('another one') });
  });

  it('says that a process is gone, before and in the middle', async () => {
    const none = await collect([{ piece: 0, group: 0, start: 4096n, length: 4096 }], { pid: 4_194_303, started: '1' });
    expect(none.error).toMatchObject({ code: 'TARGET_GONE' });
    const all = piecesOf(await regions());
    const told = newTold();
    let had = 0;
    let error: unknown;
    try {
      await withAccessLog([], async () => {
        for await (const piece of readMemory(ctx, { pid: pid(), started }, all, told)) {
          had += piece.length;
          if (had === piece.length) child.kill('SIGKILL');
        }
      });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'TARGET_GONE' });
    expect(had).toBeGreaterThan(0);
    expect(had).toBeLessThan(all.reduce((sum, { length }) => sum + length, 0));
  });
});

describe('checkpoints', () => {
  it('counts how long a container stood still; says nothing where its end was not seen', () => {
    expect(stoodStill('still 100.10\ngoes 100.35\nstill 101.00\ngoes 101.50\n')).toBe(0.75);
    expect(stoodStill('still 100.10\n')).toBeUndefined();
    expect(stoodStill('')).toBe(0);
  });

  it('takes the cause from CRIU’s log, made safe to show', () => {
    const log =
      "(00.1) Dumping\n(00.040861) Error (criu/sockets.c:444): Can't get 1:16 opt: \u001b[31mx\n(00.2)     12: Error (a.c:1): second\n";
    expect(criuErrors(log)).toEqual([expect.stringMatching(/^Can't get 1:16 opt: [^\u001b]+x$/), 'second']);
    expect(criuErrors('nothing')).toEqual([]);
    // said of every checkpoint, also of one that succeeds
    expect(criuErrors("(00.1) Error (criu/rlimit.c:1): rlimit: Can't setup RLIMIT_NOFILE for self: x\n")).toEqual([]);
    expect(knownCause(["Can't get 1:16 opt: x"])).toContain('4.2');
    expect(knownCause(["Can't dump ghost file /x of 3936256 size, increase limit"])).toContain('checkpoint-runc');
    expect(knownCause(['something else'])).toBe('');
  });
});

describe('what a plan says of memory beforehand', () => {
  const reason = (need: 'criu' | 'kcore', situation: Partial<Situation>) => {
    const all = capabilitiesOf({
      transport: 'ssh',
      system: 'Linux',
      procfs: true,
      user: 'root',
      elevation: { by: 'login' },
      ...situation,
    });
    const found = all.find((one) => one.need === need);
    return `${found?.ok} ${found?.reason}`;
  };
  const engine = { experimental: true, product: 'e', version: '1', socket: '/s', via: 'x' } as Situation['engine'];

  it('whether the kernel shows its memory', () => {
    expect(reason('kcore', { kcore: true, lockdown: '[none] integrity confidentiality' })).toMatch(/^true/);
    expect(reason('kcore', { kcore: true, lockdown: 'none integrity [confidentiality]' })).toMatch(
      /^false .*locked down/,
    );
    expect(reason('kcore', { kcore: false })).toMatch(/^false .*no \/proc\/kcore/);
    expect(reason('kcore', { transport: 'engine only', kcore: true })).toMatch(/^false/);
  });

  it('whether a checkpoint can be made, and of what', () => {
    expect(reason('criu', {})).toMatch(/^false .*experimental/);
    expect(reason('criu', { engine })).toMatch(/^false .*not installed/);
    expect(reason('criu', { engine, criu: '4.1.1', kernel: '6.18.0' })).toMatch(/^true .*without inet sockets/);
    expect(reason('criu', { engine, criu: '4.2.1', kernel: '6.18.0' })).not.toMatch(/without inet/);
    expect(reason('criu', { engine, criu: '4.1.1', kernel: '6.12.0' })).not.toMatch(/without inet/);
  });
});
