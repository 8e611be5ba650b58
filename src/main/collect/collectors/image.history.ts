import { defineCollector } from '../collector';

export default defineCollector({
  id: 'image.history',
  version: '1.0.0',
  title: 'Image history',
  answers: 'By which commands was each layer of the image made?',
  how: 'Asks the engine for the history of the image.',
  replaces: ['docker history <image_id>', 'docker history --no-trunc <image_id>'],
  scope: 'image',
  volatility: 'image',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'image.history.json', kind: 'json', title: 'Image history' },
      `/images/${encodeURIComponent(target.id)}/history`,
    );
  },
});
