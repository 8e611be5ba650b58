import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.info',
  version: '1.0.0',
  title: 'Engine configuration',
  answers: 'How was the engine set up: drivers, security options, registries, swarm?',
  how: 'Asks the engine for its configuration and counts.',
  replaces: ['docker info'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.info.json', kind: 'json', title: 'Engine configuration' }, '/info');
  },
});
