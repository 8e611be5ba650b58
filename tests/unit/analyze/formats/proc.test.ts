import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMaps } from '../../../../src/main/analyze/formats/proc-maps';
import { overlayDirs, parseMountinfo, unescapeMount } from '../../../../src/main/analyze/formats/proc-mountinfo';
import {
  hexAddress,
  parseInet,
  parsePacket,
  parseUnix,
  socketInode,
} from '../../../../src/main/analyze/formats/proc-net';
import { parseBootTime, parseStat, startedAt } from '../../../../src/main/analyze/formats/proc-stat';
import { capabilityNames, parseStatus } from '../../../../src/main/analyze/formats/proc-status';

const TAIL =
  'S 1 267 267 34816 267 4194304 122 0 0 0 7 9 0 0 20 0 3 0 154881 2568192 128 18446744073709551615 1 1 0 0 0 0 0 4 65536 0 0 0 17 1 0 0 0 0 0\n';

describe('stat', () => {
  it('reads the fields by their number in the manual page', () => {
    expect(parseStat(Buffer.from(`267 (sh) ${TAIL}`))).toEqual({
      pid: 267,
      comm: 'sh',
      state: 'S',
      ppid: 1,
      pgrp: 267,
      session: 267,
      tty: 34816,
      flags: 4194304,
      utime: 7,
      stime: 9,
      threads: 3,
      startTime: '154881',
      vsize: 2568192,
      rss: 128,
      kernelThread: false,
    });
  });

  it('is not misled by any name a process gives itself (property)', () => {
    const name = fc.oneof(
      fc.constantFrom(') S 1 (', ') Z 0 0 0', '((((', '))))', 'a\nb', '1 (sh) S', '\x1b[2J', '', ' '),
      fc.string({ maxLength: 15 }),
    );
    fc.assert(
      fc.property(name, (comm) => {
        const stat = parseStat(Buffer.from(`42 (${comm}) ${TAIL}`));
        expect(stat).toMatchObject({ pid: 42, state: 'S', ppid: 1, startTime: '154881' });
        expect(stat?.comm).toBe(Buffer.from(comm).toString('utf8'));
      }),
    );
  });

  it('gives nothing for what is cut off or no stat at all', () => {
    const whole = Buffer.from(`267 (sh) ${TAIL}`);
    expect(parseStat(whole.subarray(0, 40))).toBeUndefined();
    for (const text of ['', '()', '1 (a', 'x (a) S 1', '1 (a) ?? 1 2'])
      expect(parseStat(Buffer.from(text))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseStat(Buffer.from(bytes))));
  });

  it('tells kernel threads by their flag and times by the boot', () => {
    expect(
      parseStat(Buffer.from(`2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 0 0 0\n`))?.kernelThread,
    ).toBe(true);
    const boot = parseBootTime(Buffer.from('cpu 1 2\nbtime 1795591845\nprocesses 9\n'));
    expect(boot).toBe(1795591845);
    expect(startedAt({ startTime: '154881' }, boot ?? 0)).toBe(1795591845000 + 1548810);
    expect(parseBootTime(Buffer.from('nothing'))).toBeUndefined();
  });
});

describe('status', () => {
  it('reads ids, capabilities and the PID inside', () => {
    const status = parseStatus(
      Buffer.from(
        'Name:\tev\\nil\nState:\tS (sleeping)\nPid:\t267\nPPid:\t240\nTracerPid:\t0\nUid:\t0\t0\t0\t0\nGid:\t5\t5\t5\t5\nNSpid:\t267\t1\nVmRSS:\t     512 kB\nThreads:\t1\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t1\nSeccomp:\t2\nName:\tforged\n',
      ),
    );
    expect(status).toMatchObject({ name: 'ev\\nil', state: 'S', pid: 267, ppid: 240, tracerPid: 0, threads: 1 });
    expect(status).toMatchObject({ uids: [0, 0, 0, 0], gids: [5, 5, 5, 5], nsPids: [267, 1], vmRss: 524288 });
    expect(status).toMatchObject({ noNewPrivs: true, seccomp: 2, capEff: 0xa80425fbn });
    expect(capabilityNames(status?.capEff ?? 0n)).toHaveLength(14);
    expect(capabilityNames(1n << 21n)).toEqual(['CAP_SYS_ADMIN']);
    expect(capabilityNames(1n << 63n)).toEqual(['CAP_63']);
  });

  it('says undefined for what is not there, and takes any bytes', () => {
    expect(parseStatus(Buffer.from('Name:\tx\nState:\tR\nCapEff:\tzz\n'))).toMatchObject({ uids: [], nsPids: [] });
    expect(parseStatus(Buffer.from('Name:\tx\nState:\tR\n'))?.noNewPrivs).toBeUndefined();
    expect(parseStatus(Buffer.from('no such thing'))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseStatus(Buffer.from(bytes))));
  });
});

describe('maps', () => {
  const text =
    '55d0c0a00000-55d0c0b00000 r-xp 00002000 08:01 1234                       /tmp/x y (deleted)\n' +
    '7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n' +
    'ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n' +
    '7f00000020';

  it('reads paths with blanks, anonymous memory and 64-bit addresses, with their places', () => {
    const bytes = Buffer.from(text);
    const { maps, unreadable } = parseMaps(bytes);
    expect(maps.map((map) => [map.start, map.perms, map.path, map.deleted])).toEqual([
      ['55d0c0a00000', 'r-xp', '/tmp/x y', true],
      ['7f0000000000', 'rwxp', '', false],
      ['ffffffffff600000', '--xp', '[vsyscall]', false],
    ]);
    expect(maps[1]).toMatchObject({ writable: true, executable: true, shared: false });
    expect(unreadable).toBe(1);
    expect(maps.map((map) => bytes.toString('utf8', map.offset, map.offset + map.length))).toEqual(
      text.split('\n').slice(0, 3),
    );
  });

  it('takes any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseMaps(Buffer.from(bytes))));
  });
});

