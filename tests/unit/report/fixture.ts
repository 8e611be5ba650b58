import { createHash } from 'node:crypto';
import type { ReportInput } from '../../../src/main/report/input';
import type {
  Access,
  CaseData,
  CaseHost,
  Entry,
  ExhibitRecord,
  ExhibitSummary,
  JudgedFinding,
  Miss,
  TargetRef,
} from '../../../src/shared/domain';

/** A realistic case for tests of the report: two hosts, several containers, all that a report has to tell. Deterministic. */
export interface FixtureOptions {
  exhibits?: number;
  findings?: number;
  notes?: number;
  /** Extra ledger entries beyond those that exhibits and findings make. */
  entries?: number;
  /** Replaces every name that a host gave. */
  hostText?: string;
  /** Replaces every text that the examiner wrote. */
  writtenText?: string;
}

const START = Date.parse('2026-11-24T08:12:00.000Z');
const OFFSET = -412;

export const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const at = (seconds: number): string => new Date(START + Math.round(seconds * 1000)).toISOString();
const pair = (seconds: number) => ({
  local: at(seconds),
  host: new Date(START + seconds * 1000 + OFFSET).toISOString(),
});

const HOSTS = [
  { id: 'b1c2d3e4f5a60718293a4b5c6d7e8f90', address: 'ssh://examiner@10.77.1.2', hostname: 'web-prod-03' },
  { id: '0f9e8d7c6b5a49382716f5e4d3c2b1a0', address: 'ssh://examiner@10.77.1.3:2222', hostname: 'worker-prod-11' },
] as const;

const NAMES = ['storefront', 'payments-api', 'redis', 'backup-agent', 'log-shipper'];

function container(i: number, text?: string): TargetRef {
  const name = NAMES[i % NAMES.length] ?? 'storefront';
  return { kind: 'container', id: sha(`container ${i % 25}`), name: text ?? (i < 5 ? name : `${name}-${i % 25}`) };
}

const KINDS = [
  { id: 'engine.events', title: 'Engine events', file: 'events.jsonl', path: '/events?since=0&until=1764144720' },
  {
    id: 'container.inspect',
    title: 'Container configuration and state',
    file: 'inspect.json',
    path: '/containers/ID/json',
  },
  { id: 'container.top', title: 'Processes as the engine lists them', file: 'top.json', path: '/containers/ID/top' },
  { id: 'process.records', title: 'Process records from the host side', file: 'processes.frames', path: undefined },
  { id: 'network.sockets', title: 'Sockets of the network namespace', file: 'sockets.frames', path: undefined },
  {
    id: 'container.logs',
    title: 'Log of the container',
    file: 'log.bin',
    path: '/containers/ID/logs?stdout=1&stderr=1&timestamps=1',
  },
  { id: 'container.export', title: 'Merged file system', file: 'export.tar', path: '/containers/ID/export' },
] as const;

/** A script of several lines, as collectors have them. */
export const SOCKETS_SCRIPT = `for p in "$@"; do
\tfor f in tcp tcp6 udp udp6 unix; do

\t\tprintf '%s %s\\n' "$p" "$f"; cat "/proc/$p/net/$f" 2>/dev/null
\tdone
done`;

function access(i: number, what: string[], kind: Access['kind'], asRoot = false): Access {
  const ended = kind === 'exec' ? { exit: 0 } : { status: 200 };
  return {
    at: at(i),
    host: HOSTS[i % 2]?.address ?? '',
    kind,
    what,
    asRoot,
    bytes: 512 + (i % 97) * 40,
    ms: 14,
    ...ended,
  };
}

