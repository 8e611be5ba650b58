import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Read at once, in bytes. */
const PIECE = 1 << 20;

/**
 * Opens a file for reading only, not following a link in its last part, not waiting on a FIFO, and without moving its
 * access time where the system lets us (Linux: owner or root, open(2) O_NOATIME).
 */
export async function openSource(path: string | Buffer): Promise<FileHandle> {
  // Windows knows none of these flags; Node gives undefined for them there
  const quiet = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const noAtime = constants.O_NOATIME ?? 0;
  if (noAtime === 0) return open(path, quiet);
  try {
    return await open(path, quiet | noAtime);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM') return open(path, quiet);
    throw error;
  }
}

/** A file's bytes from its beginning, at most `limit` of them. */
export async function* piecesOf(file: FileHandle, limit = Number.MAX_SAFE_INTEGER): AsyncGenerator<Buffer> {
  for (let at = 0; at < limit; ) {
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, limit - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
