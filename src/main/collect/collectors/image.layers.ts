import { z } from 'zod';
import { Gate } from '../../hosts/gate';
import { defineCollector } from '../collector';
import { storedImage, takeBlob } from '../fs/content-store';
import { takeOverlayLayer } from '../fs/overlay-layer';
import { chainIds, hexOf, layersUnknown, usesContainerd } from '../fs/store';

const Image = z.object({ RootFS: z.object({ Layers: z.array(z.string()).nullish() }) });
/** Layers under way at once: over a far link one stream alone does not fill it. */
const AT_ONCE = 3;

export default defineCollector({
  id: 'image.layers',
  version: '1.0.0',
  title: 'Image layers',
  answers: 'What is in the image, layer by layer, and is it what its digests say?',
  how: 'Reads each layer that the case has not yet from the host’s disk. overlay2: its files and the engine’s tar-split list, rebuilt here bit for bit; containerd: the blobs of its content store. A layer that was changed on the disk is kept as found and named file by file. Nothing is mounted; the engine does nothing.',
  replaces: ['docker save <image_id>', 'docker save forensic_image'],
  scope: 'image',
  volatility: 'image',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  // Those that the case has already are not taken again, so this is the most it can be.
  estimate: ({ bytes }) => ({ bytes }),
  async collect(ctx, target) {
    const unknown = layersUnknown(ctx);
    if (unknown) {
      await ctx.miss('not applicable', unknown);
      return;
    }
    if (usesContainerd(ctx)) {
      const { folder, documents, layers, absent } = await storedImage(ctx, target.id);
      for (const one of documents) await takeBlob(ctx, folder, one);
      await few(layers, ctx.signal, (one) => takeBlob(ctx, folder, one));
      if (absent.length > 0) {
        await ctx.miss(
          'missing',
          `The image's index names ${absent.length} manifests that the store does not have (of other platforms, most often): ${absent.slice(0, 5).join(', ')}`,
        );
      }
      return;
    }
    const { RootFS } = await ctx.engine.json(Image, `/images/${encodeURIComponent(target.id)}/json`);
    const diffIds = RootFS.Layers ?? [];
    const chain = chainIds(diffIds);
    if (diffIds.length === 0) await ctx.miss('none', 'The image has no layers.');
    await few([...diffIds.entries()], ctx.signal, async ([i, digest]) => {
      const diffId = hexOf(digest);
      await ctx.once(diffId, () => takeOverlayLayer(ctx, { diffId, chainId: chain[i] ?? '' }));
    });
  },
});

/** A few at once. The first failure is thrown after all have ended. */
async function few<T>(all: readonly T[], signal: AbortSignal, work: (one: T) => Promise<void>): Promise<void> {
  const gate = new Gate(AT_ONCE);
  const ended = await Promise.allSettled(
    all.map(async (one) => {
      const leave = await gate.enter(signal);
      try {
        await work(one);
      } finally {
        leave();
      }
    }),
  );
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
