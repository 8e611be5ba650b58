import type { Access } from '../../shared/domain';
import type { HostTerminal } from './host';
import { asLost } from './run';
import type { SshProcess } from './ssh-sessions';
import { socketOver } from './streams';

/**
 * Makes a terminal of a command that was begun with one. Its standard error is the terminal too. Hanging up closes the session: sshd
 * then takes the terminal away, and the kernel sends SIGHUP to the programs in it, as when a window is closed.
 */
export function terminalOver(
  raw: SshProcess,
  about: { access: Access; began: number; host: string; lost: AbortSignal },
): HostTerminal {
  const { access, lost } = about;
  const fault = () => (lost.aborted ? asLost(lost, about.host) : undefined);
  raw.stderr.resume();
  raw.stdout.on('data', (piece: Buffer) => {
    access.bytes += piece.length;
  });
  raw.stdout.pause();
  const exited = raw.exited.then((exit) => {
    access.exit = exit?.code ?? null;
    access.ms = Math.round(performance.now() - about.began);
    const broke = fault();
    if (broke) access.error = broke.message;
    return exit;
  });
  const stream = socketOver({ input: raw.stdin, output: raw.stdout, end: () => raw.hangUp() }, undefined, fault);
  stream.on('error', () => undefined); // whoever reads it hears of it
  const onLost = () => stream.destroy(fault());
  lost.addEventListener('abort', onLost, { once: true });
  void exited.then(() => lost.removeEventListener('abort', onLost));
  return { stream, exited, resize: (columns, rows) => raw.resize({ columns, rows }) };
}
