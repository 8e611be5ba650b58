import { randomUUID } from 'node:crypto';
import { LadingError } from '../../../shared/errors';

export interface ShellWish {
  /** argv of what runs in the container. */
  command: string[];
  /** The container's own user when absent. */
  user?: string;
  columns: number;
  rows: number;
}

/** What the examiner does in a session, in its order. */
export type ShellInput = { kind: 'typed'; bytes: Buffer } | { kind: 'size'; columns: number; rows: number };

/** A shell that an examiner wished for: a collection takes it up, and then it runs. */
export interface ShellSession {
  readonly id: string;
  readonly wish: ShellWish;
  /** Passes on what the examiner does; what comes before it runs waits. */
  input(input: ShellInput): void;
  /** Called by whoever runs it. */
  attach(onInput: (input: ShellInput) => void): void;
  /** Set by whoever shows it. Resolves when more may come. */
  onOutput: (bytes: Buffer) => Promise<void> | void;
  /** Aborted by whoever shows it, to end it; what was recorded is whole. */
  readonly hangUp: AbortController;
  /** Settles with the exit status when it ended, null where that is not known. */
  readonly ended: Promise<number | null>;
  settle(exit: number | null): void;
}

/** Those that nobody took up are forgotten after so long, in milliseconds. */
const WAITING_MS = 10 * 60_000;
const sessions = new Map<string, ShellSession>();
const taken = new WeakSet<ShellSession>();

export function wishForShell(wish: ShellWish): ShellSession {
  const id = randomUUID();
  let settle: (exit: number | null) => void = () => undefined;
  const ended = new Promise<number | null>((resolve) => {
    settle = resolve;
  });
  const waiting: ShellInput[] = [];
  let onInput: (input: ShellInput) => void = (input) => {
    waiting.push(input);
  };
  const session: ShellSession = {
    id,
    wish,
    input: (input) => onInput(input),
    attach: (given) => {
      onInput = given;
      for (const input of waiting.splice(0)) given(input);
    },
    onOutput: () => undefined,
    hangUp: new AbortController(),
    ended,
    settle: (exit) => {
      sessions.delete(id);
      settle(exit);
    },
  };
  sessions.set(id, session);
  setTimeout(() => {
    if (!taken.has(session)) session.settle(null);
  }, WAITING_MS).unref();
  return session;
}

/** Throws BAD_INPUT for one that is not there (any more). */
export function shellSession(id: string): ShellSession {
  const session = sessions.get(id);
  if (session) return session;
  throw new LadingError('BAD_INPUT', 'This shell is not there any more.', { advice: 'Open a new one.' });
}

/** Gives a session to the one collector that runs it. Throws BAD_INPUT where it runs already. */
export function takeShell(id: string): ShellSession {
  const session = shellSession(id);
  if (taken.has(session)) throw new LadingError('BAD_INPUT', 'This shell runs already.');
  taken.add(session);
  return session;
}
