import { Readable } from 'node:stream';
import { z } from 'zod';
import { visible } from '../../../shared/visible';
import { defineCollector } from '../collector';
import { type LogEnd, limitedLog } from '../log-limits';

const Input = z
  .object({
    seconds: z.number().int().min(1).max(604_800).default(60).describe('Stop after so many seconds.'),
    megabytes: z.number().min(0.001).max(1_000_000).default(1024).describe('Stop after so many MB.'),
    from: z
      .enum(['beginning', 'now'])
      .default('beginning')
      .describe('"beginning": first what was logged until now; "now": only what comes.'),
  })
  .default({ seconds: 60, megabytes: 1024, from: 'beginning' });

const Inspected = z.object({ Config: z.object({ Tty: z.boolean().nullish() }).nullish() });

/** Where nobody writes to a log, this says that Lading still listens; less often than an item counts as idle. */
const ALIVE_MS = 30_000;

const ENDS: Record<LogEnd, (told: z.output<typeof Input>) => string> = {
  time: ({ seconds }) => `Lading stopped following after ${seconds} s, as it was told.`,
  size: ({ megabytes }) => `Lading stopped following after ${megabytes} MB, as it was told.`,
  engine: () => 'The engine ended the log: the container stopped, was removed, or has a log that cannot be followed.',
};

export default defineCollector({
  id: 'container.log-follow',
  version: '1.0.0',
  title: 'Container log, followed',
  answers: 'What does the container write while somebody watches?',
  how: 'Asks the engine for the log with times and stays connected, for as long or as much as was chosen; each piece is on disk as it comes. What came stays, also when the collection is cancelled.',
  replaces: ['docker logs -f <container_id>', 'docker logs --follow --timestamps <container_id>'],
  scope: 'container',
  volatility: 'logs',
  footprint: 'none',
  needs: ['engine', 'running'],
  input: Input,
  estimate: (_target, { input }) => ({ seconds: Input.parse(input ?? undefined).seconds }),
  async collect(ctx, target, told) {
    const path = `/containers/${encodeURIComponent(target.id)}`;
    const { Config } = await ctx.engine.json(Inspected, `${path}/json`);
    const query = { stdout: true, stderr: true, timestamps: true, follow: true };
    const response = await ctx.engine.request(
      'GET',
      `${path}/logs`,
      told.from === 'now' ? { ...query, tail: 0 } : query,
      ctx.signal,
    );
    if (response.status >= 400) {
      const words = await firstWords(response.body);
      await ctx.miss(
        response.status === 404 ? 'missing' : 'unreadable',
        `The engine answered ${response.status}: ${visible(words.trim(), { max: 500 }) || 'nothing more'}`,
      );
      return;
    }
    let seconds = 0;
    let ended = false;
    const alive = setInterval(() => {
      seconds += ALIVE_MS / 1000;
      ctx.progress(seconds, told.seconds);
    }, ALIVE_MS);
    let why: LogEnd = 'engine';
    let came = 0;
    const limits = { ms: told.seconds * 1000, bytes: told.megabytes * 1_000_000, framed: Config?.Tty !== true };
    const log = counted(
      limitedLog(response.body, limits, (end) => {
        why = end;
        ended = true;
      }),
      (bytes) => {
        came += bytes;
      },
    );
    try {
      // The door takes nothing for no exhibit: so the first piece is waited for here.
      const first = await log.next();
      if (first.done) {
        await ctx.miss('none', `Nothing was written to the log. ${ENDS[why](told)}`);
        return;
      }
      await ctx.exhibit(
        { file: 'container.log-follow.log', kind: 'docker log', title: 'Container log, followed' },
        Readable.from(rejoined(first.value, log)),
        () => ({
          kind: 'api',
          method: 'GET',
          path: response.path,
          status: response.status,
          contentType: [response.headers['content-type']].flat()[0],
          note: `${ended ? ENDS[why](told) : 'It broke off.'} ${came} bytes came.`,
        }),
      );
    } finally {
      clearInterval(alive);
      response.body.destroy();
    }
  },
});

async function* counted(log: AsyncGenerator<Buffer>, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const piece of log) {
    onBytes(piece.length);
    yield piece;
  }
}

async function* rejoined(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function firstWords(body: Readable): Promise<string> {
  let text = '';
  for await (const piece of body as AsyncIterable<Buffer>) {
    text = (text + piece.toString('utf8')).slice(0, 65_536);
  }
  return text;
}
