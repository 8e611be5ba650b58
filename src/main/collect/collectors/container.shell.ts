import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { hijack } from '../../docker/hijack';
import { readText } from '../capture/text';
import { defineCollector } from '../collector';
import { endLeftOver } from '../inside-end';
import { recordShell } from '../shell/record';
import { takeShell } from '../shell/sessions';

const Input = z.object({
  session: z
    .string()
    .min(1)
    .max(100)
    .describe('A shell that was opened with `lading shell`; nothing else can name one.'),
});
const Created = z.object({ Id: z.string().min(1) });
const Inspected = z.object({ ExitCode: z.number().int().nullish() });

/** Nobody may type for long; the collection shall not think it hangs. */
const ALIVE_MS = 30_000;

export default defineCollector({
  id: 'container.shell',
  version: '1.0.0',
  title: 'Shell in the container, recorded',
  answers: 'What did the examiner do inside the container, and what did it answer?',
  how: 'Opens a terminal in the container through the engine for the examiner to work in, and records every byte typed and shown with its time (asciicast v2). It changes the evidence: a process, two events of the engine, and whatever is done there.',
  replaces: ['docker exec -it <container_id> /bin/sh', 'docker exec -it <container_id> /bin/bash'],
  scope: 'container',
  volatility: 'host',
  footprint: 'runs in container',
  needs: ['engine', 'running'],
  input: Input,
  stallMs: 10 * ALIVE_MS,
  async collect(ctx, target, told) {
    const session = takeShell(told.session);
    let exit: number | null = null;
    let id: string | undefined;
    const alive = setInterval(() => ctx.progress(0), ALIVE_MS);
    try {
      const { wish } = session;
      const terminal = { Tty: true, ConsoleSize: [wish.rows, wish.columns] };
      const created = await ctx.engine.request(
        'POST',
        `/containers/${encodeURIComponent(target.id)}/exec`,
        undefined,
        ctx.signal,
        {
          ...terminal,
          AttachStdin: true,
          AttachStdout: true,
          AttachStderr: true,
          Cmd: wish.command,
          Env: ['TERM=xterm-256color'],
          ...(wish.user !== undefined && { User: wish.user }),
        },
      );
      const said = await readText(created.body, 1 << 20);
      if (created.status >= 300) {
        return await ctx.miss(
          created.status === 404 ? 'missing' : 'unreadable',
          `The engine answered ${created.status}: ${visible(said.trim(), { max: 500 })}`,
        );
      }
      id = Created.parse(JSON.parse(said)).Id;
      const exec = `/exec/${encodeURIComponent(id)}`;
      const begun = Date.now();
      const stream = await hijack(ctx.host, ctx.engine, `${exec}/start`, { Detach: false, ...terminal });
      // It is asked for by a call of the window: bound, so that the touch is recorded with this item.
      const resize = AsyncResource.bind(async (columns: number, rows: number) => {
        const answer = await ctx.engine.request('POST', `${exec}/resize`, { w: columns, h: rows }, ctx.signal);
        await readText(answer.body, 4096);
      });
      const name = visible(target.name, { max: 100 });
      await ctx.exhibit(
        { file: 'container.shell.cast', kind: 'jsonl', title: `Shell in the container: ${wish.command.join(' ')}` },
        Readable.from(recordShell(session, stream, { title: name, begun }, resize, ctx.signal)),
        async () => {
          const inspect = await ctx.engine
            .request('GET', `${exec}/json`, undefined, ctx.signal)
            .then(({ body }) => readText(body, 1 << 16))
            .catch(() => undefined);
          exit = exitOf(inspect);
          return { kind: 'inside', argv: wish.command, user: wish.user, exit, stderr: '', stderrBytes: 0, inspect };
        },
      );
    } finally {
      clearInterval(alive);
      // who hangs up leaves the program running, as the engine has it
      if (id !== undefined && !ctx.host.lost.aborted) await endLeftOver(ctx, target, id);
      session.settle(exit);
    }
  },
});

function exitOf(inspect: string | undefined): number | null {
  try {
    return Inspected.parse(JSON.parse(inspect ?? '')).ExitCode ?? null;
  } catch {
    return null;
  }
}
