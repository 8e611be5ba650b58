import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import { readFrames } from '../formats/frames';
import type { Reading } from './listing';
import { archiveSource, listingSource, type Source } from './source';
import { splitLayer } from './split-layer';

/** An image that the exhibits name, with the diff ids of its layers (`sha256:…`), the lowest first. */
export interface KnownImage {
  target: TargetRef;
  exhibit: ExhibitRecord;
  diffIds: readonly string[];
}

/** What is known of images: by their id, and sources of layers by their diff id, the best first. */
export interface Images {
  byId: Map<string, KnownImage>;
  layers: Map<string, Source[]>;
}

export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Inspected = z.looseObject({ RootFS: z.looseObject({ Layers: z.array(Digest) }) });
/** OCI image spec, config.md and manifest.md; Docker's are of the same shape. */
export const ImageConfig = z.looseObject({ rootfs: z.looseObject({ diff_ids: z.array(Digest) }) });
const Described = z.looseObject({ digest: Digest });
export const ImageManifest = z.looseObject({ config: Described, layers: z.array(Described) });

/** A JSON exhibit of that form; undefined where it is none: said by the analyzer that it is for. */
export async function jsonOf<T>(ctx: Reading, exhibit: ExhibitRecord, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse((await ctx.read(exhibit)).toString('utf8'))).data;
  } catch (error) {
    if (asLadingError(error).code === 'CANCELLED') throw error;
    return undefined;
  }
}

/** The chain ids of layers (OCI image spec, config.md, "Layer ChainID") from their diff ids. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const before = chain.at(-1);
    chain.push(
      before === undefined ? diffId : `sha256:${createHash('sha256').update(`${before} ${diffId}`).digest('hex')}`,
    );
  }
  return chain;
}

export function addLayer(images: Images, diffId: string, source: Source): void {
  const held = images.layers.get(diffId);
  if (!held) images.layers.set(diffId, [source]);
  else if (!held.some(({ key }) => key === source.key)) held.push(source);
}

const BLOBS = ['image.layers', 'image.layer-listing'];
const LISTED = /^Listing of layer (sha256:[0-9a-f]{64})$/;

/** What single exhibits say of images: the engine's answers, layers by their digests, documents of a content store, listings. */
export async function imagesOf(ctx: Reading): Promise<Images> {
  const images: Images = { byId: new Map(), layers: new Map() };
  const blobs = new Map<string, ExhibitRecord>();
  for (const record of ctx.exhibits) {
    if (record.partial || record.kind === 'json' || record.kind === 'frames') continue;
    if (!blobs.has(record.sha256)) blobs.set(record.sha256, record);
    // what is collected as a layer is named by its digest; an archive of another name is one all the same
    if (record.kind === 'tar')
      addLayer(images, `sha256:${record.sha256}`, archiveSource(ctx, { exhibit: record }, 'oci'));
  }
  const configs = new Map<string, readonly string[]>();
  const manifests: z.infer<typeof ImageManifest>[] = [];
  for (const record of ctx.exhibits) {
    const { id } = record.collector;
    if (id === 'image.inspect') {
      const found = await jsonOf(ctx, record, Inspected);
      if (found && !images.byId.has(record.target.id)) {
        images.byId.set(record.target.id, { target: record.target, exhibit: record, diffIds: found.RootFS.Layers });
      }
    } else if (id === 'import.image-config') {
      const found = await jsonOf(ctx, record, ImageConfig);
      if (found && !images.byId.has(record.target.id)) {
        images.byId.set(record.target.id, { target: record.target, exhibit: record, diffIds: found.rootfs.diff_ids });
      }
    } else if (record.kind === 'json' && BLOBS.includes(id) && !/\.differences\.json$/.test(record.file)) {
      const config = await jsonOf(ctx, record, ImageConfig);
      if (config) configs.set(`sha256:${record.sha256}`, config.rootfs.diff_ids);
      const manifest = config ? undefined : await jsonOf(ctx, record, ImageManifest);
      if (manifest) manifests.push(manifest);
    }
  }
  for (const { config, layers } of manifests) {
    for (const [i, diffId] of (configs.get(config.digest) ?? []).entries()) {
      const blob = blobs.get(layers[i]?.digest.slice('sha256:'.length) ?? '');
      if (blob && blob.sha256 !== diffId.slice(7)) {
        addLayer(images, diffId, archiveSource(ctx, { exhibit: blob }, 'oci', diffId.slice('sha256:'.length)));
      }
    }
  }
  await listings(ctx, images);
  return images;
}

const SPLIT_MAX = 256 << 20;

/** Listings come after what has content. */
async function listings(ctx: Reading, images: Images): Promise<void> {
  for (const record of ctx.exhibits) {
    if (record.collector.id !== 'image.layer-listing' || record.kind !== 'frames') continue;
    const diffId = LISTED.exec(record.title)?.[1];
    if (diffId !== undefined) {
      addLayer(images, diffId, listingSource(ctx, record));
      continue;
    }
    const { frames } = await readFrames(ctx.stream(record), { keep: 1 << 10 });
    for (const { name, body } of frames) {
      const [chain, what] = name.split('/');
      const digest = Digest.safeParse(body.toString('latin1').trim());
      const split = frames.find((one) => one.name === `${chain}/tar-split.json.gz` && one.exit === 0);
      if (what !== 'diff' || !digest.success || !split) continue;
      const { offset, length } = split;
      addLayer(images, digest.data, {
        key: `${record.id} ${chain}`,
        exhibit: record,
        flavour: 'oci',
        bare: true,
        async read() {
          if (length > SPLIT_MAX) {
            ctx.unreadable(record, `The list of layer ${digest.data} is larger than such a list ever is.`);
            return { entries: [], proven: false };
          }
          const bytes = ctx.stream(record, { start: offset, end: offset + length });
          const { entries } = await splitLayer(record.id, bytes as AsyncIterable<Buffer>, { offset, length });
          return { entries, proven: true };
        },
      });
    }
  }
}