function record(i: number, options: FixtureOptions): ExhibitRecord {
  const kind = KINDS[i % KINDS.length] ?? KINDS[0];
  const host = HOSTS[Math.floor(i / KINDS.length) % 2] ?? HOSTS[0];
  const target = container(Math.floor(i / KINDS.length), options.hostText);
  const partial = i % 17 === 11;
  const script = kind.id === 'network.sockets' ? SOCKETS_SCRIPT : 'for p in "$@"; do cat "/proc/$p/status"; done';
  const argv = ['sh', '-c', script, 'sh', String(2000 + i), String(2001 + i)];
  return {
    format: 1,
    id: `E${String(i + 1).padStart(4, '0')}`,
    file: kind.file,
    kind: 'json',
    title: kind.title,
    collector: { id: kind.id, version: '1' },
    tool: { name: 'Lading', version: '0.1.0' },
    collection: 'c-7d1f5a52',
    host: { ...host, hostname: options.hostText ?? host.hostname },
    target,
    how: kind.path
      ? { kind: 'api', method: 'GET', path: kind.path.replace('ID', target.id), status: 200 }
      : { kind: 'exec', argv, asRoot: true, exit: partial ? 1 : 0, stderr: '', stderrBytes: partial ? 64 : 0 },
    accesses: i % 5 === 0 ? [access(i, ['cat', `/proc/${3000 + i}/cgroup`], 'exec', true)] : [],
    started: pair(60 + i * 0.4),
    finished: pair(60.3 + i * 0.4),
    clockOffsetMs: OFFSET,
    outcome: partial ? 'truncated' : 'found',
    partial,
    reason: partial
      ? 'The command ended with exit status 1 after it had given output: a process went away while it was read.'
      : undefined,
    bytes: 1234 + i * 7919,
    sha256: sha(`exhibit ${i}`),
    examiner: 'A. Moreau',
    workstation: 'lab-ws-07',
  };
}

export function summaryOf(from: ExhibitRecord): ExhibitSummary {
  const { id, file, kind, title, collector, collection, host, target, outcome, partial, reason } = from;
  const { bytes, sha256, started, finished } = from;
  const rest = { bytes, sha256, started, finished, recordSha256: sha(`record ${id}`) };
  return { id, file, kind, title, collector, collection, host, target, outcome, partial, reason, ...rest };
}

const RULES = [
  {
    rule: 'container.socket-mounted',
    title: 'The engine’s socket is mounted into a container',
    severity: 'critical',
    techniques: ['T1611', 'T1609'],
    claim:
      'The container backup-agent has /var/run/docker.sock of the host bound read-write at /var/run/docker.sock. Any process in it can start containers on the host with any right.',
    benign:
      'Management tools (Portainer, Traefik, CI runners, backup agents) are often run this way on purpose. The container was created by a compose file that an administrator wrote, and its image is the vendor’s.',
    locator: 'json:/HostConfig/Binds/0',
  },
  {
    rule: 'process.reverse-shell',
    title: 'A shell whose standard streams are one network connection',
    severity: 'critical',
    techniques: ['T1059.004', 'T1071'],
    claim:
      'Process 2417 (/bin/sh) has file descriptors 0, 1 and 2 on the same TCP socket, 172.18.0.4:51544 → 203.0.113.77:4444, established. Its parent is process 2240, the web server.',
    benign:
      'Remote administration by socat or inetd does this too; then the parent is that program and the listener is known.',
    locator: 'bytes:18432+912',
  },
  {
    rule: 'process.exe-deleted',
    title: 'A running program was deleted from disk',
    severity: 'high',
    techniques: ['T1070.004'],
    claim: 'The executable of process 2533, /tmp/.X11-unix/kworkerd, is marked deleted by the kernel while it runs.',
    benign: 'A package upgrade replaces a program while the old one runs on; then the path is that of a package.',
    locator: 'line:48',
  },
  {
    rule: 'container.no-new-privileges',
    title: 'no-new-privileges is not set',
    severity: 'low',
    techniques: [],
    claim:
      'HostConfig.SecurityOpt does not hold no-new-privileges: a setuid program in the container can raise rights.',
    benign: 'It is the engine’s default; most containers run so.',
    locator: 'json:/HostConfig/SecurityOpt',
  },
] as const;

const STATUSES = ['confirmed', 'confirmed', 'needs review', 'open', 'dismissed'] as const;

