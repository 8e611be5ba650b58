import { defineCollector } from '../collector';

export default defineCollector({
  id: 'container.top',
  version: '1.0.0',
  title: 'Processes as the engine lists them',
  answers: 'What does the engine itself say runs in the container?',
  how: 'Asks the engine for the process list; the engine runs ps on the host and writes a "top" event.',
  replaces: ['docker top <container_id>'],
  scope: 'container',
  volatility: 'process',
  footprint: 'engine event',
  needs: ['engine', 'running'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.top.json', kind: 'json', title: 'Processes as the engine lists them' },
      `/containers/${encodeURIComponent(target.id)}/top`,
      { ps_args: '-ef' },
    );
  },
});
