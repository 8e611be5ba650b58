import { defineCollector } from '../collector';
import { keepsLayers } from '../fs/store';

export default defineCollector({
  id: 'container.export',
  version: '1.0.0',
  title: 'Container file system',
  answers: 'Which files does the container have, with which contents?',
  how: 'Asks the engine for the merged file system as a tar: without volumes, layers and deleted files. The engine writes an "export" event, and moves the times of the root directory of the container by making its mount point there.',
  replaces: ['docker export <container_id>', 'docker cp <container_id>:/path/to/file /host/path/'],
  scope: 'container',
  volatility: 'file system',
  footprint: 'writes on host',
  needs: ['engine'],
  // The upper directory and the image's layers are the same files, and more, without the engine's doing anything. How Podman keeps
  // layers is not known here.
  standsInFor: ({ engine }) => (keepsLayers(engine?.storageDriver) ? 'container.upper' : undefined),
  // What the container changed is not known without asking the engine to count it, so this is the image's part.
  estimate: ({ aliases }, { targets }) => ({
    bytes: targets.find(({ kind, id }) => kind === 'image' && aliases.includes(id))?.bytes,
  }),
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.export.tar', kind: 'tar', title: 'Container file system' },
      `/containers/${encodeURIComponent(target.id)}/export`,
    );
  },
});
