import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import captures from '../../../../src/main/analyze/analyzers/captures';
import { knowledge } from '../../../../src/main/analyze/captures/joins';
import { listConversations } from '../../../../src/main/analyze/captures/query/conversations';
import { withCapture } from '../../../../src/main/analyze/captures/store';
import { resolveCitation } from '../../../../src/main/analyze/cite';
import { readRows } from '../../../../src/main/analyze/index/query';
import { withIndex } from '../../../../src/main/analyze/index/store';
import { connection, pcap } from '../../../kit/capture';
import { indexed } from '../index/kit';
import { analyze, byRule, framed, type Given, type GivenFrame, processFrames, tcpRow, WEB } from '../kit';

const T = 1_700_000_000_000_000;
const SHOP = '172.17.0.2';
const SINK = '10.77.1.254';
const INSPECT: Given = {
  collector: 'container.inspect',
  content: { Id: WEB.id, Name: '/shop', NetworkSettings: { Networks: { bridge: { IPAddress: SHOP } } } },
};
const put = (sport: number, us: number) =>
  connection({ client: SHOP, server: SINK, sport, dport: 8080, us }, [
    { way: 'a', body: `PUT /d.tgz HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n${'x'.repeat(90_000)}` },
    { way: 'b', body: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
  ]);

const stat = (pid: number, comm: string, start: number, ppid = 1) =>
  `${pid} (${comm}) S ${ppid} ${Array.from({ length: 17 }, () => 0).join(' ')} ${start} 0 0\n`;

interface Sampled {
  pid: number;
  comm: string;
  start: number;
  argv?: string[];
  inode?: number;
}

/** One sample as the script beside a capture writes it. */
function sample(processes: readonly Sampled[], rows: readonly string[]): GivenFrame[] {
  return [
    { name: 'sample', kind: 'output', body: '1700000000.5\n' },
    ...processes.flatMap(({ pid, comm, start, argv, inode }, i): GivenFrame[] => [
      { pid, name: 'stat', body: stat(pid, comm, start) },
      ...(argv ? [{ pid, name: 'cmdline', body: argv.map((word) => `${word}\0`).join('') }] : []),
      {
        pid,
        name: 'links',
        kind: 'links',
        body: `exe\t/bin/busybox\0ns/net\tnet:[1]\0${inode === undefined ? '' : `fd/3\tsocket:[${inode}]\0`}`,
      },
      ...(i === 0 ? [{ pid, name: 'net/tcp', body: `  head\n${rows.map((row) => `${row}\n`).join('')}` }] : []),
    ]),
    { name: 'sample.end', kind: 'output', body: '1700000000.6\n' },
  ];
}

const row = tcpRow(`${SHOP}:41000`, `${SINK}:8080`, '01', 777);
const shell: Sampled = { pid: 50, comm: 'sh', start: 10, argv: ['sh'] };
/** Before, during (once as the shell that was forked, once as what it became) and after. */
const SAMPLES: Given = {
  collector: 'container.capture',
  kind: 'frames',
  content: framed('container.capture.sockets', [
    ...sample([shell], []),
    ...sample(
      [
        { pid: 50, comm: 'sh', start: 10 },
        { pid: 60, comm: 'sh', start: 99, argv: ['sh', 'x.sh'], inode: 777 },
      ],
      [row],
    ),
    ...sample(
      [
        { pid: 50, comm: 'sh', start: 10 },
        { pid: 60, comm: 'nc', start: 99, argv: ['nc', SINK, '8080'], inode: 777 },
      ],
      [row],
    ),
    // the number is used again by a process that has nothing to do with it
    ...sample(
      [
        { pid: 50, comm: 'sh', start: 10 },
        { pid: 60, comm: 'sleep', start: 200, argv: ['sleep', '9'] },
      ],
      [],
    ),
  ]),
};
const PCAP: Given = {
  collector: 'container.capture',
  kind: 'pcap',
  content: pcap([...put(41_000, T), ...put(41_001, T + 9e6)]),
};

describe('a process that only the samples beside a capture saw', () => {
  it('is named in the finding, with the places that say so; of a shorter connection it is said that nobody knows', async () => {
    const given = [INSPECT, SAMPLES, PCAP];
    const uploads = byRule(await analyze(given, [captures]), 'network.upload');
    expect(uploads).toHaveLength(2);
    const known = uploads.find(({ claim }) => claim.includes('process 60'));
    expect(known?.claim).toContain(`The socket was held by process 60 (nc, “nc ${SINK} 8080”).`);
    expect(known?.target.id).toBe(WEB.id);
    expect(known?.cites.filter(({ exhibit }) => exhibit === 'E0002')).toHaveLength(2);
    expect(known?.cites.filter(({ exhibit }) => exhibit === 'E0003').length).toBeGreaterThanOrEqual(2);
    const other = uploads.find((one) => one !== known);
    expect(other?.claim).toContain('Which process it was is not known');
    expect(other?.cites.every(({ exhibit }) => exhibit === 'E0003')).toBe(true);
  });

  it('is not named for a capture of another host', async () => {
    const given = [INSPECT, { ...SAMPLES, host: 'host-2' }, PCAP];
    for (const { claim } of byRule(await analyze(given, [captures]), 'network.upload')) {
      expect(claim).toContain('is not known');
    }
  });

  it('is a row of the index, to which the conversation leads, once however often it was seen', async () => {
    const { dir, records } = await indexed([INSPECT, SAMPLES, PCAP]);
    const capture = records[2];
    if (!capture) throw new Error('no capture');
    const rows = withIndex(dir, (index) =>
      withCapture(dir, capture, (db) => {
        const known = knowledge(db, index, capture.host?.id);
        return listConversations(db, capture.id, known, { layer: 'tcp', sort: 'first', offset: 0, limit: 10 }).rows;
      }),
    );
    expect(rows.map(({ a }) => a.processes.map(({ pid, comm, container }) => [pid, comm, container]))).toEqual([
      [[60, 'nc', WEB.id]],
      [],
    ]);
    expect(rows[0]?.a.containers.map(({ name }) => name)).toEqual(['shop']);
    const [cite] = rows[0]?.a.processes ?? [];
    if (!cite) throw new Error('no process');
    const { bytes } = await resolveCitation(dir, cite);
    expect(bytes?.toString()).toBe('socket:[777]');
    const Row = z.object({ pid: z.number(), comm: z.string(), command: z.string(), source: z.string() });
    const processes = withIndex(dir, (db) =>
      readRows(db, Row, 'SELECT pid, comm, command, source FROM processes WHERE id = entity ORDER BY start_ticks + 0'),
    );
    expect(processes).toEqual([
      { pid: 50, comm: 'sh', command: 'sh', source: 'sample' },
      { pid: 60, comm: 'nc', command: `nc ${SINK} 8080`, source: 'sample' },
      { pid: 60, comm: 'sleep', command: 'sleep 9', source: 'sample' },
    ]);
    const counts = withIndex(dir, (db) =>
      readRows(db, z.object({ n: z.number() }), 'SELECT count(*) AS n FROM sockets UNION ALL SELECT count(*) FROM fds'),
    );
    // one line of the table; the descriptor of the forked shell and that of what it became
    expect(counts.map(({ n }) => n)).toEqual([1, 2]);
  });

  it('gives way to the row of who read the process whole', async () => {
    const whole: Given = {
      collector: 'container.processes',
      content: processFrames([{ pid: 60, comm: 'nc', exe: '/bin/busybox', argv: ['nc', SINK, '8080'] }]),
    };
    const sampled: Given = {
      ...SAMPLES,
      content: framed('container.capture.sockets', sample([{ pid: 60, comm: 'nc', start: 5060, inode: 777 }], [row])),
    };
    for (const given of [
      [whole, sampled],
      [sampled, whole],
    ]) {
      const { dir } = await indexed(given);
      const rows = withIndex(dir, (db) =>
        readRows(db, z.object({ source: z.string() }), 'SELECT source FROM processes WHERE id = entity'),
      );
      expect(rows).toEqual([{ source: 'container' }]);
    }
  });
});
