import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { HostSpec } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { listDockerContexts } from './dockercontext';
import { knownName } from './knownhosts';
import { readSshSettings, type SshSettings } from './sshconfig';

/** One SSH server on the way, all settings decided. */
export interface SshHop {
  /** For messages and the ledger: `user@host:port`. */
  label: string;
  host: string;
  port: number;
  user: string;
  /** The name its key has in known_hosts. */
  keyName: string;
  /** Tried in this order; a missing one is an error only when the examiner named it. */
  identities: { file: string; named: boolean }[];
  /** Only keys of `identities`, also from the agent. */
  identitiesOnly: boolean;
  /** Socket or pipe of the key agent. */
  agent?: string;
  /** From the SSH configuration; undefined means ssh's own. */
  knownHosts?: string[];
}

/** What an address means. */
export type Resolved =
  | { kind: 'local' }
  | { kind: 'socket'; socket: string }
  | {
      kind: 'ssh';
      /** The last is the host itself, those before it are jump hosts. */
      hops: [SshHop, ...SshHop[]];
      /** The engine's socket there, where the address names it. */
      socket?: string;
      /** What in the SSH configuration was not followed. */
      notes: string[];
    };

/** Where to look for settings; the defaults are this machine's. */
export interface Places {
  home?: string;
  env?: NodeJS.ProcessEnv;
  platform?: NodeJS.Platform;
}

const DEFAULT_KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
const MAX_HOPS = 8;
const HOW =
  'Write local, unix:///path, ssh://user@host[:port], a Host of ~/.ssh/config or a name of `docker context ls`.';

/**
 * Decides what an address means: nothing is connected and no command is run. A bare name is looked for in ~/.ssh/config,
 * then among Docker's contexts. Throws BAD_INPUT, and NOT_POSSIBLE for ways Lading does not go.
 */
export function resolveAddress(spec: HostSpec, places: Places = {}): Resolved {
  const address = spec.address.trim();
  if (address === '' || /[\u0000-\u0020\u007f]/.test(address))
    throw bad(spec.address, 'it is empty or has blanks in it');
  if (address === 'local' || address === 'default') return { kind: 'local' };
  if (address.includes('://')) return resolveUrl(address, spec, places);
  const at = address.lastIndexOf('@');
  const settings = readSshSettings(bareHost(address), { home: places.home });
  if (settings.named || at > 0) return resolveSsh(splitDestination(address), spec, places);
  const context = listDockerContexts(places).find((one) => one.name === address);
  if (context) return resolveUrl(context.host, spec, places);
  throw new LadingError('BAD_INPUT', `No host is called "${visible(address, { max: 100 })}".`, { advice: HOW });
}

function resolveUrl(address: string, spec: HostSpec, places: Places): Resolved {
  const scheme = address.slice(0, address.indexOf('://')).toLowerCase();
  const rest = address.slice(scheme.length + 3);
  switch (scheme) {
    case 'unix':
      if (!rest.startsWith('/'))
        throw bad(address, 'the socket must be a path from the root, as in unix:///run/docker.sock');
      return { kind: 'socket', socket: rest };
    case 'npipe': {
      // npipe:////./pipe/docker_engine, as Docker writes it; Node takes the same name with backslashes
      const pipe = rest.replaceAll('/', '\\');
      if (!/^\\\\\.\\pipe\\[^\\]+$/.test(pipe))
        throw bad(address, 'a pipe is written as npipe:////./pipe/docker_engine');
      return { kind: 'socket', socket: pipe };
    }
    case 'ssh':
      return resolveSshUrl(address, spec, places);
    case 'tcp':
    case 'http':
    case 'https':
      throw new LadingError(
        'NOT_POSSIBLE',
        `Lading does not talk to an engine over TCP (${visible(address, { max: 100 })}).`,
        {
          advice: 'Reach the same machine with ssh://user@host: its socket is used through the SSH connection.',
        },
      );
    default:
      throw bad(address, `"${visible(scheme, { max: 20 })}" is no way to reach a host`);
  }
}

function resolveSshUrl(address: string, spec: HostSpec, places: Places): Resolved {
  const parts = /^ssh:\/\/(?:([^@/]*)@)?(\[[0-9a-fA-F:.%]+\]|[^@:/[\]]+)(?::([^/]*))?(\/.*)?$/i.exec(address);
  if (!parts) throw bad(address, 'it is written as ssh://user@host or ssh://user@host:port');
  const [, rawUser, rawHost = '', rawPort, path] = parts;
  if (rawUser?.includes(':')) {
    throw bad('ssh://…', 'a password does not belong into an address, which is stored with the case');
  }
  const user = rawUser === undefined ? undefined : decode(rawUser, address);
  if (user === '') throw bad(address, 'the user is empty');
  const port = rawPort === undefined ? undefined : parsePort(rawPort, address);
  const resolved = resolveSsh({ user, host: rawHost.replace(/^\[|\]$/g, ''), port }, spec, places);
  return path && path !== '/' && resolved.kind === 'ssh' ? { ...resolved, socket: path } : resolved;
}

