import { z } from 'zod';
import { defineIndexer } from '../indexer';
import { microsOf } from '../query';
import { hostOf } from './lib/frames';
import { jsonOf } from './lib/json';

const text = z.string().optional().catch(undefined);
const strings = z.array(z.string()).nullish().catch(undefined);
/** What is taken of GET /images/{id}/json; a field of another type counts as absent. */
const Inspect = z.object({
  Id: z.string(),
  RepoTags: strings,
  RepoDigests: strings,
  Created: text,
  Size: z.number().optional().catch(undefined),
  Os: text,
  Architecture: text,
  RootFS: z.object({ Layers: strings }).optional().catch(undefined),
});

/** Images and the digests of their layers. */
export default defineIndexer({
  id: 'images',
  version: '1',
  title: 'Images',
  accepts: ({ collector, kind }) => collector.id === 'image.inspect' && kind === 'json',
  async index(ctx, exhibits) {
    for (const exhibit of exhibits) {
      await ctx.pause();
      const one = await jsonOf(ctx, exhibit, Inspect, 'description of an image');
      if (!one) continue;
      const row = ctx.rows.image({
        exhibit: exhibit.id,
        locator: 'json:/Id',
        key: one.Id,
        host: hostOf(exhibit),
        tags: (one.RepoTags ?? []).join(' '),
        created: microsOf(one.Created),
        size: one.Size,
        layers: (one.RootFS?.Layers ?? []).join(' '),
        platform: one.Os && one.Architecture ? `${one.Os}/${one.Architecture}` : undefined,
      });
      ctx.rows.text({
        exhibit: exhibit.id,
        locator: 'json:/Id',
        kind: 'image',
        ref: row,
        body: [one.Id, ...(one.RepoTags ?? []), ...(one.RepoDigests ?? []), ...(one.RootFS?.Layers ?? [])].join('\n'),
      });
    }
  },
});
