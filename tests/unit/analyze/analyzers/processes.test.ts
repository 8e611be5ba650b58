import { describe, expect, it } from 'vitest';
import processes, { processRules } from '../../../../src/main/analyze/analyzers/processes';
import {
  analyze,
  byRule,
  cited,
  framed,
  type Given,
  type GivenProcess,
  processFrames,
  socketFrames,
  tcpRow,
  WEB,
} from '../kit';

const running = (...list: GivenProcess[]): Given => ({
  collector: 'container.processes',
  content: processFrames(list),
});
const sockets = (tables: Record<string, readonly string[]>): Given => ({
  collector: 'container.sockets',
  content: socketFrames(tables),
});
const inspect = (content: object): Given => ({
  collector: 'container.inspect',
  content: { HostConfig: {}, Config: {}, ...content },
});
const changed = (Path: string, Kind: number): Given => ({ collector: 'container.changes', content: [{ Path, Kind }] });
const hostWith = (target: string): Given => ({
  collector: 'host.processes',
  content: framed('host.processes', [
    { pid: 1, name: 'links', kind: 'links', body: `exe\t/sbin/init\0ns/mnt\t${target}\0` },
  ]),
});

const NS = { mnt: 'mnt:[2]', pid: 'pid:[2]', net: 'net:[2]' };
const INIT: GivenProcess = {
  pid: 1001,
  inside: 1,
  comm: 'perl',
  exe: '/usr/bin/perl',
  argv: ['perl', 'server.pl'],
  ns: NS,
};
const SHELL: GivenProcess = { pid: 1005, ppid: 1001, comm: 'sh', exe: '/usr/bin/dash', argv: ['sh', '-i'], ns: NS };
const onSocket = (inode: number) => ({ 0: `socket:[${inode}]`, 1: `socket:[${inode}]`, 2: `socket:[${inode}]` });
const OUT = tcpRow('10.0.0.2:40000', '10.0.0.9:4444', '01', 7);
const LISTENS = tcpRow('0.0.0.0:8080', '0.0.0.0:0', '0A', 8);
const COMES_IN = tcpRow('10.0.0.2:8080', '10.0.0.9:50000', '01', 9);
const MAP = (perms: string, path: string) =>
  `7f0000000000-7f0000001000 ${perms} 00000000 08:01 5${path ? `    ${path}` : ' '}`;

