import { Readable } from 'node:stream';
import { z } from 'zod';
import { type CollectContext, defineCollector } from '../collector';

const Inspected = z.object({ ExecIDs: z.array(z.string()).nullish() });

/** Each answer as the engine sent it (one line of JSON, RFC 8259), one after the other; a late 404 is skipped and counted. */
async function* answers(ctx: CollectContext, ids: readonly string[], gone: string[]): AsyncGenerator<Buffer> {
  for (const [done, id] of ids.entries()) {
    const response = await ctx.engine.request('GET', `/exec/${encodeURIComponent(id)}/json`, undefined, ctx.signal);
    const parts: Buffer[] = [];
    for await (const part of response.body) parts.push(Buffer.from(part));
    const body = Buffer.concat(parts);
    if (response.status === 200) yield body.at(-1) === 10 ? body : Buffer.concat([body, Buffer.from('\n')]);
    else gone.push(id);
    ctx.progress(done + 1, ids.length);
  }
}

export default defineCollector({
  id: 'container.execs',
  version: '1.0.0',
  title: 'Commands run in the container',
  answers: 'Which commands were started in the container through the engine, as whom, and do they still run?',
  how: 'Asks the engine for the container and for each exec that it still remembers.',
  replaces: ['docker inspect --format "{{.ExecIDs}}" <container_id>'],
  scope: 'container',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    const { ExecIDs } = await ctx.engine.json(Inspected, `/containers/${encodeURIComponent(target.id)}/json`);
    const ids = ExecIDs ?? [];
    if (ids.length === 0) {
      await ctx.miss('none', 'The engine remembers no command that was started in this container.');
      return;
    }
    const gone: string[] = [];
    const source = answers(ctx, ids, gone);
    const first = await source.next();
    if (first.done) {
      await ctx.miss('missing', `The engine named ${ids.length} commands and had forgotten them a moment later.`);
      return;
    }
    async function* all(head: Buffer) {
      yield head;
      yield* source;
    }
    await ctx.exhibit(
      { file: 'container.execs.jsonl', kind: 'jsonl', title: 'Commands run in the container' },
      Readable.from(all(first.value)),
      () => ({
        kind: 'composed',
        note: `GET /exec/<id>/json for each of ${ids.length} ExecIDs, one answer a line; ${gone.length} were gone by then.`,
      }),
    );
  },
});
