import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.networks',
  version: '1.0.0',
  title: 'List of networks',
  answers: 'Which networks do the containers share?',
  how: 'Asks the engine for the list of networks.',
  replaces: ['docker network ls'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.networks.json', kind: 'json', title: 'List of networks' }, '/networks');
  },
});
