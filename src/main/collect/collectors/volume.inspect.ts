import { defineCollector } from '../collector';

export default defineCollector({
  id: 'volume.inspect',
  version: '1.0.0',
  title: 'Volume configuration',
  answers: 'Where on the host does the volume lie, who made it and when?',
  how: 'Asks the engine for all it knows of the volume.',
  replaces: ['docker volume inspect <volume_name>'],
  scope: 'volume',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'volume.inspect.json', kind: 'json', title: 'Volume configuration' },
      `/volumes/${encodeURIComponent(target.name)}`,
    );
  },
});
