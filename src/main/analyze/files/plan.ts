import { z } from 'zod';
import type { ExhibitRecord, TargetRef } from '../../../shared/domain';
import type { Images, KnownImage } from './images';
import { imagesOf, jsonOf } from './images';
import type { Reading } from './listing';
import { type RootContainer, rootsOf, rootVolumes } from './roots';
import { archiveSource, listingSource, type Source } from './source';

/** A layer of a view: by the digest of the image, or how a copied disk names its folder. */
export interface PlannedLayer {
  digest: string;
  /** Of the source; absent for a layer that was not collected. */
  exhibit?: ExhibitRecord;
  source?: Source;
}

/** A file system that can be put together from the exhibits. */
export interface ViewPlan {
  /** The same for the same exhibits: of what it is and from which exhibit. */
  key: string;
  kind: 'container' | 'image' | 'volume';
  target: TargetRef;
  /** What the container wrote or had; absent for an image alone. */
  top?: ExhibitRecord;
  topSource?: Source;
  /** The listing of the same folder, which has its times of birth too. */
  births?: Source;
  /** What the engine laid between the image and the container when it made it: mount points, empty files, `.dockerenv`. */
  init?: Source;
  /** `whole`: the top holds every file; `upper`: only what is not in the image. */
  how: 'whole' | 'upper' | 'layers';
  /** From the topmost down. */
  layers: PlannedLayer[];
  /** Every layer of the image is there, so that states are certain. */
  complete: boolean;
  /** The engine's own list of changes, taken in the same collection if there is one. */
  changes?: ExhibitRecord;
  inspect?: ExhibitRecord;
}

const UPPER = 'container.upper';
const INIT_FILE = 'container.init.tar';
const LISTING = 'container.upper-listing';
const EXPORTS = ['container.export', 'import.docker-export'];
const VOLUME = 'volume.content';
const MOUNTED = ['container.tmpfs', 'container.binds'];
const LISTINGS = [LISTING, 'image.layer-listing'];
const PACKED = [
  'image.layers',
  'import.docker-save',
  'import.oci-archive',
  'import.data-root',
  'import.containerd-root',
];
const INSPECTS = ['container.inspect', 'import.container-config'];

const OfImage = z.looseObject({ Image: z.string() });

