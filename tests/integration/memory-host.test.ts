import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildIsf } from '../../src/main/analyze/formats/isf';
import { LIME_HEADER, parseLimeHeader } from '../../src/main/analyze/formats/lime';
import { findVolatility } from '../../src/main/analyze/memory/volatility';
import { type App, createApp } from '../../src/main/app';
import { project } from '../../src/main/cases/project';
import { verifyCase } from '../../src/main/custody/verify';
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

  const vol = findVolatility(tmpdir());

  it('Volatility 3 from within: processes, sockets, typed commands and environments, with Lading’s own symbols', async (test) => {
    if (vol === undefined)
      return test.skip('Volatility 3 is not here: set LADING_VOL to its program, or have vol on PATH.');
    const image = (await kept.records()).find(({ file }) => file === 'memory.lime');
    if (!image) throw new Error('no image');
    const asked = { case: kept.path, exhibit: image.id };
    const plugins = [
      'linux.pslist.PsList',
      'linux.sockstat.Sockstat',
      'linux.bash.Bash',
      'linux.envars.Envars',
      'linux.malware.hidden_modules.Hidden_modules',
    ];
    const { task } = await app.client.memory.volatility.run({ ...asked, plugins, program: vol });
    let ended = await app.client.tasks.get({ id: task });
    for await (const now of await app.client.tasks.watch({ id: task })) {
      ended = now;
      if (now.state !== 'running') break;
    }
    expect(ended.error).toBeUndefined();
    expect(ended.items?.filter(({ state }) => state !== 'done').map(({ label, note }) => `${label}: ${note}`)).toEqual(
      [],
    );
    const rows = async (plugin: string) => {
      const result = await app.client.memory.volatility.result({ ...asked, plugin });
      if (!result) throw new Error(`${plugin} gave nothing`);
      return result.rows;
    };
    const processes = await rows('linux.pslist.PsList');
    const listed = await guest.output('ps -o pid,args');
    const pid = Number(new RegExp(`^ *(\\d+) +${PLANTED.process} ${PLANTED.argument}$`, 'm').exec(listed)?.[1]);
    expect(processes).toContainEqual(expect.objectContaining({ PID: pid, COMM: PLANTED.process }));
    expect(await rows('linux.sockstat.Sockstat')).toContainEqual(
      expect.objectContaining({ 'Source Port': String(PLANTED.port), State: 'LISTEN' }),
    );
    expect(JSON.stringify(await rows('linux.bash.Bash'))).toContain(PLANTED.typed);
    expect(await rows('linux.envars.Envars')).toContainEqual(
      expect.objectContaining({ PID: pid, KEY: 'GUEST_SECRET', VALUE: PLANTED.secret }),
    );
    // the ledger says which program, by hash, was run how, and what it gave
    const lines = (await readFile(join(kept.path, 'ledger.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const begun = lines.filter(({ action }) => action === 'program.begun');
    const done = lines.filter(({ action }) => action === 'program.ended');
    expect(begun.map(({ details }) => details.argv.at(-1))).toEqual(plugins);
    expect(done.map(({ details }) => details.error)).toEqual(plugins.map(() => undefined));
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(begun[0].details).toMatchObject({ program: vol, sha256: hash(await readFile(vol)) });
    expect(done[0].details.sha256).toBe(hash(await readFile(join(kept.path, done[0].details.result))));
    expect(await verifyCase(kept.path, { project })).toMatchObject({ ok: true });
  }, 600_000);

  it('a program that is no Volatility, and one that fails, are said, and the ledger has it', async () => {
    const image = (await kept.records()).find(({ file }) => file === 'memory.lime');
    if (!image) throw new Error('no image');
    const asked = { case: kept.path, exhibit: image.id, plugins: ['linux.pslist.PsList'] };
    await expect(app.client.memory.volatility.run({ ...asked, program: join(dir, 'nothing') })).rejects.toThrow(
      /Volatility 3 was not found/,
    );
    const fails = join(dir, 'vol');
    await writeFile(
      fails,
      '#!/bin/sh\ncase $1 in --help) echo Volatility 3 Framework 9.9;; *) echo "Unable to validate the plugin requirements: kernel.symbol_table_name" >&2; exit 1;; esac\n',
      { mode: 0o755 },
    );
    const { task } = await app.client.memory.volatility.run({ ...asked, program: fails });
    let ended = await app.client.tasks.get({ id: task });
    for await (const now of await app.client.tasks.watch({ id: task })) {
      ended = now;
      if (now.state !== 'running') break;
    }
    expect(ended).toMatchObject({
      state: 'failed',
      error: { code: 'COMMAND_FAILED', advice: expect.stringContaining('host.symbols') },
    });
    const last = JSON.parse((await readFile(join(kept.path, 'ledger.jsonl'), 'utf8')).trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ action: 'program.ended', details: { error: { code: 'COMMAND_FAILED' } } });
  });

  /** Collects with the AVML at a path; what came new, and the folders that are left on the host. */
  async function withAvml(program: string, source = '/proc/kcore') {
    const before = new Set((await kept.records()).map(({ id }) => id));
    const missed = (await kept.misses()).length;
    await kept.collect({
      collectors: ['host.memory-avml'],
      inputs: { 'host.memory-avml': { program, source } },
    });
    return {
      records: (await kept.records()).filter(({ id }) => !before.has(id)),
      reasons: (await kept.misses()).slice(missed).map(({ reason }) => reason),
      left: await guest.output('ls /dev/shm'),
    };
  }

  it('AVML that the examiner brings: the image has what was planted; nothing of it stays on the host', async (test) => {
    const avml = process.env.LADING_AVML;
    if (avml === undefined) return test.skip('There is no AVML here: set LADING_AVML to its static binary.');
    const { records, reasons, left } = await withAvml(avml);
    expect(reasons).toEqual([]);
    expect(left).toBe('');
    const [image] = records;
    if (!image) throw new Error('no image');
    expect(image.reason).toBeUndefined();
    expect(image.title).toContain(
      createHash('sha256')
        .update(await readFile(avml))
        .digest('hex'),
    );
    const bytes = await kept.bytes(image);
    expect(parseLimeHeader(bytes)).toBeDefined();
    expect(bytes.indexOf(`GUEST_SECRET=${PLANTED.secret}`)).toBeGreaterThan(0);
  }, 600_000);

  it('what is no AVML: one that fails, one that writes something else, one that is not there; nothing stays', async () => {
    const script = async (name: string, body: string) => {
      await writeFile(join(dir, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
      return withAvml(join(dir, name));
    };
    const fails = await script('fails', 'echo "unable to read /proc/kcore" >&2; exit 3');
    expect(fails.records).toEqual([]);
    expect(fails.reasons).toEqual([expect.stringMatching(/AVML gave no memory: unable to read \/proc\/kcore/)]);
    const other = await script('other', 'shift $(($# - 1)); echo something else > "$1"');
    expect(other.records).toMatchObject([{ partial: true, reason: 'What AVML wrote is no LiME image.' }]);
    const torn = await script('torn', 'shift $(($# - 1)); head -c 5000 /dev/zero > "$1"; echo torn >&2; exit 9');
    expect(torn.records).toMatchObject([{ partial: true, bytes: 5000, reason: 'AVML ended with status 9: torn' }]);
    const absent = await withAvml(join(dir, 'absent'));
    expect(absent.reasons).toEqual([expect.stringContaining('absent, empty or too large')]);
    expect([fails, other, torn, absent].map(({ left }) => left)).toEqual(['', '', '', '']);
  });
});
