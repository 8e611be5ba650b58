import { describe, expect, it } from 'vitest';
import { endText } from '../../../../src/main/analyze/formats/net/address';
import {
  connection,
  dns,
  ethernet,
  FLAG,
  ip,
  type MadePacket,
  pcap,
  pcapng,
  tcp,
  udp,
  vxlan,
} from '../../../kit/capture';
import { type ReadCapture, readCapture } from './read';
import { asTshark, conversations, fields, hasTshark, row } from './tshark';

const T = 1_700_000_000_000_000;
const at = (us: number, bytes: Buffer): MadePacket => ({ us: T + us, bytes });

function ours(read: ReadCapture, layer: string): string[] {
  return read
    .rows(`SELECT * FROM conversations WHERE layer = '${layer}'`)
    .map((one) => {
      const end = (side: 'a' | 'b') => {
        const port = one[`${side}_port`];
        const way = side === 'a' ? 'ab' : 'ba';
        const text = port === null ? String(one[side]) : `${one[side]}:${port}`;
        return [text, Number(one[`packets_${way}`]), asTshark(Number(one[`bytes_${way}`]))] as [string, number, string];
      };
      return row(end('a'), end('b'));
    })
    .sort();
}

/** A bit of everything that is counted in a way of its own. */
function mixed(): MadePacket[] {
  const big = Buffer.alloc(3000, 'x');
  const datagram = udp(7000, 7001, big);
  const part = (n: number, more: boolean) =>
    ethernet(
      ip('10.0.0.1', '10.0.0.2', 17, datagram.subarray(n * 1480, (n + 1) * 1480), {
        id: 77,
        part: (n * 185) | (more ? 0x2000 : 0),
      }),
    );
  return [
    ...connection({ client: '10.0.0.1', server: '10.0.0.2', sport: 40000, dport: 80, us: T }, [
      { way: 'a', body: 'GET /a HTTP/1.1\r\nHost: web.example\r\nUser-Agent: x\r\n\r\n' },
      {
        way: 'b',
        body: `HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nContent-Type: text/plain\r\n\r\n${'y'.repeat(5000)}`,
      },
      { way: 'a', body: `PUT /b HTTP/1.1\r\nHost: web.example\r\nContent-Length: 20000\r\n\r\n${'z'.repeat(20000)}` },
      { way: 'b', body: 'HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n' },
    ]),
    // the same ports again: another connection
    ...connection({ client: '10.0.0.1', server: '10.0.0.2', sport: 40000, dport: 80, us: T + 1e6, seq: 9_000_000 }, [
      { way: 'a', body: 'HEAD /c HTTP/1.1\r\nHost: web.example\r\n\r\n' },
      { way: 'b', body: 'HTTP/1.1 404 Not Found\r\nContent-Length: 99\r\n\r\n' },
    ]),
    ...connection({ client: '2001:db8::1', server: '2001:db8::2:0:1', sport: 40001, dport: 8080, us: T + 2e6 }, [
      { way: 'a', body: 'POST /six HTTP/1.1\r\nHost: six.example\r\nContent-Length: 3\r\n\r\nabc' },
      { way: 'b', body: 'HTTP/1.1 204 No Content\r\n\r\n' },
    ]),
    at(3e6, ethernet(ip('10.0.0.1', '10.0.0.53', 17, udp(5000, 53, dns(1, 'c2.example'))))),
    at(
      3.01e6,
      ethernet(
        ip(
          '10.0.0.53',
          '10.0.0.1',
          17,
          udp(53, 5000, dns(1, 'c2.example', { answers: ['203.0.113.9', '203.0.113.10'] })),
        ),
      ),
    ),
    at(
      3.02e6,
      ethernet(ip('10.0.0.1', '10.0.0.53', 17, udp(5001, 53, dns(2, 'no.example', { type: 28 }))), { vlans: [7] }),
    ),
    at(
      3.03e6,
      ethernet(ip('10.0.0.53', '10.0.0.1', 17, udp(53, 5001, dns(2, 'no.example', { type: 28, code: 3 }))), {
        vlans: [100, 7],
      }),
    ),
    at(4e6, part(1, true)),
    at(4.1e6, part(0, true)),
    at(4.2e6, part(2, false)),
    // a container's packet in an overlay network
    at(
      5e6,
      ethernet(
        ip(
          '192.168.1.1',
          '192.168.1.2',
          17,
          udp(49152, 4789, vxlan(256, ethernet(ip('10.9.0.1', '10.9.0.2', 6, tcp(1234, 80, 1, 0, FLAG.syn))))),
        ),
      ),
    ),
    at(
      5.1e6,
      ethernet(ip('192.168.1.1', '192.168.1.2', 4, ip('10.8.0.1', '10.8.0.2', 17, udp(1, 2, Buffer.from('hello'))))),
    ),
    at(
      5.2e6,
      ethernet(
        ip(
          '192.168.1.1',
          '192.168.1.2',
          47,
          Buffer.concat([Buffer.from([0, 0, 8, 0]), ip('10.7.0.1', '10.7.0.2', 17, udp(1, 2, Buffer.from('hello')))]),
        ),
      ),
    ),
    at(
      5.3e6,
      ethernet(
        ip('192.168.1.1', '192.168.1.2', 17, udp(9, 9, Buffer.from('options')), { options: Buffer.from([1, 1, 1, 1]) }),
      ),
    ),
    at(
      5.4e6,
      ethernet(Buffer.from('0001080006040001020000000001c0a80101000000000000c0a80102', 'hex'), { type: 0x806 }),
    ),
    at(5.5e6, ethernet(ip('10.0.0.1', '10.0.0.2', 1, Buffer.from('0800f7fb00010001abcd', 'hex')))),
  ];
}

