import type { Duplex, Readable } from 'node:stream';

export interface ExecOptions {
  /** Run as root: as is for uid 0, through `sudo -n` (or its password) otherwise. */
  asRoot?: boolean;
  /** Written to the command's standard input, which is then closed. Without it standard input is empty. */
  stdin?: Readable | Buffer | string;
  signal?: AbortSignal;
  /** Ends the command after so many milliseconds with TIMED_OUT. */
  timeoutMs?: number;
}

export interface Exit {
  /** null when a signal ended it. */
  code: number | null;
  signal?: string;
}

/** A command under way. Both streams must be read; `done` settles after both have ended. */
export interface Execution {
  stdout: Readable;
  stderr: Readable;
  /** Rejects with CONNECTION_LOST, TIMED_OUT or CANCELLED; an exit status other than 0 is a result, not an error. */
  done: Promise<Exit>;
}

/** A stream to a unix socket or named pipe, and how it got there. */
export interface HostSocket extends Duplex {
  readonly via?: 'straight' | 'forwarded by sshd' | 'by a command of the host';
}

/** A terminal on a host. `stream` breaks with CONNECTION_LOST where the connection does; destroying it hangs the terminal up. */
export interface HostTerminal {
  stream: Duplex;
  resize(columns: number, rows: number): void;
  /** How the program in it ended; undefined where nobody said. Never rejects. */
  exited: Promise<Exit | undefined>;
}

export interface TerminalOptions {
  /** In cells. */
  columns: number;
  rows: number;
  signal?: AbortSignal;
}

/** A machine evidence is taken from. Every touch is reported to hosts/access.ts. */
export interface Host {
  readonly address: string;
  readonly transport: 'local' | 'ssh' | 'engine only';
  /** Set for ssh: what the host proved to be. */
  readonly hostKey?: { algorithm: string; fingerprint: string };
  /**
   * Runs a command given as argv, never as a shell string; over SSH, where the protocol knows only a string, each word
   * is quoted for a POSIX shell.
   */
  exec(argv: string[], options?: ExecOptions): Promise<Execution>;
  /** Runs a command in a terminal of its own, where the way to the host has such a thing. Throws CONNECTION_LOST, NOT_POSSIBLE. */
  terminal?(argv: string[], options: TerminalOptions): Promise<HostTerminal>;
  /** Words that stand before every command: the toolbox that runs it. */
  readonly before?: readonly string[];
  /** A stream to a unix socket on the host. Throws ENGINE_ABSENT, ENGINE_DENIED, CONNECTION_LOST. */
  connect(socketPath: string): Promise<HostSocket>;
  /** Aborted when the connection is gone, with the reason. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}
