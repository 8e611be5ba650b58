import { posix } from 'node:path';
import { z } from 'zod';
import type { ExhibitRecord } from '../../../shared/domain';
import type { FsEntry } from '../formats/fs-entry';
import { pathOfMember } from '../formats/fs-path';
import { addLayer, Digest, ImageConfig, ImageManifest, type Images } from './images';
import { type Reading, readArchive } from './listing';
import { archiveSource } from './source';

const DOCUMENT_MAX = 4 << 20;
const DEPTH_MAX = 4;

/** docker save (moby: image/tarexport). */
const SaveManifest = z.array(
  z.looseObject({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()) }),
);
/** OCI image-layout.md, image-index.md. */
const Index = z.looseObject({
  manifests: z.array(z.looseObject({ digest: Digest, annotations: z.record(z.string(), z.string()).nullish() })),
});

/** Adds the images of an archive that docker save, or another tool in the OCI layout, wrote, and their layers, each verified by its diff id. */
export async function savedImages(ctx: Reading, exhibit: ExhibitRecord, images: Images): Promise<void> {
  const { entries } = await readArchive(ctx, { exhibit });
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const at = (name: string): FsEntry | undefined => {
    let entry = byPath.get(pathOfMember(name) ?? '');
    // docker save links a layer that two images share
    for (let hops = 0; entry?.type === 'symbolic link' && hops < 8; hops++) {
      const folder = entry.path.slice(0, entry.path.lastIndexOf('/') + 1);
      entry = byPath.get(posix.resolve(folder, entry.link ?? ''));
    }
    return entry;
  };
  const document = async (name: string): Promise<unknown> => {
    const place = at(name)?.content;
    if (!place || place.length > DOCUMENT_MAX) return undefined;
    const pieces: Buffer[] = [];
    const range = { start: place.offset, end: place.offset + place.length };
    for await (const piece of ctx.stream(exhibit, range, place.via)) pieces.push(piece);
    try {
      return JSON.parse(Buffer.concat(pieces).toString('utf8'));
    } catch {
      return undefined;
    }
  };
  const layer = (name: string, diffId: string) => {
    const place = at(name)?.content;
    if (!place) return;
    const { offset, length, via } = place;
    const piece = { exhibit, span: { offset, length }, ...(via !== undefined && { via }) };
    addLayer(images, diffId, archiveSource(ctx, piece, 'oci', diffId.slice('sha256:'.length)));
  };
  const image = (id: string, name: string, diffIds: readonly string[]) => {
    if (!images.byId.has(id)) images.byId.set(id, { target: { kind: 'image', id, name }, exhibit, diffIds });
  };
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;

  const saved = SaveManifest.safeParse(await document('manifest.json')).data ?? [];
  for (const { Config, RepoTags, Layers } of saved) {
    const hex = /([0-9a-f]{64})(?:\.json)?$/.exec(Config)?.[1];
    const config = ImageConfig.safeParse(await document(Config)).data;
    if (!hex || !config) continue;
    const { diff_ids } = config.rootfs;
    for (const [i, diffId] of diff_ids.entries()) layer(Layers[i] ?? '', diffId);
    image(`sha256:${hex}`, RepoTags?.[0] ?? hex.slice(0, 12), diff_ids);
  }
  if (saved.length > 0) return;
  const follow = async (name: string, digest: string | undefined, title: string | undefined, depth: number) => {
    const json = await document(name);
    const manifest = ImageManifest.safeParse(json).data;
    if (manifest && digest !== undefined) {
      const config = ImageConfig.safeParse(await document(blob(manifest.config.digest))).data;
      if (!config) return;
      const { diff_ids } = config.rootfs;
      for (const [i, diffId] of diff_ids.entries()) layer(blob(manifest.layers[i]?.digest ?? ''), diffId);
      image(digest, title ?? digest.slice(7, 19), diff_ids);
      return;
    }
    if (depth >= DEPTH_MAX) return;
    for (const one of Index.safeParse(json).data?.manifests ?? []) {
      const said =
        one.annotations?.['io.containerd.image.name'] ?? one.annotations?.['org.opencontainers.image.ref.name'];
      await follow(blob(one.digest), one.digest, said ?? title, depth + 1);
    }
  };
  await follow('index.json', undefined, undefined, 0);
}
