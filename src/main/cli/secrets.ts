import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Secrets } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Io } from './io';

/** Where secrets come from when nobody can be asked. Never from argv, which every user of the machine can read. */
export interface SecretSources {
  passwordFile?: string;
  passphraseFile?: string;
}

/** What AUTH_REQUIRED says is wanted: one or more of these, and the host's own prompts for `answers`. */
const Wanted = z.object({
  wants: z
    .union([z.string(), z.array(z.string())])
    .transform((wants) => (typeof wants === 'string' ? [wants] : wants))
    .default(['password']),
  prompts: z
    .array(
      z.union([
        z.string().transform((prompt) => ({ prompt, echo: false })),
        z.object({ prompt: z.string(), echo: z.boolean().default(false) }),
      ]),
    )
    .default([]),
});

/**
 * Gets what a host asks for: from a file, from the environment, or from the person; undefined when there is no one to ask
 * and nothing was given. Prompts come from the host, so they are shown as hostile text.
 */
export async function gatherSecrets(
  world: Io,
  given: SecretSources,
  address: string,
  details: Record<string, unknown> | undefined,
  already: Secrets,
  again = false,
): Promise<Secrets | undefined> {
  // A secret that was refused is typed anew, wherever the first came from.
  const io = again ? { ...world, env: {} } : world;
  const sources = again ? {} : given;
  const parsed = Wanted.safeParse(details ?? {});
  const { wants, prompts } = parsed.success ? parsed.data : { wants: ['password'], prompts: [] };
  const secrets: Secrets = { ...already };
  let found = false;
  for (const want of wants) {
    if (want === 'answers') {
      const answers = await answersTo(io, sources, address, prompts);
      if (!answers) return undefined;
      secrets.answers = answers;
      found = true;
    } else if (want === 'passphrase' || want === 'sudoPassword' || want === 'password') {
      const value = await oneSecret(io, sources, want, address);
      if (value === undefined) return undefined;
      secrets[want] = value;
      found = true;
    }
  }
  return found ? secrets : undefined;
}

const SOURCES = {
  password: { variable: 'LADING_PASSWORD', question: 'Password for' },
  passphrase: { variable: 'LADING_KEY_PASSPHRASE', question: 'Passphrase of the SSH key for' },
  sudoPassword: { variable: 'LADING_SUDO_PASSWORD', question: 'sudo password on' },
} as const;

async function oneSecret(
  io: Io,
  sources: SecretSources,
  want: keyof typeof SOURCES,
  address: string,
): Promise<string | undefined> {
  const file = want === 'password' ? sources.passwordFile : want === 'passphrase' ? sources.passphraseFile : undefined;
  const { variable, question } = SOURCES[want];
  const given = (await fromFile(io, file)) ?? io.env[variable];
  if (given !== undefined) return given;
  return io.canAsk ? io.ask(`${question} ${visible(address)}: `, { hidden: true }) : undefined;
}

/** Keyboard-interactive (RFC 4256): a person answers each prompt; without one, a single hidden prompt gets the password. */
async function answersTo(
  io: Io,
  sources: SecretSources,
  address: string,
  prompts: { prompt: string; echo: boolean }[],
): Promise<string[] | undefined> {
  const given = (await fromFile(io, sources.passwordFile)) ?? io.env.LADING_PASSWORD;
  if (given !== undefined && prompts.length <= 1 && !prompts[0]?.echo) return [given];
  if (!io.canAsk) return undefined;
  const answers: string[] = [];
  for (const { prompt, echo } of prompts.length > 0 ? prompts : [{ prompt: 'Password: ', echo: false }]) {
    const question = `${visible(address)} asks: ${visible(prompt, { max: 200 }).trim()} `;
    answers.push(await io.ask(question, { hidden: !echo }));
  }
  return answers;
}

/** A secret's file: its first line, without the line end. */
export async function fromFile(io: Io, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(io.cwd, file);
  try {
    const text = await readFile(path, 'utf8');
    return text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0] ?? '';
  } catch (error) {
    throw new LadingError('FILE_UNREADABLE', `The file ${path} with the secret cannot be read.`, {
      advice: 'Check its path and that you may read it.',
      cause: error,
    });
  }
}

/** What custody/keys.ts takes, in characters. */
const SHORTEST = 8;

/**
 * The passphrase of the signing key, for `seal`. A new key's is asked twice. From --passphrase-file,
 * LADING_SEAL_PASSPHRASE or LADING_KEY_PASSPHRASE where nobody can be asked; undefined when there is none.
 */
export async function sealPassphrase(
  io: Io,
  sources: { passphraseFile?: string },
  isNew: boolean,
): Promise<string | undefined> {
  const given =
    (await fromFile(io, sources.passphraseFile)) ?? io.env.LADING_SEAL_PASSPHRASE ?? io.env.LADING_KEY_PASSPHRASE;
  if (given !== undefined || !io.canAsk) return given;
  if (!isNew) return io.ask('Passphrase of your signing key: ', { hidden: true });
  io.err('A signing key is made now, once for all your cases. Its passphrase cannot be recovered.\n');
  for (;;) {
    const first = await io.ask('New passphrase: ', { hidden: true });
    if (first.length < SHORTEST) io.err(`It needs at least ${SHORTEST} characters.\n`);
    else if (first === (await io.ask('The same again: ', { hidden: true }))) return first;
    else io.err('They differ.\n');
  }
}