function finding(i: number, exhibits: number, options: FixtureOptions): JudgedFinding {
  const rule = RULES[i % RULES.length] ?? RULES[0];
  const status = STATUSES[i % STATUSES.length] ?? 'open';
  return {
    id: `f-${sha(`finding ${i}`).slice(0, 20)}`,
    rule: rule.rule,
    ruleVersion: '1',
    attackVersion: 'v19',
    machine: status !== 'confirmed',
    title: rule.title,
    severity: rule.severity,
    confidence: i % 3 === 0 ? 'certain' : 'likely',
    techniques: [...rule.techniques],
    target: container(i + 3, options.hostText),
    claim: options.hostText ? `${rule.claim} ${options.hostText}` : rule.claim,
    benign: rule.benign,
    cites: [
      { exhibit: `E${String(1 + ((i * 3) % exhibits)).padStart(4, '0')}`, locator: rule.locator },
      { exhibit: `E${String(1 + ((i * 7 + 2) % exhibits)).padStart(4, '0')}`, locator: 'whole' },
    ],
    status,
    statusReason:
      status === 'open'
        ? undefined
        : 'Compared with the compose file handed over by the operator: it is not in it. The operator’s change log has no entry for it.',
    statusBy: status === 'open' ? undefined : 'A. Moreau',
  };
}

