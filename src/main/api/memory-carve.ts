import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { ExhibitRecord } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { carvables, carvedBytes } from '../analyze/memory/carve';
import type { OpenMemory } from '../analyze/memory/open';
import { newFileOutside } from '../cases/bytes';
import type { CaseSession } from '../cases/session';
import { placeOf } from './memory-shapes';

/** Writes a carved file outside the case; the ledger says which, from where, and its hash. A copy that is not whole is removed. */
export async function carveOut(
  session: CaseSession,
  record: ExhibitRecord,
  memory: OpenMemory,
  input: { id: string; to: string; reason: string },
  signal?: AbortSignal,
): Promise<{ path: string; sha256: string; bytes: number }> {
  if (session.readOnly !== undefined) {
    throw new LadingError('CASE_READ_ONLY', `The case is open for reading only. ${session.readOnly}`, {
      advice: 'A file is carved only where the ledger can say so.',
    });
  }
  const one = (await carvables(memory, signal)).find(({ id }) => id === input.id);
  if (!one) {
    throw new LadingError('BAD_INPUT', `${record.id} holds no ${JSON.stringify(input.id)} that could be carved.`, {
      advice: 'List what can be carved.',
    });
  }
  const { path, file } = await newFileOutside(session.dir, input.to);
  try {
    const hash = createHash('sha256');
    for await (const bytes of carvedBytes(memory, one)) {
      signal?.throwIfAborted();
      hash.update(bytes);
      await file.writeFile(bytes);
    }
    await file.sync();
    const sha256 = hash.digest('hex');
    if (sha256 !== one.sha256) {
      throw new LadingError('CASE_DAMAGED', `${record.id} changed while it was read.`, { advice: 'Verify the case.' });
    }
    const [piece] = one.pieces;
    await session.append('file.exported', record.id, {
      target: record.target,
      path: `memory ${one.id} ${one.name}`,
      locator: piece && one.pieces.length === 1 ? placeOf(memory.unpacked, piece.offset, piece.length) : 'whole',
      to: path,
      sha256,
      bytes: one.size,
      reason: input.reason,
    });
    return { path, sha256, bytes: one.size };
  } catch (error) {
    await rm(path, { force: true });
    throw asLadingError(error);
  } finally {
    await file.close();
  }
}
