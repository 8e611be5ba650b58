import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.volumes',
  version: '1.0.0',
  title: 'List of volumes',
  answers: 'Which volumes hold data outside the containers?',
  how: 'Asks the engine for the list of volumes.',
  replaces: ['docker volume ls'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.volumes.json', kind: 'json', title: 'List of volumes' }, '/volumes');
  },
});
