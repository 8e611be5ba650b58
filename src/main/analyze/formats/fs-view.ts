import {
  type Flavour,
  type FsEntry,
  isOpaque,
  markOf,
  overlayXattr,
  type Span,
  sameContent,
  sameRights,
} from './fs-entry';
import { folderOf } from './fs-path';

/** What became of a file since the image. 'unknown': there is nothing to compare with. */
export const FILE_STATES = ['image', 'added', 'modified', 'metadata', 'deleted', 'opaque', 'unknown'] as const;
export type FileState = (typeof FILE_STATES)[number];

/** A file of a view, with where it comes from. */
export interface ViewFile extends Omit<FsEntry, 'header'> {
  /** Absent for a folder that no archive has an entry of. */
  header?: Span;
  state: FileState;
  /** Of the layer it comes from: the digest of the layer, or 'upper'. */
  layer: string;
  /** What it was in the image: of modified files. */
  was?: FsEntry;
  /** The mark that says it is deleted. */
  mark?: FsEntry;
  /** Where a renamed folder's content lay in the image (overlayfs `redirect`). */
  movedFrom?: string;
}

export interface ViewOptions {
  emit(file: ViewFile): void;
  /** Something that no engine writes, said once for each kind and place. */
  fault?(entry: FsEntry, reason: string): void;
  /** What to say of an upper entry when no layer of the image is known. */
  unlayered?(entry: FsEntry): FileState;
}

/** No layer below hides anything. */
const OPEN = 0xffff;

/**
 * The file system of a container, put together from the top: first what the container wrote, then the image's layers from
 * the last to the first. Each file is given once, as soon as it is known; of layers only their paths are remembered, so
 * memory grows with the number of files, not with their size. Entries of one archive are given last first, because of
 * two with one name the last counts.
 *
 * As the kernel merges (Documentation/filesystems/overlayfs.rst): folders are merged, anything else hides what is below
 * it; a whiteout hides one name, an opaque folder everything that the layers below have in it. Deleted files are given
 * too, with what they were.
 */
export interface FsView {
  /** What the container wrote: its upper directory, whose marks are the kernel's. */
  upper(entries: Iterable<FsEntry>): void;
  /** Its whole file system as the engine exports it, without marks: what is not in it is deleted. */
  whole(entries: Iterable<FsEntry>): void;
  /** The image's next layer below. */
  layer(id: string, entries: Iterable<FsEntry>, flavour?: Flavour): void;
  /** Gives what is only in the container, and the folders that no archive has an entry of. */
  end(): void;
}

