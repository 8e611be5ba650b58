import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyState } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { writeNew } from './files';

/** Where a passphrase may rest: the system keychain, or nowhere. */
export interface PassphraseStore {
  get(name: string): string | undefined;
  /** False where there is no keychain that outlives a restart. */
  set(name: string, passphrase: string): boolean;
}

/**
 * The system keychain: Keychain on macOS, Credential Manager on Windows, Secret Service on Linux. The Linux kernel
 * keyring is not used: it forgets at a restart, and a forgotten passphrase is a lost key.
 */
export async function systemKeychain(): Promise<PassphraseStore> {
  const none: PassphraseStore = { get: () => undefined, set: () => false };
  if (process.env.LADING_KEYCHAIN === 'off') return none;
  const keyring = await import('@napi-rs/keyring').catch(() => undefined);
  if (!keyring) return none;
  const entry = (name: string) => new keyring.Entry('Lading', name, { linux: { store: 'secret-service' } });
  return {
    get(name) {
      try {
        return entry(name).getPassword() ?? undefined;
      } catch {
        return undefined;
      }
    },
    set(name, passphrase) {
      try {
        entry(name).setPassword(passphrase);
        return entry(name).getPassword() === passphrase;
      } catch {
        return false;
      }
    },
  };
}

export interface SigningKey {
  privateKey: KeyObject;
  publicKeyPem: string;
  fingerprint: string;
}

/**
 * The examiner's Ed25519 key (RFC 8032) on this machine: always a passphrase-protected PKCS#8 PEM that openssl reads;
 * where there is a system keychain, the passphrase is random and rests there.
 */
export class KeyRing {
  readonly #dir: string;
  readonly #keychain: PassphraseStore;

  constructor(configDir: string, keychain: PassphraseStore) {
    this.#dir = join(configDir, 'keys');
    this.#keychain = keychain;
  }

  get path(): string {
    return join(this.#dir, 'signing-key.pem');
  }

  async state(): Promise<KeyState> {
    const publicKey = await this.#publicPem();
    if (!publicKey) return { state: 'none', where: 'file', path: this.path };
    const fingerprint = fingerprintOf(publicKey);
    const kept = this.#keychain.get(fingerprint) !== undefined;
    return { state: kept ? 'ready' : 'locked', where: kept ? 'keychain' : 'file', path: this.path, fingerprint };
  }

  /**
   * Opens the key, making it first where there is none. Throws KEY_LOCKED when a passphrase is needed and none was given
   * (details.first says that it will be the new key's), KEY_WRONG_PASSPHRASE when it does not fit.
   */
  async unlock(passphrase?: string): Promise<SigningKey> {
    const publicKeyPem = await this.#publicPem();
    if (!publicKeyPem) return this.#create(passphrase);
    const fingerprint = fingerprintOf(publicKeyPem);
    const known = passphrase ?? this.#keychain.get(fingerprint);
    if (known === undefined) {
      throw new LadingError('KEY_LOCKED', `The signing key ${this.path} needs its passphrase.`, {
        advice: 'Give the passphrase that was chosen when the key was made.',
        details: { first: false, path: this.path, fingerprint },
      });
    }
    try {
      const privateKey = createPrivateKey({ key: await readFile(this.path, 'utf8'), passphrase: known });
      return { privateKey, publicKeyPem, fingerprint };
    } catch (cause) {
      throw new LadingError('KEY_WRONG_PASSPHRASE', `The passphrase does not open the signing key ${this.path}.`, {
        advice: 'Try again. A lost passphrase cannot be recovered; move the key file away to have a new key made.',
        cause,
      });
    }
  }

  async #create(passphrase: string | undefined): Promise<SigningKey> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const fingerprint = fingerprintOf(publicKeyPem);
    let secret = passphrase;
    if (!secret) {
      secret = randomBytes(24).toString('base64url');
      if (!this.#keychain.set(fingerprint, secret)) {
        throw new LadingError('KEY_LOCKED', 'A signing key has to be made, and this machine has no keychain for it.', {
          advice: 'Choose a passphrase: it will protect the key file, and each seal will ask for it.',
          details: { first: true, path: this.path },
        });
      }
    }
    if (secret.length < 8) {
      throw new LadingError('BAD_INPUT', 'The passphrase for the signing key is shorter than 8 characters.', {
        advice: 'Choose a longer one.',
      });
    }
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: secret });
    await writeNew(this.path, pem);
    await writeNew(join(this.#dir, 'signing-key.pub.pem'), publicKeyPem);
    return { privateKey, publicKeyPem, fingerprint };
  }

  async #publicPem(): Promise<string | undefined> {
    return readFile(join(this.#dir, 'signing-key.pub.pem'), 'utf8').catch(() => undefined);
  }
}

/** SHA-256 of a public key's DER (SubjectPublicKeyInfo, RFC 8410), hex. Throws for what is not an Ed25519 key. */
export function fingerprintOf(publicKeyPem: string): string {
  const key = createPublicKey(publicKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new LadingError('CASE_DAMAGED', 'A seal key is not an Ed25519 key.');
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
