import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { keyRing, PASSPHRASE, sealedCase } from '../../kit/case';

const run = promisify(execFile);

/** The commands of a case's README are indented by five spaces, one a line. */
async function commands(dir: string): Promise<string[]> {
  const text = await readFile(join(dir, 'data/README.txt'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.startsWith('     '))
    .map((line) => line.trim());
}

async function has(tool: string): Promise<boolean> {
  return run('sh', ['-c', `command -v ${tool}`]).then(
    () => true,
    () => false,
  );
}

describe.skipIf(process.platform === 'win32' || !(await has('openssl')) || !(await has('sha256sum')))(
  'a sealed case without Lading (needs sh, sha256sum and openssl)',
  () => {
    it('is confirmed by the very commands that its README tells', async () => {
      const keys = await keyRing();
      const dir = await sealedCase(keys);
      const names = await readdir(join(dir, 'seals'));
      const fingerprint = (names.find((name) => name.endsWith('.pem')) as string).slice(0, 64);
      const number = (names.find((name) => name.endsWith('.sig')) as string).slice(0, 6);
      const told = await commands(dir);
      const sh = async (command: string) => {
        const filled = command.replaceAll('<fingerprint>', fingerprint).replaceAll('<number>', number);
        return (await run('sh', ['-c', filled], { cwd: dir })).stdout;
      };
      const check = (word: string) => told.find((command) => command.includes(word)) as string;
      expect(await sh(check('sha256sum -c'))).toMatch(/evidence\/E0001\/a\.txt: OK/);
      expect(await sh(check('-verify'))).toMatch(/Signature Verified Successfully/);
      expect(await sh(check('-outform DER'))).toContain(fingerprint);
      const first = JSON.parse((await readFile(join(dir, 'ledger.jsonl'), 'utf8')).split('\n')[0] as string);
      expect(await sh(check('head -n 1'))).toContain(first.hash);
      expect(told).toHaveLength(4);
      // The key itself is one that openssl opens with the passphrase, and with no other.
      await run('openssl', ['pkey', '-in', keys.path, '-passin', `pass:${PASSPHRASE}`, '-noout']);
      await expect(run('openssl', ['pkey', '-in', keys.path, '-passin', 'pass:wrong', '-noout'])).rejects.toThrow();
    });
  },
);

const bagit = process.env.BAGIT ?? 'bagit.py';
describe.skipIf(!(await has(bagit)))('a sealed case as a bag (needs bagit.py of PyPI bagit)', () => {
  it('is valid for the reference implementation', async () => {
    const { stderr } = await run(bagit, ['--validate', await sealedCase()]);
    expect(stderr).toMatch(/is valid/);
  });
});