export function createFsView(options: ViewOptions): FsView {
  /** By path: the layer whose entry is seen, and the first one that hides those below it there; as top * 65536 + barrier. */
  const claims = new Map<string, number>();
  const top = new Map<string, { entry: FsEntry; kind: 'file' | 'whiteout' | 'opaque'; met: boolean }>();
  const redirects: { from: string; to: string }[] = [];
  const given = new Set<string>();
  const folders = new Set<string>();
  /** Folders in which the image has something, whether or not one of its archives has an entry of them. */
  const imageFolders = new Set<string>();
  let isWhole = false;
  let layers = 0;

  const give = (file: ViewFile) => {
    given.add(file.path);
    folders.add(folderOf(file.path));
    options.emit(file);
  };

  /** The nearest folder above that hides what the layers from `layer` on have in it. */
  function hidden(path: string, layer: number): boolean {
    for (let at = path; at !== '/'; ) {
      at = folderOf(at);
      const claim = claims.get(at);
      if (claim !== undefined && (claim & 0xffff) < layer) return true;
    }
    return false;
  }

  function claim(path: string, seen: number, barrier: number): void {
    const held = claims.get(path);
    if (held === undefined) claims.set(path, seen * 0x10000 + barrier);
    else claims.set(path, Math.min(Math.floor(held / 0x10000), seen) * 0x10000 + Math.min(held & 0xffff, barrier));
  }

  /** What the container's own entries say about a path of the image: the entry at it, or one above that hides it. */
  function above(path: string): { entry: FsEntry; kind: 'file' | 'whiteout' | 'opaque'; met: boolean } | undefined {
    for (let at = path; at !== '/'; ) {
      at = folderOf(at);
      const one = top.get(at);
      if (one && (one.kind !== 'file' || one.entry.type !== 'directory')) return one;
    }
    return undefined;
  }

  function moved(path: string): { path: string; from: string } | undefined {
    for (const { from, to } of redirects) {
      if (path === from || path.startsWith(`${from}/`)) return { path: to + path.slice(from.length), from: path };
    }
    return undefined;
  }

  /** A file that the image has, seen from the container. */
  function imageFile(entry: FsEntry, layer: string): void {
    for (let at = folderOf(entry.path); !imageFolders.has(at); at = folderOf(at)) imageFolders.add(at);
    for (const at of [{ path: entry.path, from: undefined }, moved(entry.path)]) {
      if (!at) continue;
      const own = top.get(at.path);
      const renamed = at.from === undefined ? {} : { movedFrom: at.from };
      const hider = isWhole ? undefined : above(at.path);
      if (hider || own?.kind === 'whiteout' || (isWhole && !own)) {
        if (at.from !== undefined) continue;
        if (own) own.met = true;
        const mark = hider?.entry ?? own?.entry;
        give({ ...entry, layer, state: 'deleted', ...(mark && { mark }) });
      } else if (own) {
        if (own.met) continue; // a folder of the same name in a lower layer
        own.met = true;
        const state = own.kind === 'opaque' ? 'opaque' : stateOf(own.entry, entry, isWhole);
        const from = state === 'image' ? layer : 'upper';
        give({ ...withContent(own.entry, entry), ...renamed, layer: from, state, was: entry });
      } else give({ ...entry, path: at.path, layer, state: 'image', ...renamed });
    }
  }

  function takeTop(entries: Iterable<FsEntry>): void {
    for (const entry of entries) {
      const mark = isWhole ? undefined : markOf(entry, 'overlay');
      if (top.has(entry.path)) continue; // the archive has it twice: the last one counts
      const kind = mark ? 'whiteout' : isOpaque(entry) ? 'opaque' : 'file';
      top.set(entry.path, { entry, kind, met: false });
      const redirect = overlayXattr(entry, 'redirect');
      if (entry.type !== 'directory' || redirect === undefined || isWhole) continue;
      // a name means: beside this folder; a path begins at the root of the layer
      const from = redirect.startsWith('/') ? redirect : `${folderOf(entry.path).replace(/^\/$/, '')}/${redirect}`;
      if (from.includes('/../') || from === entry.path) options.fault?.(entry, 'A folder that is moved to no place.');
      else redirects.push({ from, to: entry.path });
    }
  }

  return {
    upper: takeTop,
    whole(entries) {
      isWhole = true;
      takeTop(entries);
    },
    layer(id, entries, flavour = 'oci') {
      const layer = layers++;
      if (layer >= OPEN - 1) return;
      for (const entry of entries) {
        const mark = markOf(entry, flavour);
        if (mark?.kind === 'none') continue;
        const path = mark?.path ?? entry.path;
        if (hidden(path, layer)) continue;
        if (mark) {
          // what this layer itself has there stays: a whiteout is about the layers below
          claim(path, OPEN, layer);
          continue;
        }
        const held = claims.get(path);
        const seen = held === undefined ? OPEN : Math.floor(held / 0x10000);
        const closed = held === undefined ? OPEN : held & 0xffff;
        const barrier = entry.type !== 'directory' || isOpaque(entry) ? layer : OPEN;
        if (closed < layer) continue;
        claim(path, layer, barrier);
        if (seen === OPEN) imageFile(entry, id);
        else if (seen === layer) options.fault?.(entry, 'The archive has this name twice; the last one counts.');
      }
    },
    end() {
      for (const { entry, kind, met } of top.values()) {
        if (met) continue;
        if (kind === 'whiteout') {
          give({ ...entry, layer: 'upper', state: 'deleted', mark: entry });
          continue;
        }
        // an archive without entries of its folders: the engine made them when it unpacked it
        const implied = entry.type === 'directory' && imageFolders.has(entry.path);
        const state = implied ? 'image' : layers > 0 ? 'added' : (options.unlayered?.(entry) ?? 'unknown');
        give({ ...entry, layer: 'upper', state });
      }
      for (const path of [...folders]) {
        for (let at = path; !given.has(at); at = folderOf(at)) {
          give(impliedFolder(at));
          if (at === '/') break;
        }
      }
      claims.clear();
      top.clear();
    },
  };
}

/** A file of the container beside what the image has in its place. */
function stateOf(now: FsEntry, was: FsEntry, whole: boolean): FileState {
  if (now.type !== was.type) return 'modified';
  const content = overlayXattr(now, 'metacopy') !== undefined || sameContent(now, was);
  const rights = sameRights(now, was);
  if (now.type === 'directory') return !rights ? 'metadata' : content ? 'image' : 'modified';
  if (!content) return 'modified';
  // in an upper directory there is no file that was not copied up
  return rights && whole ? 'image' : 'metadata';
}

/** overlayfs copies only the metadata up where `metacopy` is on: the content is still the image's. */
function withContent(now: FsEntry, was: FsEntry): FsEntry {
  if (now.type !== 'file' || overlayXattr(now, 'metacopy') === undefined) return now;
  return { ...now, content: was.content, size: was.size, sha256: was.sha256 };
}

function impliedFolder(path: string): ViewFile {
  return { path, type: 'directory', mode: 0, uid: 0, gid: 0, size: 0, exhibit: '', layer: '', state: 'unknown' };
}
