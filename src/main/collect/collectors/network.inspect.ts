import { defineCollector } from '../collector';

export default defineCollector({
  id: 'network.inspect',
  version: '1.0.0',
  title: 'Network configuration',
  answers: 'Which containers were on this network, with which addresses?',
  how: 'Asks the engine for all it knows of the network.',
  replaces: ['docker network inspect <network_id>'],
  scope: 'network',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'network.inspect.json', kind: 'json', title: 'Network configuration' },
      `/networks/${encodeURIComponent(target.id)}`,
    );
  },
});
