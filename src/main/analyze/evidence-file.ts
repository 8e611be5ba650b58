import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { ExhibitId, type ExhibitRecord } from '../../shared/domain';
import { LadingError } from '../../shared/errors';

/**
 * Where an exhibit's bytes lie. The name comes from a record that somebody may have written by hand, so anything that is
 * not one plain file name inside its own folder is refused, on POSIX and on Windows alike.
 */
export function evidenceFile(dir: string, exhibit: Pick<ExhibitRecord, 'id' | 'file'>): string {
  const { id, file } = exhibit;
  if (!ExhibitId.safeParse(id).success || file === '' || file === '.' || file === '..' || /[/\\:\0]/.test(file)) {
    throw new LadingError(
      'CASE_DAMAGED',
      `The record of exhibit ${JSON.stringify(id)} names a file outside its folder.`,
      {
        advice: 'Verify the case: this record was not written by Lading.',
      },
    );
  }
  return join(dir, 'evidence', id, file);
}

/** Refuses a link, a device or a folder in the place of an exhibit; gives the file's size in bytes. */
export async function evidenceSize(path: string, id: string): Promise<number> {
  const found = await lstat(path).catch((cause: unknown) => {
    throw new LadingError('FILE_UNREADABLE', `The file of ${id} cannot be read.`, {
      advice: 'Verify the case to see what is missing.',
      cause,
    });
  });
  if (!found.isFile()) {
    throw new LadingError('CASE_DAMAGED', `The file of ${id} is not a plain file.`, { advice: 'Verify the case.' });
  }
  return found.size;
}
