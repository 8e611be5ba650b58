import { defineCollector } from '../collector';

export default defineCollector({
  id: 'container.stats',
  version: '1.0.0',
  title: 'Resource use',
  answers: 'How much processor, memory, disk and network does the container use at this moment?',
  how: 'Asks the engine for one reading of the counters of the control group.',
  replaces: ['docker stats <container_id>', 'docker stats <container_id> --no-stream'],
  scope: 'container',
  volatility: 'process',
  footprint: 'none',
  needs: ['engine', 'running'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.stats.json', kind: 'json', title: 'Resource use' },
      `/containers/${encodeURIComponent(target.id)}/stats`,
      { stream: false, 'one-shot': true },
    );
  },
});
