import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recognised } from './kinds';
import { byNames, noNames, takeName } from './names';

/** So many names of a folder are looked at for what it is; what it holds is surveyed once it is stored. */
const MAX_NAMES = 5000;
/** Below the folder itself, or where a copy of a whole file system keeps its engine. */
const PLACES = ['', 'docker/', 'containerd/', 'var/lib/docker/', 'var/lib/containerd/', '[root]/var/lib/docker/'];

/** Recognises a folder by the names in it. A folder that cannot be listed tells nothing. */
export async function byFolder(root: string): Promise<Recognised> {
  const names = noNames();
  let left = MAX_NAMES;
  const list = async (place: string) => {
    const found = await readdir(join(root, place), { withFileTypes: true }).catch(() => []);
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const look = async (place: string, depth: number): Promise<void> => {
    for (const entry of await list(place)) {
      if (left <= 0) return;
      left -= 1;
      const name = `${place}${entry.name}`;
      takeName(names, entry.isDirectory() ? `${name}/` : name);
      // containers/ID/config.v2.json and image/DRIVER/repositories.json are the deepest that is needed
      if (entry.isDirectory() && depth > 0 && (depth === 1 || /^(?:containers|image)$/.test(entry.name))) {
        await look(`${name}/`, depth - 1);
      }
    }
  };
  for (const place of PLACES) {
    left = MAX_NAMES;
    await look(place, place === '' || place.endsWith('docker/') ? 2 : 1);
  }
  for (const entry of await list('')) if (/^io\.containerd\./.test(entry.name)) takeName(names, `${entry.name}/x`);
  const { kind, why } = byNames(names);
  return kind === 'tar' ? { kind, why: 'it is a folder, but of no kind that Lading knows' } : { kind, why };
}
