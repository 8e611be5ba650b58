import { realpath, stat } from 'node:fs/promises';
import type { ImportKind, ImportLook } from '../../shared/contract/import';
import { asLadingError } from '../../shared/errors';
import { openSource, piecesOf } from './folder/source';
import { recognise, unreadable } from './look';
import { refuseCase } from './one';
import { byFolder } from './recognise/folder';
import { HEAD } from './recognise/head';
import type { Recognised } from './recognise/kinds';
import { packingOf } from './unpack';

/** So much of a file is looked at before the import begins; the import itself looks at all of it. */
const LOOKED = 32 << 20;

/**
 * Says what files and folders are, as far as their beginnings and names tell, and what an import would do. Stores nothing
 * and writes no ledger entry; reads at most 32 MiB of each. Never rejects for one that cannot be read: that says why.
 */
export async function previewImport(
  paths: readonly string[],
  dir: string,
  signal: AbortSignal,
  kind?: ImportKind,
): Promise<ImportLook[]> {
  const looks: ImportLook[] = [];
  for (const given of paths) {
    signal.throwIfAborted();
    try {
      looks.push(await previewOne(given, dir, kind));
    } catch (error) {
      const { message, advice } = asLadingError(error);
      looks.push({ path: given, folder: false, plan: [], problem: advice ? `${message} ${advice}` : message });
    }
  }
  return looks;
}

async function previewOne(given: string, dir: string, kind: ImportKind | undefined): Promise<ImportLook> {
  const failed = (cause: unknown) => {
    throw unreadable(given, cause);
  };
  const path = await realpath(given).catch(failed);
  refuseCase(path, dir);
  const about = await stat(path).catch(failed);
  const folder = about.isDirectory();
  const { recognised, whole, packed } = folder ? await lookAtFolder(path) : await lookAtBeginning(path, about.size);
  const taken: Recognised =
    kind === undefined || kind === recognised.kind
      ? recognised
      : { kind, why: `you say so; by its content: ${recognised.why}` };
  return {
    path: given,
    folder,
    bytes: folder ? undefined : about.size,
    kind: taken.kind,
    why: whole ? taken.why : `by its beginning: ${taken.why}`,
    plan: planOf(taken.kind, folder, packed),
    problem: !folder && about.size === 0 ? 'It is empty: there is nothing to store.' : undefined,
  };
}

async function lookAtFolder(path: string) {
  return { recognised: await byFolder(path), whole: true, packed: false };
}

async function lookAtBeginning(path: string, size: number) {
  const file = await openSource(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const parts: Buffer[] = [];
    for await (const piece of piecesOf(file, HEAD)) parts.push(piece);
    const head = Buffer.concat(parts);
    const packing = packingOf(head);
    const { recognised } = await recognise(head, packing, size, piecesOf(file, LOOKED));
    return { recognised, whole: size <= LOOKED, packed: packing !== 'none' };
  } finally {
    await file.close();
  }
}

/** What an import does with one of that kind, in sentences. */
function planOf(kind: ImportKind, folder: boolean, packed: boolean): string[] {
  const plan = [
    folder
      ? 'The folder becomes one tar archive, an exhibit, hashed while it is written: links are not followed, nothing in the folder is changed.'
      : `The file becomes an exhibit, whole and ${packed ? 'packed ' : ''}as it is, hashed while it is written.`,
  ];
  if (kind === 'data-root' || kind === 'uac') {
    plan.push(
      'Configurations, logs, configurations of images and what the engine says of layers become exhibits of their own, of each container on the disk, also of those that the engine no longer lists.',
    );
  } else if (kind === 'docker-save') {
    plan.push("Each image's configuration with its history becomes an exhibit of its own.");
  }
  return plan;
}