/** Rule; exhibits that meet it; exhibits that nearly do. */
const TABLE: [rule: string, hit: Given[], misses: Given[][]][] = [
  [
    'process.deleted-executable',
    [running({ ...SHELL, exe: '/var/x (deleted)', names: 0 })],
    [[running(SHELL)], [running({ ...SHELL, exe: '/memfd:x (deleted)', names: 0 })]],
  ],
  [
    'process.memfd-executable',
    [running({ ...SHELL, exe: '/memfd:update (deleted)', names: 0 })],
    [[running({ ...SHELL, exe: '/memfd:x' })]],
  ],
  [
    'process.executable-temporary',
    [running({ ...SHELL, exe: '/dev/shm/x' })],
    [[running({ ...SHELL, exe: '/srv/tmp/x' })], [running({ ...SHELL, exe: '/tmpfile' })]],
  ],
  [
    'process.executable-hidden',
    [running({ ...SHELL, exe: '/srv/.x/y' })],
    [[running({ ...SHELL, exe: '/root/.nvm/v20/bin/node' })], [running({ ...SHELL, exe: '/srv/x.y/z' })]],
  ],
  [
    'process.fake-kernel-thread',
    [running({ ...SHELL, argv: ['[kworker/u8:3]'] })],
    [
      [running({ pid: 1009, comm: 'kworker/0:1', kernelThread: true })],
      [running({ ...SHELL, argv: ['[', '-f', 'x', ']'] })],
    ],
  ],
  [
    'process.foreign-name',
    [running({ ...SHELL, comm: 'nginx', argv: ['nginx: worker'], exe: '/srv/x' })],
    [
      [running({ ...SHELL, comm: 'php-fpm', exe: '/usr/sbin/php-fpm8.2' })],
      [running({ ...SHELL, comm: 'httpd', exe: '/bin/busybox' })],
      [running({ ...SHELL, comm: 'httpd', argv: ['sh', '/usr/bin/httpd-foreground'] })],
    ],
  ],
  [
    'process.renamed',
    [running({ ...SHELL, comm: 'other', argv: ['third'], exe: '/srv/program' })],
    [
      [running({ ...SHELL, comm: 'a-very-long-nam', exe: '/srv/a-very-long-name-of-it' })],
      [running({ ...SHELL, comm: 'job', argv: ['/x/y', '/srv/job.sh'], exe: '/x/y' })],
    ],
  ],
  [
    'process.executable-drift',
    [running({ ...SHELL, exe: '/usr/bin/x' }), changed('/usr/bin/x', 1)],
    [
      [running({ ...SHELL, exe: '/usr/bin/x' }), changed('/usr/bin/x', 2)],
      [running({ ...SHELL, exe: '/usr/bin/x' }), changed('/usr/bin/xx', 1)],
    ],
  ],
  [
    'process.library-drift',
    [
      running({ ...SHELL, maps: [MAP('r--p', '/usr/lib/l.so'), MAP('r-xp', '/usr/lib/l.so')] }),
      changed('/usr/lib/l.so', 1),
    ],
    [[running({ ...SHELL, maps: [MAP('r--p', '/usr/lib/l.so')] }), changed('/usr/lib/l.so', 1)]],
  ],
  [
    'process.preload-env',
    [running({ ...SHELL, environ: ['A=b', 'LD_PRELOAD=/tmp/x.so'] })],
    [[running({ ...SHELL, environ: ['LD_PRELOAD=', 'XLD_PRELOAD=/x'] })]],
  ],
  [
    'process.library-strange',
    [running({ ...SHELL, maps: [MAP('r-xp', '/tmp/x.so')] })],
    [
      [
        running({
          ...SHELL,
          maps: [
            MAP('r--p', '/tmp/x.so'),
            MAP('rw-s', '/memfd:buffer (deleted)'),
            MAP('r-xp', '/usr/lib/x.so'),
            MAP('r-xp', '[vdso]'),
          ],
        }),
      ],
    ],
  ],
  [
    'process.rwx',
    [running({ ...SHELL, maps: [MAP('rwxp', '')] })],
    [[running({ ...SHELL, maps: [MAP('rw-p', ''), MAP('r-xp', ''), MAP('rwxp', '/usr/lib/x.so')] })]],
  ],
  ['process.traced', [running({ ...SHELL, status: { TracerPid: '77' } })], [[running(SHELL)]]],
  [
    'process.open-deleted',
    [running({ ...SHELL, fds: { 3: '/srv/x (deleted)' } })],
    [[running({ ...SHELL, fds: { 3: '/srv/x', 4: '/SYSV0000 (deleted)', 5: 'pipe:[1]' } })]],
  ],
  [
    'process.reverse-shell',
    [running({ ...SHELL, fds: onSocket(7) }), sockets({ tcp: [OUT] })],
    [
      [running({ ...SHELL, fds: { 0: 'socket:[7]', 1: 'socket:[7]', 2: 'pipe:[1]' } }), sockets({ tcp: [OUT] })],
      [running({ ...SHELL, fds: { 0: 'socket:[7]', 1: 'socket:[7]', 2: 'socket:[6]' } }), sockets({ tcp: [OUT] })],
      [running({ ...SHELL, exe: '/srv/inetd', argv: ['inetd'], fds: onSocket(7) }), sockets({ tcp: [OUT] })],
      [
        running({ ...SHELL, fds: onSocket(7) }),
        sockets({ unix: ['ffff: 00000002 00000000 00000000 0001 03 7 /run/x'] }),
      ],
    ],
  ],
  [
    'process.shell-connection',
    [running({ ...SHELL, fds: { 5: 'socket:[7]' } }), sockets({ tcp: [OUT] })],
    [
      [
        running({ ...SHELL, fds: { 5: 'socket:[7]' } }),
        sockets({ tcp: [tcpRow('127.0.0.1:40000', '127.0.0.1:80', '01', 7)] }),
      ],
      [running({ ...INIT, fds: { 5: 'socket:[7]' } }), sockets({ tcp: [OUT] })],
    ],
  ],
  [
    'process.unusual-port',
    [running({ ...INIT, fds: { 5: 'socket:[7]' } }), sockets({ tcp: [OUT] })],
    [
      [
        running({ ...INIT, fds: { 5: 'socket:[7]' } }),
        sockets({ tcp: [tcpRow('10.0.0.2:40000', '10.0.0.9:443', '01', 7)] }),
      ],
      [running({ ...INIT, fds: { 5: 'socket:[9]' } }), sockets({ tcp: [LISTENS, COMES_IN] })],
      [
        running({ ...INIT, fds: { 5: 'socket:[7]' } }),
        sockets({ tcp: [tcpRow('10.0.0.2:4444', '10.0.0.9:50000', '01', 7)] }),
      ],
    ],
  ],
  [
    'process.server-shell',
    [running({ ...INIT, fds: { 4: 'socket:[8]' } }, SHELL), sockets({ tcp: [LISTENS] })],
    [
      [running(INIT, SHELL), sockets({ tcp: [LISTENS] })],
      [running({ ...SHELL, pid: 1001, inside: 1, fds: { 4: 'socket:[8]' } }, SHELL), sockets({ tcp: [LISTENS] })],
    ],
  ],
  [
    'process.raw-socket',
    [running({ ...INIT, fds: { 4: 'socket:[7]' } }), sockets({ packet: ['ffff 3 3 0003 2 1 0 0 7'] })],
    [[running({ ...INIT, fds: { 4: 'socket:[6]' } }), sockets({ packet: ['ffff 3 3 0003 2 1 0 0 7'] })]],
  ],
  [
    'process.listener',
    [running({ ...INIT, fds: { 4: 'socket:[8]' } }), sockets({ tcp: [LISTENS] }), inspect({})],
    [
      [running({ ...INIT, fds: { 4: 'socket:[8]' } }), sockets({ tcp: [LISTENS] })],
      [
        running({ ...INIT, fds: { 4: 'socket:[8]' } }),
        sockets({ tcp: [LISTENS] }),
        inspect({ Config: { ExposedPorts: { '8080/tcp': {} } } }),
      ],
      [
        running({ ...INIT, fds: { 4: 'socket:[8]' } }),
        sockets({ tcp: [tcpRow('127.0.0.1:8080', '0.0.0.0:0', '0A', 8)] }),
        inspect({}),
      ],
    ],
  ],
  [
    'process.capabilities',
    [running({ ...SHELL, status: { CapEff: '000001ffffffffff' } }), inspect({ HostConfig: { CapAdd: ['NET_ADMIN'] } })],
    [
      [running(SHELL), inspect({ HostConfig: { CapAdd: null } })],
      [running({ ...SHELL, status: { CapEff: '000001ffffffffff' } })],
      [running({ ...SHELL, status: { CapEff: '000001ffffffffff' } }), inspect({ HostConfig: { Privileged: true } })],
    ],
  ],
  [
    'process.host-namespace',
    [running(INIT, { ...SHELL, ns: { ...NS, mnt: 'mnt:[1]' } }), hostWith('mnt:[1]')],
    [[running(INIT, SHELL), hostWith('mnt:[1]')], [running(INIT, { ...SHELL, ns: { ...NS, mnt: 'mnt:[1]' } })]],
  ],
  ['process.other-namespace', [running(INIT, { ...SHELL, ns: { ...NS, pid: 'pid:[3]' } })], [[running(INIT, SHELL)]]],
  [
    'process.entered',
    [running(INIT, { ...SHELL, cgroup: false })],
    [[running(INIT, SHELL)], [running({ ...INIT, cgroup: false }, { ...SHELL, cgroup: false })]],
  ],
  [
    'process.seccomp',
    [running(INIT, { ...SHELL, status: { Seccomp: '0' } })],
    [[running({ ...INIT, status: { Seccomp: '0' } }, { ...SHELL, status: { Seccomp: '0' } })]],
  ],
  ['process.sshd', [running({ ...SHELL, exe: '/usr/sbin/sshd' })], [[running({ ...SHELL, exe: '/usr/bin/ssh' })]]],
  [
    'process.hidden-by-mount',
    [
      running(
        { ...INIT, mountinfo: '30 20 0:5 / /proc/7 rw - tmpfs tmpfs rw\n' },
        { ...SHELL, mountinfo: '30 20 0:5 / /proc/7 rw - tmpfs tmpfs rw\n' },
      ),
    ],
    [[running({ ...INIT, mountinfo: '30 20 0:5 / /proc/kcore rw - tmpfs tmpfs rw\n' })]],
  ],
  [
    'process.command',
    [running({ ...SHELL, argv: ['x', '-o', 'stratum+tcp://pool:3333'] })],
    [[running({ ...SHELL, argv: ['sh', '-c', 'sleep 5'] })]],
  ],
  [
    'process.hiding-text',
    [running({ ...SHELL, argv: ['sh', 'invoice_\u202egpj.exe'] })],
    [[running({ ...SHELL, argv: ['sh', '-c', 'echo a\n\techo b'] })]],
  ],
];

