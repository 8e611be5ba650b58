import { visible } from '../../../shared/visible';
import type { FsEntry } from '../formats/fs-entry';
import { baseOf, folderOf, within } from '../formats/fs-path';
import type { Disk, DiskLayer, Small } from './disk';
import { addLayer, type Images } from './images';
import type { Reading } from './listing';
import type { RootContainer } from './roots';
import type { Source, Sourced } from './source';
import { splitLayer } from './split-layer';

const HEX = /^[0-9a-f]{64}$/;
const DIGEST = /^sha256:([0-9a-f]{64})$/;
const FOLDER = /^[0-9a-z]{1,100}(?:-init)?$/;
/** Names of changed files that are said one by one. */
const SAID = 5;
/** Layers on one another, at most: Docker takes 128. */
const DEPTH_MAX = 512;

const textOf = (small: Small | undefined): string => small?.bytes?.toString('latin1').trim() ?? '';

/** Bytes of a place. */
function bytesAt(ctx: Reading, disk: Disk, { content }: FsEntry): AsyncIterable<Buffer> {
  if (!content) return empty();
  const { offset, length, via } = content;
  return ctx.stream(disk.exhibit, { start: offset, end: offset + length }, via) as AsyncIterable<Buffer>;
}

async function* empty(): AsyncGenerator<Buffer> {}

/** A folder of overlay2 as it lies there. */
function folderSource(disk: Disk, name: string): Source {
  return {
    key: `${disk.exhibit.id} ${name}`,
    exhibit: disk.exhibit,
    flavour: 'overlay',
    bare: false,
    read: async () => ({ entries: disk.folders.get(name) ?? [], proven: true }),
  };
}

/**
 * What a Docker data root with overlay2 has (moby: layer/filestore.go, daemon/graphdriver/overlay2): its layers are added to `images`,
 * its containers are given, those too that the engine's list does not have any more.
 */
export function overlayRoot(ctx: Reading, disk: Disk, images: Images): RootContainer[] {
  const layerdb = layersOf(ctx, disk, images);
  const containers: RootContainer[] = [];
  const known = new Set<string>();
  const add = (id: string, mount: string, init: string | undefined, parent: string | undefined) => {
    known.add(mount);
    known.add(`${mount}-init`);
    if (!disk.folders.has(`overlay2/${mount}`)) return;
    const initName = init !== undefined && disk.folders.has(`overlay2/${init}`) ? `overlay2/${init}` : undefined;
    containers.push({
      target: { kind: 'container', id, name: HEX.test(id) ? id.slice(0, 12) : id },
      exhibit: disk.exhibit,
      place: `overlay2/${mount}`,
      upper: folderSource(disk, `overlay2/${mount}`),
      ...(initName !== undefined && { init: folderSource(disk, initName) }),
      layers: parent === undefined ? [] : chainOf(layerdb, parent),
    });
  };
  for (const [name, small] of disk.small) {
    const id = /^image\/overlay2\/layerdb\/mounts\/([0-9a-f]{64})\/mount-id$/.exec(name)?.[1];
    const mount = textOf(small);
    if (id === undefined || !FOLDER.test(mount)) continue;
    const of = (what: string) => textOf(disk.small.get(`image/overlay2/layerdb/mounts/${id}/${what}`));
    const init = of('init-id');
    add(id, mount, FOLDER.test(init) ? init : undefined, DIGEST.exec(of('parent'))?.[1]);
  }
  // a folder with its init beside it was a container's, whatever the engine has forgotten
  for (const { cacheId } of layerdb.values()) known.add(cacheId);
  for (const folder of [...disk.folders.keys()].sort()) {
    const mount = /^overlay2\/([0-9a-z]+)-init$/.exec(folder)?.[1];
    if (mount !== undefined && !known.has(mount)) add(`overlay2/${mount}`, mount, `${mount}-init`, undefined);
  }
  return containers;
}

interface OnDisk {
  cacheId: string;
  parent?: string;
  layer: DiskLayer;
}

