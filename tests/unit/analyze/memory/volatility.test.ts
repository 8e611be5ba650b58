import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { symbolsFor } from '../../../../src/main/analyze/memory/symbols';
import { findVolatility, volatilityWords } from '../../../../src/main/analyze/memory/volatility';
import type { ExhibitRecord } from '../../../../src/shared/domain';
import { caseOf } from '../kit';

/** A BTF with an int (kind 1) and a task_struct (kind 4) of no members. */
function btf(): Buffer {
  const strings = '\0int\0task_struct\0';
  const words = [1, 1 << 24, 4, (1 << 24) | 32, 5, 4 << 24, 8];
  const head = Buffer.alloc(24);
  head.writeUInt16LE(0xeb9f, 0);
  head.writeUInt8(1, 2);
  for (const [at, word] of [24, 0, words.length * 4, words.length * 4, strings.length].entries())
    head.writeUInt32LE(word, 4 + at * 4);
  const body = Buffer.alloc(words.length * 4);
  for (const [at, word] of words.entries()) body.writeUInt32LE(word, at * 4);
  return Buffer.concat([head, body, Buffer.from(strings, 'latin1')]);
}
const KALLSYMS = 'ffffffff9a000000 T _text\nffffffff9a000100 T _stext\nffffffff9b000040 D init_task\n';
const PSLIST = 'linux.pslist.PsList';

/** Exhibits of host.symbols, named as the collector names them. */
async function taken(more: { host?: string; collection?: string; version?: string; partial?: boolean }[] = [{}]) {
  const files = more.flatMap(({ version = 'Linux version 6.1\n', ...one }) =>
    [btf(), Buffer.from(KALLSYMS), Buffer.from(version)].map((content) => ({
      collector: 'host.symbols',
      kind: 'binary' as const,
      content,
      ...one,
    })),
  );
  const { dir, records } = await caseOf(files);
  const names = ['vmlinux.btf', 'kallsyms', 'version'];
  const named: ExhibitRecord[] = [];
  for (const [at, record] of records.entries()) {
    const file = names[at % 3] ?? '';
    const bytes = await readFile(join(dir, 'evidence', record.id, record.file));
    await writeFile(join(dir, 'evidence', record.id, file), bytes);
    named.push({ ...record, file });
  }
  return { dir, records: named };
}
const image = { host: { id: 'host-1', address: 'local', hostname: 'host1' } };
const read = async (folder: string) => JSON.parse(await readFile(join(folder, 'linux', 'kernel.json'), 'utf8'));

describe('the symbol file that an image is read with', () => {
  it('is made once of what was taken from the same host, the last that is whole', async () => {
    const { dir, records } = await taken([
      { version: 'first\n' },
      { collection: 'C2', version: 'second\n' },
      { collection: 'C3', version: 'third\n', partial: true },
      { collection: 'C4', version: 'fourth\n', host: 'host-2' },
    ]);
    const found = await symbolsFor(dir, image, records, PSLIST);
    if (!found) throw new Error('none');
    expect(found.exhibits).toEqual(records.slice(3, 6).map(({ id }) => id));
    const isf = await read(found.folder);
    expect(Buffer.from(isf.symbols.linux_banner.constant_data, 'base64').toString()).toBe('second\n\0');
    expect(isf.metadata.producer.name).toBe('lading');
    await writeFile(join(found.folder, 'linux', 'kernel.json'), 'kept');
    expect((await symbolsFor(dir, image, records, PSLIST))?.folder).toBe(found.folder);
    expect(await readFile(join(found.folder, 'linux', 'kernel.json'), 'utf8')).toBe('kept');
    expect(await readdir(join(found.folder, 'linux'))).toEqual(['kernel.json']);
  });

  it('calls itself another’s for the one plugin that asks for it, in a folder that says so', async () => {
    const { dir, records } = await taken();
    const found = await symbolsFor(dir, image, records, 'linux.malware.hidden_modules.Hidden_modules');
    expect(found?.folder).toMatch(/-of-lading-as-dwarf2json$/);
    expect((await read(found?.folder ?? '')).metadata.producer).toEqual({ name: 'dwarf2json', version: '0.8.0' });
  });

  it('is none where the host is another, a part is missing or a file is none', async () => {
    const { dir, records } = await taken();
    expect(await symbolsFor(dir, { host: { ...image.host, id: 'host-2' } }, records, PSLIST)).toBeUndefined();
    expect(await symbolsFor(dir, { host: undefined }, records, PSLIST)).toBeUndefined();
    expect(await symbolsFor(dir, image, records.slice(1), PSLIST)).toBeUndefined();
    const [first] = records;
    if (!first) throw new Error('none');
    await writeFile(join(dir, 'evidence', first.id, first.file), 'no BTF');
    await expect(symbolsFor(dir, image, records, PSLIST)).rejects.toThrow(/BTF/);
  });
});

describe('the program vol', () => {
  let dir: string;
  const before = process.env.LADING_VOL;
  const name = process.platform === 'win32' ? 'vol.exe' : 'vol';
  const put = async (folder: string) => {
    await mkdir(join(dir, folder), { recursive: true });
    const file = join(dir, folder, name);
    await writeFile(file, '');
    return file;
  };
  beforeEach(async () => {
    delete process.env.LADING_VOL;
    dir = await mkdtemp(join(tmpdir(), 'lading-vol-'));
  });
  afterEach(async () => {
    if (before === undefined) delete process.env.LADING_VOL;
    else process.env.LADING_VOL = before;
    await rm(dir, { recursive: true, force: true });
  });

  it('is the one that was given, else LADING_VOL’s, else one that is found; what was named is not looked for elsewhere', async () => {
    const given = await put('given');
    const variable = await put('variable');
    const onPath = await put('path');
    const path = ['relative', join(dir, 'path')].join(delimiter);
    expect(findVolatility(dir, undefined, path)).toBe(onPath);
    process.env.LADING_VOL = variable;
    expect(findVolatility(dir, undefined, path)).toBe(variable);
    expect(findVolatility(dir, given, path)).toBe(given);
    expect(findVolatility(dir, join(dir, 'absent'), path)).toBeUndefined();
    expect(findVolatility(dir, 'vol', path)).toBeUndefined();
    process.env.LADING_VOL = join(dir, 'absent');
    expect(findVolatility(dir, undefined, path)).toBeUndefined();
  });

  it('is run without network, and for the plugins of the list only', () => {
    const words = volatilityWords({ image: '/i', plugin: PSLIST, symbols: '/s', cache: '/c' });
    expect(words).toEqual(['--offline', '-r', 'json', '--cache-path', '/c', '-s', '/s', '-f', '/i', PSLIST]);
    expect(() => volatilityWords({ image: '/i', plugin: '--help', cache: '/c' })).toThrow(/does not run/);
  });
});