interface Destination {
  user?: string;
  host: string;
  port?: number;
}

/** `[user@]host[:port]`, the host in brackets where it is an IPv6 address. */
function splitDestination(text: string): Destination {
  const parts = /^(?:(.+)@)?(\[[0-9a-fA-F:.%]+\]|[^@:[\]]+)(?::(\d+))?$/.exec(text);
  if (!parts) throw bad(text, 'it is written as user@host or user@host:port');
  const [, user, host = '', port] = parts;
  return {
    user,
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : parsePort(port, text),
  };
}

function bareHost(address: string): string {
  const host = address.slice(address.lastIndexOf('@') + 1);
  return host.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([^:]+):\d+$/, '$1');
}

function resolveSsh(destination: Destination, spec: HostSpec, places: Places): Resolved {
  const notes: string[] = [];
  const settings = settingsOf(destination, places);
  notes.push(...settings.notes);
  const last = makeHop(destination, settings, spec, places);
  const jump = spec.jump ?? (settings.proxyJump?.toLowerCase() === 'none' ? undefined : settings.proxyJump);
  if (!jump && settings.proxyCommand) {
    throw new LadingError(
      'NOT_POSSIBLE',
      `The SSH configuration reaches ${last.label} by a ProxyCommand, which Lading does not run.`,
      {
        advice: 'Name the machine in between with --jump user@host.',
      },
    );
  }
  const before = jump ? jumpHops(jump, spec, places, notes, 0) : [];
  const [first, ...others] = [...before, last];
  return { kind: 'ssh', hops: [first ?? last, ...others], notes };
}

/** The first of a list may itself lie behind a jump host of the SSH configuration, as with ssh -J. */
function jumpHops(list: string, spec: HostSpec, places: Places, notes: string[], depth: number): SshHop[] {
  const names = list.split(',').map((name) => name.trim().replace(/^ssh:\/\//, ''));
  if (depth + names.length > MAX_HOPS) throw bad(list, `more than ${MAX_HOPS} jump hosts, or a circle of them`);
  return names.flatMap((name, index) => {
    const destination = splitDestination(name);
    const settings = settingsOf(destination, places);
    notes.push(...settings.notes);
    const hop = makeHop(destination, settings, spec, places);
    const behind = index === 0 && settings.proxyJump?.toLowerCase() !== 'none' ? settings.proxyJump : undefined;
    if (index === 0 && !behind && settings.proxyCommand) {
      throw new LadingError(
        'NOT_POSSIBLE',
        `The SSH configuration reaches ${hop.label} by a ProxyCommand, which Lading does not run.`,
        {
          advice: 'Name every machine in between with --jump first,second.',
        },
      );
    }
    return behind ? [...jumpHops(behind, spec, places, notes, depth + names.length), hop] : [hop];
  });
}

function settingsOf(destination: Destination, places: Places): SshSettings {
  return readSshSettings(destination.host, { home: places.home, user: destination.user });
}

/** The command line's word counts before the SSH configuration's, as with ssh. */
function makeHop(destination: Destination, settings: SshSettings, spec: HostSpec, places: Places): SshHop {
  const home = places.home ?? homedir();
  const env = places.env ?? process.env;
  const host = settings.hostName ?? destination.host;
  const port = destination.port ?? (settings.port === undefined ? 22 : parsePort(settings.port, destination.host));
  const user = destination.user ?? settings.user ?? userInfo().username;
  const configured = settings.identityFiles.map((file) => ({ file, named: false }));
  const identities = spec.identity
    ? [{ file: spec.identity, named: true }]
    : configured.length > 0
      ? configured
      : DEFAULT_KEYS.map((name) => ({ file: join(home, '.ssh', name), named: false }));
  const agent = agentOf(settings.identityAgent, env, places.platform ?? process.platform);
  return {
    label: `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    user,
    keyName: settings.hostKeyAlias ?? knownName(host, port),
    identities,
    // A key named on purpose is the only one shown: each further one would be a failed attempt in the host's log.
    identitiesOnly: settings.identitiesOnly || spec.identity !== undefined,
    ...(agent && { agent }),
    ...(settings.userKnownHostsFiles && { knownHosts: settings.userKnownHostsFiles }),
  };
}

function agentOf(
  configured: string | undefined,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): string | undefined {
  if (configured === 'none') return undefined;
  if (configured && configured !== 'SSH_AUTH_SOCK') return configured;
  return env.SSH_AUTH_SOCK || (platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined);
}

function parsePort(text: string, address: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw bad(address, `"${visible(text, { max: 20 })}" is no port`);
  return port;
}

function decode(text: string, address: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad(address, 'the user has a broken percent sign in it');
  }
}

function bad(address: string, why: string): LadingError {
  return new LadingError('BAD_INPUT', `"${visible(address, { max: 100 })}" is not an address: ${why}.`, {
    advice: HOW,
  });
}
