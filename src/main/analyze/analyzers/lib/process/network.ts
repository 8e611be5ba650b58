import { z } from 'zod';
import { isInterpreter, isRelay, isShell, programName } from '../commands';
import type { ContainerConfig } from '../config/container';
import { type Hit, listed } from '../rule';
import { citeArgv, citeFrames, citeLink, type Process } from './model';
import type { ProcessRule, Scene } from './rule';
import { type Connection, connections, endpoint, type HeldSocket, heldSockets, isLoopback, listeners } from './sockets';

const program = ({ exe, argv, stat }: Process) => exe?.path ?? argv[0]?.text ?? stat?.comm ?? '';

/** A shell by its file, or, where a link or busybox has the file, by the name it was called by. */
export function runsShell(process: Process): boolean {
  const called = process.argv[0]?.text ?? '';
  return isShell(program(process)) || (isShell(called) && /busybox|toybox/.test(program(process)));
}

function standardSocket(process: Process, scene: Scene): HeldSocket[] | undefined {
  const held = heldSockets(process, scene.sockets);
  const standard = [0, 1, 2].map((fd) => held.find((one) => one.fd === fd));
  const [first] = standard;
  if (!first || standard.some((one) => one?.inode !== first.inode)) return undefined;
  return standard.filter((one) => one !== undefined);
}

export const reverseShell: ProcessRule = {
  id: 'process.reverse-shell',
  version: '1',
  title: 'A shell is connected to the network',
  severity: 'critical',
  confidence: 'likely',
  techniques: ['T1059.004', 'T1071'],
  benign: 'Services of inetd give their socket to a program so; a shell among them is a way in all the same.',
  check: (process, scene) => {
    const shell = runsShell(process);
    if (!shell && !isInterpreter(program(process)) && !isRelay(program(process))) return [];
    const standard = standardSocket(process, scene);
    const socket = standard?.[0]?.socket;
    if (!standard || (socket && socket.kind !== 'inet')) return [];
    const inode = standard[0]?.inode;
    const words = socket
      ? `the ${socket.row.protocol} connection ${endpoint(socket.row.localAddress, socket.row.localPort)} → ${endpoint(socket.row.remoteAddress, socket.row.remotePort)} (${socket.row.state})`
      : `socket ${inode}, which is in no table that was collected, so its peer is not known`;
    return [
      {
        claim: `${process.label} has descriptors 0, 1 and 2 on one socket: ${words}.`,
        title: shell ? undefined : 'A program that can run commands is connected to the network',
        severity: shell && socket ? 'critical' : 'high',
        confidence: socket ? 'likely' : 'possible',
        cites: [...standard.flatMap(({ cites }) => cites), ...citeLink(process, 'exe')],
      },
    ];
  },
};

/** Where others are met: 'tcp 10.0.0.2:40000 → 10.0.0.9:4444'. */
function words({ row }: Connection): string {
  return `${row.protocol} ${endpoint(row.localAddress, row.localPort)} → ${endpoint(row.remoteAddress, row.remotePort)} (${row.state})`;
}

function withOthers(process: Process, scene: Scene): Connection[] {
  return connections(process, scene.sockets).filter(({ row }) => !isLoopback(row.remoteAddress));
}

export const connectedShell: ProcessRule = {
  id: 'process.shell-connection',
  version: '1',
  title: 'A shell or relay holds a connection to another machine',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1071', 'T1059.004'],
  benign:
    'Scripts send messages by nc or /dev/tcp now and then; a child keeps the socket of the program that started it.',
  check: (process, scene) => {
    if (!runsShell(process) && !isRelay(program(process))) return [];
    // said by the rule on reverse shells
    if (standardSocket(process, scene)) return [];
    const found = withOthers(process, scene);
    if (found.length === 0) return [];
    return [
      {
        claim: `${process.label} holds ${listed(found.map(words), 6)}.`,
        cites: [...found.flatMap(({ cites }) => cites), ...citeLink(process, 'exe')],
      },
    ];
  },
};

/** Ports that services are asked on, as they are handed out by IANA or by habit. */
const USUAL_PORTS = new Set([
  21, 22, 25, 53, 80, 88, 110, 123, 143, 389, 443, 445, 465, 514, 587, 636, 853, 993, 995, 1433, 1521, 1883, 2049, 2181,
  2379, 2380, 3306, 4222, 4317, 4318, 5044, 5432, 5671, 5672, 6379, 6380, 6443, 8080, 8125, 8200, 8300, 8500, 8883,
  9000, 9042, 9090, 9092, 9200, 9300, 9411, 10250, 11211, 14268, 26379, 27017,
]);

export const unusualPort: ProcessRule = {
  id: 'process.unusual-port',
  version: '1',
  title: 'A connection goes out to an unusual port',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1571', 'T1071'],
  benign: 'Every service may choose its port: compare the peer with what the program is for.',
  check: (process, scene) => {
    const found = withOthers(process, scene).filter(({ inbound, row }) => !inbound && !USUAL_PORTS.has(row.remotePort));
    if (found.length === 0 || standardSocket(process, scene)) return [];
    const scripted = isInterpreter(program(process)) || runsShell(process) || isRelay(program(process));
    return [
      {
        claim: `${process.label} holds ${listed(found.map(words), 6)}.`,
        severity: scripted ? 'medium' : 'low',
        cites: [...found.flatMap(({ cites }) => cites), ...citeArgv(process)],
      },
    ];
  },
};

