import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { visible } from '../../../shared/visible';
import type { Exit } from '../../hosts/host';
import { defineCollector } from '../collector';
import { recordShell } from '../shell/record';
import { takeShell } from '../shell/sessions';

const Input = z.object({
  session: z
    .string()
    .min(1)
    .max(100)
    .describe('A shell that was opened with `lading shell --ssh`; nothing else can name one.'),
});

/** Nobody may type for long; the collection shall not think it hangs. */
const ALIVE_MS = 30_000;
/** How long the host may take to say how the shell ended, in milliseconds. */
const PATIENCE_MS = 5000;

export default defineCollector({
  id: 'host.shell',
  version: '1.0.0',
  title: 'Shell on the host, recorded',
  answers: 'What did the examiner do on the host, and what did it answer?',
  how: 'Opens a terminal on the host over SSH for the examiner to work in, and records every byte typed and shown with its time (asciicast v2). It changes the evidence: sshd notes a login with a terminal (wtmp, utmp, lastlog, its log), programs run, and whatever is done there.',
  replaces: ['ssh user@host'],
  scope: 'host',
  volatility: 'host',
  footprint: 'writes on host',
  needs: ['ssh'],
  input: Input,
  stallMs: 10 * ALIVE_MS,
  async collect(ctx, target, told) {
    const session = takeShell(told.session);
    const { wish } = session;
    let exit: Exit | undefined;
    const alive = setInterval(() => ctx.progress(0), ALIVE_MS);
    try {
      if (!ctx.host.terminal) {
        return await ctx.miss(
          'not applicable',
          `${ctx.facts.address} is not reached over SSH: Lading opens and records terminals only there.`,
        );
      }
      if (wish.user !== undefined) {
        return await ctx.miss('not applicable', 'A shell on a host runs as the user that Lading connected as.');
      }
      const begun = Date.now();
      const { columns, rows } = wish;
      const terminal = await ctx.host.terminal(wish.command, { columns, rows, signal: ctx.signal });
      await ctx.exhibit(
        { file: 'host.shell.cast', kind: 'jsonl', title: `Shell on the host: ${wish.command.join(' ')}` },
        Readable.from(
          recordShell(
            session,
            terminal.stream,
            { title: visible(target.name, { max: 100 }), begun },
            async (width, height) => terminal.resize(width, height),
            ctx.signal,
          ),
        ),
        async () => {
          exit = await Promise.race([terminal.exited, sleep(PATIENCE_MS, undefined, { ref: false })]);
          return {
            kind: 'exec',
            argv: [...(ctx.host.before ?? []), ...wish.command],
            asRoot: false,
            exit: exit?.code ?? null,
            signal: exit?.signal,
            stderr: '',
            stderrBytes: 0,
          };
        },
      );
    } finally {
      clearInterval(alive);
      session.settle(exit?.code ?? null);
    }
  },
});
