import { defineCollector } from '../collector';
import { keepsLayers } from '../fs/store';

export default defineCollector({
  id: 'container.changes',
  version: '1.0.0',
  title: 'Changed files',
  answers: 'Which files were added, changed or deleted since the container was made from its image?',
  how: 'Asks the engine to compare the container with its image; names only, no content. For that the engine mounts the layers below its data root, which moves the times of its own directories there, not those of the container.',
  replaces: ['docker diff <container_id>'],
  scope: 'container',
  volatility: 'file system',
  footprint: 'reads host',
  needs: ['engine'],
  // The listings of the host's disk say the same, with times and owners, and nothing is mounted for them.
  standsInFor: ({ engine }) => (keepsLayers(engine?.storageDriver) ? 'container.upper-listing' : undefined),
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'container.changes.json', kind: 'json', title: 'Changed files' },
      `/containers/${encodeURIComponent(target.id)}/changes`,
    );
  },
});
