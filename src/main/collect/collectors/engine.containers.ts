import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.containers',
  version: '1.0.0',
  title: 'List of containers',
  answers: 'Which containers exist, running and stopped?',
  how: 'Asks the engine for the list of all containers.',
  replaces: ['docker ps', 'docker ps -a'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.containers.json', kind: 'json', title: 'List of containers' }, '/containers/json', {
      all: 1,
    });
  },
});