const SERVER_NAMES =
  /^(?:nginx|apache2?|httpd|lighttpd|caddy|php-fpm[\d.]*|php-cgi[\d.]*|java|tomcat\d*|catalina|node|gunicorn|uwsgi|uvicorn|puma|unicorn|mysqld|mariadbd|postgres|redis-server|mongod|memcached|vsftpd|proftpd|exim4?|w3wp)$/;

/** Serves others: it listens, or holds a connection that came in. */
function serves(process: Process, scene: Scene): HeldSocket['cites'] | undefined {
  const [listens] = listeners(process, scene.sockets);
  if (listens) return listens.cites;
  return connections(process, scene.sockets).find(({ inbound }) => inbound)?.cites;
}

export const serverShell: ProcessRule = {
  id: 'process.server-shell',
  version: '1',
  title: 'A network service started a shell',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1505.003', 'T1190'],
  benign: 'Some applications start commands by a shell as part of their work; others have a hole.',
  check: (process, scene) => {
    if (!runsShell(process)) return [];
    // up through other shells to what started the first of them
    let parent = scene.byPid.get(process.stat?.ppid ?? 0);
    for (let steps = 0; parent && runsShell(parent) && steps < 8; steps++)
      parent = scene.byPid.get(parent.stat?.ppid ?? 0);
    if (!parent || runsShell(parent)) return [];
    const above = scene.byPid.get(parent.stat?.ppid ?? 0);
    const same = above && above.exe?.path === parent.exe?.path ? above : undefined;
    const proof = serves(parent, scene) ?? (same && serves(same, scene));
    const name = programName(program(parent));
    if (!proof && !SERVER_NAMES.test(name)) return [];
    const why = proof ? 'which serves the network' : 'which bears the name of a server';
    return [
      {
        claim: `${process.label} was started by ${parent.label.replace(/^P/, 'p')} ${why}.`,
        confidence: proof ? 'likely' : 'possible',
        cites: [
          ...citeFrames(process, 'stat'),
          ...citeArgv(process),
          ...citeArgv(parent),
          ...citeLink(process, 'exe'),
          ...(proof ?? []),
        ],
      },
    ];
  },
};

/** They listen to the wire as part of their work. */
const LISTENS_RAW =
  /^(?:ping\d?|traceroute|mtr|dhclient|dhcpcd|udhcpc|keepalived|arping|NetworkManager|systemd-networkd)/;

export const rawSocket: ProcessRule = {
  id: 'process.raw-socket',
  version: '1',
  title: 'A process listens to raw packets',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1040'],
  benign: 'ping, DHCP, keepalived and tools like tcpdump need such sockets.',
  check: (process, scene) => {
    const found = heldSockets(process, scene.sockets).flatMap(({ socket, cites }) => {
      if (socket?.kind === 'packet') return [{ what: `a packet socket (${socket.type})`, cites }];
      if (socket?.kind === 'inet' && socket.row.protocol.startsWith('raw'))
        return [{ what: `a ${socket.row.protocol} socket`, cites }];
      return [];
    });
    if (found.length === 0) return [];
    return [
      {
        claim: `${process.label} holds ${listed(
          found.map(({ what }) => what),
          4,
        )}.`,
        severity: LISTENS_RAW.test(programName(program(process))) ? 'informational' : 'medium',
        cites: found.flatMap(({ cites }) => cites),
      },
    ];
  },
};

/** Ports of the container that its configuration names, as '80/tcp'. */
function named({ doc }: ContainerConfig): Set<string> {
  const anything = z.unknown();
  const keys = [
    ...doc.members(z.record(z.string(), anything), 'Config', 'ExposedPorts'),
    ...doc.members(z.array(anything), 'HostConfig', 'PortBindings'),
  ].map(({ key }) => String(key));
  return new Set(keys);
}

export const hiddenListener: ProcessRule = {
  id: 'process.listener',
  version: '1',
  title: 'A process listens on a port that the configuration does not name',
  severity: 'low',
  confidence: 'possible',
  techniques: ['T1571'],
  benign:
    'Ports need not be declared for other containers of a network to reach them; helpers and metrics often are not.',
  check: (process, scene) => {
    const { config } = scene;
    if (!config || config.doc.get(z.string(), 'HostConfig', 'NetworkMode') === 'host') return [];
    const known = named(config);
    const found = listeners(process, scene.sockets).filter(
      ({ row }) =>
        !isLoopback(row.localAddress) && row.localAddress !== '127.0.0.11' && !known.has(`${row.localPort}/tcp`),
    );
    if (found.length === 0) return [];
    const places = listed(
      found.map(({ row }) => endpoint(row.localAddress, row.localPort)),
      8,
    );
    const scripted = runsShell(process) || isRelay(program(process));
    const cites: Hit['cites'] = [...found.flatMap(({ cites: some }) => some), config.doc.cite('Config')];
    return [
      {
        claim: `${process.label} listens on ${places}; neither Config.ExposedPorts nor HostConfig.PortBindings names ${found.length === 1 ? 'that port' : 'those ports'}.`,
        severity: scripted ? 'high' : 'low',
        cites,
      },
    ];
  },
};

/** Every rule of this file. */
export const networkRules: readonly ProcessRule[] = [
  reverseShell,
  connectedShell,
  unusualPort,
  serverShell,
  rawSocket,
  hiddenListener,
];
