import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileRow, FileView } from '../../../src/shared/contract/files';
import { HASH, run } from './kit';

const WEB = { kind: 'container' as const, id: 'c'.repeat(64), name: 'web' };
const DB = { kind: 'container' as const, id: 'd'.repeat(64), name: 'db' };

function view(key: string, target = WEB): FileView {
  return {
    key,
    kind: 'container',
    target,
    exhibit: 'E0001',
    how: 'whole',
    complete: true,
    hostname: 'host1',
    collection: 'C1',
    taken: '2026-11-25T10:00:00.000Z',
    partial: false,
    files: 3,
    drift: 1,
    layers: [],
  };
}

function row(path: string): FileRow {
  return {
    path,
    type: 'file',
    mode: 0o4755,
    uid: 0,
    gid: 0,
    user: 'root',
    group: null,
    size: 5,
    mtime: '2026-11-25T10:00:00Z',
    atime: null,
    ctime: null,
    link: null,
    layer: null,
    state: 'added',
    sha256: HASH,
    package: null,
    exhibit: 'E0001',
    locator: 'bytes:0+512',
    readable: true,
  };
}

const one = { 'files.views': () => ({ views: [view('container:E0001')], stale: [] }) };
const two = { 'files.views': () => ({ views: [view('container:E0001'), view('container:E0002', DB)], stale: [] }) };
/** So many files, given page by page as the core does. */
const many = (total: number) => ({
  ...one,
  'files.list': ({ offset, limit }: { offset: number; limit: number }) => ({
    rows: Array.from({ length: Math.max(0, Math.min(limit, total - offset)) }, (_, i) => row(`/f${offset + i}`)),
    total,
  }),
});

describe('files', () => {
  it('lists a folder, page by page, with a slash at its end or without', async () => {
    const { code, out, calls } = await run(['files', 'c', 'ls', '/srv//', '--json'], many(4500));
    expect(code).toBe(0);
    const rows: unknown[] = JSON.parse(out);
    expect(rows).toHaveLength(4500);
    const asked = calls.filter(({ call }) => call === 'files.list');
    expect(asked).toHaveLength(3);
    expect(asked[0]?.input).toMatchObject({ view: 'container:E0001', folder: '/srv' });
  });

  it('prints hashes as sha256sum does, and only below the folder that is given', async () => {
    const handlers = { ...one, 'files.list': () => ({ rows: [row('/a/x'), row('/ab')], total: 2 }) };
    const { out } = await run(['files', 'c', 'hash', '/a'], handlers);
    expect(out).toContain(`${HASH}  /a/x`);
    expect(out).not.toContain('/ab');
  });

  it('asks which file system where there are several, and takes the named one', async () => {
    const handlers = { ...two, 'files.list': () => ({ rows: [], total: 0 }) };
    const unsaid = await run(['files', 'c', 'ls'], handlers);
    expect(unsaid.code).toBe(2);
    expect(unsaid.err).toContain('container:E0002');
    const named = await run(['files', 'c', 'ls', '--target', 'db', '--json'], handlers);
    expect(named.calls.findLast(({ call }) => call === 'files.list')?.input).toMatchObject({ view: 'container:E0002' });
    expect((await run(['files', 'c', 'ls', '--target', 'nobody'], handlers)).code).toBe(2);
  });

  it('gives content byte for byte, as many pieces as it takes', async () => {
    const bytes = Buffer.concat([Buffer.alloc((1 << 20) + 3, 'x'), Buffer.from('end')]);
    const { code, out, calls } = await run(['files', 'c', 'cat', '/f'], {
      ...one,
      'files.read': ({ offset, length }: { offset: number; length: number }) => ({
        base64: bytes.subarray(offset, offset + length).toString('base64'),
        total: bytes.length,
      }),
    });
    expect(code).toBe(0);
    expect(out).toBe(bytes.toString());
    expect(calls.filter(({ call }) => call === 'files.read')).toHaveLength(2);
  });

  it('copies out only with a place and a reason', async () => {
    const handlers = { ...one, 'files.export': () => ({ path: resolve('x'), sha256: HASH, bytes: 5 }) };
    for (const argv of [[], ['--to', 'x'], ['--reason', 'y']]) {
      const { code, calls } = await run(['files', 'c', 'export', '/f', ...argv], handlers);
      expect([argv, code]).toEqual([argv, 2]);
      expect(calls.map(({ call }) => call)).not.toContain('files.export');
    }
    const { out, calls } = await run(['files', 'c', 'export', '/f', '--to', 'x', '--reason', 'y', '--image'], handlers);
    expect(out).toBe(`${HASH}  ${resolve('x')}\n`);
    expect(calls.findLast(({ call }) => call === 'files.export')?.input).toMatchObject({
      path: '/f',
      version: 'image',
      to: resolve('x'),
      reason: 'y',
    });
  });

  it.each([[['cat']], [['stat', '/a', '/b']], [['diff', 'only one']], [['views', '/a']], [['chmod', '/a']]])(
    '%j is wrong usage',
    async (argv) => {
      expect((await run(['files', 'c', ...argv], one)).code).toBe(2);
    },
  );

  it('is harmless to a terminal and to a spreadsheet, and says that the index is old', async () => {
    const handlers = {
      'files.views': () => ({ views: [view('container:E0001')], stale: ['1 exhibit is not in the index yet.'] }),
      'files.list': () => ({ rows: [row('=cmd()\u001b[31m\u202e')], total: 1 }),
    };
    for (const how of [[], ['--csv'], ['--json']]) {
      const { out, err } = await run(['files', 'c', 'ls', ...how], handlers);
      expect(out).not.toMatch(/[\u001b\u202e]/);
      if (how[0] === '--csv') expect(out).toContain("'=cmd()");
      expect(err).toContain('not in the index yet');
    }
  });
});