function caseHost(host: (typeof HOSTS)[number], options: FixtureOptions): CaseHost {
  return {
    spec: { address: host.address, identity: '~/.ssh/id_ed25519', sudo: true },
    connected: at(20),
    facts: {
      id: host.id,
      address: host.address,
      transport: 'ssh',
      hostKey: { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:kM3c9yK0y1bq0wYJ5o3V0c8Zl3Qm2c4cXvJt1d5n9aE' },
      hostname: options.hostText ?? host.hostname,
      machineId: host.id,
      bootId: '5f0c6a0e-3b9d-4a53-9f0f-6b1a8f1c2d3e',
      os: 'Debian GNU/Linux 13 (trixie)',
      kernel: '6.12.48+deb13-amd64',
      arch: 'x86_64',
      user: 'examiner',
      uid: 1000,
      root: true,
      timeZone: 'Europe/Paris (+01:00)',
      clock: { hostTime: at(19.6), localTime: at(20), offsetMs: OFFSET, uncertaintyMs: 3.4 },
      engine: {
        product: 'Docker Engine - Community',
        version: '26.1.5',
        apiVersion: '1.45',
        id: 'a3f1c0de-52b8-4c1e-9a55-0d9d0f4c7b11',
        name: host.hostname,
        storageDriver: 'overlay2',
        loggingDriver: 'json-file',
        cgroupVersion: '2',
        rootDir: '/var/lib/docker',
        experimental: false,
        rootless: false,
        usernsRemap: false,
        containers: 7,
        running: 5,
        images: 12,
        socket: '/var/run/docker.sock',
        via: 'forwarded by sshd (direct-streamlocal)',
      },
      capabilities: [
        { need: 'engine', ok: true, reason: 'The Engine API answers.' },
        { need: 'root', ok: true, reason: 'sudo works without a password.' },
      ],
    },
  };
}

const MISSES: Miss[] = [
  ['container.exec', container(2), 'none', 'The engine holds no record of an exec in this container.'],
  [
    'container.logs',
    container(4),
    'unreadable',
    'The log driver is syslog: the engine answers that it cannot read logs back.',
  ],
  ['process.records', container(7), 'not applicable', 'The container does not run.'],
  ['process.records', container(8), 'not applicable', 'The container does not run.'],
].map(([collector, target, outcome, reason]) => ({
  collection: 'c-7d1f5a52',
  collector: collector as string,
  host: HOSTS[0].address,
  target: target as TargetRef,
  outcome: outcome as Miss['outcome'],
  reason: reason as string,
}));

/** Makes a ledger whose chain is as a real one's: each entry's `prev` is the hash before it. */
function chain(items: { action: string; subject: string; details: Record<string, unknown> }[]): Entry[] {
  let prev = '0'.repeat(64);
  return items.map((item, seq) => {
    const hash = sha(`${prev}${JSON.stringify(item)}`);
    const entry = { seq, time: at(seq * 0.21), examiner: 'A. Moreau', workstation: 'lab-ws-07', ...item, prev, hash };
    prev = hash;
    return entry;
  });
}

const clock = (seconds: number, offsetMs: number) => ({
  hostTime: at(seconds + offsetMs / 1000),
  localTime: at(seconds),
  offsetMs,
  uncertaintyMs: 3.4,
});

/** The fixture; everything in it is fixed, so two calls give equal inputs. */
export function fixture(options: FixtureOptions = {}): ReportInput {
  const count = options.exhibits ?? 31;
  const records = Array.from({ length: count }, (_, i) => record(i, options));
  const findings = Array.from({ length: options.findings ?? 6 }, (_, i) => finding(i, Math.max(1, count), options));
  const hosts = HOSTS.map((host) => caseHost(host, options));
  const exhibits = records.map(summaryOf);
  const plan = KINDS.map((kind, i) => ({
    key: `${kind.id} ${i}`,
    host: HOSTS[0].address,
    collector: kind.id,
    target: container(i, options.hostText),
    footprint: kind.id === 'container.top' || kind.id === 'container.export' ? 'engine event' : 'none',
  }));
  const ledger = chain([
    {
      action: 'case.opened',
      subject: '0b9a',
      details: { format: 1, number: 'FL-2026-0117', title: 'Storefront', tool: 'Lading 0.1.0' },
    },
    ...hosts.flatMap((host) => [
      { action: 'host.connect', subject: host.facts.id, details: { spec: host.spec } },
      {
        action: 'host.connected',
        subject: host.facts.id,
        details: {
          spec: host.spec,
          facts: host.facts,
          accesses: [access(0, ['uname', '-a'], 'exec'), access(1, ['GET', '/version'], 'api')],
        },
      },
    ]),
    {
      action: 'collection.begun',
      subject: 'c-7d1f5a52',
      details: { profile: 'triage', reason: 'Alert 4471', hosts: HOSTS.map((h) => h.address), plan },
    },
    ...MISSES.map((miss) => ({
      action: 'collection.miss',
      subject: miss.collection,
      details: { ...miss, accesses: [] },
    })),
    ...exhibits.map((exhibit) => ({
      action: 'exhibit.stored',
      subject: exhibit.id,
      details: { exhibit, how: 'GET /containers/…/json' },
    })),
    {
      action: 'collection.clock',
      subject: 'c-7d1f5a52',
      details: { host: HOSTS[0].address, clock: clock(300, OFFSET - 9), accesses: [] },
    },
    {
      action: 'collection.ended',
      subject: 'c-7d1f5a52',
      details: { state: 'done', exhibits: count, misses: MISSES.length, bytes: 1 },
    },
    ...hosts.map((host) => ({
      action: 'host.disconnected',
      subject: host.facts.id,
      details: { spec: host.spec, clock: clock(320, OFFSET - 11), accesses: [] },
    })),
    {
      action: 'analysis.ended',
      subject: 'analysis',
      details: { findings: findings.length, unreadable: 0, sha256: sha('findings') },
    },
    ...findings
      .filter((one) => one.status !== 'open')
      .map((one) => ({
        action: 'finding.judged',
        subject: one.id,
        details: { status: one.status, reason: one.statusReason, title: one.title },
      })),
    ...Array.from({ length: options.entries ?? 0 }, (_, i) => ({
      action: 'exhibit.verified',
      subject: `E${i}`,
      details: { ok: true, expected: sha(`${i}`), found: sha(`${i}`) },
    })),
    {
      action: 'custody.handed over',
      subject: 'case',
      details: { from: 'J. Okafor', to: 'A. Moreau', reason: 'Shift change' },
    },
    {
      action: 'case.sealed',
      subject: 'case',
      details: { manifest: sha('manifest'), fingerprint: sha('key'), exhibits: count },
    },
  ]);
  const head = ledger.at(-1) ?? { seq: 0, hash: sha('none') };
  return {
    data: caseData({ options, count, hosts, exhibits, head: { seq: head.seq, hash: head.hash } }),
    records,
    findings,
    ledger,
    verify: {
      ok: true,
      time: at(3600),
      exhibits: count,
      bytes: records.reduce((sum, one) => sum + one.bytes, 0),
      entries: ledger.length,
      seals: 1,
      head: { seq: head.seq, hash: head.hash },
      unsealed: 0,
      faults: [],
      interrupted: [],
    },
    options: { omit: [], declaration: 'us-28usc1746-inside', confirmedOnly: false },
    tool: { name: 'Lading', version: '0.1.0', runtime: 'Node 20.20.2, linux x64', workstation: 'lab-ws-07' },
    now: '2026-11-25T10:00:00.000Z',
  };
}

function caseData(from: {
  options: FixtureOptions;
  count: number;
  hosts: CaseHost[];
  exhibits: ExhibitSummary[];
  head: { seq: number; hash: string };
}): CaseData {
  const { options, exhibits, head } = from;
  const text = (own: string) => options.writtenText ?? own;
  return {
    format: 1,
    head,
    id: '0b9a6d5e-7c1f-4e43-9a43-1f6cf6a1f0b2',
    number: 'FL-2026-0117',
    title: text('Unauthorised access to the storefront of Halden Outdoor AS'),
    agency: text('Regional Computer Forensics Laboratory, Unit 3'),
    examiner: 'A. Moreau',
    created: at(0),
    hosts: from.hosts,
    collections: [
      {
        id: 'c-7d1f5a52',
        profile: 'triage',
        reason: text('Alert 4471 of the operator: outgoing connections of the storefront to an unknown address.'),
        hosts: from.hosts.map((host) => host.facts.address),
        items: exhibits.length + MISSES.length,
        begun: at(58),
        ended: at(330),
        state: 'done',
        exhibits: exhibits.map((exhibit) => exhibit.id),
        misses: MISSES,
      },
    ],
    exhibits,
    notes: Array.from({ length: options.notes ?? 2 }, (_, i) => ({
      id: `n${i}`,
      versions: Array.from({ length: i === 0 ? 2 : 1 }, (_unused, v) => ({
        id: `n${i}`,
        version: v + 1,
        text: text(
          'The operator (Ms Lindqvist, by telephone, 09:20 UTC) says that nobody of theirs was logged in during the night.\nShe will send the change log.',
        ),
        time: at(400 + i * 60),
        examiner: 'A. Moreau',
      })),
    })),
    findings: [
      {
        id: 'own-1',
        title: text('The web shell was placed through the upload form'),
        severity: 'high',
        confidence: 'likely',
        techniques: ['T1505.003', 'T1190'],
        target: container(0, options.hostText),
        claim: text(
          'The log of storefront shows POST /upload at 02:14:07Z from 203.0.113.77 with a file named avatar.php, and GET /uploads/avatar.php?c=id from the same address 9 seconds later.',
        ),
        benign: text(
          'A penetration test ordered by the operator would look the same. The operator states that none was ordered.',
        ),
        cites: [{ exhibit: 'E0006', locator: 'line:1182' }],
        examiner: 'A. Moreau',
        time: at(900),
      },
    ],
    marks: {},
    handovers: [
      {
        from: 'J. Okafor',
        to: 'A. Moreau',
        reason: text('Shift change; evidence disk 14 handed over in its bag.'),
        time: at(340),
        seq: 40,
      },
    ],
    keys: [{ fingerprint: sha('key'), publicKey: 'PEM', examiner: 'A. Moreau', time: at(350) }],
    seals: [{ seq: head.seq, head: head.hash, time: at(1000), fingerprint: sha('key') }],
    reports: [],
    reportTexts: {
      request: text(
        'Requested on 24 November 2026 by Halden Outdoor AS (Ms Lindqvist, head of operations), under the contract of 3 March 2026 with this laboratory.\nAsked was whether the storefront was entered by an unauthorised person, how, and what was taken. The scope are the hosts web-prod-03 and worker-prod-11. The operator owns both and consented in writing.',
      ),
      qualifications: text(
        'MSc in computer science (2014); certified forensic examiner since 2016; 40 examinations of Linux servers, nine of them with containers. J. Okafor opened the case and compared the host keys with those that the operator read out by telephone.',
      ),
      opinion: text(
        'In my opinion an unauthorised person entered the storefront through its upload form on 24 November 2026 at about 02:14 UTC and gained a shell there.\nThis rests on the log of the web server (E0006), the process records (E0004) and the sockets (E0005), which agree. I have considered a penetration test and an administrator’s own work; neither agrees with the statements of the operator.\nWhether data left the payments-api cannot be said from the exhibits.',
      ),
    },
  };
}
