import { z } from 'zod';
import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import { asLadingError } from '../../../shared/errors';
import type { Reading } from './listing';

/** A file system that can be put together from the exhibits. */
export interface ViewPlan {
  /** The same for the same exhibits: of what it is and from which exhibit. */
  key: string;
  kind: 'container' | 'image' | 'volume';
  target: TargetRef;
  /** What the container wrote or had; absent for an image alone. */
  top?: ExhibitRecord;
  /** `whole`: the top holds every file; `upper`: only what is not in the image. */
  how: 'whole' | 'upper' | 'layers';
  /** From the topmost down. `exhibit` is absent for a layer that was not collected. */
  layers: { digest: string; exhibit?: ExhibitRecord }[];
  /** Every layer of the image is there, so that states are certain. */
  complete: boolean;
  /** The engine's own list of changes, taken in the same collection if there is one. */
  changes?: ExhibitRecord;
  inspect?: ExhibitRecord;
}

const UPPER = 'container.upper';
const EXPORTS = ['container.export', 'import.docker-export'];
const VOLUME = 'volume.content';

const Layers = z.looseObject({ RootFS: z.looseObject({ Layers: z.array(z.string()) }) });
const OfImage = z.looseObject({ Image: z.string() });

async function json<T>(ctx: Reading, exhibit: ExhibitRecord, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.safeParse(JSON.parse((await ctx.read(exhibit)).toString('utf8'))).data;
  } catch (error) {
    if (asLadingError(error).code === 'CANCELLED') throw error;
    return undefined; // said by the analyzer that the exhibit is for
  }
}

/** Whether an exhibit is an archive of files that views are made of. */
export function isFileSystem({ collector, kind }: Pick<ExhibitRecord, 'collector' | 'kind'>): boolean {
  return kind === 'tar' && [UPPER, ...EXPORTS, VOLUME, 'image.layers'].includes(collector.id);
}

/** Of several the one of the same collection, else the last before, else the first after. */
function nearest(records: readonly ExhibitRecord[], to: ExhibitRecord): ExhibitRecord | undefined {
  const own = records.filter(({ host, target }) => host?.id === to.host?.id && target.id === to.target.id);
  const number = ({ id }: ExhibitRecord) => Number(id.slice(1));
  return (
    own.find(({ collection }) => collection !== undefined && collection === to.collection) ??
    own.findLast((one) => number(one) < number(to)) ??
    own[0]
  );
}

/** Every view that the exhibits give, in the order of exhibits; images first. */
export async function planViews(ctx: Reading): Promise<ViewPlan[]> {
  const records = ctx.exhibits;
  const byDigest = new Map<string, ExhibitRecord>();
  for (const record of records) {
    if (record.kind === 'tar' && !record.partial && !byDigest.has(record.sha256)) byDigest.set(record.sha256, record);
  }
  const images = new Map<string, ViewPlan>();
  for (const inspect of records.filter(({ collector }) => collector.id === 'image.inspect')) {
    const found = await json(ctx, inspect, Layers);
    if (!found || images.has(inspect.target.id)) continue;
    const layers = found.RootFS.Layers.map((digest) => ({
      digest,
      exhibit: byDigest.get(digest.replace(/^sha256:/, '')),
    })).reverse();
    images.set(inspect.target.id, {
      key: `image:${inspect.target.id}`,
      kind: 'image',
      target: inspect.target,
      how: 'layers',
      layers,
      complete: layers.length > 0 && layers.every(({ exhibit }) => exhibit !== undefined),
      inspect,
    });
  }
  const of = (id: string) => records.filter(({ collector }) => collector.id === id);
  const plans = [...images.values()].filter(({ layers }) => layers.some(({ exhibit }) => exhibit !== undefined));
  for (const top of records) {
    if (top.kind !== 'tar') continue;
    const { id } = top.collector;
    if (id === VOLUME) {
      const key = `volume:${top.id}`;
      plans.push({ key, kind: 'volume', target: top.target, top, how: 'whole', layers: [], complete: false });
    } else if (id === UPPER || EXPORTS.includes(id)) {
      const inspect = nearest(of('container.inspect'), top);
      const image = inspect && images.get((await json(ctx, inspect, OfImage))?.Image ?? '');
      plans.push({
        key: `container:${top.id}`,
        kind: 'container',
        target: top.target,
        top,
        how: id === UPPER ? 'upper' : 'whole',
        layers: image?.layers ?? [],
        complete: image?.complete ?? false,
        changes: nearest(of('container.changes'), top),
        inspect,
      });
    }
  }
  return plans;
}
