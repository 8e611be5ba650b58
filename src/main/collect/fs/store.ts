import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { overlaySnapshots, type Snapshot } from '../../analyze/formats/overlay-snapshots';
import { overlayDirs, parseMountinfo } from '../../analyze/formats/proc-mountinfo';
import type { CollectContext } from '../collector';
import { containerId, engineRoot } from '../host-files';
import { readHostFile } from './host-file';

const SNAPSHOTTER = 'io.containerd.snapshotter.v1.overlayfs';
export const CONTENT = 'io.containerd.content.v1.content/blobs/sha256';
/** The snapshotter's database grows by some hundred bytes a snapshot. */
const DATABASE_MAX = 128 << 20;

/** A folder of the host, and by what it was found, for the record. */
export interface Found {
  dir: string;
  by: string;
  /** The folder that the engine laid between the image and the container when it made it. */
  init?: string;
}

/** Roots of containerd: Docker's own inside of its root, or the host's. */
export function containerdRoots(ctx: CollectContext): string[] {
  return [`${engineRoot(ctx)}/containerd/daemon`, '/var/lib/containerd'];
}

/** Whether the engine keeps images in containerd's store: then it has no layerdb. */
export function usesContainerd(ctx: CollectContext): boolean {
  return ctx.facts.engine?.storageDriver === 'overlayfs';
}

/** Whether it is known how an engine with this storage driver keeps image layers on disk: Docker's overlay2, and containerd's overlayfs. */
export function keepsLayers(driver: string | undefined): boolean {
  return driver === 'overlay2' || driver === 'overlayfs';
}

/** Why layers are not taken from the disk of an engine that keeps them in a way not known here; undefined where it is known. */
export function layersUnknown(ctx: CollectContext): string | undefined {
  const driver = ctx.facts.engine?.storageDriver;
  if (keepsLayers(driver)) return undefined;
  return `How an engine with the storage driver ${visible(driver ?? 'unknown', { max: 40 })} keeps its layers on disk is not known here: image.save takes them through the engine.`;
}

/** The chain ids of an image's layers (OCI image spec, config.md, "Layer ChainID"), as hex, from the diff ids. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chain: string[] = [];
  for (const diffId of diffIds) {
    const before = chain.at(-1);
    chain.push(before ? createHash('sha256').update(`sha256:${before} ${diffId}`).digest('hex') : hexOf(diffId));
  }
  return chain;
}

/** The hex of 'sha256:…'. Throws ENGINE_ERROR for anything else: it becomes part of a path. */
export function hexOf(digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
  if (hex) return hex;
  throw new LadingError('ENGINE_ERROR', `The engine gives as a digest what is none: ${visible(digest, { max: 100 })}`);
}

const Inspect = z.object({
  State: z.object({ Pid: z.number().int().nonnegative() }).optional(),
  GraphDriver: z
    .object({ Data: z.object({ UpperDir: z.string().optional() }).nullish() })
    .nullish()
    .catch(undefined),
});

/**
 * The upper directory of a container, running or not. overlay2: layerdb's mount-id. containerd: the snapshotter's metadata.db, else the
 * mounts of its first process. Others that mount an overlay (Podman): as the engine says. Throws NOT_POSSIBLE where none of these knows.
 */
export async function upperOf(ctx: CollectContext, container: string): Promise<Found> {
  const id = containerId(container);
  const root = engineRoot(ctx);
  if (usesContainerd(ctx)) {
    const snapshot = await snapshotOf(ctx, id);
    if (snapshot) return snapshot;
  } else {
    const at = `${root}/image/overlay2/layerdb/mounts/${id}/mount-id`;
    const [mount, named] = (
      await Promise.all([at, at.replace(/mount-id$/, 'init-id')].map((path) => readHostFile(ctx, path, 200)))
    ).map((content) => content?.toString('latin1').trim());
    if (mount && /^[0-9a-z]{1,100}$/.test(mount)) {
      const init = named && /^[0-9a-z]{1,100}(?:-init)?$/.test(named) ? `${root}/overlay2/${named}/diff` : undefined;
      return { dir: `${root}/overlay2/${mount}/diff`, by: at, ...(init !== undefined && { init }) };
    }
  }
  const inspect = await ctx.engine.json(Inspect, `/containers/${encodeURIComponent(container)}/json`);
  const said = inspect.GraphDriver?.Data?.UpperDir;
  if (said?.startsWith('/') && !said.includes('\0')) return { dir: said, by: 'GraphDriver.Data.UpperDir of inspect' };
  const pid = inspect.State?.Pid ?? 0;
  const mounted = pid > 0 ? await mountedUpper(ctx, pid) : undefined;
  if (mounted) return mounted;
  throw new LadingError(
    'NOT_POSSIBLE',
    `Where the container's own files lie is not known: the storage driver is ${visible(ctx.facts.engine?.storageDriver ?? 'unknown', { max: 40 })}.`,
    { advice: 'Take its file system through the engine (container.export).' },
  );
}

/** What the snapshotter knows, from the first containerd that has such a file. */
export async function snapshotsOf(
  ctx: CollectContext,
): Promise<{ root: string; at: string; list: Snapshot[] } | undefined> {
  for (const root of containerdRoots(ctx)) {
    const at = `${root}/${SNAPSHOTTER}/metadata.db`;
    const file = await readHostFile(ctx, at, DATABASE_MAX);
    if (file && file.length > 0) return { root: `${root}/${SNAPSHOTTER}/snapshots`, at, list: overlaySnapshots(file) };
  }
  return undefined;
}

async function snapshotOf(ctx: CollectContext, name: string): Promise<Found | undefined> {
  try {
    const known = await snapshotsOf(ctx);
    const one = known?.list.find((snapshot) => snapshot.name === name);
    const init = known?.list.find((snapshot) => snapshot.name === `${name}-init`);
    if (!known || !one) return undefined;
    return { dir: `${known.root}/${one.id}/fs`, by: known.at, ...(init && { init: `${known.root}/${init.id}/fs` }) };
  } catch (error) {
    // Its writer may have been at work while it was read: a running container's mounts say the same.
    if (error instanceof LadingError && error.code === 'FILE_UNREADABLE') return undefined;
    throw error;
  }
}

async function mountedUpper(ctx: CollectContext, pid: number): Promise<Found | undefined> {
  const at = `/proc/${pid}/mountinfo`;
  const bytes = await readHostFile(ctx, at, 16 << 20);
  const mount = bytes && parseMountinfo(bytes).mounts.find((one) => one.mountPoint === '/');
  const upper = mount && overlayDirs(mount)?.upper;
  return upper?.startsWith('/') ? { dir: upper, by: at } : undefined;
}
