import { describe, expect, it } from 'vitest';
import captures from '../../../../src/main/analyze/analyzers/captures';
import { tunnelSigns } from '../../../../src/main/analyze/analyzers/lib/net/tunnel';
import { connection, dns, ethernet, ip, type MadePacket, pcap, udp } from '../../../kit/capture';
import { analyze, byRule, type Given, HOST, WEB } from '../kit';

const T = 1_700_000_000_000_000;
const SHOP = '172.17.0.2';
const SINK = '10.77.1.254';
const INSPECT: Given = {
  collector: 'container.inspect',
  content: { Id: WEB.id, Name: '/shop', NetworkSettings: { Networks: { bridge: { IPAddress: SHOP } } } },
};
const capture = (packets: MadePacket[], more: Partial<Given> = {}): Given => ({
  collector: 'network.capture',
  kind: 'pcap',
  target: HOST,
  content: pcap(packets),
  ...more,
});
const ask = (us: number, name: string, answers?: string[]): MadePacket[] => [
  { us, bytes: ethernet(ip(SHOP, '10.77.1.53', 17, udp(5000, 53, dns(1, name)))) },
  ...(answers
    ? [{ us: us + 1000, bytes: ethernet(ip('10.77.1.53', SHOP, 17, udp(53, 5000, dns(1, name, { answers })))) }]
    : []),
];
const put = (size: number) =>
  connection({ client: SHOP, server: SINK, sport: 41000, dport: 8080, us: T + 1e6 }, [
    {
      way: 'a',
      body: `PUT /dump.tgz HTTP/1.1\r\nHost: update-cdn.example\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
    },
    { way: 'b', body: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n' },
  ]);

describe('captures', () => {
  it('finds what an intruder took out, with the container and the name', async () => {
    const result = await analyze(
      [INSPECT, capture([...ask(T, 'update-cdn.example', [SINK]), ...put(200_000)])],
      [captures],
    );
    const [upload] = byRule(result, 'network.upload');
    expect(upload?.target).toMatchObject({ kind: 'container', id: WEB.id });
    expect(upload?.claim).toContain(`shop (${SHOP}) sent`);
    expect(upload?.claim).toContain('which DNS gave for update-cdn.example');
    expect(byRule(result, 'network.http-upload')[0]?.claim).toContain(
      'a body of 200000 bytes by PUT update-cdn.example/dump.tgz',
    );
    expect(byRule(result, 'network.unasked-address')).toEqual([]);
  });

  it('leaves downloads, small requests and what stays inside alone', async () => {
    const result = await analyze(
      [
        INSPECT,
        capture([
          ...ask(T, 'mirror.example', [SINK]),
          ...connection({ client: SHOP, server: SINK, sport: 41000, dport: 80, us: T }, [
            { way: 'a', body: 'GET / HTTP/1.1\r\nHost: mirror.example\r\nUser-Agent: Mozilla/5.0\r\n\r\n' },
            { way: 'b', body: `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'y'.repeat(300_000)}` },
          ]),
        ]),
      ],
      [captures],
    );
    expect(result.findings).toEqual([]);
    expect(result.unreadable).toEqual([]);
  });

  it('finds data that is carried in names', async () => {
    const result = await analyze(
      [
        INSPECT,
        capture([
          ...ask(T, '637573746f6d657273.t.update-cdn.example'),
          ...ask(T + 1e6, '2e637376.t.update-cdn.example'),
          ...ask(T, 'www.debian.org'),
        ]),
      ],
      [captures],
    );
    const found = byRule(result, 'network.dns-tunnel');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ target: { id: WEB.id } });
    expect(found[0]?.claim).toContain('637573746f6d657273.t.update-cdn.example');
  });

  it('does not take content networks and ordinary names for carried data', () => {
    const of = (name: string) => ({ name, at: 0, length: 1, type: 'A' });
    expect(
      tunnelSigns(['d111111abcdef8.cloudfront.net', 'a.b.example', 'deadbeef.example', 'www.example.org'].map(of)),
    ).toBeUndefined();
  });

  it('finds beacons in one connection and in many, and no regularity where there is none', async () => {
    const turns = Array.from({ length: 7 }, () => ({ way: 'a' as const, body: '.', wait: 20e6 }));
    const one = await analyze(
      [INSPECT, capture(connection({ client: SHOP, server: SINK, sport: 41001, dport: 8443, us: T }, turns))],
      [captures],
    );
    expect(byRule(one, 'network.beacon')[0]?.claim).toMatch(/7 times in one connection, 20\.0 s apart/);
    const many = [0, 1, 2, 3, 4, 5].flatMap((n) =>
      connection({ client: SHOP, server: SINK, sport: 42000 + n, dport: 443, us: T + n * 60e6 }, [
        { way: 'a', body: 'x' },
      ]),
    );
    expect(byRule(await analyze([INSPECT, capture(many)], [captures]), 'network.beacon')[0]?.claim).toMatch(
      /6 times, 60\.0 s apart/,
    );
    const wild = [0, 3, 4, 40, 41, 170].flatMap((at, n) =>
      connection({ client: SHOP, server: SINK, sport: 42000 + n, dport: 443, us: T + at * 1e6 }, [
        { way: 'a', body: 'x' },
      ]),
    );
    expect(byRule(await analyze([INSPECT, capture(wild)], [captures]), 'network.beacon')).toEqual([]);
  });

  it('finds logins in plain text and never writes the secret', async () => {
    const result = await analyze(
      [
        INSPECT,
        capture([
          ...connection({ client: SHOP, server: SINK, sport: 43000, dport: 21, us: T }, [
            { way: 'b', body: '220 ready\r\n' },
            { way: 'a', body: 'USER backup\r\n' },
            { way: 'b', body: '331 ok\r\n' },
            { way: 'a', body: 'PASS hunter2secret\r\n' },
          ]),
          ...connection({ client: SHOP, server: SINK, sport: 43001, dport: 80, us: T }, [
            {
              way: 'a',
              body: `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${Buffer.from('admin:hunter2secret').toString('base64')}\r\n\r\n`,
            },
          ]),
          ...connection({ client: SHOP, server: SINK, sport: 43002, dport: 587, us: T }, [
            { way: 'b', body: '220 mail\r\n' },
            { way: 'a', body: `AUTH PLAIN ${Buffer.from('\0mailer\0hunter2secret').toString('base64')}\r\n` },
          ]),
          ...connection({ client: SHOP, server: SINK, sport: 43003, dport: 143, us: T }, [
            { way: 'b', body: '* OK imap\r\n' },
            { way: 'a', body: 'a1 LOGIN reader hunter2secret\r\n' },
          ]),
          ...connection({ client: SHOP, server: SINK, sport: 43004, dport: 23, us: T }, [
            { way: 'b', body: 'login: ' },
            { way: 'a', body: 'root\r\n' },
            { way: 'b', body: 'Password: ' },
            { way: 'a', body: 'hunter2secret\r\n' },
          ]),
        ]),
      ],
      [captures],
    );
    const claims = byRule(result, 'network.plain-login').map(({ claim }) => claim);
    expect(claims.map((claim) => / as (\w+), with a secret of 13 characters/.exec(claim)?.[1]).sort()).toEqual([
      'admin',
      'backup',
      'mailer',
      'reader',
      'root',
    ]);
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  it('says of a damaged capture how far it was read, and of a changed one that nothing was', async () => {
    const whole = pcap(put(1000));
    const cut = await analyze([INSPECT, capture([], { content: whole.subarray(0, whole.length - 7) })], [captures]);
    expect(cut.unreadable[0]?.reason).toMatch(/bytes could not be read\. The record at byte \d+ is cut off/);
    const changed = await analyze([INSPECT, capture([], { content: whole, sha256: 'ab'.repeat(32) })], [captures]);
    expect(changed.findings).toEqual([]);
    expect(changed.unreadable[0]?.reason).toMatch(/not the file that was collected/);
  });
});
