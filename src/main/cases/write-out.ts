import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { asLadingError } from '../../shared/errors';
import { newFileOutside } from './bytes';

/**
 * Writes a new file outside the case folder, piece by piece, hashing what is written; gives its path, SHA-256, bytes and the sum of
 * the rows. Throws BAD_INPUT where the file is there or lies in the case; a file that could not be finished is removed.
 */
export async function writeOut(
  dir: string,
  to: string,
  pieces: AsyncIterable<{ text: string; rows: number }>,
): Promise<{ path: string; sha256: string; bytes: number; rows: number }> {
  const { path, file } = await newFileOutside(dir, to);
  const hash = createHash('sha256');
  let bytes = 0;
  let rows = 0;
  try {
    for await (const piece of pieces) {
      const part = Buffer.from(piece.text);
      hash.update(part);
      await file.writeFile(part);
      bytes += part.length;
      rows += piece.rows;
    }
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw asLadingError(error);
  }
  await file.close();
  return { path, sha256: hash.digest('hex'), bytes, rows };
}
