import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.version',
  version: '1.0.0',
  title: 'Engine version',
  answers: 'Which engine, containerd and runc ran here, and are they old enough to be escaped from?',
  how: 'Asks the engine for its version.',
  replaces: ['docker version'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    await ctx.fetch({ file: 'engine.version.json', kind: 'json', title: 'Engine version' }, '/version');
  },
});
