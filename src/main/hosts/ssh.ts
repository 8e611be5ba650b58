import { setMaxListeners } from 'node:events';
import { homedir } from 'node:os';
import type { HostSpec, Secrets } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { recordAccess } from './access';
import type { SshHop } from './address';
import { type Elevated, elevate } from './elevation';
import type { ExecOptions, Execution, HostSocket, HostTerminal } from './host';
import { hostKeyCheck, knownHostsFiles } from './hostkey';
import type { ElevatableHost } from './local';
import { quoteArgv } from './quote';
import { asLost, supervise } from './run';
import { dialTcp, dialThrough, openSsh, SSH_TIMEOUTS, type SshTimeouts } from './ssh-connect';
import { type Cells, Sessions } from './ssh-sessions';
import { commandSocket, dialCommand, forwardSocket } from './ssh-sockets';
import { terminalOver } from './ssh-terminal';
import type { SshClient } from './ssh2';

/** How the sockets of the host are reached. */
export type Dial = { by: 'forwarding' } | { by: 'command'; asRoot: boolean };

export interface SshHost extends ElevatableHost {
  dial: Dial;
}

export interface SshOptions {
  spec: HostSpec;
  hops: readonly [SshHop, ...SshHop[]];
  secrets?: Secrets;
  trust?: string;
  configDir: string;
  signal?: AbortSignal;
  timeouts?: SshTimeouts;
  home?: string;
}

/**
 * Connects hop by hop, each with its own host key check. Throws HOST_UNREACHABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED,
 * AUTH_REQUIRED, AUTH_FAILED, FILE_UNREADABLE, CANCELLED.
 */
export async function connectSsh(options: SshOptions): Promise<SshHost> {
  const { spec, hops, signal, timeouts = SSH_TIMEOUTS } = options;
  const clients: SshClient[] = [];
  try {
    let proved: { algorithm: string; fingerprint: string } | undefined;
    for (const [index, hop] of hops.entries()) {
      const files = knownHostsFiles(spec, hop, options.configDir, options.home ?? homedir());
      const check = await hostKeyCheck(hop, files, options.trust);
      const before = clients[index - 1];
      const beforeLabel = hops[index - 1]?.label ?? '';
      const client = await openSsh(
        hop,
        () =>
          before
            ? dialThrough(before, beforeLabel, hop, timeouts.connectMs, signal)
            : dialTcp(hop, timeouts.connectMs, signal),
        {
          address: spec.address,
          secrets: options.secrets ?? {},
          isHost: index === hops.length - 1,
          check,
          timeouts,
          signal,
        },
      );
      clients.push(client);
      proved = check.shown();
    }
    const client = clients.at(-1);
    if (!client) throw new LadingError('INTERNAL', 'There was no host to connect to.');
    return sshHost(spec.address, client, clients, proved);
  } catch (error) {
    for (const client of clients.reverse()) client.end();
    throw error;
  }
}

function sshHost(
  address: string,
  client: SshClient,
  clients: readonly SshClient[],
  hostKey: { algorithm: string; fingerprint: string } | undefined,
): SshHost {
  const gone = new AbortController();
  // One listener for each command under way; the number of these is bounded elsewhere.
  setMaxListeners(0, gone.signal);
  const sessions = new Sessions(client, address, gone.signal);
  const lose = (why: string, cause?: unknown) => {
    if (!gone.signal.aborted) gone.abort(new LadingError('CONNECTION_LOST', why, { cause }));
  };
  client.on('error', (error) =>
    lose(`The connection to ${address} broke: ${visible(error.message, { max: 200 })}.`, error),
  );
  client.on('close', () => lose(`The connection to ${address} was lost.`));
  for (const one of clients.slice(0, -1))
    one.on('close', () => lose(`The connection to ${address} was lost: a jump host is gone.`));

  const host: SshHost = {
    address,
    transport: 'ssh',
    hostKey,
    lost: gone.signal,
    elevation: {
      by: 'nothing',
      reason: `It is not known yet how to become root on ${address}.`,
      advice: 'Connect first.',
    },
    dial: { by: 'forwarding' },

    async exec(argv, options = {}): Promise<Execution> {
      const { raw, supervision } = await begin(argv, options, 'exec');
      return supervise(raw, { ...supervision, options });
    },

    async terminal(argv, { signal, ...size }): Promise<HostTerminal> {
      const { raw, supervision } = await begin(argv, { signal }, 'exec', size);
      return terminalOver(raw, supervision);
    },

    async connect(path): Promise<HostSocket> {
      if (host.dial.by === 'forwarding') {
        const access = recordAccess({ host: address, kind: 'connect', what: ['connect', path] });
        try {
          return await forwardSocket(client, path, address, gone.signal);
        } catch (error) {
          access.error = error instanceof Error ? error.message : String(error);
          if (!(error instanceof LadingError) || error.code !== 'NOT_POSSIBLE') throw error;
          host.dial = { by: 'command', asRoot: false };
        }
      }
      const { raw, supervision } = await begin(dialCommand(path), { asRoot: host.dial.asRoot }, 'connect');
      return commandSocket(raw, { ...supervision, path });
    },

    async close() {
      lose(`The connection to ${address} was closed.`);
      for (const one of [...clients].reverse()) {
        const closed = new Promise<void>((resolve) => {
          one.once('close', () => resolve());
          setTimeout(resolve, 1000).unref();
        });
        one.end();
        await closed;
        one.destroy();
      }
    },
  };

  async function begin(argv: string[], options: ExecOptions, kind: 'exec' | 'connect', terminal?: Cells) {
    options.signal?.throwIfAborted();
    if (gone.signal.aborted) throw asLost(gone.signal, address);
    const { argv: whole, talk }: Elevated = options.asRoot ? elevate(argv, host.elevation) : { argv: [...argv] };
    const line = quoteArgv(whole);
    const access = recordAccess({ host: address, kind, what: whole, asRoot: options.asRoot ?? false });
    const name = visible(argv[0] ?? '', { max: 60 });
    try {
      const raw = await sessions.open(line, name, options.signal, terminal);
      access.at = new Date().toISOString();
      return { raw, supervision: { name, host: address, access, began: performance.now(), lost: gone.signal, talk } };
    } catch (error) {
      access.error = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  return host;
}
