import { describe, expect, it } from 'vitest';
import changes from '../../../../src/main/analyze/analyzers/changes';
import { changeRules } from '../../../../src/main/analyze/analyzers/lib/changes/rules';
import { analyze, byRule, type Given } from '../kit';

const CHANGED = 0;
const ADDED = 1;
const DELETED = 2;

function list(...entries: [path: string, kind: number][]): Given {
  return { collector: 'container.changes', content: entries.map(([Path, Kind]) => ({ Path, Kind })) };
}

/** Rule; a path and kind that meet it; near misses. */
const TABLE: [rule: string, hit: [string, number], misses: [string, number][]][] = [
  [
    'files.preload',
    ['/etc/ld.so.preload', ADDED],
    [
      ['/etc/ld.so.preload', DELETED],
      ['/x/etc/ld.so.preload', ADDED],
    ],
  ],
  [
    'files.accounts',
    ['/etc/passwd', CHANGED],
    [
      ['/etc/passwd-', ADDED],
      ['/srv/etc/passwd', ADDED],
    ],
  ],
  ['files.ssh-keys', ['/root/.ssh/authorized_keys', ADDED], [['/root/.ssh/known_hosts', ADDED]]],
  ['files.sshd', ['/etc/ssh/sshd_config.d/x.conf', ADDED], [['/etc/ssh/ssh_host_rsa_key', ADDED]]],
  [
    'files.cron',
    ['/etc/cron.d/apt-compat', ADDED],
    [
      ['/etc/cron.deny', ADDED],
      ['/etc/cron.d/x', DELETED],
    ],
  ],
  ['files.service', ['/etc/systemd/system/x.service', ADDED], [['/etc/systemd/journald.conf', ADDED]]],
  ['files.shell-start', ['/home/a/.bashrc', CHANGED], [['/etc/skel/bashrc', CHANGED]]],
  ['files.pam', ['/usr/lib/x86_64-linux-gnu/security/pam_x.so', ADDED], [['/usr/lib/pam_x.so', ADDED]]],
  ['files.history-deleted', ['/root/.bash_history', DELETED], [['/root/.bash_history', ADDED]]],
  ['files.history', ['/root/.ash_history', ADDED], [['/root/.ash_history', DELETED]]],
  ['files.key', ['/root/.ssh/id_ed25519', ADDED], [['/root/.ssh/id_ed25519.pub', ADDED]]],
  [
    'files.web-script',
    ['/var/www/html/a/b.PHP', ADDED],
    [
      ['/var/www/html/a.png', ADDED],
      ['/srv/php', ADDED],
    ],
  ],
  ['files.certificates', ['/usr/local/share/ca-certificates/x.crt', ADDED], [['/usr/share/ca-certificates/x', ADDED]]],
  ['files.logs-deleted', ['/var/log/shop/access.log', DELETED], [['/var/log/shop/access.log', CHANGED]]],
  [
    'files.hidden',
    ['/tmp/.ICE-unix/.cache/.d.sh', ADDED],
    [
      ['/tmp/.ICE-unix/1234', ADDED],
      ['/tmp/.X11-unix/X0', ADDED],
      ['/srv/.env', ADDED],
    ],
  ],
  [
    'files.dev',
    ['/dev/update', ADDED],
    [
      ['/dev/console', ADDED],
      ['/dev/shm', CHANGED],
    ],
  ],
  [
    'files.program-added',
    ['/usr/local/sbin/helper', ADDED],
    [
      ['/usr/local/share/helper', ADDED],
      ['/opt/bin/x', ADDED],
    ],
  ],
  ['files.program-changed', ['/usr/bin/ls', CHANGED], [['/usr/bin/ls', ADDED]]],
  ['files.program-deleted', ['/bin/cat', DELETED], [['/srv/bin/cat', DELETED]]],
  [
    'files.library',
    ['/usr/lib/x86_64-linux-gnu/libx.so.1', ADDED],
    [
      ['/usr/lib/python3/libx.so', ADDED],
      ['/usr/lib/libx.so.1', DELETED],
    ],
  ],
  [
    'files.packages',
    ['/var/lib/dpkg/status', CHANGED],
    [
      ['/var/lib/dpkg/status-old', CHANGED],
      ['/var/lib/dpkg/status', DELETED],
    ],
  ],
  ['files.tool', ['/opt/xmrig', ADDED], [['/opt/xmrig.conf', ADDED]]],
];

