import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.plugins',
  version: '1.0.0',
  title: 'Plugins of the engine',
  answers: 'Which plugins are installed in the engine, from where, with which privileges, and do they run?',
  how: 'Asks the engine for the list of its plugins.',
  replaces: ['docker plugin ls', 'docker plugin inspect <plugin>'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.plugins.json', kind: 'json', title: 'Plugins of the engine' }, '/plugins');
  },
});
