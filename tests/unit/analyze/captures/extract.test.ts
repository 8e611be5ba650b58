import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extractTo, wantedOf } from '../../../../src/main/analyze/captures/extract';
import { listPackets, startOf } from '../../../../src/main/analyze/captures/packets';
import { withCapture } from '../../../../src/main/analyze/captures/store';
import type { ExtractWhat } from '../../../../src/shared/contract/network';
import { connection, type MadePacket, pcap, pcapng } from '../../../kit/capture';
import { type ReadCapture, readCapture } from './read';

const T = 1_700_000_000_000_000;
const secret = Buffer.from(Array.from({ length: 30_000 }, (_, i) => (i * 31) & 255));
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function traffic(): MadePacket[] {
  const chunked = Buffer.concat([
    Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
    ...[0, 1, 2].flatMap((n) => [
      Buffer.from(`${(10_000).toString(16)}\r\n`),
      secret.subarray(n * 10_000, (n + 1) * 10_000),
      Buffer.from('\r\n'),
    ]),
    Buffer.from('0\r\n\r\n'),
  ]);
  const web = connection({ client: '10.0.0.1', server: '10.0.0.2', sport: 40000, dport: 80, us: T + 5000 }, [
    {
      way: 'a',
      body: Buffer.concat([
        Buffer.from(`POST /in HTTP/1.1\r\nHost: a\r\nContent-Length: ${secret.length}\r\n\r\n`),
        secret,
      ]),
    },
    { way: 'b', body: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' },
    { way: 'a', body: 'GET /out HTTP/1.1\r\nHost: a\r\n\r\n' },
    { way: 'b', body: chunked },
  ]);
  // sent again, and out of order
  const again = web[5] as MadePacket;
  const [x, y] = [web[8] as MadePacket, web[9] as MadePacket];
  web[8] = { ...y, us: x.us };
  web[9] = { ...x, us: y.us };
  web.splice(7, 0, { ...again, us: again.us + 10 });
  return [
    ...web,
    ...connection({ client: '10.0.0.1', server: '10.0.0.3', sport: 40001, dport: 21, us: T + 1e6 }, [
      { way: 'b', body: '220 FTP\r\n' },
      { way: 'a', body: 'PASV\r\n' },
      { way: 'b', body: '227 Entering Passive Mode (10,0,0,3,200,10)\r\n' },
      { way: 'a', body: 'RETR /backup/customers.csv\r\n' },
    ]),
    ...connection({ client: '10.0.0.1', server: '10.0.0.3', sport: 40002, dport: 51210, us: T + 2e6 }, [
      { way: 'b', body: secret },
    ]),
    ...Array.from({ length: 700 }, (_, n) =>
      connection({ client: '10.0.0.9', server: '10.0.0.3', sport: 1000 + n, dport: 9, us: T + 3e6 + n * 10_000 }, []),
    ).flat(),
  ];
}

async function take(read: ReadCapture, what: ExtractWhat) {
  const to = join(read.dir, `${JSON.stringify(what).replace(/\W/g, '')}.bin`);
  const wanted = withCapture(read.dir, read.capture, (db) => wantedOf(db, 'E0001', what));
  const made = await extractTo(read.dir, read.capture, wanted, to);
  const bytes = await readFile(to);
  expect(sha256(bytes)).toBe(made.sha256);
  expect(bytes.length).toBe(made.bytes);
  return { ...made, taken: bytes, name: wanted.name };
}

describe.each([
  ['pcap', pcap(traffic())],
  ['pcapng', pcapng(traffic())],
])('out of %s', (_, file) => {
  it('come bodies of HTTP, byte for byte', async () => {
    const read = await readCapture(file);
    const [post, get] = read.rows('SELECT id, target FROM http ORDER BY us');
    const sent = await take(read, { kind: 'http', id: Number(post?.id), part: 'request' });
    expect(sent).toMatchObject({ sha256: sha256(secret), whole: true });
    expect(sent.name).toBe('POST a/in, request');
    expect(await take(read, { kind: 'http', id: Number(get?.id), part: 'response' })).toMatchObject({
      sha256: sha256(secret),
      whole: true,
    });
    expect((await take(read, { kind: 'http', id: Number(post?.id), part: 'response' })).taken.toString()).toBe('ok');
  });

  it('come files of FTP and whole streams', async () => {
    const read = await readCapture(file);
    expect(read.rows('SELECT way, name, listener FROM transfers')).toEqual([
      { way: 'download', name: '/backup/customers.csv', listener: '10.0.0.3:51210' },
    ]);
    expect(await take(read, { kind: 'transfer', id: 1 })).toMatchObject({
      sha256: sha256(secret),
      whole: true,
      name: '/backup/customers.csv',
    });
    const control = read.rows(`SELECT id FROM conversations WHERE b_port = 21`)[0];
    expect((await take(read, { kind: 'stream', id: Number(control?.id), side: 'a' })).taken.toString()).toBe(
      'PASV\r\nRETR /backup/customers.csv\r\n',
    );
  });

  it('come packets from any place, with their bytes', async () => {
    const read = await readCapture(file);
    const all = traffic();
    for (const offset of [0, 511, 512, 3000, all.length - 2]) {
      const start = withCapture(read.dir, read.capture, (db) => startOf(db, offset));
      const rows = await listPackets(read.dir, read.capture, start, read.facts, { offset, limit: 3 });
      expect(rows.map(({ number }) => number)).toEqual([1, 2, 3].map((n) => offset + n).filter((n) => n <= all.length));
      for (const row of rows) {
        const [at = 0, length = 0] = (/^bytes:(\d+)\+(\d+)$/.exec(row.locator) ?? []).slice(1).map(Number);
        expect(file.subarray(at, at + length).includes(all[row.number - 1]?.bytes as Buffer)).toBe(true);
      }
    }
  });

  it('comes nothing that is not there', async () => {
    const read = await readCapture(file);
    await expect(take(read, { kind: 'http', id: 99, part: 'request' })).rejects.toThrow(/no such/);
    await expect(take(read, { kind: 'stream', id: 1, side: 'a' })).rejects.toThrow(/no such TCP/);
  });
});

describe('a capture that does not have everything', () => {
  it('says that bytes of a body are missing', async () => {
    const packets = traffic();
    packets.splice(6, 1);
    packets.splice(6, 1);
    const read = await readCapture(pcap(packets));
    const [post] = read.rows('SELECT id, request_whole FROM http ORDER BY us');
    expect(post?.request_whole).toBe(0);
    expect((await take(read, { kind: 'http', id: Number(post?.id), part: 'request' })).whole).toBe(false);
  });
});
