import { sign } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { SealStatement } from '../../shared/domain';
import { replaceFile } from './files';
import { canonicalJson } from './hash';
import type { SigningKey } from './keys';

export const SEALS = 'seals';

/** A seal's file name without its ending: the sequence number of the entry it covers. */
export function sealName(seq: number): string {
  return String(seq).padStart(6, '0');
}

/**
 * Signs a statement over the ledger's head: `<seq>.json` is the signed message itself, `<seq>.sig` its 64 raw bytes,
 * `<fingerprint>.pem` the public key, so that openssl alone can check it.
 */
export async function writeSeal(dir: string, statement: SealStatement, key: SigningKey): Promise<void> {
  const folder = join(dir, SEALS);
  await mkdir(folder, { recursive: true });
  const message = Buffer.from(`${canonicalJson(statement)}\n`);
  const name = sealName(statement.seq);
  await replaceFile(join(folder, `${key.fingerprint}.pem`), key.publicKeyPem);
  await replaceFile(join(folder, `${name}.json`), message);
  await replaceFile(join(folder, `${name}.sig`), sign(null, message, key.privateKey));
}
