import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Secrets } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { recordAccess } from './access';
import type { SshHop } from './address';
import type { HostKeyCheck } from './hostkey';
import { asCancelled } from './run';
import { authentication } from './ssh-auth';
import { type AnyAuthMethod, type AuthenticationType, Client, type ConnectConfig, type SshClient } from './ssh2';

/** Milliseconds: until TCP answers, and until the examiner is let in. */
export interface SshTimeouts {
  connectMs: number;
  readyMs: number;
}

export const SSH_TIMEOUTS: SshTimeouts = { connectMs: 10_000, readyMs: 30_000 };

/** AES-GCM runs in Node's own crypto, also where ssh2's native part is not there: several times as fast as the rest. */
const CIPHERS: NonNullable<ConnectConfig['algorithms']>['cipher'] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];

interface HopOptions {
  /** The address as the examiner gave it, for the ledger. */
  address: string;
  secrets: Secrets;
  /** The host itself, not a jump host before it. */
  isHost: boolean;
  check: HostKeyCheck;
  timeouts: SshTimeouts;
  signal?: AbortSignal;
}

/** A TCP connection; throws HOST_UNREACHABLE with the reason, CANCELLED. */
export function dialTcp(hop: SshHop, timeoutMs: number, signal: AbortSignal | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host: hop.host, port: hop.port });
    const settle = (error?: LadingError) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.removeAllListeners();
      if (!error) {
        socket.setNoDelay(true);
        socket.pause();
        resolve(socket);
        return;
      }
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onAbort = () => settle(asCancelled(signal, 'connecting', hop.label));
    const timer = setTimeout(
      () => settle(unreachable(hop, `it did not answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    socket.once('connect', () => settle());
    socket.once('error', (error) => settle(unreachable(hop, whyNot(error), error)));
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** A connection to the next hop through the one before; throws HOST_UNREACHABLE, CANCELLED. */
export function dialThrough(
  before: SshClient,
  beforeLabel: string,
  hop: SshHop,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const onAbort = () => {
      done();
      reject(asCancelled(signal, 'connecting', hop.label));
    };
    const timer = setTimeout(() => {
      done();
      reject(unreachable(hop, `it did not answer ${beforeLabel} within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    before.forwardOut('127.0.0.1', 0, hop.host, hop.port, (error, channel) => {
      done();
      if (error) {
        const prohibited = 'reason' in error && error.reason === 1;
        const why = prohibited ? `${beforeLabel} does not forward connections` : `${beforeLabel} could not reach it`;
        reject(unreachable(hop, `${why} (${visible(error.message, { max: 200 })})`, error));
      } else resolve(channel); // where nobody waits any more the whole connection is ended by who called
    });
  });
}

/** Speaks SSH over a connection: host key first, then who the examiner is. Throws HOST_KEY_*, AUTH_*, HOST_UNREACHABLE, CANCELLED. */
export async function openSsh(hop: SshHop, dial: () => Promise<Duplex>, options: HopOptions): Promise<SshClient> {
  const { check, timeouts, signal } = options;
  const auth = await authentication(hop, options.secrets, options.isHost);
  const access = recordAccess({ host: options.address, kind: 'connect', what: ['ssh', hop.label] });
  const began = performance.now();
  const client = new Client();
  let remembered: Promise<void> = Promise.resolve();
  let authenticating = false;
  try {
    const sock = await dial();
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        reject(asCancelled(signal, 'connecting', hop.label));
        client.destroy();
      };
      const settle = (error?: LadingError) => {
        signal?.removeEventListener('abort', onAbort);
        client.removeAllListeners();
        // A client that nobody listens to would end the process with its next error.
        client.on('error', () => undefined);
        if (!error) {
          resolve();
          return;
        }
        reject(error);
        client.end();
        // A server that does not close its side is not waited for.
        setTimeout(() => client.destroy(), 1000).unref();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      auth.onStuck(() => settle(auth.failure()));
      client.once('ready', () => settle());
      client.once('handshake', () => {
        remembered = check.remember();
        remembered.catch(() => undefined);
      });
      client.on('error', (error) => {
        if (error.level === 'agent') return; // the agent's trouble: the next way is tried
        const cut = error.level === 'client-timeout' || error.level === 'client-socket';
        settle(check.refused() ?? (authenticating && !cut ? auth.failure() : handshakeError(hop, error, timeouts)));
      });
      client.once('close', () => {
        const when = authenticating ? 'while logging in' : 'before SSH began';
        settle(check.refused() ?? unreachable(hop, `it closed the connection ${when}`));
      });
      const config: ConnectConfig = {
        sock,
        username: hop.user,
        readyTimeout: timeouts.readyMs,
        keepaliveInterval: 10_000,
        keepaliveCountMax: 3,
        strictVendor: false,
        algorithms: { serverHostKey: check.algorithms, cipher: CIPHERS },
        hostVerifier: (key: Buffer) => check.verify(key),
        authHandler: (
          left: AuthenticationType[] | null,
          partial: boolean | null,
          next: (way: AnyAuthMethod) => void,
        ) => {
          authenticating = true;
          // `false` ends it: ssh2 documents that, its types do not.
          next(auth.next(left, partial) as AnyAuthMethod);
        },
      };
      client.connect(config);
    });
    await remembered;
    return client;
  } catch (error) {
    access.error = error instanceof Error ? error.message : String(error);
    await remembered.catch(() => undefined);
    throw error;
  } finally {
    access.ms = Math.round(performance.now() - began);
    const shown = check.shown();
    if (shown)
      access.what.push(
        `${shown.algorithm} ${shown.fingerprint}`,
        check.compared() ? 'compared by the examiner' : 'known',
      );
    if (shown && check.refused()) access.what.splice(-1, 1, 'refused');
  }
}

function handshakeError(hop: SshHop, error: Error & { level?: string }, timeouts: SshTimeouts): LadingError {
  if (error.level === 'client-timeout')
    return unreachable(hop, `it answers, but SSH was not ready within ${timeouts.readyMs / 1000} s`, error);
  if (/no matching/i.test(error.message)) {
    return new LadingError(
      'NOT_POSSIBLE',
      `${hop.label} offers no cipher or key exchange that Lading speaks: ${visible(error.message, { max: 200 })}.`,
      {
        advice: 'Its SSH server is very old; reach it through a newer one with --jump.',
        cause: error,
      },
    );
  }
  if (error.level === 'client-socket') return unreachable(hop, whyNot(error), error);
  return unreachable(hop, `it does not speak SSH as it should (${visible(error.message, { max: 200 })})`, error);
}

function unreachable(hop: SshHop, why: string, cause?: unknown): LadingError {
  return new LadingError('HOST_UNREACHABLE', `${hop.label} cannot be reached: ${why}.`, {
    advice: 'Check the address, the port, the network, and that sshd runs there.',
    cause,
    details: { host: hop.host, port: hop.port, hop: hop.label },
  });
}

function whyNot(error: Error): string {
  switch ('code' in error ? error.code : undefined) {
    case 'ECONNREFUSED':
      return 'nothing listens on this port';
    case 'ENOTFOUND':
      return 'no such name';
    case 'EAI_AGAIN':
      return 'its name cannot be looked up now';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it from here';
    case 'ETIMEDOUT':
      return 'it did not answer';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'it broke the connection off';
    default:
      return visible(error.message, { max: 200 });
  }
}
