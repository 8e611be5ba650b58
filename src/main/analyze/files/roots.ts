import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import { containerdRoot } from './containerd-root';
import { type DiskLayer, readDisk } from './disk';
import type { Images } from './images';
import type { Reading } from './listing';
import { overlayRoot } from './overlay-root';
import { savedImages } from './saved';
import { orNothing, type Source } from './source';

/** A container of a copied disk. */
export interface RootContainer {
  target: TargetRef;
  exhibit: ExhibitRecord;
  /** How the disk names its folder. */
  place: string;
  upper: Source;
  init?: Source;
  /** From the topmost down. */
  layers: DiskLayer[];
}

/** A volume of a copied disk. */
export interface RootVolume {
  target: TargetRef;
  exhibit: ExhibitRecord;
  place: string;
  source: Source;
}

const VOLUMES = 'volumes/';

/** The volumes that imported data roots hold, in the order of their names. */
export async function rootVolumes(ctx: Reading): Promise<RootVolume[]> {
  const volumes: RootVolume[] = [];
  for (const exhibit of ctx.exhibits) {
    if (exhibit.collector.id !== 'import.data-root') continue;
    const disk = await orNothing(ctx, exhibit, () => readDisk(ctx, exhibit));
    for (const [place, entries] of [...(disk?.folders ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!place.startsWith(VOLUMES)) continue;
      const name = place.slice(VOLUMES.length);
      volumes.push({
        target: { kind: 'volume', id: name, name },
        exhibit,
        place,
        source: {
          key: `${exhibit.id} ${place}`,
          exhibit,
          flavour: 'overlay',
          bare: false,
          read: async () => ({ entries, proven: true }),
        },
      });
    }
  }
  return volumes;
}

/** What imports of saved images and of data roots bring: layers and images are added, containers given. Each import is read once a run. */
export async function rootsOf(ctx: Reading, images: Images): Promise<RootContainer[]> {
  const containers: RootContainer[] = [];
  for (const exhibit of ctx.exhibits) {
    const { id } = exhibit.collector;
    if (id === 'import.docker-save' || id === 'import.oci-archive') {
      await orNothing(ctx, exhibit, () => savedImages(ctx, exhibit, images));
    } else if (id === 'import.data-root' || id === 'import.containerd-root') {
      const found = await orNothing(ctx, exhibit, async () => {
        const disk = await readDisk(ctx, exhibit);
        return [...overlayRoot(ctx, disk, images), ...(await containerdRoot(ctx, disk, images))];
      });
      containers.push(...(found ?? []));
    }
  }
  return containers;
}
