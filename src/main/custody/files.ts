import { constants } from 'node:fs';
import { chmod, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder's list of names durable. Windows cannot and need not: its names are journalled. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Writes a new file that must not exist yet, and makes it durable. `readOnly` sets mode 0444 (Windows: read-only). */
export async function writeNew(path: string, data: string | Uint8Array, options: { readOnly?: boolean } = {}) {
  const file = await open(path, 'wx', 0o644);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  if (options.readOnly) await chmod(path, 0o444);
}

/** Puts a file in the place of an older one, or of none, so that a crash leaves the one or the other whole. */
export async function replaceFile(path: string, data: string | Uint8Array): Promise<void> {
  const beside = `${path}.new`;
  const file = await open(beside, 'w', 0o644);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path));
}