describe('rules on processes', () => {
  it.each(TABLE)('%s', async (rule, hit, misses) => {
    const result = await analyze(hit, [processes]);
    expect(byRule(result, rule), JSON.stringify(result, null, 1)).toHaveLength(1);
    expect(result.unreadable).toEqual([]);
    for (const [i, miss] of misses.entries()) {
      const missed = await analyze(miss, [processes]);
      expect(byRule(missed, rule), `miss ${i}`).toEqual([]);
      expect(missed.unreadable).toEqual([]);
    }
  });

  it('has a row in this table for every rule', () => {
    expect(TABLE.map(([rule]) => rule).sort()).toEqual(processRules.map(({ id }) => id).sort());
  });
});

describe('a reverse shell', () => {
  it('names its peer and cites descriptors, connection and program', async () => {
    const given = [running({ ...SHELL, fds: onSocket(7) }), sockets({ tcp: [LISTENS, OUT] })];
    const [finding] = byRule(await analyze(given, [processes]), 'process.reverse-shell');
    expect(finding).toMatchObject({ severity: 'critical', confidence: 'likely', target: WEB });
    expect(finding?.claim).toContain('10.0.0.2:40000 → 10.0.0.9:4444 (ESTABLISHED)');
    expect(finding?.claim).toContain('Process 1005 (5 in the container), "sh -i",');
    const values = finding && (await cited(given, finding));
    expect(values?.filter((value) => value === 'socket:[7]')).toHaveLength(3);
    expect(values).toContain(OUT);
    expect(values).toContain('/usr/bin/dash');
  });

  it('is possible where no sockets were collected', async () => {
    const [finding] = byRule(
      await analyze([running({ ...SHELL, fds: onSocket(7) })], [processes]),
      'process.reverse-shell',
    );
    expect(finding).toMatchObject({ severity: 'high', confidence: 'possible' });
    expect(finding?.claim).toContain('its peer is not known');
  });

  it('is found through busybox and through an interpreter', async () => {
    const given = [
      running(
        { ...SHELL, exe: '/bin/busybox', fds: onSocket(7) },
        { ...SHELL, pid: 1006, exe: '/usr/bin/python3.11', argv: ['python3', 'x'], fds: onSocket(17) },
      ),
      sockets({ tcp: [OUT, tcpRow('10.0.0.2:40001', '10.0.0.9:4445', '01', 17)] }),
    ];
    expect(byRule(await analyze(given, [processes]), 'process.reverse-shell')).toHaveLength(2);
  });

  it('is joined with the sockets of its own collection, target and host only', async () => {
    const wrong = socketFrames({ tcp: [tcpRow('10.0.0.2:1', '6.6.6.6:6', '01', 7)] });
    const given: Given[] = [
      { collector: 'container.sockets', content: wrong, collection: 'C2' },
      { collector: 'container.sockets', content: wrong, target: { ...WEB, id: 'd'.repeat(64) } },
      { collector: 'container.sockets', content: wrong, host: 'host-2' },
      running({ ...SHELL, fds: onSocket(7) }),
      sockets({ tcp: [OUT] }),
    ];
    const [finding] = byRule(await analyze(given, [processes]), 'process.reverse-shell');
    expect(finding?.claim).toContain('10.0.0.9:4444');
    const alone = byRule(await analyze(given.slice(0, 4), [processes]), 'process.reverse-shell');
    expect(alone[0]).toMatchObject({ confidence: 'possible' });
  });
});

