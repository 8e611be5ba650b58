import type { Command } from 'commander';
import type { SealStatement } from '../../shared/domain';
import { type Client, inCase, type Use } from './context';
import { EXIT, toLading } from './errors';
import type { Io } from './io';
import { jsonText } from './output';
import { sealPassphrase } from './secrets';

interface Options {
  passphraseFile?: string;
  json?: boolean;
}

export function addSeal(program: Command, use: Use): void {
  program
    .command('seal')
    .summary('sign the case as it stands')
    .description(
      'Signs the head of the ledger and the manifest of the case with your key (Ed25519), made at the first seal.',
    )
    .argument('<case>', 'folder of the case')
    .option(
      '--passphrase-file <file>',
      "file with the signing key's passphrase (else LADING_SEAL_PASSPHRASE, else asked)",
    )
    .option('--json', 'print the seal as JSON')
    .action(
      use((context, given: string, options: Options) =>
        inCase(context, given, { write: true }, async (opened, client) => {
          const seal = await sealCase(context.io, client, opened.path, options);
          context.io.out(
            options.json
              ? jsonText(seal)
              : `Sealed at entry ${seal.seq}, head ${seal.head}\nManifest ${seal.manifest}\nKey ${seal.fingerprint}\n`,
          );
          return EXIT.done;
        }),
      ),
    );
}

/** How often a passphrase may be mistyped. */
const TRIES = 3;

/** Seals; a key that needs its passphrase gets it, from a person up to three times. */
async function sealCase(io: Io, client: Client, path: string, options: Options): Promise<SealStatement> {
  let passphrase: string | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return await client.custody.seal({ case: path, passphrase });
    } catch (thrown) {
      const error = toLading(thrown);
      const mistyped = error.code === 'KEY_WRONG_PASSPHRASE' && io.canAsk;
      if ((error.code !== 'KEY_LOCKED' && !mistyped) || tries >= TRIES) throw error;
      if (mistyped) io.err(`${error.message}\n`);
      const key = await client.custody.key();
      const given = await sealPassphrase(io, options, key.state === 'none');
      // What a file or the environment gave would be the same again.
      if (given === undefined || given === passphrase) throw error;
      passphrase = given;
    }
  }
}
