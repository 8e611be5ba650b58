import { defineCollector } from '../collector';

export default defineCollector({
  id: 'image.inspect',
  version: '1.0.0',
  title: 'Image configuration',
  answers: 'What is the image made to run, from which layers, made when and by whom?',
  how: 'Asks the engine for all it knows of the image.',
  replaces: ['docker inspect <image_id>', 'docker image inspect <image_id>'],
  scope: 'image',
  volatility: 'image',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'image.inspect.json', kind: 'json', title: 'Image configuration' },
      `/images/${encodeURIComponent(target.id)}/json`,
    );
  },
});