describe('a shell of a server', () => {
  it('is found below a child of it that closed the listening socket, and through another shell', async () => {
    const given = [
      running(
        { ...INIT, fds: { 4: 'socket:[8]' } },
        { ...INIT, pid: 1004, inside: 4, ppid: 1001, argv: ['perl', 'server.pl'] },
        { ...SHELL, ppid: 1004, argv: ['sh', '-c', 'x'] },
        { ...SHELL, pid: 1006, ppid: 1005 },
      ),
      sockets({ tcp: [LISTENS] }),
    ];
    const found = byRule(await analyze(given, [processes]), 'process.server-shell');
    expect(found).toHaveLength(2);
    for (const { claim } of found) expect(claim).toContain('process 1004');
  });

  it('does not loop where parents form a ring', async () => {
    const given = [running({ ...SHELL, pid: 1005, ppid: 1006 }, { ...SHELL, pid: 1006, ppid: 1005 })];
    expect(byRule(await analyze(given, [processes]), 'process.server-shell')).toEqual([]);
  });
});

describe('hostile and broken exhibits', () => {
  it('keeps what stands before the place where the frames end', async () => {
    const whole = processFrames([
      { ...SHELL, exe: '/tmp/x' },
      { ...SHELL, pid: 1006, exe: '/tmp/y' },
    ]);
    const cut = whole.subarray(0, whole.indexOf('1006 status'));
    const result = await analyze([{ collector: 'container.processes', content: cut, partial: true }], [processes]);
    expect(byRule(result, 'process.executable-temporary').map(({ claim }) => claim.includes('/tmp/x'))).toEqual([true]);
    expect(result.unreadable.length).toBeGreaterThan(0);
  });

  it.each(['', 'not framed', 'LADING-FRAMES 1 zz container.processes\n', '\0\n\0'])('reports %j', async (content) => {
    const result = await analyze(
      [{ collector: 'container.processes', content }, running({ ...SHELL, exe: '/tmp/x' })],
      [processes],
    );
    expect(result.unreadable.some(({ exhibit }) => exhibit === 'E0001')).toBe(true);
    expect(byRule(result, 'process.executable-temporary')).toHaveLength(1);
  });

  it('reports reads that failed, and a PID that was used again', async () => {
    const content = processFrames(
      [{ ...SHELL, startedAfter: 99, exe: '/tmp/x' }],
      [{ pid: 1007, name: 'maps', body: '', exit: 1, error: "head: cannot open '/proc/1007/maps': Permission denied" }],
    );
    const result = await analyze([{ collector: 'container.processes', content }], [processes]);
    expect(result.findings).toEqual([]);
    const reasons = result.unreadable.map(({ reason }) => reason).join('\n');
    expect(reasons).toContain('PID 1005 went to another process');
    expect(reasons).toContain('maps of process 1007: denied');
  });

  it('says no fault of a process that ended meanwhile', async () => {
    const gone = (name: string) => ({
      pid: 1007,
      name,
      body: '',
      exit: 1,
      error: 'head: x: No such file or directory',
    });
    const content = processFrames([SHELL], [gone('stat'), gone('maps'), gone('stat.after')]);
    expect((await analyze([{ collector: 'container.processes', content }], [processes])).unreadable).toEqual([]);
  });

  it('reports an exhibit that a join needs and cannot read, and makes its findings without it', async () => {
    const given: Given[] = [
      running({ ...SHELL, fds: onSocket(7) }),
      { collector: 'container.sockets', content: 'rubbish' },
      { collector: 'container.inspect', content: '{' },
      { collector: 'container.changes', content: '{', sha256: 'f'.repeat(64) },
    ];
    const result = await analyze(given, [processes]);
    expect(byRule(result, 'process.reverse-shell')[0]?.confidence).toBe('possible');
    expect(result.unreadable.map(({ exhibit }) => exhibit)).toEqual(['E0002', 'E0003', 'E0004']);
    expect(result.unreadable[2]?.reason).toContain('not the file that was collected');
  });

  it('shows command lines as harmless text, with secrets masked', async () => {
    const argv = [
      'sh',
      '\u001b]0;owned\u0007\u202e',
      Buffer.from([0xff, 0xfe]),
      '--password=hunter2hunter',
      'x'.repeat(100_000),
    ];
    const given = [running({ ...SHELL, comm: ') S 1 (', argv, exe: '/tmp/\u001b[31m\n' })];
    const result = await analyze(given, [processes]);
    expect(result.findings.length).toBeGreaterThan(0);
    const text = JSON.stringify(result.findings);
    expect(text).not.toContain('hunter2hunter');
    for (const { claim } of result.findings) {
      expect(claim).not.toMatch(/[\u0000-\u001f\u202e]/);
      expect(claim.length).toBeLessThan(2000);
    }
  });

  it('reports lines of a table that are none', async () => {
    const given = [running({ ...SHELL, fds: onSocket(7) }), sockets({ tcp: ['rubbish', OUT, 'x'.repeat(300_000)] })];
    const result = await analyze(given, [processes]);
    expect(byRule(result, 'process.reverse-shell')[0]?.claim).toContain('10.0.0.9:4444');
    expect(result.unreadable[0]?.reason).toContain('2 lines of net/tcp');
  });
});
