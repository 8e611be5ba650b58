import { describe, expect, it } from 'vitest';
import { HASH, run } from './kit';

const READY = { state: 'ready', reasons: [], task: null };
const ID = 'c'.repeat(64);
const process = (pid: number) => ({
  id: pid,
  parent: null,
  depth: 1,
  below: 0,
  host: 'host-1',
  hostname: 'shop',
  container: ID,
  containerName: 'web',
  pid,
  inside: 5,
  ppid: 1,
  started: '2026-11-25T10:00:00.000Z',
  comm: 'sh',
  command: `sh -c \u001b[31m${pid}`,
  state: 'S',
  uid: 0,
  euid: 0,
  user: 'root',
  exe: '/bin/sh',
  sha256: HASH,
  drift: 'added',
  kernel: false,
  threads: 1,
  rss: 1,
  sockets: 0,
  marks: ['deleted'],
  exhibit: 'E0001',
  locator: 'bytes:0+1',
});
const connection = {
  id: 1,
  target: { kind: 'container', id: ID, name: 'web' },
  host: 'host-1',
  hostname: 'shop',
  netns: null,
  protocol: 'tcp6',
  localAddress: '::1',
  localPort: 80,
  remoteAddress: '2001:db8::9',
  remotePort: 4444,
  state: 'ESTABLISHED',
  direction: 'out',
  uid: 0,
  inode: 7,
  path: null,
  holders: [{ process: 1, pid: 50, comm: 's\u202eh', fd: 3, cite: { exhibit: 'E0001', locator: 'bytes:0+1' } }],
  exhibit: 'E0002',
  locator: 'bytes:1+2',
};

describe('processes, connections, search, explain', () => {
  it('lists every page of processes, of the container that was named', async () => {
    const all = Array.from({ length: 2500 }, (_, i) => process(i + 1));
    const handlers = {
      'evidence.prepare': () => READY,
      'evidence.processes': ({ offset, limit }: { offset: number; limit: number }) => ({
        rows: all.slice(offset, offset + limit),
        total: all.length,
        containers: [{ id: ID, name: 'web', processes: all.length }],
      }),
    };
    const json = await run(['processes', 'c', '--container', 'web', '--json'], handlers);
    expect(JSON.parse(json.out)).toHaveLength(2500);
    expect(json.calls.at(-2)?.input).toMatchObject({ container: ID, offset: 2000 });
    const table = await run(['processes', 'c'], handlers);
    expect(table.out).toContain('deleted');
    expect(table.out).not.toContain('\u001b');
  });

  it('shows connections with who holds them, harmlessly', async () => {
    const { out, code } = await run(['connections', 'c'], {
      'evidence.prepare': () => READY,
      'evidence.connections': () => ({ rows: [connection], total: 1 }),
    });
    expect(code).toBe(0);
    expect(out).toContain('[2001:db8::9]:4444');
    expect(out).toMatch(/50 s.*h fd 3/);
    expect(out).not.toContain('\u202e');
  });

  it('explains, and ends with 1 where the evidence says nothing', async () => {
    const told = (kind: string) => ({
      'evidence.prepare': () => READY,
      'evidence.explain': () => ({ about: '50', kind, title: 'PID 50', sections: [] }),
    });
    expect((await run(['explain', 'c', '50'], told('process'))).code).toBe(0);
    expect((await run(['explain', 'c', '50'], told('nothing'))).code).toBe(1);
    expect((await run(['explain', 'c'], told('nothing'))).code).toBe(2);
  });

  it('says how many hits there are beyond those shown', async () => {
    const hit = {
      kind: 'event',
      process: null,
      target: connection.target,
      exhibit: 'E0003',
      title: 'Log',
      locator: 'bytes:5+6',
      excerpt: 'the \u001b]0;needle here',
      from: 8,
      to: 14,
    };
    const { out, err } = await run(['search', 'c', 'needle'], {
      'evidence.prepare': () => READY,
      'evidence.search': () => ({ hits: [hit], total: 7 }),
    });
    expect(out).toContain('E0003 bytes:5+6');
    expect(out).not.toContain('\u001b');
    expect(err).toContain('7 hits, the first 1 shown');
  });
});
