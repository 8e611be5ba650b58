import { defineCollector } from '../collector';

export default defineCollector({
  id: 'container.inspect',
  version: '1.0.0',
  title: 'Container configuration',
  answers: 'How was the container made and started: command, environment, mounts, privileges, network, times?',
  how: 'Asks the engine for all it knows of the container.',
  replaces: ['docker inspect <container_id>'],
  scope: 'container',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.inspect.json', kind: 'json', title: 'Container configuration' },
      `/containers/${encodeURIComponent(target.id)}/json`,
    );
  },
});
