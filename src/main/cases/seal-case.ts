import type { SealStatement } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { MANIFEST, stageBag, writeTagManifest } from '../custody/bag';
import type { KeyRing } from '../custody/keys';
import { writeSeal } from '../custody/seal';
import type { CaseSession } from './session';

/**
 * Seals a case: the manifest of its evidence, the ledger's head and a signature over both. The order is such that a
 * crash at any step leaves a case that verifies or whose next open says what did not end.
 * @param passphrase of the signing key, where no keychain holds it. Throws KEY_LOCKED, KEY_WRONG_PASSPHRASE.
 */
export async function sealCase(session: CaseSession, keys: KeyRing, passphrase?: string): Promise<SealStatement> {
  const { data, dir } = session;
  if (data.collections.some((collection) => collection.state === 'running')) {
    throw new LadingError('BAD_INPUT', 'A collection is running; a seal covers what is finished.', {
      advice: 'Wait for it or cancel it, then seal.',
    });
  }
  const key = await keys.unlock(passphrase);
  if (!data.keys.some((known) => known.fingerprint === key.fingerprint)) {
    await session.append('key.introduced', key.fingerprint, { publicKey: key.publicKeyPem });
  }
  const { tool } = session.place;
  const time = new Date().toISOString();
  const bag = await stageBag(dir, data, `${tool.name} ${tool.version}`, time);
  const entry = await session.append('case.sealed', MANIFEST, {
    manifest: bag.manifest,
    fingerprint: key.fingerprint,
    exhibits: data.exhibits.length,
  });
  await bag.commit();
  const statement: SealStatement = {
    format: 1,
    case: data.id,
    seq: entry.seq,
    head: entry.hash,
    manifest: bag.manifest,
    time: entry.time,
    examiner: entry.examiner,
    fingerprint: key.fingerprint,
  };
  await writeSeal(dir, statement, key);
  await session.save();
  await writeTagManifest(dir);
  return statement;
}
