import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LadingError } from '../shared/errors';

let found: string | undefined;

/** The folder of Lading's own package.json: of a checkout, an installed package or the inside of an app archive. */
export function packageRoot(): string {
  if (found) return found;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    if (isLading(join(folder, 'package.json'))) {
      found = folder;
      return folder;
    }
    const parent = dirname(folder);
    if (parent === folder) {
      throw new LadingError('INTERNAL', 'Lading does not find its own files.', { advice: 'Install it again.' });
    }
    folder = parent;
  }
}

/** Where the built window lies: `out/renderer`. */
export function rendererFolder(): string {
  return join(packageRoot(), 'out', 'renderer');
}

function isLading(file: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof content === 'object' && content !== null && 'name' in content && content.name === 'lading';
  } catch {
    return false;
  }
}
