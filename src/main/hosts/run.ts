import { Readable, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Access } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { SudoTalk } from './elevation';
import type { ExecOptions, Execution, Exit } from './host';
import { guarded } from './streams';

/** A process just begun, here or over SSH. */
export interface RawProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  /** Settles when it ended; undefined when nobody said how. Never rejects. */
  exited: Promise<Exit | undefined>;
  /** Ends it as well as one can. */
  kill(): void;
}

interface Supervision {
  /** For messages: 'tar', not the whole argv. */
  name: string;
  host: string;
  options: ExecOptions;
  access: Access;
  began: number;
  lost: AbortSignal;
  talk?: SudoTalk;
}

/** Feeds a process, guards its output, and settles how it ended; fills in the access. */
export function supervise(raw: RawProcess, { name, host, options, access, began, lost, talk }: Supervision): Execution {
  let fault: LadingError | undefined;
  let onFault: (error: LadingError) => void = () => undefined;
  const failing = new Promise<never>((_, reject) => {
    onFault = reject;
  });
  const fail = (error: LadingError) => {
    if (fault) return;
    fault = error;
    raw.kill();
    stdout.destroy(error);
    stderr.destroy(error);
    onFault(error);
  };
  const theFault = (): LadingError | undefined => fault ?? (lost.aborted ? asLost(lost, host) : undefined);
  const onBytes = (bytes: number) => {
    access.bytes += bytes;
  };
  if (talk) {
    talk.onAsked = (answer) => raw.stdin.write(answer);
    talk.onBegun = () => feed();
    talk.onRefused = () =>
      fail(
        new LadingError('AUTH_FAILED', `sudo on ${host} refused the password.`, {
          advice: 'Give the password that sudo asks this user for.',
          details: { wants: 'sudoPassword' },
        }),
      );
  }
  const stdout = guarded(raw.stdout, { fault: theFault, onBytes });
  const stderr = guarded(raw.stderr, {
    fault: theFault,
    filter: talk ? (piece) => talk.filter(piece) : undefined,
    rest: talk ? () => talk.rest() : undefined,
  });
  // Whoever takes these streams hears of their errors; nobody may be hurt by not having taken them yet.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  stdout.once('close', () => {
    if (!stdout.readableEnded) raw.kill();
  });
  raw.stdin.on('error', () => undefined); // a command need not read all its input; how it ended says the rest

  const feed = () => {
    const source = options.stdin;
    if (source === undefined) raw.stdin.end();
    else if (source instanceof Readable) {
      pipeline(source, raw.stdin).catch((error: NodeJS.ErrnoException) => {
        // A command that ended before it read all is no fault of the source; pipeline destroys that with this code.
        if (source.errored && error.code !== 'ERR_STREAM_PREMATURE_CLOSE')
          fail(new LadingError('COMMAND_FAILED', `What ${name} on ${host} was to read broke off.`, { cause: error }));
      });
    } else raw.stdin.end(source);
  };
  if (!talk) feed();

  const onAbort = () => fail(asCancelled(options.signal, name, host));
  const onLost = () => fail(asLost(lost, host));
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(
          () =>
            fail(
              new LadingError(
                'TIMED_OUT',
                `${name} on ${host} did not end within ${options.timeoutMs} ms and was ended.`,
              ),
            ),
          options.timeoutMs,
        );
  if (options.signal?.aborted) onAbort();
  else options.signal?.addEventListener('abort', onAbort, { once: true });
  if (lost.aborted) onLost();
  else lost.addEventListener('abort', onLost, { once: true });

  const ended = async (): Promise<Exit> => {
    const exit = await raw.exited;
    clearTimeout(timer);
    await Promise.all([stdout, stderr].map((stream) => finished(stream, { writable: false }).catch(() => undefined)));
    const failed = theFault();
    if (failed) throw failed;
    if (!exit) throw new LadingError('CONNECTION_LOST', `${host} ended ${name} without saying how it ended.`);
    return exit;
  };
  const done = Promise.race([ended(), failing])
    .then(
      (exit) => {
        access.exit = exit.code;
        return exit;
      },
      (error: unknown) => {
        access.error = error instanceof Error ? error.message : String(error);
        throw error;
      },
    )
    .finally(() => {
      access.ms = Math.round(performance.now() - began);
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      lost.removeEventListener('abort', onLost);
    });
  failing.catch(() => undefined);
  done.catch(() => undefined);
  return { stdout, stderr, done };
}

/** The reason a connection was lost, as an error of its own for each who meets it. */
export function asLost(lost: AbortSignal, host: string): LadingError {
  return lost.reason instanceof LadingError
    ? lost.reason
    : new LadingError('CONNECTION_LOST', `The connection to ${host} is gone.`, { cause: lost.reason });
}

export function asCancelled(signal: AbortSignal | undefined, name: string, host: string): LadingError {
  return signal?.reason instanceof LadingError
    ? signal.reason
    : new LadingError('CANCELLED', `${name} on ${host} was cancelled.`, { cause: signal?.reason });
}