/** Whether an exhibit is something that views are made of. */
export function isFileSystem({ collector: { id }, kind }: Pick<ExhibitRecord, 'collector' | 'kind'>): boolean {
  if (kind === 'tar') return [UPPER, ...EXPORTS, VOLUME, ...MOUNTED, ...PACKED].includes(id);
  if (kind === 'frames') return LISTINGS.includes(id);
  return kind === 'binary' && PACKED.includes(id);
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

/** The same target in the same collection. */
const beside = (records: readonly ExhibitRecord[], to: ExhibitRecord): ExhibitRecord | undefined =>
  records.find(
    ({ host, target, collection }) =>
      host?.id === to.host?.id && target.id === to.target.id && collection === to.collection,
  );

export interface PlanOptions {
  /** Only what listings give: names and states without content, quickly. */
  bare?: boolean;
}

/** Every view that the exhibits give, in the order of exhibits; images first. */
export async function planViews(ctx: Reading, options: PlanOptions = {}): Promise<ViewPlan[]> {
  const images = await imagesOf(ctx);
  const found = options.bare ? [] : await rootsOf(ctx, images);
  const records = ctx.exhibits;
  const of = (id: string) => records.filter(({ collector }) => collector.id === id);
  const plans: ViewPlan[] = [];
  for (const image of images.byId.values()) {
    const plan = { ...base(images, image, options), target: image.target, inspect: image.exhibit };
    const known = plan.layers.some(({ source }) => source !== undefined);
    if (known) plans.push({ ...plan, key: `image:${image.target.id}`, kind: 'image', how: 'layers' });
  }
  const uppers = of(UPPER).filter(({ file, kind }) => kind === 'tar' && file !== INIT_FILE);
  const inits = of(UPPER).filter(({ file }) => file === INIT_FILE);
  const inspects = records.filter(({ collector }) => INSPECTS.includes(collector.id));
  for (const top of records) {
    const { id } = top.collector;
    if (top.kind === 'tar' && id === VOLUME && !options.bare) {
      const topSource = archiveSource(ctx, { exhibit: top }, 'overlay');
      const key = `volume:${top.id}`;
      plans.push({
        key,
        kind: 'volume',
        target: top.target,
        top,
        topSource,
        how: 'whole',
        layers: [],
        complete: false,
      });
      continue;
    }
    const listing = id === LISTING && top.kind === 'frames';
    const upper = uppers.includes(top);
    const whole = top.kind === 'tar' && EXPORTS.includes(id);
    if (!listing && (options.bare || !(upper || whole))) continue;
    if (listing && !options.bare && beside(uppers, top)) continue;
    const inspect = nearest(inspects, top);
    const image = inspect && images.byId.get((await jsonOf(ctx, inspect, OfImage))?.Image ?? '');
    const listed = upper ? beside(of(LISTING), top) : undefined;
    const init = beside(inits, top);
    plans.push({
      ...base(images, image, options),
      key: `container:${top.id}`,
      kind: 'container',
      target: top.target,
      top,
      topSource: listing ? listingSource(ctx, top) : archiveSource(ctx, { exhibit: top }, 'overlay'),
      ...(listed && { births: listingSource(ctx, listed) }),
      init: listing
        ? listingSource(ctx, top, 'init.')
        : init
          ? archiveSource(ctx, { exhibit: init }, 'overlay')
          : listed && listingSource(ctx, listed, 'init.'),
      how: whole ? 'whole' : 'upper',
      changes: nearest(of('container.changes'), top),
      inspect,
    });
  }
  for (const one of found) plans.push(await ofDisk(ctx, images, inspects, one));
  for (const { target, exhibit, place, source } of options.bare ? [] : await rootVolumes(ctx)) {
    plans.push({
      key: `volume:${exhibit.id}:${place}`,
      kind: 'volume',
      target,
      top: exhibit,
      topSource: source,
      how: 'whole',
      layers: [],
      complete: false,
    });
  }
  return plans;
}

/** The layers of an image, each by its best source. */
function base(
  images: Images,
  image: KnownImage | undefined,
  { bare }: PlanOptions,
): Pick<ViewPlan, 'layers' | 'complete'> {
  const layers = (image?.diffIds ?? [])
    .map((digest): PlannedLayer => {
      const sources = images.layers.get(digest) ?? [];
      const source = (bare ? sources.find((one) => one.bare) : undefined) ?? sources[0];
      return { digest, ...(source && { source, exhibit: source.exhibit }) };
    })
    .reverse();
  return { layers, complete: layers.length > 0 && layers.every(({ source }) => source !== undefined) };
}

/** A container of a copied disk: its image's layers by their digests where they are proven there, else its folders. */
async function ofDisk(
  ctx: Reading,
  images: Images,
  inspects: readonly ExhibitRecord[],
  { target, exhibit, upper, init, layers, place }: RootContainer,
): Promise<ViewPlan> {
  const inspect = inspects.find(
    (one) => one.target.id === target.id && 'parent' in one.how && one.how.parent === exhibit.id,
  );
  const image = inspect && images.byId.get((await jsonOf(ctx, inspect, OfImage))?.Image ?? '');
  const ofImage = image && base(images, image, {});
  const own = {
    layers: layers.map(({ digest, source }) => ({ digest, source, exhibit })),
    complete: layers.length > 0,
  };
  return {
    ...(ofImage?.complete ? ofImage : own),
    key: `container:${exhibit.id}:${place}`,
    kind: 'container',
    target: inspect?.target ?? target,
    top: exhibit,
    topSource: upper,
    ...(init && { init }),
    how: 'upper',
    inspect,
  };
}
