import { posix } from 'node:path';
import { z } from 'zod';
import type { Severity } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { Part } from '../doc';
import type { ConfigRule, ContainerConfig } from './container';

/** An entry of Mounts. Windows hosts and volumes have fewer fields. */
export const MountEntry = z.object({
  Type: z.string().default(''),
  Source: z.string().default(''),
  Destination: z.string().default(''),
  RW: z.boolean().default(true),
  Propagation: z.string().default(''),
});
export type MountEntry = z.infer<typeof MountEntry>;

const SOCKET = /(?:^|[/\\])(docker|containerd|crio|podman|buildkitd|docker_engine)(?:\.sock)?$/;
const SOCKET_NAME = /(?:\.sock|docker_engine)$/;

/** Whether a path is an engine's control socket, by its name: it may be bound from anywhere to anywhere. */
export function isEngineSocket(path: string): boolean {
  return SOCKET.test(path) && SOCKET_NAME.test(path);
}

function mounts({ doc }: ContainerConfig): Part<MountEntry>[] {
  return doc.list(MountEntry, 'Mounts');
}

/** Says where it comes from, where it is seen, and whether it can be written. */
function described({ Source, Destination, RW }: MountEntry): string {
  const show = (path: string) => visible(path, { max: 300 });
  return `the host's ${show(Source)} is mounted at ${show(Destination)}, ${RW ? 'writable' : 'read-only'}`;
}

export const engineSocket: ConfigRule = {
  id: 'config.engine-socket',
  version: '1',
  title: "The engine's socket is mounted in the container",
  severity: 'critical',
  confidence: 'certain',
  techniques: ['T1611', 'T1609', 'T1610'],
  benign:
    'Reverse proxies, dashboards, builders and log shippers are given the socket on purpose. Read-only does not help: the socket still takes every request.',
  check: (config) =>
    mounts(config)
      .filter(({ value }) => isEngineSocket(value.Source) || isEngineSocket(value.Destination))
      .map(({ value, cite }) => ({
        claim: `In Mounts, ${described(value)}: whoever can open this socket controls the engine, and by it the host as root.`,
        cites: [cite],
      })),
};

interface Place {
  /** This path itself, or, where `below`, what is under it too. */
  path: string;
  below: boolean;
  writable: Severity;
  readOnly: Severity;
  why: string;
}

/** The first that fits counts, so the narrow ones come first. */
const PLACES: readonly Place[] = [
  { path: '/', below: false, writable: 'critical', readOnly: 'high', why: 'the whole host' },
  { path: '/etc/localtime', below: false, writable: 'informational', readOnly: 'informational', why: '' },
  { path: '/etc/timezone', below: false, writable: 'informational', readOnly: 'informational', why: '' },
  { path: '/etc/machine-id', below: false, writable: 'low', readOnly: 'informational', why: '' },
  { path: '/etc/resolv.conf', below: false, writable: 'low', readOnly: 'informational', why: '' },
  { path: '/etc/hosts', below: false, writable: 'low', readOnly: 'informational', why: '' },
  { path: '/etc/hostname', below: false, writable: 'low', readOnly: 'informational', why: '' },
  { path: '/etc/os-release', below: false, writable: 'low', readOnly: 'informational', why: '' },
  { path: '/etc/ssl', below: true, writable: 'medium', readOnly: 'informational', why: 'certificates' },
  { path: '/etc/letsencrypt', below: true, writable: 'low', readOnly: 'low', why: 'certificates and their keys' },
  { path: '/etc/shadow', below: false, writable: 'critical', readOnly: 'high', why: 'password hashes' },
  { path: '/etc/sudoers.d', below: true, writable: 'critical', readOnly: 'low', why: 'who may become root' },
  { path: '/etc/sudoers', below: false, writable: 'critical', readOnly: 'low', why: 'who may become root' },
  {
    path: '/etc/ld.so.preload',
    below: false,
    writable: 'critical',
    readOnly: 'low',
    why: 'libraries for every program',
  },
  { path: '/etc/passwd', below: false, writable: 'critical', readOnly: 'informational', why: 'accounts' },
  { path: '/etc/group', below: false, writable: 'critical', readOnly: 'informational', why: 'groups' },
  { path: '/etc/ssh', below: true, writable: 'critical', readOnly: 'high', why: 'the SSH server' },
  { path: '/etc/systemd', below: true, writable: 'critical', readOnly: 'low', why: 'services' },
  { path: '/etc/kubernetes', below: true, writable: 'critical', readOnly: 'high', why: 'the cluster and its keys' },
  { path: '/etc/docker', below: true, writable: 'high', readOnly: 'low', why: 'the engine' },
  { path: '/etc/pam.d', below: true, writable: 'critical', readOnly: 'low', why: 'logins' },
  { path: '/etc', below: false, writable: 'critical', readOnly: 'high', why: 'accounts, services and keys' },
  { path: '/root/.ssh', below: true, writable: 'critical', readOnly: 'high', why: "root's SSH keys" },
  { path: '/root', below: false, writable: 'critical', readOnly: 'high', why: "root's files and keys" },
  { path: '/home', below: false, writable: 'high', readOnly: 'medium', why: "every user's files and keys" },
  { path: '/boot', below: true, writable: 'high', readOnly: 'medium', why: 'what the host starts' },
  { path: '/dev/shm', below: true, writable: 'low', readOnly: 'low', why: 'shared memory' },
  { path: '/dev/snd', below: true, writable: 'low', readOnly: 'low', why: '' },
  { path: '/dev/dri', below: true, writable: 'low', readOnly: 'low', why: '' },
  { path: '/dev/log', below: false, writable: 'low', readOnly: 'low', why: 'the log socket' },
  { path: '/dev', below: true, writable: 'high', readOnly: 'high', why: 'devices' },
  {
    path: '/proc',
    below: true,
    writable: 'critical',
    readOnly: 'high',
    why: "the host's processes and kernel settings",
  },
  {
    path: '/sys/fs/cgroup',
    below: true,
    writable: 'high',
    readOnly: 'low',
    why: 'cgroups, by which code can be run on the host',
  },
  { path: '/sys', below: true, writable: 'high', readOnly: 'low', why: 'the kernel' },
  { path: '/lib/modules', below: true, writable: 'high', readOnly: 'low', why: 'kernel modules' },
  { path: '/lib', below: true, writable: 'critical', readOnly: 'low', why: "the host's libraries" },
  { path: '/lib64', below: true, writable: 'critical', readOnly: 'low', why: "the host's libraries" },
  { path: '/bin', below: true, writable: 'critical', readOnly: 'low', why: "the host's programs" },
  { path: '/sbin', below: true, writable: 'critical', readOnly: 'low', why: "the host's programs" },
  { path: '/usr/share/zoneinfo', below: true, writable: 'low', readOnly: 'informational', why: '' },
  { path: '/usr/share', below: true, writable: 'medium', readOnly: 'informational', why: '' },
  { path: '/usr', below: true, writable: 'critical', readOnly: 'low', why: "the host's programs" },
  {
    path: '/var/lib/kubelet',
    below: true,
    writable: 'critical',
    readOnly: 'high',
    why: "every pod's files and tokens",
  },
  { path: '/var/lib/docker', below: true, writable: 'critical', readOnly: 'high', why: "every container's files" },
  { path: '/var/lib/containerd', below: true, writable: 'critical', readOnly: 'high', why: "every container's files" },
  { path: '/var/lib/containers', below: true, writable: 'critical', readOnly: 'high', why: "every container's files" },
  { path: '/var/lib', below: false, writable: 'critical', readOnly: 'high', why: "every container's files" },
  { path: '/var/spool/cron', below: true, writable: 'critical', readOnly: 'low', why: 'scheduled commands' },
  { path: '/var/log', below: true, writable: 'high', readOnly: 'low', why: "the host's logs" },
  {
    path: '/run',
    below: false,
    writable: 'critical',
    readOnly: 'high',
    why: "the host's sockets, the engine's among them",
  },
  { path: '/run/containerd', below: true, writable: 'critical', readOnly: 'high', why: "containerd's sockets" },
  { path: '/run/docker', below: true, writable: 'critical', readOnly: 'high', why: "the engine's sockets" },
  {
    path: '/var',
    below: false,
    writable: 'critical',
    readOnly: 'high',
    why: "logs, scheduled commands and every container's files",
  },
];

