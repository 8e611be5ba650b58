import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../src/main/custody/keys';
import { keyRing, PASSPHRASE, scratch } from '../../kit/case';

describe('the signing key', () => {
  it('is asked a passphrase for where there is no keychain, and made with the first one given', async () => {
    const keys = await keyRing();
    expect(await keys.state()).toMatchObject({ state: 'none' });
    await expect(keys.unlock()).rejects.toMatchObject({ code: 'KEY_LOCKED', details: { first: true } });
    const made = await keys.unlock(PASSPHRASE);
    expect(await keys.state()).toMatchObject({ state: 'locked', where: 'file', fingerprint: made.fingerprint });
    await expect(keys.unlock()).rejects.toMatchObject({ code: 'KEY_LOCKED', details: { first: false } });
    await expect(keys.unlock('not it at all')).rejects.toMatchObject({ code: 'KEY_WRONG_PASSPHRASE' });
    expect((await keys.unlock(PASSPHRASE)).fingerprint).toBe(made.fingerprint);
    expect(await readFile(keys.path, 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  });

  it('refuses a short passphrase and makes no key', async () => {
    const keys = await keyRing();
    await expect(keys.unlock('short')).rejects.toMatchObject({ code: 'BAD_INPUT' });
    expect(await keys.state()).toMatchObject({ state: 'none' });
  });

  it('asks nothing where a keychain keeps the passphrase', async () => {
    const kept = new Map<string, string>();
    const keychain = {
      get: (name: string) => kept.get(name),
      set: (name: string, passphrase: string) => kept.set(name, passphrase).has(name),
    };
    const keys = new KeyRing(await scratch(), keychain);
    const made = await keys.unlock();
    expect(await keys.state()).toMatchObject({ state: 'ready', where: 'keychain' });
    expect((await keys.unlock()).fingerprint).toBe(made.fingerprint);
  });
});