/** The layers of layerdb by their chain id (hex). */
function layersOf(ctx: Reading, disk: Disk, images: Images): Map<string, OnDisk> {
  const found = new Map<string, OnDisk>();
  for (const [name, small] of disk.small) {
    const chain = /^image\/overlay2\/layerdb\/sha256\/([0-9a-f]{64})\/cache-id$/.exec(name)?.[1];
    const cacheId = textOf(small);
    if (chain === undefined || !FOLDER.test(cacheId)) continue;
    const of = (what: string) => disk.small.get(`image/overlay2/layerdb/sha256/${chain}/${what}`);
    const diffId = DIGEST.exec(textOf(of('diff')))?.[1];
    const parent = DIGEST.exec(textOf(of('parent')))?.[1];
    const split = of('tar-split.json.gz');
    const folder = `overlay2/${cacheId}`;
    const source: Source = split && diffId ? splitSource(ctx, disk, folder, split, diffId) : folderSource(disk, folder);
    const digest = diffId === undefined ? folder : `sha256:${diffId}`;
    found.set(chain, { cacheId, ...(parent && { parent }), layer: { digest, source } });
    if (diffId !== undefined && disk.folders.has(folder)) addLayer(images, digest, source);
  }
  return found;
}

/** From the topmost down. */
function chainOf(layers: ReadonlyMap<string, OnDisk>, top: string): DiskLayer[] {
  const chain: DiskLayer[] = [];
  let at: string | undefined = top;
  while (at !== undefined && chain.length < DEPTH_MAX) {
    const one: OnDisk | undefined = layers.get(at);
    if (!one) return []; // without one of them nothing below is certain
    chain.push(one.layer);
    at = one.parent;
  }
  return chain;
}

/** What lies in the folder and is not in the layer's archive: folders that the engine made for it, or what somebody put there. */
function beyond(entries: readonly FsEntry[], files: readonly FsEntry[]): FsEntry[] {
  const known = new Set<string>(['/']);
  for (const { path } of entries) {
    known.add(path);
    const name = baseOf(path);
    if (name.startsWith('.wh.')) known.add(within(folderOf(path), name.slice('.wh.'.length)));
  }
  return files.filter(({ path }) => !known.has(path));
}

/**
 * A layer from tar-split's list and the files of its folder, put together and hashed. What was changed on the disk, or is not in the
 * copy, is named file by file; then the folder counts, as it was found.
 */
function splitSource(ctx: Reading, disk: Disk, folder: string, split: Small, diffId: string): Source {
  const { exhibit } = disk;
  let made: Promise<Sourced> | undefined;
  const read = async (pause?: () => Promise<void>): Promise<Sourced> => {
    const files = disk.folders.get(folder) ?? [];
    const { offset, length, via } = split.place;
    const layer = await splitLayer(
      exhibit.id,
      ctx.stream(exhibit, { start: offset, end: offset + length }, via) as AsyncIterable<Buffer>,
      { offset, length },
      {
        byPath: new Map(files.map((file) => [file.path, file])),
        bytes: (file) => bytesAt(ctx, disk, file),
        ...(pause && { pause }),
      },
    );
    if (layer.sha256 === diffId) {
      const more = beyond(layer.entries, files);
      const strange = more.filter(({ type }) => type !== 'directory').map(({ path }) => visible(path, { max: 200 }));
      if (strange.length > 0) {
        const said = `${strange.slice(0, SAID).join(', ')}${strange.length > SAID ? ', …' : ''}`;
        ctx.unreadable(
          exhibit,
          `In ${folder}/diff lie ${strange.length} files that the image's layer does not have: ${said}.`,
        );
      }
      return { entries: [...more, ...layer.entries], proven: strange.length === 0 };
    }
    const some = layer.differing.slice(0, SAID).map((name) => visible(name, { max: 200 }));
    const more = layer.differing.length > SAID ? ', …' : '';
    ctx.unreadable(
      exhibit,
      `Layer sha256:${diffId} is not as its digest says: of ${layer.differing.length} files other bytes lie in ${folder}/diff, or none (${some.join(', ')}${more}). It is shown as found.`,
    );
    return { entries: files, proven: false };
  };
  return {
    key: `${exhibit.id} ${folder}`,
    exhibit,
    // put together it is the image's archive; as found it has the kernel's marks, which both flavours know
    flavour: 'oci',
    bare: false,
    read(options) {
      made ??= read(options.pause);
      return made;
    },
  };
}
