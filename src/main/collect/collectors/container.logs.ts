import { defineCollector } from '../collector';

export default defineCollector({
  id: 'container.logs',
  version: '1.0.0',
  title: 'Container log',
  answers: 'What did the container write to its standard output and error, and when?',
  how: 'Asks the engine for the whole log with the time at which it got each line.',
  replaces: ['docker logs <container_id>', 'docker logs --timestamps <container_id>'],
  scope: 'container',
  volatility: 'logs',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.logs.log', kind: 'docker log', title: 'Container log' },
      `/containers/${encodeURIComponent(target.id)}/logs`,
      { stdout: true, stderr: true, timestamps: true },
    );
  },
});
