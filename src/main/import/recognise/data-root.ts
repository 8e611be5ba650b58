/** The files of an engine's data root (moby: daemon/config, layer/filestore.go, image/fs.go, reference/store.go). */
export type RootFile =
  | { what: 'config' | 'hostconfig' | 'log' | 'local log' | 'other log'; container: string }
  | { what: 'mount'; container: string }
  | { what: 'repositories' | 'layer' | 'engine id' }
  | { what: 'image'; image: string };

const CONTAINER = /^containers\/([0-9a-f]{64})\/(.+)$/s;

/** What a file below a data root is; undefined for one that nothing is done with. */
export function rootFile(path: string): RootFile | undefined {
  const [, container, file = ''] = CONTAINER.exec(path) ?? [];
  if (container !== undefined) {
    if (file === 'config.v2.json') return { what: 'config', container };
    if (file === 'hostconfig.json') return { what: 'hostconfig', container };
    if (new RegExp(`^${container}-json\\.log(?:\\.\\d+)?$`).test(file)) return { what: 'log', container };
    if (/^local-logs\/[^/]+$/s.test(file)) return { what: 'local log', container };
    if (/^container-cached\.log[^/]*$|-json\.log\.\d+\.gz$/s.test(file)) return { what: 'other log', container };
    return undefined;
  }
  if (path === 'engine-id') return { what: 'engine id' };
  if (/^image\/[^/]+\/repositories\.json$/.test(path)) return { what: 'repositories' };
  const image = /^image\/[^/]+\/imagedb\/content\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  if (image !== undefined) return { what: 'image', image };
  const mount = /^image\/[^/]+\/layerdb\/mounts\/([0-9a-f]{64})\/(?:mount-id|init-id|parent)$/.exec(path)?.[1];
  if (mount !== undefined) return { what: 'mount', container: mount };
  return /^image\/[^/]+\/layerdb\/sha256\/[0-9a-f]{64}\/(?:diff|cache-id|parent|size)$/.test(path)
    ? { what: 'layer' }
    : undefined;
}

/** Folders in which other file systems lie: a data root in one of them belongs to a container, not to the host. */
const NESTED =
  /(?:^|\/)(?:overlay2?|vfs|aufs|btrfs|devicemapper|zfs|fuse-overlayfs|rootfs|volumes|snapshots|merged|diff|io\.containerd[^/]*)(?:\/|$)/;

const SIGNS = [
  /^(.*?)containers\/[0-9a-f]{64}\/(?:config\.v2|hostconfig)\.json$/s,
  /^(.*?)image\/(?:overlay2|vfs|btrfs|zfs|fuse-overlayfs|overlayfs|aufs|devicemapper)\/(?:repositories\.json|layerdb\/.+|imagedb\/.+)$/s,
];

/** The place of a data root that a member's name tells of: '' or 'var/lib/docker/'; undefined where it tells of none. */
export function dataRootOf(path: string): string | undefined {
  for (const sign of SIGNS) {
    const place = sign.exec(path)?.[1];
    if (place === undefined || (place !== '' && !place.endsWith('/')) || NESTED.test(place)) continue;
    return place;
  }
  return undefined;
}

/** The place of a containerd root that a member's name tells of. */
export function containerdRootOf(path: string): string | undefined {
  const place = /^(.*?)io\.containerd\.(?:metadata\.v1\.bolt|content\.v1\.content|snapshotter\.v1\.\w+)\//s.exec(
    path,
  )?.[1];
  return place === undefined || (place !== '' && !place.endsWith('/')) || NESTED.test(place) ? undefined : place;
}
