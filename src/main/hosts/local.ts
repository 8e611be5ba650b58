import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { Readable } from 'node:stream';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { recordAccess } from './access';
import { type Elevation, elevate } from './elevation';
import type { Execution, Exit, Host, HostSocket } from './host';
import { supervise } from './run';

/** A host whose way to become root is found out after it was made. */
export interface ElevatableHost extends Host {
  elevation: Elevation;
}

/** This machine, whose transport is settled once its engine said on which machine it runs. */
export interface LocalHost extends ElevatableHost {
  transport: 'local' | 'engine only';
}

/** This machine's environment as far as commands need it; what else is in it is no business of theirs. */
const PASSED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'SHELL',
  'XDG_RUNTIME_DIR',
  'DOCKER_HOST',
  'SystemRoot',
  'TEMP',
  'TMP',
];

/**
 * This machine. With transport 'engine only' its commands are of no use, because the engine runs on another machine (a
 * Mac's or a Windows PC's virtual machine, a forwarded socket): exec then throws NOT_POSSIBLE.
 */
export function localHost(address: string, transport: LocalHost['transport']): LocalHost {
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  const host: LocalHost = {
    address,
    transport,
    lost: gone.signal,
    elevation: {
      by: 'nothing',
      reason: `It is not known yet how to become root on ${address}.`,
      advice: 'Connect first.',
    },

    async exec(argv, options = {}): Promise<Execution> {
      if (host.transport === 'engine only') {
        throw new LadingError('NOT_POSSIBLE', `No command can be run on ${address}: only its engine can be reached.`, {
          advice: 'Connect to the machine the engine runs on with ssh://user@host.',
        });
      }
      options.signal?.throwIfAborted();
      const command = options.asRoot ? elevate(argv, host.elevation) : { argv: [...argv] };
      const [name = '', ...rest] = command.argv;
      const access = recordAccess({ host: address, kind: 'exec', what: command.argv, asRoot: options.asRoot ?? false });
      const began = performance.now();
      const child = spawn(name, rest, {
        stdio: ['pipe', 'pipe', 'pipe'],
        windowsHide: true,
        env: Object.fromEntries(
          PASSED.flatMap((key) => (process.env[key] === undefined ? [] : [[key, process.env[key]]])),
        ),
      });
      let absent = '';
      // As a shell says it: a command that is not there is a result, the same as over SSH.
      const exited = new Promise<Exit | undefined>((resolve) => {
        child.once('error', (error) => {
          const code = 'code' in error && error.code === 'EACCES' ? 126 : 127;
          absent = `${visible(name, { max: 200 })}: ${code === 126 ? 'Permission denied' : 'not found'}\n`;
          child.stderr.destroy();
          resolve({ code });
        });
        child.once('exit', (code, signal) => resolve({ code, ...(signal && { signal }) }));
      });
      const started = await new Promise<boolean>((resolve) => {
        child.once('spawn', () => resolve(true));
        child.once('error', () => resolve(false));
      });
      const said = started ? child.stderr : Readable.from([Buffer.from(absent)]);
      const raw = {
        stdin: child.stdin,
        stdout: started ? child.stdout : Readable.from([]),
        stderr: said,
        exited,
        kill: () => {
          child.kill('SIGKILL');
        },
      };
      return supervise(raw, {
        name: visible(argv[0] ?? '', { max: 60 }),
        host: address,
        options,
        access,
        began,
        lost: gone.signal,
        ...('talk' in command && command.talk && { talk: command.talk }),
      });
    },

    async connect(path): Promise<HostSocket> {
      const access = recordAccess({ host: address, kind: 'connect', what: ['connect', path] });
      const socket = connectSocket({ path });
      try {
        await new Promise<void>((resolve, reject) => {
          socket.once('connect', resolve);
          socket.once('error', reject);
        });
      } catch (error) {
        const failed = socketError(path, address, error);
        access.error = failed.message;
        throw failed;
      }
      return Object.assign(socket, { via: 'straight' as const });
    },

    async close() {
      gone.abort(new LadingError('CONNECTION_LOST', `The connection to ${address} was closed.`));
    },
  };
  return host;
}

function socketError(path: string, address: string, cause: unknown): LadingError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const shown = visible(path, { max: 200 });
  if (code === 'EACCES' || code === 'EPERM') {
    return new LadingError('ENGINE_DENIED', `You may not use the engine's socket ${shown}.`, {
      advice: 'Join the group that owns the socket (docker), or start Lading as a user who may use it.',
      cause,
    });
  }
  return new LadingError('ENGINE_ABSENT', `No engine answers on ${shown} of ${address}.`, {
    advice: 'Start the engine, or name its socket with unix:///path.',
    cause,
  });
}