describe('rules on changed files', () => {
  it.each(TABLE)('%s', async (rule, hit, misses) => {
    const result = await analyze([list(['/', CHANGED], hit)], [changes]);
    const [finding, ...others] = byRule(result, rule);
    expect(others).toEqual([]);
    expect(finding?.cites).toEqual([{ exhibit: 'E0001', locator: 'json:/1' }]);
    expect(finding?.claim).toContain(hit[0]);
    for (const miss of misses) expect(byRule(await analyze([list(miss)], [changes]), rule), miss[0]).toEqual([]);
  });

  it('has a row in this table for every rule', () => {
    expect(TABLE.map(([rule]) => rule).sort()).toEqual(changeRules.map(({ id }) => id).sort());
  });

  it('takes folders for folders, and nothing for a change that is not there', async () => {
    const result = await analyze(
      [list(['/usr/bin', CHANGED], ['/usr/bin/sub', ADDED], ['/usr/bin/sub/x', ADDED]), { ...list(), content: null }],
      [changes],
    );
    expect(result.findings).toEqual([]);
    expect(result.unreadable).toEqual([]);
  });

  it('is calmer about programs where packages were installed', async () => {
    const program: [string, number] = ['/usr/bin/curl', ADDED];
    const [alone] = byRule(await analyze([list(program)], [changes]), 'files.program-added');
    const both = await analyze([list(program, ['/var/lib/dpkg/status', CHANGED])], [changes]);
    expect(alone?.severity).toBe('medium');
    expect(byRule(both, 'files.program-added')[0]).toMatchObject({ severity: 'low', confidence: 'possible' });
    expect(byRule(both, 'files.packages')).toHaveLength(1);
  });

  it('takes a record of logins for more than a log', async () => {
    const of = async (path: string) =>
      byRule(await analyze([list([path, DELETED])], [changes]), 'files.logs-deleted')[0];
    expect((await of('/var/log/wtmp'))?.severity).toBe('high');
    expect((await of('/var/log/x.log'))?.severity).toBe('medium');
  });
});

describe('hostile lists', () => {
  it('reports entries that are none, and reads the others', async () => {
    const content = [
      { Path: '/etc/passwd', Kind: 0 },
      { Path: 7, Kind: 1 },
      { Path: '/etc/shadow', Kind: 9 },
      'x',
      null,
    ];
    const result = await analyze([{ collector: 'container.changes', content }], [changes]);
    expect(byRule(result, 'files.accounts')).toHaveLength(1);
    expect(result.unreadable.map(({ reason }) => /json:\S*/.exec(reason)?.[0])).toEqual([
      'json:/1:',
      'json:/2:',
      'json:/3:',
    ]);
  });

  it.each(['{"Path":"/etc/passwd"}', '"x"', '[', ''])('reports %j', async (content) => {
    const result = await analyze([{ collector: 'container.changes', content }], [changes]);
    expect(result.findings).toEqual([]);
    expect(result.unreadable).toHaveLength(1);
  });

  it('shows names as harmless text, and very many of them in a moment', async () => {
    const evil = `/tmp/.\u001b[2J\u202e${'x'.repeat(5000)}`;
    const many = Array.from({ length: 20_000 }, (_, i): [string, number] => [`/usr/bin/p${i}`, ADDED]);
    const result = await analyze([list([evil, ADDED], [`${'/a'.repeat(20_000)}/b`, ADDED], ...many)], [changes]);
    const [hidden] = byRule(result, 'files.hidden');
    expect(hidden?.claim).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(hidden?.claim.length).toBeLessThan(600);
    const [added] = byRule(result, 'files.program-added');
    expect(added?.claim).toContain('20000 programs');
    expect(added?.cites).toHaveLength(100);
  });
});
