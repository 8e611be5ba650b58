import { asLadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { overlaySnapshots, type Snapshot } from '../formats/overlay-snapshots';
import type { Disk, DiskLayer } from './disk';
import { addLayer, chainIds, ImageConfig, ImageManifest, type Images } from './images';
import type { Reading } from './listing';
import type { RootContainer } from './roots';
import { archiveSource, type Source } from './source';

const DEPTH_MAX = 512;
/** Documents of a content store; registries may refuse more than 4 MiB (OCI image spec, manifest.md). */
const DOCUMENT_MAX = 4 << 20;
const DATABASE = 'io.containerd.snapshotter.v1.overlayfs/metadata.db';

function folderSource(disk: Disk, name: string): Source {
  return {
    key: `${disk.exhibit.id} ${name}`,
    exhibit: disk.exhibit,
    flavour: 'overlay',
    bare: false,
    read: async () => ({ entries: disk.folders.get(name) ?? [], proven: true }),
  };
}

/** JSON of a blob, if it is some of that; `entry.sha256` has told whether it is what its name says. */
async function document(ctx: Reading, disk: Disk, hex: string): Promise<unknown> {
  const entry = disk.blobs.get(hex);
  if (!entry?.content || entry.size > DOCUMENT_MAX || entry.sha256 !== hex) return undefined;
  const { offset, length, via } = entry.content;
  const pieces: Buffer[] = [];
  for await (const piece of ctx.stream(disk.exhibit, { start: offset, end: offset + length }, via)) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * What a containerd root has: blobs become layers by the manifests and configurations among them, each verified against its diff id; the
 * snapshotter's metadata.db says which folders lie on one another for each container.
 */
export async function containerdRoot(ctx: Reading, disk: Disk, images: Images): Promise<RootContainer[]> {
  for (const [hex, { sha256 }] of disk.blobs) {
    if (sha256 === hex) continue;
    ctx.unreadable(
      disk.exhibit,
      `Blob sha256:${hex} is not as its name says: its SHA-256 is ${sha256 ?? 'not known'}.`,
    );
  }
  const byChain = await layersOf(ctx, disk, images);
  const list = await snapshots(ctx, disk);
  const byName = new Map(list.map((one) => [one.name, one]));
  return list.flatMap((one): RootContainer[] => {
    const name = `snapshots/${one.id}`;
    // layers are named by their chain id; what is named otherwise, and is no init, something ran on
    if (/^sha256:|-init$/.test(one.name) || !disk.folders.has(name)) return [];
    const isId = /^[0-9a-f]{64}$/.test(one.name);
    const init = byName.get(`${one.name}-init`);
    const initName = init && `snapshots/${init.id}`;
    return [
      {
        target: {
          kind: 'container',
          id: isId ? one.name : visible(one.name, { max: 200 }),
          name: isId ? one.name.slice(0, 12) : visible(one.name, { max: 60 }),
        },
        exhibit: disk.exhibit,
        place: name,
        upper: folderSource(disk, name),
        ...(initName && disk.folders.has(initName) && { init: folderSource(disk, initName) }),
        layers: chainOf(disk, byName, byChain, (init ?? one).parent),
      },
    ];
  });
}

async function snapshots(ctx: Reading, disk: Disk): Promise<Snapshot[]> {
  const database = disk.small.get(DATABASE);
  if (!database) return [];
  const { offset, length, via } = database.place;
  const pieces: Buffer[] = [];
  if (length > 128 << 20) return [];
  for await (const piece of ctx.stream(disk.exhibit, { start: offset, end: offset + length }, via)) pieces.push(piece);
  try {
    return overlaySnapshots(Buffer.concat(pieces));
  } catch (error) {
    ctx.unreadable(disk.exhibit, `The snapshotter's metadata.db: ${asLadingError(error).message}`);
    return [];
  }
}

/** Diff ids by chain id, of every configuration in the store whose manifest is there too. */
async function layersOf(ctx: Reading, disk: Disk, images: Images): Promise<Map<string, string>> {
  const byChain = new Map<string, string>();
  for (const hex of disk.blobs.keys()) {
    const manifest = ImageManifest.safeParse(await document(ctx, disk, hex)).data;
    if (!manifest) continue;
    const config = ImageConfig.safeParse(await document(ctx, disk, manifest.config.digest.slice(7))).data;
    if (!config) continue;
    const diffIds = config.rootfs.diff_ids;
    for (const [i, chain] of chainIds(diffIds).entries()) {
      const diffId = diffIds[i] ?? '';
      byChain.set(chain, diffId);
      const blob = disk.blobs.get(manifest.layers[i]?.digest.slice(7) ?? '')?.content;
      if (!blob) continue;
      const { offset, length, via } = blob;
      const place = { exhibit: disk.exhibit, span: { offset, length }, ...(via !== undefined && { via }) };
      addLayer(images, diffId, archiveSource(ctx, place, 'oci', diffId.slice(7)));
    }
    const target = { kind: 'image', id: `sha256:${hex}`, name: hex.slice(0, 12) } as const;
    if (!images.byId.has(target.id)) images.byId.set(target.id, { target, exhibit: disk.exhibit, diffIds });
  }
  return byChain;
}

/** From the topmost down: as the disk has them unpacked. */
function chainOf(
  disk: Disk,
  byName: ReadonlyMap<string, Snapshot>,
  byChain: ReadonlyMap<string, string>,
  top: string | undefined,
): DiskLayer[] {
  const chain: DiskLayer[] = [];
  let at = top;
  while (at !== undefined && at !== '' && chain.length < DEPTH_MAX) {
    const one = byName.get(at);
    if (!one) return [];
    const name = `snapshots/${one.id}`;
    chain.push({ digest: byChain.get(at) ?? at, source: folderSource(disk, name) });
    at = one.parent;
  }
  return chain;
}
