import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { defineCollector } from '../collector';
import { storedImage, takeBlob } from '../fs/content-store';
import { FOLDER_LISTING, LAYERDB } from '../fs/script';
import { chainIds, layersUnknown, snapshotsOf, usesContainerd } from '../fs/store';
import { engineRoot } from '../host-files';

const Image = z.object({ RootFS: z.object({ Layers: z.array(z.string()).nullish() }) });

export default defineCollector({
  id: 'image.layer-listing',
  version: '1.0.0',
  title: 'Listing of the image’s layers',
  answers: 'Which files does each layer of the image have, before any content is read?',
  how: 'overlay2: reads the engine’s layerdb of each layer with its tar-split list (every name, mode, owner, time and a CRC-64 of each file, some kilobytes). containerd: the image’s manifests and configuration, and lists each layer’s unpacked folder; access times of folders may move. No content is read.',
  replaces: ['docker image inspect <image>', 'ls -laR /var/lib/docker/overlay2/<cache-id>/diff'],
  scope: 'image',
  // Beside the upper directories' listings, before any content.
  volatility: 'file listing',
  footprint: 'reads host',
  needs: ['engine', 'procfs', 'root'],
  async collect(ctx, target) {
    const unknown = layersUnknown(ctx);
    if (unknown) {
      await ctx.miss('not applicable', unknown);
      return;
    }
    const { RootFS } = await ctx.engine.json(Image, `/images/${encodeURIComponent(target.id)}/json`);
    const chain = chainIds(RootFS.Layers ?? []);
    if (chain.length === 0) {
      await ctx.miss('none', 'The image has no layers.');
      return;
    }
    const boundary = () => ({ asRoot: true, stdin: `${randomBytes(16).toString('hex')}\n` });
    if (!usesContainerd(ctx)) {
      const dir = `${engineRoot(ctx)}/image/overlay2/layerdb/sha256`;
      await ctx.capture(
        { file: 'image.layerdb.frames', kind: 'frames', title: 'What the engine’s disk says of the image’s layers' },
        ['sh', '-c', LAYERDB, 'lading', 'image.layer-listing', dir, ...chain],
        boundary(),
      );
      return;
    }
    const { folder, documents } = await storedImage(ctx, target.id);
    for (const one of documents) await takeBlob(ctx, folder, one);
    const known = await snapshotsOf(ctx);
    for (const [i, id] of chain.entries()) {
      const digest = RootFS.Layers?.[i] ?? '';
      const one = known?.list.find(({ name }) => name === `sha256:${id}`);
      if (!known || !one) {
        await ctx.miss('missing', `Layer ${digest} is not unpacked on this host: its blob alone says what is in it.`);
        continue;
      }
      await ctx.capture(
        { file: `layer-${i + 1}.listing.frames`, kind: 'frames', title: `Listing of layer ${digest}` },
        ['sh', '-c', FOLDER_LISTING, 'lading', 'image.layer-listing', `${known.root}/${one.id}/fs`, known.at],
        boundary(),
      );
    }
  },
});
