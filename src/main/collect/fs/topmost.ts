/** Of `GET /containers/{id}/changes`: Kind 0 is changed, 1 added, 2 deleted. */
export interface Change {
  Path: string;
  Kind: number;
}

/**
 * The paths whose archives together hold every changed and added file once: an added folder stands for all below it; a changed folder
 * only says that something below it changed, and is left out when that something is listed. Deleted paths have no content.
 */
export function topmostChanges(changes: readonly Change[]): string[] {
  const sorted = [...changes].filter((one) => one.Kind !== 2 && one.Path.startsWith('/'));
  const added = new Set(sorted.filter((one) => one.Kind === 1).map((one) => one.Path));
  const parents = new Set(changes.flatMap((one) => ancestors(one.Path)));
  return sorted
    .filter(({ Path, Kind }) => !ancestors(Path).some((one) => added.has(one)) && (Kind === 1 || !parents.has(Path)))
    .map((one) => one.Path);
}

function ancestors(path: string): string[] {
  const all: string[] = [];
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) all.push(path.slice(0, at));
  return all;
}
