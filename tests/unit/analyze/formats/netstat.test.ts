import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNetstat, sameAddress } from '../../../../src/main/analyze/formats/netstat';

const short = (text: string) =>
  parseNetstat(text)?.rows.map(
    (row) =>
      `${row.protocol}${row.listening ? ' listens' : ''} ${row.localAddress} ${row.localPort} ${row.remoteAddress} ${row.remotePort} :${row.line}`,
  );

describe('parseNetstat', () => {
  it('reads net-tools and busybox', () => {
    const text = [
      'Active Internet connections (servers and established)',
      'Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name',
      'tcp        0      0 0.0.0.0:31337           0.0.0.0:*               LISTEN      7/nc',
      'tcp        0      0 10.0.0.2:40000          10.0.0.9:4444           ESTABLISHED 9/sh',
      'tcp6       0      0 :::80                   :::*                    LISTEN      1/web',
      'udp        0      0 127.0.0.11:53           0.0.0.0:*                           -',
      'Active UNIX domain sockets (servers and established)',
      'unix  2      [ ACC ]     STREAM     LISTENING     1234 1/web  /run/x',
    ].join('\n');
    expect(short(text)).toEqual([
      'tcp listens 0.0.0.0 31337 0.0.0.0 0 :3',
      'tcp 10.0.0.2 40000 10.0.0.9 4444 :4',
      'tcp listens :: 80 :: 0 :5',
      'udp listens 127.0.0.11 53 0.0.0.0 0 :6',
    ]);
    expect(parseNetstat(text)?.unreadable).toBe(0);
  });

  it('reads ss, with brackets and zones', () => {
    const text = [
      'Netid State  Recv-Q Send-Q  Local Address:Port  Peer Address:Port Process',
      'nl    UNCONN 0      0       rtnl:kernel         *',
      'tcp   LISTEN 0      128     *:80                *:*',
      'tcp   ESTAB  0      0       [fe80::1%eth0]:22   [fe80::2]:50000',
      'tcp   LISTEN 0      128     127.0.0.1%lo:8080   0.0.0.0:*',
    ].join('\n');
    expect(short(text)).toEqual([
      'tcp listens * 80 * 0 :3',
      'tcp fe80::1 22 fe80::2 50000 :4',
      'tcp listens 127.0.0.1 8080 0.0.0.0 0 :5',
    ]);
  });

  it('counts rows on TCP and UDP that are none; passes over all others; never throws', () => {
    const table = parseNetstat('Proto Recv-Q Send-Q Local Foreign State\ntcp 0 0 here there LISTEN\ntcp\nunix 2 x\n');
    expect(table).toEqual({ rows: [], unreadable: 2 });
    expect(parseNetstat('netstat: not found')).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        expect(parseNetstat(`Proto Recv-Q\n${text}`)).toBeDefined();
      }),
    );
  });
});

describe('sameAddress', () => {
  it('knows the ways of writing one address', () => {
    expect(sameAddress('*', 80, '::')).toBe(true);
    expect(sameAddress('0.0.0.0', 80, '::')).toBe(true);
    expect(sameAddress('10.0.0.2', 80, '::ffff:10.0.0.2')).toBe(true);
    expect(sameAddress('2001:DB8:0:0::1', 80, '2001:db8::1')).toBe(true);
  });

  it('takes a cut IPv6 address for the whole one, where netstat has no more room', () => {
    expect(sameAddress('2001:db8:85a3::8a', 44321, '2001:db8:85a3::8a2e:370:7334')).toBe(true);
    expect(sameAddress('2001:db8', 44321, '2001:db8:85a3::8a2e:370:7334')).toBe(false);
  });

  it('keeps others apart', () => {
    expect(sameAddress('127.0.0.1', 80, '0.0.0.0')).toBe(false);
    expect(sameAddress('10.0.0.2', 80, '10.0.0.20')).toBe(false);
    expect(sameAddress('not::an::address', 80, '::1')).toBe(false);
  });
});
