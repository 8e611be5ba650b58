import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIsf } from '../../src/main/analyze/formats/isf';
import { LIME_HEADER, parseLimeHeader } from '../../src/main/analyze/formats/lime';
import { type App, createApp } from '../../src/main/app';
import { type LabCase, labCase } from '../kit/lab-case';
import { type Guest, guestAvailable, PLANTED, startGuest } from '../lab/guest';

const absent = await guestAvailable();

describe.skipIf(absent !== undefined)(`memory of a whole host${absent ? ` (${absent})` : ''}`, () => {
  let guest: Guest;
  let dir: string;
  let app: App;
  let kept: LabCase;

  beforeAll(async () => {
    process.env.LADING_KEYCHAIN = 'off';
    guest = await startGuest('test', { megabytes: 128 });
    dir = await mkdtemp(join(tmpdir(), 'lading-memory-'));
    app = await createApp({ window: 'none', configDir: join(dir, 'config') });
    kept = await labCase(app, join(dir, 'case'), guest.spec);
  });

  afterAll(async () => {
    await kept?.close();
    await app?.close();
    await guest?.stop();
    if (dir) await rm(dir, { recursive: true, force: true });
  });

  it('host.symbols: types, symbols and version as the host has them', async () => {
    await kept.collect({ collectors: ['host.symbols'] });
    expect(await kept.misses()).toEqual([]);
    const records = await kept.records();
    expect(records.map(({ file, partial }) => [file, partial])).toEqual([
      ['version', false],
      ['vmlinux.btf', false],
      ['kallsyms', false],
      ['kernel-notes', false],
    ]);
    const of = async (file: string) => {
      const record = records.find((one) => one.file === file);
      return record ? kept.bytes(record) : Buffer.alloc(0);
    };
    expect((await of('vmlinux.btf')).readUInt16LE(0)).toBe(0xeb9f);
    expect((await of('kallsyms')).toString()).toMatch(/^ffffffff[0-9a-f]{8} [DB] init_task$/m);
    expect((await of('version')).toString()).toBe(await guest.output('cat /proc/version'));
    const isf = JSON.parse(buildIsf(await of('vmlinux.btf'), await of('kallsyms'), await of('version')));
    expect(isf.user_types.task_struct.fields.comm.type).toMatchObject({ kind: 'array', count: 16 });
    expect(isf.symbols.init_task.type).toEqual({ kind: 'struct', name: 'task_struct' });
    expect(Object.keys(isf.symbols).length).toBeGreaterThan(50_000);
  });

  it('host.memory: every range of RAM, and what was planted in it', async () => {
    await kept.collect({ collectors: ['host.memory'] });
    expect(await kept.misses()).toEqual([]);
    const records = await kept.records();
    const image = records.find(({ file }) => file === 'memory.lime');
    const layout = records.find(({ file }) => file === 'memory.layout.json');
    if (!image || !layout) throw new Error('no image');
    expect(image.reason).toBeUndefined();
    const { ranges, bytes: total } = JSON.parse((await kept.bytes(layout)).toString());
    const bytes = await kept.bytes(image);
    expect(bytes.length).toBe(total + ranges.length * LIME_HEADER);
    const found: { start: string; end: string }[] = [];
    for (let at = 0; at < bytes.length; ) {
      const range = parseLimeHeader(bytes.subarray(at));
      if (!range) throw new Error(`no header at ${at}`);
      found.push({ start: range.start.toString(16), end: (range.start + BigInt(range.length)).toString(16) });
      at += LIME_HEADER + range.length;
    }
    expect(found).toEqual(ranges.map(({ start, end }: { start: string; end: string }) => ({ start, end })));
    expect(total).toBeGreaterThan(90 << 20);
    expect(bytes.indexOf(`GUEST_SECRET=${PLANTED.secret}`)).toBeGreaterThan(0);
  }, 600_000);
});
