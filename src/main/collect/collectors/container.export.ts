import { defineCollector } from '../collector';

export default defineCollector({
  id: 'container.export',
  version: '1.0.0',
  title: 'Container file system',
  answers: 'Which files does the container have, with which contents?',
  how: 'Asks the engine for the merged file system as a tar: without volumes, layers and deleted files. The engine writes an "export" event, and moves the times of the root directory of the container by making its mount point there.',
  replaces: ['docker export <container_id>', 'docker cp <container_id>:/path <path>'],
  scope: 'container',
  volatility: 'file system',
  footprint: 'writes on host',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.export.tar', kind: 'tar', title: 'Container file system' },
      `/containers/${encodeURIComponent(target.id)}/export`,
    );
  },
});
