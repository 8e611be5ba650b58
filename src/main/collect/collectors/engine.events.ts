import { z } from 'zod';
import { type CollectContext, defineCollector } from '../collector';

const SystemTime = z.object({ SystemTime: z.string() });

/**
 * The host's clock now, in milliseconds since 1970. The engine ends the answer only when its own clock has passed
 * `until`, so a moment in the future would make it wait: the uncertainty is taken off.
 */
async function hostNow(ctx: CollectContext): Promise<number> {
  const { clock } = ctx.facts;
  if (clock) return Math.floor(Date.now() + clock.offsetMs - clock.uncertaintyMs);
  const { SystemTime: now } = await ctx.engine.json(SystemTime, '/info');
  const time = Date.parse(now);
  return Number.isNaN(time) ? Date.now() : time;
}

/** Milliseconds as the engine reads a time: seconds with nine decimals. In whole seconds it would lose the last events. */
function engineTime(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(ms % 1000).padStart(3, '0')}000000`;
}

export default defineCollector({
  id: 'engine.events',
  version: '1.0.0',
  title: 'Engine events',
  answers:
    'What happened to containers, images, volumes and networks of late, and which commands were run in containers?',
  how: 'Asks the engine for the last events it holds in memory (256 at most), before anything else can push them out.',
  replaces: ['docker events --since 0 --until now'],
  scope: 'host',
  volatility: 'engine events',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    const until = engineTime(await hostNow(ctx));
    await ctx.fetch({ file: 'engine.events.jsonl', kind: 'jsonl', title: 'Engine events' }, '/events', {
      since: 0,
      until,
    });
  },
});
