import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { asLadingError } from '../../shared/errors';
import { RESERVE_FILE } from '../custody/verify';

/** Room for the records and ledger entries of everything that is under way when the disk fills, in bytes. */
const RESERVE = 4 << 20;

/** Holds back some of the evidence disk, so that when it fills there is room to record what arrived. */
export async function holdReserve(dir: string): Promise<void> {
  const path = join(dir, RESERVE_FILE);
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(Buffer.alloc(RESERVE, 0x4c));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    // A disk too full for the reserve is still good for reading the case and sealing it; collecting will say so itself.
    await rm(path, { force: true });
    if (asLadingError(error).code !== 'DISK_FULL') throw error;
  }
}

export async function releaseReserve(dir: string): Promise<void> {
  await rm(join(dir, RESERVE_FILE), { force: true });
}
