import { createHash } from 'node:crypto';
import { hostname, release, userInfo } from 'node:os';
import type { HostFacts, HostSpec, Secrets } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { type Resolved, resolveAddress } from '../hosts/address';
import { bestReading, localNow, measureClock } from '../hosts/clock';
import { type Identity, readIdentity } from '../hosts/identity';
import { type ElevatableHost, localHost } from '../hosts/local';
import { localSockets } from '../hosts/localsockets';
import { connectSsh, type Dial, type SshHost } from '../hosts/ssh';
import type { SshTimeouts } from '../hosts/ssh-connect';
import { bringToolbox } from '../hosts/toolbox';
import { capabilitiesOf } from './capabilities';
import { findElevation } from './elevate';
import { type ProbedEngine, probeEngine } from './facts';
import type { HostSession } from './session';

export interface ConnectOptions {
  secrets?: Secrets;
  /** A fingerprint `SHA256:…` that the examiner compared. */
  trust?: string;
  /** Lading's own folder; its known_hosts is kept there. */
  configDir: string;
  signal?: AbortSignal;
  timeouts?: SshTimeouts;
  /** The folder of a toolbox that a broken connection left on the host. */
  staleToolbox?: string;
  /** Where the examiner's .ssh and .docker are; for tests. */
  home?: string;
}

/**
 * Connects to a host, learns what it is, finds its engine. To be called inside withAccessLog: every touch is recorded.
 * No engine is no error where commands can be run: facts.engineError says why. Throws BAD_INPUT, NOT_POSSIBLE,
 * HOST_UNREACHABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, AUTH_REQUIRED, AUTH_FAILED, CONNECTION_LOST, CANCELLED,
 * and for a bare socket ENGINE_ABSENT, ENGINE_DENIED, ENGINE_ERROR.
 */
export async function connectHost(spec: HostSpec, options: ConnectOptions): Promise<HostSession> {
  const resolved = resolveAddress(spec, { home: options.home });
  if (resolved.kind === 'ssh') {
    const host = await connectSsh({ spec, hops: resolved.hops, ...options });
    return closeOnFailure(host, async () => equipped(await overSsh(spec, host, resolved, options), options));
  }
  const host = localHost(spec.address, 'local');
  return closeOnFailure(host, async () => equipped(await onThisMachine(spec, host, resolved, options), options));
}

/** The session with the examiner's toolbox in place of the host's own programs, where one was given. */
async function equipped(session: HostSession, options: ConnectOptions): Promise<HostSession> {
  const { spec, facts } = session;
  if (spec.toolbox === undefined) return session;
  const { staleToolbox: stale, signal } = options;
  const { host, toolbox, remove } = await bringToolbox(session.host, spec.toolbox, {
    asRoot: facts.root,
    stale,
    signal,
  });
  return {
    ...session,
    host,
    facts: { ...facts, toolbox },
    async close() {
      try {
        if (!host.lost.aborted) await remove();
      } finally {
        await session.close();
      }
    },
  };
}