/** Cron's folders and users' keys have no single path. */
const PATTERNS: readonly (Omit<Place, 'path' | 'below'> & { pattern: RegExp })[] = [
  { pattern: /^\/etc\/cron/, writable: 'critical', readOnly: 'low', why: 'scheduled commands' },
  {
    pattern: /^\/home\/[^/]+\/\.(?:ssh|aws|kube|docker|gnupg)(?:\/|$)/,
    writable: 'high',
    readOnly: 'high',
    why: "a user's keys",
  },
  { pattern: /^\/root\/\.(?:aws|kube|docker|gnupg)(?:\/|$)/, writable: 'high', readOnly: 'high', why: "root's keys" },
  { pattern: /^\/etc\/.+/, writable: 'medium', readOnly: 'informational', why: "the host's configuration" },
  { pattern: /^\/root\/.+/, writable: 'medium', readOnly: 'low', why: "root's files" },
];

/** What a bind of that source opens, or undefined where the path is nothing special. */
export function sensitivePlace(source: string): Omit<Place, 'path' | 'below'> | undefined {
  if (!source.startsWith('/')) return undefined;
  const path = posix
    .normalize(source)
    .replace(/(?<=.)\/$/, '')
    .replace(/^\/var\/run(?=\/|$)/, '/run');
  const place = PLACES.find((one) => path === one.path || (one.below && path.startsWith(`${one.path}/`)));
  return place ?? PATTERNS.find(({ pattern }) => pattern.test(path));
}

export const sensitiveBind: ConfigRule = {
  id: 'config.sensitive-mount',
  version: '1',
  title: 'A sensitive part of the host is mounted',
  severity: 'high',
  confidence: 'certain',
  techniques: ['T1611'],
  benign: 'Agents for monitoring, back-up and logs read such folders; few need to write them.',
  check: (config) =>
    mounts(config).flatMap(({ value, cite }) => {
      if (value.Type !== 'bind' || isEngineSocket(value.Source)) return [];
      const place = sensitivePlace(value.Source);
      const severity = value.RW ? place?.writable : place?.readOnly;
      if (!place || !severity || severity === 'informational') return [];
      const why = place.why ? ` (${place.why})` : '';
      return [{ claim: `In Mounts, ${described(value)}${why}.`, severity, cites: [cite] }];
    }),
};

export const sharedPropagation: ConfigRule = {
  id: 'config.shared-propagation',
  version: '1',
  title: 'Mounts made in the container appear on the host',
  severity: 'medium',
  confidence: 'certain',
  techniques: ['T1611'],
  benign: 'Storage plug-ins mount file systems for the host and need it.',
  check: (config) =>
    mounts(config)
      .filter(({ value }) => value.Propagation === 'shared' || value.Propagation === 'rshared')
      .map(({ value, cite }) => ({
        claim: `In Mounts, ${described(value)} with propagation "${value.Propagation}".`,
        cites: [cite],
      })),
};

/** Every rule of this file. */
export const mountRules: readonly ConfigRule[] = [engineSocket, sensitiveBind, sharedPropagation];
