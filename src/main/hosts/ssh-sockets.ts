import type { Access } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { SudoTalk } from './elevation';
import type { HostSocket } from './host';
import { asLost, type RawProcess } from './run';
import type { SshClient } from './ssh2';
import { socketOver } from './streams';

/** Of a dialling command's stderr. */
const WORDS_KEPT = 4096;

/**
 * A socket of the host through sshd itself (direct-streamlocal@openssh.com, PROTOCOL of OpenSSH, 2.4). Throws
 * NOT_POSSIBLE where sshd forbids it, and ENGINE_ABSENT where there is no such socket or this user may not use it:
 * sshd does not say which of the two.
 */
export function forwardSocket(
  client: SshClient,
  path: string,
  address: string,
  lost: AbortSignal,
): Promise<HostSocket> {
  return new Promise((resolve, reject) => {
    const onLost = () => reject(asLost(lost, address));
    if (lost.aborted) {
      onLost();
      return;
    }
    lost.addEventListener('abort', onLost, { once: true });
    client.openssh_forwardOutStreamLocal(path, (error, channel) => {
      lost.removeEventListener('abort', onLost);
      if (lost.aborted) onLost();
      else if (!error) {
        const ends = { input: channel, output: channel, end: () => channel.destroy() };
        resolve(socketOver(ends, 'forwarded by sshd', () => (lost.aborted ? asLost(lost, address) : undefined)));
      } else if ('reason' in error && error.reason === 2) {
        reject(
          new LadingError('ENGINE_ABSENT', `No engine answers on ${visible(path, { max: 200 })} of ${address}.`, {
            advice: 'Start the engine there, or use an account that may use its socket.',
            cause: error,
          }),
        );
      } else {
        const why = visible(error.message, { max: 200 });
        reject(
          new LadingError('NOT_POSSIBLE', `sshd on ${address} does not forward sockets: ${why}.`, { cause: error }),
        );
      }
    });
  });
}

/** The command that speaks with a socket where sshd does not: the first of docker, socat and nc that the host has. */
export function dialCommand(path: string): string[] {
  const script = [
    'if command -v docker >/dev/null 2>&1; then exec docker -H "unix://$0" system dial-stdio; fi',
    'if command -v socat >/dev/null 2>&1; then exec socat - "UNIX-CONNECT:$0"; fi',
    'if nc -h 2>&1 | grep -q -e "-[a-zA-Z]*U"; then exec nc -U "$0"; fi',
    'echo "neither docker, socat nor nc -U is there" >&2; exit 127',
  ];
  return ['sh', '-c', script.join('; '), path];
}

/** Makes a socket of a dialling command under way. Throws what sudo refuses. */
export async function commandSocket(
  raw: RawProcess,
  {
    access,
    host,
    path,
    lost,
    talk,
    began,
  }: { access: Access; host: string; path: string; lost: AbortSignal; talk?: SudoTalk; began: number },
): Promise<HostSocket> {
  const kept: Buffer[] = [];
  let have = 0;
  let bytes = 0;
  const words = () => visible(Buffer.concat(kept).toString('utf8').trim().split('\n').at(-1) ?? '', { max: 300 });
  const fault = () => (lost.aborted ? asLost(lost, host) : undefined);
  const said = (piece: Buffer) => {
    if (have >= WORDS_KEPT || piece.length === 0) return;
    kept.push(piece.subarray(0, WORDS_KEPT - have));
    have += piece.length;
  };
  const begun = new Promise<void>((resolve, reject) => {
    if (!talk) {
      resolve();
      return;
    }
    talk.onAsked = (answer) => raw.stdin.write(answer);
    talk.onBegun = resolve;
    const refuse = () => {
      raw.kill();
      reject(
        new LadingError('AUTH_FAILED', `sudo on ${host} refused the password.`, { details: { wants: 'sudoPassword' } }),
      );
    };
    talk.onRefused = refuse;
    void raw.exited.then(() =>
      reject(fault() ?? new LadingError('ROOT_REQUIRED', `sudo on ${host} did not run the command: ${words()}`)),
    );
  });
  raw.stderr.on('data', (piece: Buffer) => said(talk ? talk.filter(piece) : piece));
  raw.stdin.on('error', () => undefined);
  void raw.exited.then((exit) => {
    access.exit = exit?.code ?? null;
    access.bytes = bytes;
    access.ms = Math.round(performance.now() - began);
  });
  await begun;
  raw.stdout.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  raw.stdout.pause();
  const ends = {
    input: raw.stdin,
    output: raw.stdout,
    end: () => {
      raw.stdin.end();
      raw.kill();
    },
  };
  return socketOver(ends, 'by a command of the host', fault, async () => {
    if (fault()) return fault();
    const exit = await raw.exited;
    if (exit?.code === 0 || bytes > 0) return fault();
    access.error = words();
    return /permission denied/i.test(words())
      ? new LadingError(
          'ENGINE_DENIED',
          `This user may not use the engine's socket ${visible(path, { max: 200 })} of ${host}.`,
          {
            advice: 'Connect with --sudo, or as a user of the group that owns the socket.',
          },
        )
      : new LadingError('ENGINE_ABSENT', `No engine answers on ${visible(path, { max: 200 })} of ${host}: ${words()}.`);
  });
}