async function closeOnFailure(host: ElevatableHost, work: () => Promise<HostSession>): Promise<HostSession> {
  try {
    return await work();
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function overSsh(
  spec: HostSpec,
  host: SshHost,
  resolved: Resolved & { kind: 'ssh' },
  options: ConnectOptions,
): Promise<HostSession> {
  const { identity, noCommands } = await identify(host, spec, options.signal);
  await findElevation(host, identity, spec, options.secrets ?? {});
  const [clock, found] = await Promise.all([
    identity ? measureClock(host) : undefined,
    findEngine(host, remoteSockets(identity, resolved.socket), host.elevation.by !== 'nothing'),
  ]);
  return session(spec, host, { identity, noCommands, clock, ...found, user: resolved.hops.at(-1)?.user ?? '' });
}

async function onThisMachine(
  spec: HostSpec,
  host: ReturnType<typeof localHost>,
  resolved: Exclude<Resolved, { kind: 'ssh' }>,
  options: ConnectOptions,
): Promise<HostSession> {
  const places = resolved.kind === 'socket' ? undefined : localSockets({ home: options.home });
  const sockets =
    resolved.kind === 'socket'
      ? [{ path: resolved.socket, usable: true }]
      : (places?.sockets ?? []).filter((one) => one.there).map((one) => ({ path: one.path, usable: true }));
  const found = await findEngine(host, sockets, false);
  if (resolved.kind === 'socket' && found.failure) throw found.failure;
  if (places?.elsewhere && found.failure) {
    found.failure = new LadingError(
      'ENGINE_ABSENT',
      `This machine's Docker is set to an engine elsewhere: ${visible(places.elsewhere, { max: 200 })}.`,
      {
        advice: 'Connect to that host by its own address.',
      },
    );
  }
  if (!runsHere(found.probed)) host.transport = 'engine only';
  if (host.transport === 'engine only') {
    return session(spec, host, {
      ...found,
      clock: found.probed && engineClock(found.probed),
      user: userInfo().username,
    });
  }
  const { identity, noCommands } = await identify(host, spec, options.signal);
  await findElevation(host, identity, spec, options.secrets ?? {});
  const clock = identity ? await measureClock(host) : undefined;
  return session(spec, host, { identity, noCommands, clock, ...found, user: userInfo().username });
}

/** The engine's machine is this one: not a virtual machine, not a socket that leads elsewhere. */
function runsHere(probed: ProbedEngine | undefined): boolean {
  if (process.platform !== 'linux') return false;
  return !probed || (probed.info.Name === hostname() && probed.info.KernelVersion === release());
}

async function identify(
  host: ElevatableHost,
  spec: HostSpec,
  signal: AbortSignal | undefined,
): Promise<{ identity?: Identity; noCommands?: string }> {
  try {
    const { identity, said } = await readIdentity(host, { sudo: spec.sudo, signal });
    if (identity) return { identity };
    return {
      noCommands: `The login on ${host.address} runs no commands; it answered: ${visible(said, { max: 200 }) || 'nothing'}.`,
    };
  } catch (error) {
    if (error instanceof LadingError && (error.code === 'NOT_POSSIBLE' || error.code === 'TIMED_OUT'))
      return { noCommands: error.message };
    throw error;
  }
}

interface Candidate {
  path: string;
  usable: boolean;
  /** It was seen to be there; else it is tried on the chance. */
  seen?: boolean;
}

interface FoundEngine {
  probed?: ProbedEngine;
  failure?: LadingError;
}

function remoteSockets(identity: Identity | undefined, named: string | undefined): Candidate[] {
  if (named) return [identity?.sockets.find((one) => one.path === named) ?? { path: named, usable: true }];
  if (!identity) return [{ path: '/var/run/docker.sock', usable: true }];
  const own = identity.dockerHost?.startsWith('unix://') ? identity.dockerHost.slice('unix://'.length) : undefined;
  const first = own && !identity.sockets.some((one) => one.path === own) ? [{ path: own, usable: true }] : [];
  const ordered = [...identity.sockets].sort(
    (a, b) => Number(b.path === own) - Number(a.path === own) || Number(b.usable) - Number(a.usable),
  );
  return [...first, ...ordered.map((one) => ({ ...one, seen: true }))];
}

/**
 * The first socket behind which an engine answers. One that only root may use is spoken to by a command as root. One that
 * this user may use and that sshd does not reach is spoken to by a command too: sshd says the same for "forbidden" and
 * for "not there".
 */
async function findEngine(
  host: ElevatableHost & Partial<Pick<SshHost, 'dial'>>,
  sockets: readonly Candidate[],
  canRoot: boolean,
): Promise<FoundEngine> {
  let failure: LadingError | undefined;
  for (const socket of sockets) {
    const ways = waysTo(socket, host.dial, canRoot);
    if (ways.length === 0) failure ??= denied(socket.path);
    for (const way of ways) {
      if (way) host.dial = way;
      try {
        return { probed: await probeEngine(host, socket.path, localNow) };
      } catch (error) {
        if (host.lost.aborted) throw error;
        const failed = asLadingError(error);
        if (failed.code === 'CANCELLED' || failed.code === 'INTERNAL') throw failed;
        failure ??= failed;
      }
    }
  }
  return { failure: failure ?? absent(host.address) };
}

function waysTo(socket: Candidate, dial: Dial | undefined, canRoot: boolean): (Dial | undefined)[] {
  if (!dial) return [undefined];
  if (socket.usable) return [{ by: 'forwarding' }, ...(socket.seen ? [{ by: 'command' as const, asRoot: false }] : [])];
  return canRoot ? [{ by: 'command', asRoot: true }] : [];
}

function denied(path: string): LadingError {
  const shown = visible(path, { max: 200 });
  return new LadingError('ENGINE_DENIED', `The engine's socket ${shown} is there, but this user may not use it.`, {
    advice: 'Connect with --sudo, as root, or as a user of the group that owns the socket (docker).',
  });
}

function absent(address: string): LadingError {
  return new LadingError('ENGINE_ABSENT', `No engine's socket was found on ${address}.`, {
    advice: 'Start the engine, or name its socket: ssh://user@host/path/docker.sock.',
  });
}

/** The engine's own statement of the time; it is all there is where no command can be run. */
function engineClock(probed: ProbedEngine) {
  const hostMs = Date.parse(probed.info.SystemTime ?? '');
  return Number.isNaN(hostMs)
    ? undefined
    : bestReading([{ askedMs: probed.askedMs, answeredMs: probed.answeredMs, hostMs, resolutionMs: 0 }]);
}

function session(
  spec: HostSpec,
  host: ElevatableHost,
  known: FoundEngine & { identity?: Identity; noCommands?: string; clock?: HostFacts['clock']; user: string },
): HostSession {
  const { identity, probed, failure } = known;
  const info = probed?.info;
  const engineError = failure && [failure.message, failure.advice].filter((text) => text !== undefined).join(' ');
  const user = identity?.user || known.user;
  const facts: HostFacts = {
    id: identity?.machineId ?? createHash('sha256').update(`lading host ${spec.address}`).digest('hex').slice(0, 32),
    address: spec.address,
    transport: host.transport,
    hostKey: host.hostKey,
    hostname: identity?.hostname || info?.Name || (host.transport === 'ssh' ? spec.address : hostname()),
    machineId: identity?.machineId,
    bootId: identity?.bootId,
    os: identity?.os || info?.OperatingSystem || 'unknown',
    kernel: identity?.kernel || info?.KernelVersion || 'unknown',
    arch: identity?.arch || info?.Architecture || 'unknown',
    user,
    uid: identity?.uid,
    root: host.elevation.by !== 'nothing',
    timeZone: identity?.timeZone,
    clock: known.clock,
    engine: probed?.engine.facts,
    engineError,
    capabilities: capabilitiesOf({
      transport: host.transport,
      engine: probed?.engine.facts,
      engineError,
      noCommands: known.noCommands,
      system: identity?.system,
      procfs: identity?.procfs || host.elevation.by !== 'nothing',
      kcore: identity?.kcore ?? false,
      lockdown: identity?.lockdown ?? '',
      criu: identity?.criu,
      kernel: identity?.kernel,
      user,
      elevation: host.elevation,
    }),
  };
  return {
    spec,
    host,
    facts,
    engine: probed?.engine,
    async close() {
      probed?.engine.close();
      await host.close();
    },
  };
}
