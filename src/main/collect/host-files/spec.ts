import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';

/** Bytes of one file unless the part says otherwise: more than any configuration file. */
export const FILE_LIMIT = 64 << 20;

/** What stands before each part's frames: `<as>:3.path`, `<as>:3`. Lower case, digits, dot, dash. */
interface Called {
  as: string;
}

/** Files by patterns of the shell (`*`, `?`, `[…]`), which are ours: nothing a host said may be in them. */
export interface FilesPart extends Called {
  files: readonly string[];
  /** At most so many bytes of each; 0 for all of it. */
  limit?: number;
  /** Also read what a link as the file itself leads to (/etc/resolv.conf); links are recorded as links otherwise. */
  follow?: boolean;
  /** Leave out files last written before this time, in seconds since 1970. */
  since?: number;
}

/** Files by their exact paths, which may come from the host; not below /proc, /sys, /dev. */
export interface NamedPart extends Called {
  named: readonly string[];
  limit?: number;
}

/** Names, types, modes, owners, sizes, times of what lies in a folder. Patterns are ours. */
export interface ListPart extends Called {
  list: readonly string[];
  /** Levels below the folder; 1 is what lies in it. */
  depth?: number;
}

/** What asking would change, so that it is not asked then; see the script. */
export type Guard = 'nf_tables' | 'xtables' | 'conntrack' | 'timesyncd' | 'rpm' | 'journal';

/** A command, where the host has it. Its words are ours, or checked digits. */
export interface RunPart extends Called {
  run: readonly [string, ...string[]];
  guard?: Guard;
  /** Ended after so many seconds; default 60, 0 for never. */
  seconds?: number;
}

/** Programs by name: path, size, times, SHA-256 and package owner of each on disk; `running`: of each that runs. */
export interface BinariesPart extends Called {
  binaries: readonly string[];
}

export type LeafPart = FilesPart | NamedPart | ListPart | RunPart | BinariesPart;

/** Paths of the parts are below the first ROOT/SUB that is there; a link out of it is not followed. May come from the host. */
export interface WithinPart {
  within: readonly (readonly [root: string, sub: string])[];
  parts: readonly LeafPart[];
}

/** Paths of the parts are below the home folder of each user: those of /etc/passwd, /root, and what lies in /home. */
export interface HomesPart {
  homes: readonly LeafPart[];
}

export type Part = LeafPart | WithinPart | HomesPart;

/** The arguments of the script for these parts. Throws BAD_INPUT for a path from the host that cannot be one. */
export function wordsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if ('within' in part) {
      const roots = part.within.flatMap(([root, sub]) => ['within', folder(root), relative(sub)]);
      return ['inside', ...roots, ...part.parts.flatMap(leaf), 'anywhere'];
    }
    if ('homes' in part) return ['homes', ...part.homes.flatMap(leaf), 'anywhere'];
    return leaf(part);
  });
}

function leaf(part: LeafPart): string[] {
  const as = called(part.as);
  if ('files' in part) {
    const { limit = FILE_LIMIT, follow, since = 0 } = part;
    return part.files.flatMap((path) => ['files', as, `${limit}`, follow ? 'follow' : 'stay', `${since}`, path]);
  }
  if ('named' in part) return part.named.flatMap((path) => ['named', as, `${part.limit ?? FILE_LIMIT}`, folder(path)]);
  if ('list' in part) return part.list.flatMap((path) => ['list', as, `${part.depth ?? 1}`, path]);
  if ('binaries' in part)
    return [
      ...part.binaries.flatMap((name) => ['binary', as, name]),
      'running',
      `${as}.running`,
      part.binaries.join(' '),
    ];
  return ['run', as, part.guard ?? '-', `${part.seconds ?? 60}`, `${part.run.length}`, ...part.run];
}

function called(as: string): string {
  if (/^[a-z0-9][a-z0-9.-]{0,47}$/.test(as)) return as;
  throw new LadingError('INTERNAL', `"${as}" cannot be the name of a frame.`);
}

/** An absolute path as a host may name one: no NUL, no line feed, no `..`. */
function folder(path: string): string {
  const parts = path.split('/');
  if (path.startsWith('/') && !/[\u0000\n]/.test(path) && !parts.includes('..')) return path;
  throw new LadingError('BAD_INPUT', `The host names a path that is none: ${visible(path, { max: 200 })}`, {
    advice: 'Look at where it comes from: the engine’s answer, or the labels of a container.',
  });
}

function relative(path: string): string {
  folder(`/${path}`);
  return path;
}
