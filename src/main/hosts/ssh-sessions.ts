import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { Gate } from './gate';
import type { Exit } from './host';
import { asCancelled, asLost, type RawProcess } from './run';
import { type ClientChannel, type SshClient, sendSignal } from './ssh2';

/** sshd grants ten sessions a connection unless told otherwise (sshd_config(5) MaxSessions): room is left for others. */
const SESSIONS = 8;

/** A terminal that a command shall have (RFC 4254 6.2), in cells. */
export interface Cells {
  columns: number;
  rows: number;
}

export interface SshProcess extends RawProcess {
  /** Gives its terminal another size; nothing happens where it has none. */
  resize(size: Cells): void;
  /** Closes the session without a signal; what is behind its terminal is hung up by the host. */
  hangUp(): void;
}

/** The commands under way on one connection. */
export class Sessions {
  readonly #client: SshClient;
  readonly #address: string;
  readonly #lost: AbortSignal;
  readonly #gate = new Gate(SESSIONS);

  constructor(client: SshClient, address: string, lost: AbortSignal) {
    this.#client = client;
    this.#address = address;
    this.#lost = lost;
  }

  /**
   * Begins a command line in a session of its own, waiting for a place; a host that grants fewer than usual is asked for
   * fewer from then on. Throws CONNECTION_LOST, CANCELLED, and NOT_POSSIBLE where this user may run nothing.
   */
  async open(line: string, name: string, signal?: AbortSignal, terminal?: Cells): Promise<SshProcess> {
    for (;;) {
      const either = signal ? AbortSignal.any([signal, this.#lost]) : this.#lost;
      const leave = await this.#gate.enter(either).catch(() => {
        throw this.#lost.aborted ? asLost(this.#lost, this.#address) : asCancelled(signal, name, this.#address);
      });
      try {
        return await this.#begin(line, leave, terminal);
      } catch (error) {
        const others = this.#gate.inside - 1;
        leave();
        if (this.#lost.aborted) throw asLost(this.#lost, this.#address);
        const refused = error instanceof Error && 'reason' in error && typeof error.reason === 'number';
        if (refused && others > 0) {
          this.#gate.shrink(others);
          continue;
        }
        const why = visible(error instanceof Error ? error.message : String(error), { max: 200 });
        throw new LadingError('NOT_POSSIBLE', `${this.#address} runs no command for this user: ${why}.`, {
          advice: 'Use an account that may run commands over SSH.',
          cause: error,
        });
      }
    }
  }

  #begin(line: string, leave: () => void, terminal?: Cells): Promise<SshProcess> {
    return new Promise((resolve, reject) => {
      const onLost = () => reject(asLost(this.#lost, this.#address));
      if (this.#lost.aborted) {
        onLost();
        return;
      }
      this.#lost.addEventListener('abort', onLost, { once: true });
      const pty = terminal && {
        term: 'xterm-256color',
        cols: terminal.columns,
        rows: terminal.rows,
        width: 0,
        height: 0,
      };
      this.#client.exec(line, pty ? { pty } : {}, (error, channel) => {
        this.#lost.removeEventListener('abort', onLost);
        if (error) reject(error);
        // At once: a quick command's exit status may stand in the same packet.
        else resolve(this.#process(channel, leave));
      });
    });
  }

  #process(channel: ClientChannel, leave: () => void): SshProcess {
    const exited = new Promise<Exit | undefined>((resolve) => {
      let exit: Exit | undefined;
      channel.once('exit', (code: number | null, signal?: string) => {
        exit = { code, ...(signal && { signal }) };
      });
      const ended = () => {
        this.#lost.removeEventListener('abort', ended);
        leave();
        resolve(exit);
      };
      channel.once('close', ended);
      this.#lost.addEventListener('abort', ended, { once: true });
    });
    return {
      stdin: channel,
      stdout: channel,
      stderr: channel.stderr,
      exited,
      resize: ({ columns, rows }) => channel.setWindow(rows, columns, 0, 0),
      hangUp: () => {
        channel.close();
        channel.resume();
        channel.stderr.resume();
      },
      kill: () => {
        // OpenSSH passes a signal on to the user's own processes; others notice their closed pipes.
        sendSignal(channel, 'KILL');
        channel.close();
        channel.resume();
        channel.stderr.resume();
      },
    };
  }
}
