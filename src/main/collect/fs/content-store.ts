import { z } from 'zod';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { readHostFile } from './host-file';
import { CONTENT, containerdRoots, hexOf } from './store';

/** An index, a manifest or a configuration; the OCI image spec lets registries refuse more than 4 MiB. */
const DOCUMENT_MAX = 16 << 20;
const INDEX_DEPTH = 4;

const Descriptor = z.looseObject({
  digest: z.string(),
  mediaType: z.string().catch(''),
  size: z.number().int().nonnegative().catch(0),
});
export type Descriptor = z.infer<typeof Descriptor>;

/** OCI image index and manifest, and Docker's of the same shape. */
const Document = z.looseObject({
  manifests: z.array(Descriptor).optional(),
  config: Descriptor.optional(),
  layers: z.array(Descriptor).optional(),
});

/** What an image of containerd's store consists of. */
export interface StoredImage {
  /** The folder of the blobs. */
  folder: string;
  /** Indexes, manifests and configurations. */
  documents: Descriptor[];
  layers: Descriptor[];
  /** Of other platforms, most often: the index names them, the store does not have them. */
  absent: string[];
}

/** Follows an image from its digest through containerd's content store. Throws NOT_POSSIBLE where no store has it. */
export async function storedImage(ctx: CollectContext, image: string): Promise<StoredImage> {
  for (const root of containerdRoots(ctx)) {
    const folder = `${root}/${CONTENT}`;
    const found: StoredImage = { folder, documents: [], layers: [], absent: [] };
    const first = { digest: image, mediaType: '', size: 0 };
    if (await follow(ctx, first, found, 0)) return found;
  }
  throw new LadingError('NOT_POSSIBLE', `No content store on this host has ${visible(image, { max: 100 })}.`, {
    advice: 'Take the image through the engine (image.save).',
  });
}

async function follow(ctx: CollectContext, from: Descriptor, found: StoredImage, depth: number): Promise<boolean> {
  const hex = hexOf(from.digest);
  if (depth > INDEX_DEPTH || found.documents.some(({ digest }) => digest === from.digest)) return true;
  const bytes = await readHostFile(ctx, `${found.folder}/${hex}`, DOCUMENT_MAX);
  if (!bytes) return false;
  found.documents.push({ ...from, size: bytes.length });
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch {
    return true; // kept as it is; its digest says whether it was changed
  }
  const { manifests = [], config, layers = [] } = Document.safeParse(json).data ?? {};
  for (const one of manifests) if (!(await follow(ctx, one, found, depth + 1))) found.absent.push(one.digest);
  if (config) found.documents.push(config);
  for (const one of layers) if (!found.layers.some(({ digest }) => digest === one.digest)) found.layers.push(one);
  return true;
}

/** As root, without touching the access time where dd can. */
const READ_BLOB = `
LC_ALL=C; export LC_ALL
if dd if=/proc/version of=/dev/null iflag=noatime,count_bytes count=1 status=none 2>/dev/null; then
  exec dd if="$1" iflag=noatime,nofollow bs=262144 status=none
fi
exec cat "$1"
`;

/** Takes one blob as it lies there, once for the case, and says so where it is not what its name says. */
export async function takeBlob(ctx: CollectContext, folder: string, blob: Descriptor): Promise<void> {
  const hex = hexOf(blob.digest);
  const json = blob.mediaType === '' || /json$/.test(blob.mediaType);
  const isTar = /(?:\.tar|rootfs\.diff\.tar)$/.test(blob.mediaType);
  const what = json ? 'Document' : 'Layer blob';
  await ctx.once(hex, async () => {
    const record = await ctx.capture(
      {
        file: `${hex.slice(0, 12)}.${json ? 'json' : isTar ? 'tar' : 'blob'}`,
        kind: json ? 'json' : isTar ? 'tar' : 'binary',
        title: `${what} ${blob.digest} of the content store, ${visible(blob.mediaType || 'of no said type', { max: 100 })}`,
      },
      ['sh', '-c', READ_BLOB, 'lading', `${folder}/${hex}`],
      { asRoot: true },
    );
    if (record && !record.partial && record.sha256 !== hex) {
      await ctx.miss(
        'unreadable',
        `${what} ${blob.digest} was changed on the host's disk: its SHA-256 is ${record.sha256}. ${record.id} is kept as found.`,
      );
    }
    return record;
  });
}
