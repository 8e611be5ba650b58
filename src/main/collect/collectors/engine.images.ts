import { defineCollector } from '../collector';

export default defineCollector({
  id: 'engine.images',
  version: '1.0.0',
  title: 'List of images',
  answers: 'Which images are on the host, under which names and digests?',
  how: 'Asks the engine for the list of all images with their digests.',
  replaces: ['docker images', 'docker images --all --digests'],
  scope: 'host',
  volatility: 'engine state',
  footprint: 'none',
  needs: ['engine'],
  async collect(ctx) {
    // Without `digests`: Docker gives them anyhow, Podman 5 answers it with status 200 and no body.
    await ctx.fetch({ file: 'engine.images.json', kind: 'json', title: 'List of images' }, '/images/json', { all: 1 });
  },
});
