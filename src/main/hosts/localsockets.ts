import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Places } from './address';
import { currentDockerContext } from './dockercontext';

/** A place where an engine of this machine may listen. */
export interface LocalSocket {
  path: string;
  /** Why it is looked at: 'DOCKER_HOST', 'the Docker context desktop-linux', 'the usual place'. */
  because: string;
  there: boolean;
}

/**
 * Where this machine's engine may listen, the likeliest first: what the environment and Docker's own context say, then
 * the usual places. `elsewhere` is set when they name an engine on another machine.
 */
export function localSockets(places: Places = {}): { sockets: LocalSocket[]; elsewhere?: string } {
  const env = places.env ?? process.env;
  const named = env.DOCKER_HOST ? { host: env.DOCKER_HOST, because: 'DOCKER_HOST' } : contextHost(places);
  const path = named && socketPath(named.host);
  if (named && path === undefined) return { sockets: [], elsewhere: `${named.because} names ${named.host}` };
  const usual = usualPaths(places).map((one) => ({ path: one, because: 'the usual place' }));
  const all = named && path ? [{ path, because: named.because }, ...usual.filter((one) => one.path !== path)] : usual;
  return { sockets: all.map((one) => ({ ...one, there: isThere(one.path) })) };
}

function contextHost(places: Places): { host: string; because: string } | undefined {
  const context = currentDockerContext(places);
  return context && { host: context.host, because: `the Docker context ${context.name}` };
}

/** The path Node connects to for `unix://…` and `npipe://…`; undefined for anything else. */
function socketPath(host: string): string | undefined {
  if (host.startsWith('unix://')) return host.slice('unix://'.length);
  if (host.startsWith('npipe://')) return host.slice('npipe://'.length).replaceAll('/', '\\');
  return undefined;
}

function usualPaths(places: Places): string[] {
  const home = places.home ?? homedir();
  const env = places.env ?? process.env;
  const platform = places.platform ?? process.platform;
  const run = env.XDG_RUNTIME_DIR;
  switch (platform) {
    case 'win32':
      return [
        '\\\\.\\pipe\\docker_engine',
        '\\\\.\\pipe\\dockerDesktopLinuxEngine',
        '\\\\.\\pipe\\podman-machine-default',
      ];
    case 'darwin':
      return [
        '/var/run/docker.sock',
        join(home, '.docker', 'run', 'docker.sock'),
        join(home, '.colima', 'default', 'docker.sock'),
        join(home, '.orbstack', 'run', 'docker.sock'),
        join(home, '.rd', 'docker.sock'),
      ];
    default:
      return [
        '/var/run/docker.sock',
        ...(run ? [join(run, 'docker.sock')] : []),
        join(home, '.docker', 'desktop', 'docker.sock'),
        '/run/podman/podman.sock',
        ...(run ? [join(run, 'podman', 'podman.sock')] : []),
      ];
  }
}

function isThere(path: string): boolean {
  if (!path.startsWith('\\\\.\\pipe\\')) return existsSync(path);
  try {
    // To look at a pipe by name would connect to it.
    return readdirSync('\\\\.\\pipe\\').includes(path.slice('\\\\.\\pipe\\'.length));
  } catch {
    return false;
  }
}
