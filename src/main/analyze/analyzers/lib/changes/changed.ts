import { posix } from 'node:path';
import { z } from 'zod';
import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { Doc } from '../doc';
import { CITES_LIMIT, type Hit, listed, type Rule } from '../rule';

/** Docker's letters for an entry of `GET /containers/{id}/changes`: Kind 0, 1, 2. */
export const KINDS = ['changed', 'added', 'deleted'] as const;
export type ChangeKind = (typeof KINDS)[number];

/** A path of the container that is not as in its image. */
export interface Change {
  path: string;
  kind: ChangeKind;
  /** Something below it is changed too: it is a folder, and listed for that alone. */
  folder: boolean;
  cite: Citation;
}

const Entry = z.object({ Path: z.string(), Kind: z.int().min(0).max(2) });

/** What a rule looks at: the changes of one container. */
export interface Changes {
  exhibit: ExhibitRecord;
  all: readonly Change[];
  /** The database of a package manager changed, so that programs may come from packages. */
  packages: boolean;
}

const PACKAGE_DATABASE =
  /^\/(?:var\/lib\/dpkg\/status|lib\/apk\/db\/installed|usr\/lib\/apk\/db\/installed|(?:var|usr)\/lib\/(?:sysimage\/)?rpm\/(?:Packages|rpmdb\.sqlite|Packages\.db)|var\/lib\/pacman\/local\/.+)$/;

/** Whether a path is where a package manager writes down what it installed. */
export function isPackageDatabase(path: string): boolean {
  return PACKAGE_DATABASE.test(path);
}

/** Reads the engine's list. Entries of another form are reported; no change at all is `null`. */
export function readChanges(doc: Doc): Changes {
  const entries = doc.value === null ? [] : doc.list(Entry);
  const folders = new Set<string>();
  for (const { value } of entries) {
    for (
      let parent = posix.dirname(value.Path);
      parent.length > 1 && !folders.has(parent);
      parent = posix.dirname(parent)
    ) {
      folders.add(parent);
    }
  }
  const all = entries.map(({ value, cite }): Change => {
    const kind = KINDS[value.Kind] ?? 'changed';
    return { path: value.Path, kind, folder: folders.has(value.Path), cite };
  });
  return {
    exhibit: doc.exhibit,
    all,
    packages: all.some(({ path, kind }) => kind !== 'deleted' && isPackageDatabase(path)),
  };
}

export type ChangeRule = Rule & { check: (changes: Changes) => Hit[] };

const shownPath = (path: string) => visible(path, { max: 300 });

/** One finding for each path: for the few that matter by themselves. */
export function eachPath(fitting: readonly Change[]): Hit[] {
  return fitting.map(({ path, kind, cite }) => ({
    claim: `${shownPath(path)} was ${kind} since the container was made from its image.`,
    cites: [cite],
  }));
}

/** One finding for all: for what comes in numbers. `what` says it of one and of several: ['log was', 'logs were']. */
export function together(
  fitting: readonly Change[],
  what: readonly [one: string, several: string],
  done: string,
  more: Partial<Hit> = {},
): Hit[] {
  if (fitting.length === 0) return [];
  const paths = listed(
    fitting.map(({ path }) => shownPath(path)),
    8,
  );
  const subject = fitting.length === 1 ? `one ${what[0]}` : `${fitting.length} ${what[1]}`;
  const beyond = fitting.length > CITES_LIMIT ? ` The first ${CITES_LIMIT} are cited.` : '';
  return [
    {
      ...more,
      claim: `Since the container was made from its image, ${subject} ${done}: ${paths}.${beyond}`,
      cites: fitting.map(({ cite }) => cite),
    },
  ];
}
