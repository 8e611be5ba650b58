import { runningCaptures } from '../collect/capture/running';
import { shellSession, wishForShell } from '../collect/shell/sessions';
import type { Implementer } from './kit';

/** Output that waits for who watches; beyond it the container's terminal is not read on, so that a flood waits there. */
const WAITING_LIMIT = 1 << 20;

export function liveApi(os: Implementer) {
  return {
    captures: os.live.captures.handler(() => runningCaptures().map(({ stop: _, ...shown }) => shown)),
    stopCapture: os.live.stopCapture.handler(({ input }) => {
      const found = runningCaptures().find((one) => one.id === input.id);
      found?.stop();
      return { stopped: found !== undefined };
    }),
    wishForShell: os.live.wishForShell.handler(({ input }) => ({ session: wishForShell(input).id })),
    shellOutput: os.live.shellOutput.handler(async function* ({ input, signal }) {
      const session = shellSession(input.session);
      const waiting: Buffer[] = [];
      let bytes = 0;
      let wake: () => void = () => undefined;
      let room: () => void = () => undefined;
      let ended: { exit: number | null } | undefined;
      session.onOutput = (piece) => {
        waiting.push(piece);
        bytes += piece.length;
        wake();
        if (bytes < WAITING_LIMIT) return undefined;
        return new Promise<void>((resolve) => {
          room = resolve;
        });
      };
      session.ended.then((exit) => {
        ended = { exit };
        wake();
      });
      const stop = () => wake();
      signal?.addEventListener('abort', stop);
      try {
        while (!signal?.aborted) {
          const all = Buffer.concat(waiting.splice(0));
          bytes = 0;
          room();
          if (all.length > 0) yield { base64: all.toString('base64') };
          else if (ended) {
            yield ended;
            return;
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        signal?.removeEventListener('abort', stop);
        session.onOutput = () => undefined;
        room();
      }
    }),
    shellInput: os.live.shellInput.handler(({ input }) => {
      shellSession(input.session).input({ kind: 'typed', bytes: Buffer.from(input.base64, 'base64') });
    }),
    shellSize: os.live.shellSize.handler(({ input }) => {
      shellSession(input.session).input({ kind: 'size', columns: input.columns, rows: input.rows });
    }),
    hangUp: os.live.hangUp.handler(({ input }) => {
      shellSession(input.session).hangUp.abort();
    }),
  };
}
