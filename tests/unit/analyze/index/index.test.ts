import { createHash } from 'node:crypto';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listConnections } from '../../../../src/main/analyze/evidence/connections';
import { explain } from '../../../../src/main/analyze/evidence/explain';
import { findingsOfProcesses, listProcesses } from '../../../../src/main/analyze/evidence/processes';
import { searchTexts } from '../../../../src/main/analyze/evidence/search';
import { buildIndex } from '../../../../src/main/analyze/index/build';
import { readRows } from '../../../../src/main/analyze/index/query';
import { indexPath, indexState, withIndex } from '../../../../src/main/analyze/index/store';
import { parseLocator } from '../../../../src/shared/locator';
import { scratch } from '../../../kit/case';
import type { Given } from '../kit';
import { WEB } from '../kit';
import { framesOf, indexed, type MadeProcess } from './kit';

const ALL = { notable: false, offset: 0, limit: 100 };
const ROOT_MOUNT = '1 0 0:1 / / rw - overlay overlay rw\n2 1 0:2 / /data rw - ext4 /dev/sda rw\n';
const TCP_HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
const TCP = `${TCP_HEAD}   0: 0200000A:9C40 0900000A:115C 01 00000000:00000000 00:00000000 00000000     0        0 777 1 0\n`;

const shell: MadeProcess = {
  pid: 50,
  ppid: 40,
  inside: 5,
  start: 300,
  comm: 'sh',
  argv: ['sh', '-i'],
  exe: '/srv/x',
  mountinfo: ROOT_MOUNT,
  environ: ['LD_PRELOAD=/tmp/evil.so'],
  fds: { 0: 'socket:[777]', 3: '/tmp/loot (deleted)' },
};
const inContainer = [{ pid: 40, ppid: 30, inside: 1, start: 200, exe: '/data/app', mountinfo: ROOT_MOUNT }, shell];
const onHost: MadeProcess[] = [
  { pid: 1, ppid: 0, start: 1, comm: 'init' },
  { pid: 30, ppid: 1, start: 150, comm: 'containerd-shim' },
  { pid: 40, ppid: 30, start: 200, cgroup: `0::/docker/${WEB.id}\n` },
  { pid: 50, ppid: 40, start: 300, cgroup: `0::/docker/${WEB.id}\n` },
];
const given: Given[] = [
  { collector: 'container.processes', content: framesOf('container.processes', inContainer) },
  { collector: 'host.processes', content: framesOf('host.processes', onHost) },
  {
    collector: 'container.sockets',
    content: framesOf('container.sockets', [
      { ...shell, mountinfo: undefined, environ: undefined, more: { 'net/tcp': TCP } },
    ]),
  },
  { collector: 'container.changes', content: [{ Path: '/srv/x', Kind: 1 }] },
  {
    collector: 'host.identity',
    kind: 'frames',
    content: framesOf('host.identity', [], { stat: 'btime 1000\n', clk_tck: '100\n' }),
  },
];

