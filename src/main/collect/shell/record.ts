import type { Duplex } from 'node:stream';
import { castHead, castLines } from './cast';
import type { ShellSession } from './sessions';

/** Typed bytes that may wait for the container, before more is refused: a paste of this size is an accident. */
const TYPED_LIMIT = 16 << 20;

/**
 * Runs a session over a terminal's stream and gives its recording, line by line as it happens: every byte is in it before it goes on to
 * the container or to the examiner. Ends with the stream, or when the examiner hangs up. Rejects with what breaks the stream.
 */
export async function* recordShell(
  session: ShellSession,
  stream: Duplex,
  about: { title: string; begun: number },
  resize: (columns: number, rows: number) => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { wish, hangUp } = session;
  const lines = castLines(() => Date.now() - about.begun);
  const ready: string[] = [];
  let broken: Error | undefined;
  let over = false;
  let wake: () => void = () => undefined;
  const note = (line: string) => {
    if (line !== '') ready.push(line);
    wake();
  };
  const end = (error?: Error) => {
    broken ??= error;
    over = true;
    wake();
  };
  session.attach((input) => {
    if (over) return;
    if (input.kind === 'size') {
      note(lines.resize(input.columns, input.rows));
      resize(input.columns, input.rows).catch(() => undefined); // a terminal of the wrong size is still one
    } else if (stream.writableLength + input.bytes.length <= TYPED_LIMIT) {
      note(lines.bytes('i', input.bytes));
      stream.write(input.bytes);
    }
  });
  const read = async () => {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      note(lines.bytes('o', piece));
      await session.onOutput(piece);
    }
  };
  const onHangUp = () => {
    end();
    stream.destroy();
  };
  hangUp.signal.addEventListener('abort', onHangUp, { once: true });
  if (hangUp.signal.aborted) onHangUp();
  // Whoever reads this waits for its next line: only a line or an end lets go of them.
  const onAbort = () => {
    end(signal.reason instanceof Error ? signal.reason : new Error('The recording was ended.'));
    stream.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  read().then(
    () => end(),
    (error: unknown) => end(over ? undefined : error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield castHead({
      width: wish.columns,
      height: wish.rows,
      timestamp: Math.floor(about.begun / 1000),
      title: about.title,
      command: wish.command.join(' '),
      env: { TERM: 'xterm-256color', SHELL: wish.command[0] ?? '' },
    });
    for (;;) {
      const text = ready.splice(0).join('');
      if (text !== '') yield Buffer.from(text);
      else if (over) break;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    const rest = lines.end();
    if (rest !== '') yield Buffer.from(rest);
    if (broken) throw broken;
  } finally {
    over = true;
    hangUp.signal.removeEventListener('abort', onHangUp);
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
  }
}
