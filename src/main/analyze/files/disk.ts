import type { ExhibitRecord } from '../../../shared/domain';
import type { FsEntry, Place } from '../formats/fs-entry';
import { linkNames, type Reading, readArchive } from './listing';
import type { Source } from './source';

/** A file of the copied disk that says what others are. */
export interface Small {
  place: Place;
  /** Absent of what is larger than such a file most often is. */
  bytes?: Buffer;
}

/** A copied data root, looked through once. Names of folders and files are below the root, without its own place. */
export interface Disk {
  exhibit: ExhibitRecord;
  /** Entries of folders of layers and volumes, whose paths begin there: by the folder's name ('overlay2/ID', 'snapshots/N', 'volumes/NAME'). */
  folders: Map<string, FsEntry[]>;
  /** Small files of the engine, by their names. */
  small: Map<string, Small>;
  /** Blobs of a content store by their name (64 hex); their `sha256` is what they are. */
  blobs: Map<string, FsEntry>;
}

/** A layer of the disk: its diff id where that is known, else the name of its folder. */
export interface DiskLayer {
  digest: string;
  source: Source;
}

const OVERLAY = /^(.*\/)?overlay2\/([0-9a-z]{1,100}(?:-init)?)\/diff(\/.*)?$/s;
const SNAPSHOT = /^(.*\/)?io\.containerd\.snapshotter\.v1\.overlayfs\/snapshots\/(\d{1,20})\/fs(\/.*)?$/s;
/** A volume of the driver local; its content is in _data. */
const VOLUME = /^(.*\/)?volumes\/([A-Za-z0-9][A-Za-z0-9_.-]{0,254})\/_data(\/.*)?$/s;
const BLOB = /^(.*\/)?io\.containerd\.content\.v1\.content\/blobs\/sha256\/([0-9a-f]{64})$/s;
const SMALL =
  /^(?:.*\/)?(image\/overlay2\/layerdb\/(?:mounts\/[0-9a-f]{64}\/(?:mount-id|init-id|parent)|sha256\/[0-9a-f]{64}\/(?:diff|cache-id|parent|tar-split\.json\.gz)))$/s;
const DATABASE = /^(?:.*\/)?(io\.containerd\.(?:snapshotter\.v1\.overlayfs\/metadata|metadata\.v1\.bolt\/meta)\.db)$/s;
/** Folders in which other file systems lie: a data root in one of them is a container's. */
const NESTED = /(?:^|\/)(?:diff|fs|merged|volumes|rootfs)\//;

/** Files of all layers together. */
const ENTRIES_MAX = 4_000_000;

const disks = new WeakMap<readonly ExhibitRecord[], Map<string, Promise<Disk>>>();

/** Looks through a copied data root, hashing each file; once for all who ask with the same exhibits. */
export function readDisk(ctx: Reading, exhibit: ExhibitRecord): Promise<Disk> {
  const of = disks.get(ctx.exhibits) ?? new Map<string, Promise<Disk>>();
  disks.set(ctx.exhibits, of);
  const held = of.get(exhibit.id) ?? look(ctx, exhibit);
  of.set(exhibit.id, held);
  held.catch(() => of.delete(exhibit.id));
  return held;
}

async function look(ctx: Reading, exhibit: ExhibitRecord): Promise<Disk> {
  const disk: Disk = { exhibit, folders: new Map(), small: new Map(), blobs: new Map() };
  const linked = new Set<FsEntry[]>();
  let count = 0;
  const put = (name: string, path: string, entry: FsEntry, prefix: string) => {
    const folder = disk.folders.get(name) ?? [];
    disk.folders.set(name, folder);
    entry.path = path;
    // a further name in the same layer; one in another layer is none that an engine makes
    if (entry.hardLink !== undefined) {
      if (entry.hardLink.startsWith(prefix)) entry.hardLink = entry.hardLink.slice(prefix.length) || '/';
      linked.add(folder);
    }
    if (++count <= ENTRIES_MAX) folder.push(entry);
    return { keep: undefined };
  };
  await readArchive(
    ctx,
    { exhibit },
    {
      hash: true,
      take(entry) {
        const { path } = entry;
        for (const [sign, kind] of [
          [OVERLAY, 'overlay2'],
          [SNAPSHOT, 'snapshots'],
          [VOLUME, 'volumes'],
        ] as const) {
          const match = sign.exec(path);
          if (!match || NESTED.test(match[1] ?? '')) continue;
          const rest = match[3] ?? '';
          return put(`${kind}/${match[2]}`, rest === '' ? '/' : rest, entry, path.slice(0, path.length - rest.length));
        }
        if (entry.type !== 'file' || !entry.content) return undefined;
        const place = entry.content;
        const blob = BLOB.exec(path);
        if (blob && !NESTED.test(blob[1] ?? '')) {
          disk.blobs.set(blob[2] ?? '', entry);
          return { keep: undefined };
        }
        const small = (SMALL.exec(path) ?? DATABASE.exec(path))?.[1];
        if (small === undefined || NESTED.test(path.slice(0, path.length - small.length))) return undefined;
        if (disk.small.has(small)) return undefined;
        const one: Small = { place };
        disk.small.set(small, one);
        return {
          keep: undefined,
          bytes: (bytes) => {
            one.bytes = bytes;
          },
        };
      },
    },
  );
  if (count > ENTRIES_MAX) {
    ctx.unreadable(exhibit, `${count - ENTRIES_MAX} files of layers beyond the first ${ENTRIES_MAX} are not listed.`);
  }
  for (const folder of linked) linkNames(folder);
  return disk;
}