const FORMS: [string, (packets: MadePacket[]) => Buffer][] = [
  ['pcap, little endian', (packets) => pcap(packets)],
  ['pcap, big endian, ns', (packets) => pcap(packets, { little: false, nano: true })],
  ['pcap, cut at 96 bytes', (packets) => pcap(packets, { snap: 96 })],
  ['pcapng, µs', (packets) => pcapng(packets)],
  ['pcapng, big endian, ns', (packets) => pcapng(packets, { little: false, resolution: 9, drops: 7 })],
  ['pcapng, 2^-20 s', (packets) => pcapng(packets, { resolution: 0x80 | 20 })],
];

describe.skipIf(!hasTshark).each(FORMS)('beside tshark: %s', (name, form) => {
  it('counts the same conversations', async () => {
    const read = await readCapture(form(mixed()));
    for (const layer of ['ip', 'ipv6', 'tcp', 'udp']) {
      // a fragmented datagram that was cut cannot be put together by us; tshark takes the first piece's ports
      const theirs = conversations(read.path, layer);
      expect(theirs.length, layer).toBeGreaterThan(0);
      if (name.includes('cut') && layer === 'udp')
        expect(ours(read, layer).filter((line) => !line.includes(':7000'))).toEqual(
          theirs.filter((line) => !line.includes(':7000')),
        );
      else expect(ours(read, layer), layer).toEqual(theirs);
    }
    expect(read.facts.packets).toBe(mixed().length);
    expect(read.facts.unreadable).toBe(0);
    expect(read.facts.read).toBe(form(mixed()).length);
  });

  it('reads the same times', async () => {
    const read = await readCapture(form(mixed()));
    const [first] = fields(read.path, 'frame.number==1', ['frame.time_epoch']);
    expect(read.facts.first).toBe(Math.trunc(Number(first?.[0]) * 1e6));
  });

  it('reads the same DNS', async () => {
    const read = await readCapture(form(mixed()));
    const theirs = fields(read.path, 'dns', ['dns.id', 'dns.flags.response', 'dns.qry.name', 'dns.flags.rcode']).map(
      ([id, response, query, code]) => [
        Number(id),
        response === '1' || response === 'True' ? 1 : 0,
        query,
        Number(code ?? 0),
      ],
    );
    expect(read.rows('SELECT message, response, name, code FROM dns ORDER BY id').map(Object.values)).toEqual(theirs);
  });
});

describe.skipIf(!hasTshark)('beside tshark', () => {
  it('reads the same HTTP', async () => {
    const read = await readCapture(pcap(mixed()));
    const asked = fields(read.path, 'http.request', ['http.request.method', 'http.host', 'http.request.uri']);
    expect(read.rows('SELECT method, host, target FROM http ORDER BY us').map(Object.values)).toEqual(asked);
    const answered = fields(read.path, 'http.response', ['http.response.code']).flat().map(Number);
    expect(read.rows('SELECT status FROM http ORDER BY us').map(({ status }) => status)).toEqual(answered);
    expect(
      read
        .rows('SELECT request_bytes, response_bytes, request_whole, response_whole FROM http ORDER BY us')
        .map(Object.values),
    ).toEqual([
      [0, 5000, 1, 1],
      [20000, 0, 1, 1],
      [0, 0, 1, 1],
      [3, 0, 1, 1],
    ]);
  });

  it('counts the same when the conversations do not fit into memory', async () => {
    const packets: MadePacket[] = [];
    for (let n = 0; n < 400; n++)
      packets.push(
        ...connection(
          {
            client: `10.1.${n % 5}.${n % 250}`,
            server: '10.2.0.1',
            sport: 10000 + n,
            dport: 443,
            us: T + n * 300,
            close: n % 2 === 0,
          },
          [
            { way: 'a', body: 'x'.repeat(n) },
            { way: 'b', body: 'y'.repeat(2 * n) },
          ],
        ),
      );
    packets.sort((a, b) => a.us - b.us);
    const read = await readCapture(pcap(packets), { flows: 16 });
    for (const layer of ['ip', 'tcp']) expect(ours(read, layer)).toEqual(conversations(read.path, layer));
    expect(endText('2001:db8::1', 1)).toBe('[2001:db8::1]:1');
  });
});
