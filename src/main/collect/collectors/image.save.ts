import { defineCollector } from '../collector';
import { keepsLayers } from '../fs/store';

export default defineCollector({
  id: 'image.save',
  version: '1.0.0',
  title: 'Image, saved by the engine',
  answers: 'What is in the image, as the engine exports it: configuration, manifest and layers in one archive?',
  how: 'Asks the engine to save the image. The engine writes a copy of the image below its own folder, sends that, removes it, and writes a "save" event. With root, image.layers takes the same bytes without that.',
  replaces: ['docker save <image_id> -o <file>', 'docker save forensic_image > image.tar'],
  scope: 'image',
  volatility: 'image',
  footprint: 'writes on host',
  needs: ['engine'],
  standsInFor: ({ engine }) => (keepsLayers(engine?.storageDriver) ? 'image.layers' : undefined),
  estimate: ({ bytes }) => ({ bytes }),
  // The engine copies the whole image before it sends the first byte.
  stallMs: 900_000,
  async collect(ctx, target) {
    await ctx.fetch(
      { file: 'image.save.tar', kind: 'tar', title: 'Image, saved by the engine' },
      `/images/${encodeURIComponent(target.id)}/get`,
    );
  },
});