describe('mountinfo', () => {
  it('reads optional fields, escapes and the directories of an overlay', () => {
    const { mounts, unreadable } = parseMountinfo(
      Buffer.from(
        '36 35 0:98 / / rw,noatime master:1 shared:2 - overlay overlay rw,lowerdir=/a:/b\\:c,upperdir=/up\\,per,workdir=/w\n' +
          '37 36 8:1 /dir\\040x /mnt\\012new rw - ext4 /dev/sda1 rw\n' +
          'broken line\n',
      ),
    );
    expect(unreadable).toBe(1);
    expect(mounts[0]).toMatchObject({
      id: 36,
      parent: 35,
      device: '0:98',
      type: 'overlay',
      options: ['rw', 'noatime'],
    });
    expect(mounts[0]?.propagation).toEqual(['master:1', 'shared:2']);
    expect(mounts[0] && overlayDirs(mounts[0])).toEqual({ upper: '/up\\,per', work: '/w', lower: ['/a', '/b\\:c'] });
    expect(mounts[1]).toMatchObject({ root: '/dir x', mountPoint: '/mnt\nnew', propagation: [] });
    expect(mounts[1] && overlayDirs(mounts[1])).toBeUndefined();
  });

  it('undoes only what the kernel escapes, and takes any bytes', () => {
    expect(unescapeMount('a\\040b\\134c\\9\\400')).toBe('a b\\c\\9\\400');
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseMountinfo(Buffer.from(bytes))));
  });
});

describe('net', () => {
  const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

  it('reads IPv4 and IPv6 addresses in the byte order of the host', () => {
    expect(hexAddress('0100007F')).toBe('127.0.0.1');
    expect(hexAddress('00000000000000000000000001000000')).toBe('::1');
    expect(hexAddress('00000000000000000000000000000000')).toBe('::');
    expect(hexAddress('0000000000000000FFFF00000101A8C0')).toBe('::ffff:192.168.1.1');
    expect(hexAddress('B80D0120000000000000000001000000')).toBe('2001:db8::1');
    expect(hexAddress('B80D0120000000000100000001000000')).toBe('2001:db8::1:0:1');
  });

  it('reads a connection with its state and inode', () => {
    const row =
      '   0: 0200010A:01BB 0300010A:115C 01 00000010:00000002 02:00000A1B 00000000   101        0 16841 2 0000000000000000 20 4 30 10 -1\n';
    const bytes = Buffer.from(HEAD + row);
    const { rows, unreadable } = parseInet(bytes, 'tcp');
    expect(unreadable).toBe(0);
    expect(rows).toEqual([
      {
        protocol: 'tcp',
        localAddress: '10.1.0.2',
        localPort: 443,
        remoteAddress: '10.1.0.3',
        remotePort: 4444,
        state: 'ESTABLISHED',
        txQueue: 16,
        rxQueue: 2,
        uid: 101,
        inode: 16841,
        offset: HEAD.length,
        length: row.length - 1,
      },
    ]);
    // TIME_WAIT ends earlier and has no inode; UDP has wider slot numbers
    const wait =
      '   1: 0100007F:0050 0100007F:C350 06 00000000:00000000 03:00000F3D 00000000     0        0 0 3 0000000000000000\n';
    const udp =
      ' 4711: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 18 2 0000000000000000 0\n';
    expect(parseInet(Buffer.from(HEAD + wait), 'tcp').rows[0]).toMatchObject({ state: 'TIME_WAIT', inode: 0 });
    expect(parseInet(Buffer.from(HEAD + udp), 'udp').rows[0]).toMatchObject({
      localPort: 53,
      state: 'CLOSE',
      inode: 18,
    });
    expect(parseInet(Buffer.from(HEAD + row.slice(0, 50)), 'tcp')).toEqual({ rows: [], unreadable: 1 });
  });

  it('reads unix and packet sockets', () => {
    const unix = parseUnix(
      Buffer.from(
        'Num       RefCount Protocol Flags    Type St Inode Path\n' +
          '0000000000000000: 00000002 00000000 00010000 0001 01 18003 /run/docker.sock\n' +
          '0000000000000000: 00000003 00000000 00000000 0002 03 18004\n' +
          '0000000000000000: 00000002 00000000 00000000 0005 01 18005 @/a b\x1b[0m\n' +
          'a second line of a path\n',
      ),
    );
    expect(unix.rows.map((row) => [row.type, row.state, row.listening, row.inode, row.path])).toEqual([
      ['stream', 'UNCONNECTED', true, 18003, '/run/docker.sock'],
      ['dgram', 'CONNECTED', false, 18004, ''],
      ['seqpacket', 'UNCONNECTED', false, 18005, '@/a b\x1b[0m'],
    ]);
    expect(unix.unreadable).toBe(1);
    const packet = parsePacket(
      Buffer.from(
        'sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n' +
          '0000000000000000 3      3    0003   2     1 0      0      20001 \n',
      ),
    );
    expect(packet.rows[0]).toMatchObject({
      type: 'raw',
      protocol: '0003',
      interfaceIndex: 2,
      running: true,
      inode: 20001,
    });
  });

  it('knows a socket link, and takes any bytes', () => {
    expect(socketInode('socket:[18003]')).toBe(18003);
    expect(socketInode('/tmp/socket:[18003]')).toBeUndefined();
    expect(socketInode('socket:[18003]\n')).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (raw) => {
        const bytes = Buffer.from(raw);
        parseInet(bytes, 'tcp');
        parseUnix(bytes);
        parsePacket(bytes);
      }),
    );
  });
});
