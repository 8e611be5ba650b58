import { plainName } from '../tar/names';
import { containerdRootOf, dataRootOf } from './data-root';
import type { Recognised } from './kinds';

/** What the names in an archive or a folder tell, gathered one by one in constant memory. */
export interface Names {
  /** First parts of the names, the first thousand of them. */
  top: Set<string>;
  /** Places of data roots: '' or 'var/lib/docker/'. */
  dataRoots: Set<string>;
  containerdRoots: Set<string>;
  uac: { log: boolean; live: boolean };
  /** Names that climb or hold a NUL: none is ever used as a path. */
  climbing: number;
  absolute: number;
}

const KEPT = 1000;

export function noNames(): Names {
  return {
    top: new Set(),
    dataRoots: new Set(),
    containerdRoots: new Set(),
    uac: { log: false, live: false },
    climbing: 0,
    absolute: 0,
  };
}

/** Takes a name in; gives it made plain, or undefined where it is none to trust. */
export function takeName(names: Names, given: string): string | undefined {
  if (given.startsWith('/')) names.absolute += 1;
  const path = plainName(given);
  if (path === undefined) {
    names.climbing += 1;
    return undefined;
  }
  if (path === '') return undefined;
  const top = path.split('/', 1)[0] ?? '';
  if (names.top.size < KEPT) names.top.add(top);
  if (path === 'uac.log' || path === 'uac.log.stderr') names.uac.log = true;
  if (top === 'live_response') names.uac.live = true;
  const root = dataRootOf(path);
  if (root !== undefined && names.dataRoots.size < KEPT) names.dataRoots.add(root);
  const containerd = containerdRootOf(path);
  if (containerd !== undefined && names.containerdRoots.size < KEPT) names.containerdRoots.add(containerd);
  return path;
}

/** The one root that counts where names tell of several: the least deep, then the first by name. */
export function firstRoot(roots: ReadonlySet<string>): string | undefined {
  const depth = (root: string) => root.split('/').length;
  return [...roots].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))[0];
}

/** Folders and links that the root of a Linux system has. */
const SYSTEM = ['bin', 'dev', 'etc', 'lib', 'proc', 'root', 'sbin', 'sys', 'tmp', 'usr', 'var'];

/** Recognises an archive or a folder by its names. */
export function byNames(names: Names): Recognised {
  const has = (name: string) => names.top.has(name);
  const place = (root: string | undefined) => (root ? ` at ${root}` : '');
  if (has('config.dump') && has('spec.dump')) {
    return {
      kind: 'checkpoint',
      why: 'it has config.dump and spec.dump, as checkpoints of Podman and Kubernetes have',
    };
  }
  if (names.uac.log && names.uac.live)
    return { kind: 'uac', why: 'it has uac.log and live_response/, as UAC writes them' };
  if (
    has('manifest.json') &&
    (has('blobs') ||
      has('repositories') ||
      [...names.top].some((one) => /\.json$|^[0-9a-f]{64}$/.test(one) && one !== 'manifest.json'))
  ) {
    return { kind: 'docker-save', why: 'it has manifest.json and layers, as docker save writes them' };
  }
  if (has('oci-layout') && has('index.json')) return { kind: 'oci-archive', why: 'it has oci-layout and index.json' };
  if (names.dataRoots.size > 0) {
    const root = firstRoot(names.dataRoots);
    return { kind: 'data-root', why: `it has an engine's containers or images${place(root)}` };
  }
  if (names.containerdRoots.size > 0) {
    const root = firstRoot(names.containerdRoots);
    return { kind: 'containerd-root', why: `it has containerd's content and snapshots${place(root)}` };
  }
  const system = SYSTEM.filter(has);
  if (has('.dockerenv') && system.length >= 3) {
    return {
      kind: 'docker-export',
      why: "it has a Linux system's folders and .dockerenv, as docker export writes them",
    };
  }
  if (system.length >= 5) {
    return {
      kind: 'docker-export',
      why: "it has a Linux system's folders; .dockerenv, which Docker leaves, is not there",
    };
  }
  return { kind: 'tar', why: 'it is a tar archive, but of no kind that Lading knows' };
}