describe('the index', () => {
  it('puts one tree together from what the host and the container show', async () => {
    const { dir } = await indexed(given);
    const { rows, total, containers } = withIndex(dir, (db) => listProcesses(db, ALL, new Set()));
    expect(total).toBe(4);
    expect(rows.map(({ pid, depth, below }) => [pid, depth, below])).toEqual([
      [1, 0, 3],
      [30, 1, 2],
      [40, 2, 1],
      [50, 3, 0],
    ]);
    expect(containers).toEqual([{ id: WEB.id, name: 'web', processes: 2 }]);
    // seen in two exhibits: the container's, which has everything, stands for it
    expect(rows[3]).toMatchObject({ exhibit: 'E0001', inside: 5, started: '1970-01-01T00:16:43.000Z', sockets: 1 });
    const few = withIndex(dir, (db) => listProcesses(db, { ...ALL, container: 'host' }, new Set()));
    expect(few.rows.map(({ pid }) => pid)).toEqual([1, 30]);
  });

  it('calls an executable added only where the engine’s list would name it', async () => {
    const { dir } = await indexed(given);
    const { rows } = withIndex(dir, (db) => listProcesses(db, ALL, new Set()));
    // /data is a mount of its own: the list of changes says nothing of it
    expect(rows.map(({ exe, drift }) => [exe, drift])).toContainEqual(['/data/app', null]);
    expect(rows.map(({ exe, drift }) => [exe, drift])).toContainEqual(['/srv/x', 'added']);
    const notable = withIndex(dir, (db) => listProcesses(db, { ...ALL, notable: true }, new Set()));
    expect(notable.rows.map(({ pid, marks }) => [pid, marks])).toEqual([[50, ['added']]]);
  });

  it('joins a socket with the process that holds it', async () => {
    const { dir } = await indexed(given);
    const { rows } = withIndex(dir, (db) => listConnections(db, { all: false, offset: 0, limit: 10 }));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ remoteAddress: '10.0.0.9', remotePort: 4444, direction: 'out' });
    expect(rows[0]?.holders).toMatchObject([{ pid: 50, comm: 'sh', fd: 0 }]);
  });

  it('explains a process, and each citation resolves to bytes that say so', async () => {
    const { dir, records } = await indexed(given);
    const told = withIndex(dir, (db) => explain(db, '50', []));
    const find = (title: string) => told.sections.find((one) => one.title === title)?.items ?? [];
    expect(find('Parents').map(({ text }) => text.split(' ')[0])).toEqual(['40', '30', '1']);
    const quoted = async (text: RegExp) => {
      const item = told.sections.flatMap(({ items }) => items).find((one) => text.test(one.text));
      const [cite] = item?.cites ?? [];
      const record = records.find(({ id }) => id === cite?.exhibit);
      const place = parseLocator(cite?.locator ?? '');
      if (!record || place.kind !== 'bytes') throw new Error(`no bytes for ${text}`);
      const bytes = await readFile(join(dir, 'evidence', record.id, record.file));
      return bytes.toString('latin1', place.offset, place.offset + place.length);
    };
    expect(await quoted(/^Command line: sh -i/)).toBe('sh\0-i\0');
    expect(await quoted(/^LD_PRELOAD=/)).toBe('LD_PRELOAD=/tmp/evil.so');
    expect(await quoted(/^3 → \/tmp\/loot, deleted/)).toBe('/tmp/loot (deleted)');
    expect(await quoted(/^\/srv\/x$/)).toBe('/srv/x');
    for (const about of ['10.0.0.9', '10.0.0.9:4444', '/srv/x', 'E0001', '5']) {
      expect(withIndex(dir, (db) => explain(db, about, [])).kind).not.toBe('nothing');
    }
    for (const about of ['10.0.0.9:1', '/srv/y', 'E9999', '51', 'f'.repeat(64), 'process:999', "' OR 1", '%']) {
      expect(withIndex(dir, (db) => explain(db, about, [])).kind).toBe('nothing');
    }
  });

  it('finds the process that a finding rests on by the bytes it cites', async () => {
    const { dir, records } = await indexed(given);
    const bytes = await readFile(join(dir, 'evidence', 'E0001', records[0]?.file ?? ''));
    const at = bytes.indexOf('sh\0-i\0');
    const finding = { cites: [{ exhibit: 'E0001', locator: `bytes:${at}+6` }] };
    const other = { cites: [{ exhibit: 'E0004', locator: 'json:/0' }] };
    const found = withIndex(dir, (db) => findingsOfProcesses(db, [finding, other]));
    const row = withIndex(dir, (db) => listProcesses(db, ALL, new Set())).rows.find(({ pid }) => pid === 50);
    expect([...found]).toEqual([[row?.id, [finding]]]);
  });

  it('finds text anywhere, and opens at the hit', async () => {
    const text = `${'lorem ipsum dolor sit amet\n'.repeat(400)}the NEEDLE is here\n`;
    const { dir, records } = await indexed([...given, { collector: 'host.kernel', kind: 'text', content: text }]);
    const { hits, total } = withIndex(dir, (db) => searchTexts(db, { text: 'needle', offset: 0, limit: 5 }));
    expect(total).toBe(1);
    const place = parseLocator(hits[0]?.locator ?? '');
    const bytes = await readFile(join(dir, 'evidence', records[5]?.id ?? '', records[5]?.file ?? ''));
    if (place.kind !== 'bytes') throw new Error('no bytes');
    expect(bytes.toString('utf8', place.offset, place.offset + place.length)).toBe('NEEDLE');
    expect(hits[0]?.excerpt.slice(hits[0].from, hits[0].to)).toBe('NEEDLE');
    // operators of the full-text search are words like any other
    for (const odd of ['"', 'NEAR(', 'a* OR b', '%', 'ab']) {
      expect(() => withIndex(dir, (db) => searchTexts(db, { text: odd, offset: 0, limit: 5 }))).not.toThrow();
    }
  });

  it('gives the same rows each time, and writes nothing outside derived/', async () => {
    const { dir, records } = await indexed(given);
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(indexPath(dir)))
        .digest('hex');
    const first = await digest();
    const before = (await readdir(dir, { recursive: true })).sort();
    await buildIndex({ dir, records });
    expect(await digest()).toBe(first);
    expect((await readdir(dir, { recursive: true })).sort()).toEqual(before);
    expect(await readdir(join(dir, 'derived'))).toEqual(['index.sqlite']);
    expect(indexState(dir, records).state).toBe('ready');
    expect(indexState(dir, records.slice(1)).state).toBe('stale');
    await writeFile(indexPath(dir), 'no database');
    expect(indexState(dir, records).state).toBe('damaged');
  });

  it('is the same byte for byte in another folder, and says nothing of where the case lies', async () => {
    const { dir, records } = await indexed([
      ...given,
      { collector: 'container.inspect', content: '{"Id":' },
      { collector: 'host.kernel', kind: 'text', content: 'a line\n', sha256: '0'.repeat(64) },
      { collector: 'container.processes', content: Buffer.from('no frames at all') },
      {
        collector: 'engine.events',
        content: '{"Type":"container","Action":"start","Actor":{"ID":"x"},"timeNano":1795600800000000000}\n',
      },
    ]);
    const other = join(await scratch(), 'another folder');
    await cp(join(dir, 'evidence'), join(other, 'evidence'), { recursive: true });
    // the order in which records are given is not the order of rows
    await buildIndex({ dir: other, records: records.toReversed() });
    const [first, second] = [await readFile(indexPath(dir)), await readFile(indexPath(other))];
    expect(first.equals(second)).toBe(true);
    expect(first.includes(dir)).toBe(false);
    expect(second.includes('another folder')).toBe(false);
  });

  it('bears forged and broken evidence', async () => {
    const { dir, faults } = await indexed([
      {
        collector: 'container.processes',
        content: framesOf('container.processes', [
          // each the other's parent, and one its own
          { pid: 10, ppid: 11, start: 5 },
          { pid: 11, ppid: 10, start: 5 },
          {
            pid: 12,
            ppid: 12,
            start: 5,
            comm: 'a) S 1 (b\n\u001b[31m',
            argv: ['\u202eevil', "'; DROP TABLE processes; --"],
          },
        ]),
      },
      { collector: 'container.processes', content: Buffer.from('no frames at all') },
      { collector: 'container.inspect', content: '{"Id":' },
      { collector: 'container.inspect', content: { Id: 'x', State: 7, Config: 'odd', NetworkSettings: null } },
      { collector: 'image.inspect', content: [] },
      { collector: 'container.changes', content: '[[[' },
      {
        collector: 'host.kernel',
        kind: 'text',
        content: Buffer.from([0xff, 0xfe, 0, 1, 2, 10, 0xc3]),
        sha256: '0'.repeat(64),
      },
    ]);
    expect(faults).toBeGreaterThanOrEqual(5);
    const { rows } = withIndex(dir, (db) => listProcesses(db, ALL, new Set()));
    expect(rows.map(({ pid }) => pid).sort()).toEqual([10, 11, 12]);
    expect(rows.find(({ pid }) => pid === 12)).toMatchObject({ comm: 'a) S 1 (b\n\u001b[31m', parent: null });
    const said = withIndex(dir, (db) =>
      readRows(db, z.object({ exhibit: z.string() }), 'SELECT DISTINCT exhibit FROM faults ORDER BY exhibit'),
    );
    expect(said.map(({ exhibit }) => exhibit)).toEqual(
      expect.arrayContaining(['E0002', 'E0003', 'E0005', 'E0006', 'E0007']),
    );
  });
});
