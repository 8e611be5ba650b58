import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.disk-usage',
  version: '1.0.0',
  title: 'Disk usage of the engine',
  answers: 'How large are images, containers, volumes and build cache, and what could be pruned?',
  how: 'Asks the engine for the sizes of what it stores; the engine walks its own directories for that.',
  replaces: ['docker system df -v'],
  scope: 'host',
  volatility: 'host',
  footprint: 'reads host',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.disk-usage.json', kind: 'json', title: 'Disk usage of the engine' }, '/system/df');
  },
});
