import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { HostFacts, HostSpec, Secrets } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Client } from './context';
import { toLading } from './errors';
import type { Io } from './io';
import { gatherSecrets, type SecretSources } from './secrets';

/** How hosts are reached; the same for every --host of a command. */
export interface HostOptions extends SecretSources {
  identity?: string;
  knownHosts?: string;
  sudo?: boolean;
  jump?: string;
  toolbox?: string;
  trustHostKey?: string[];
}

/** Collects the values of an option that may be given several times. */
export function several(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** Adds the options that say how to reach a host. */
export function withHostOptions(command: Command): Command {
  return command
    .option('--identity <file>', 'private key to log in with')
    .option('--known-hosts <file>', 'file of known host keys, instead of ~/.ssh/known_hosts')
    .option('--sudo', 'use sudo on the host where root is needed')
    .option(
      '--toolbox <file>',
      'static busybox to use there instead of the host’s programs; in memory, removed at the end',
    )
    .option('--jump <host>', 'jump host, user@host[:port]; several with commas')
    .addOption(
      new Option(
        '--trust-host-key <fingerprint>',
        'SHA256:… of an unknown host key that you have compared; may be repeated',
      ).argParser(several),
    )
    .option('--password-file <file>', 'file with the password (else LADING_PASSWORD, else asked)')
    .option('--passphrase-file <file>', "file with the SSH key's passphrase (else LADING_KEY_PASSPHRASE, else asked)");
}

/** Host addresses and options as the core takes them; files become absolute. */
export function hostSpec(io: Io, address: string, options: HostOptions): HostSpec {
  return {
    address,
    identity: options.identity === undefined ? undefined : resolve(io.cwd, options.identity),
    knownHosts: options.knownHosts === undefined ? undefined : resolve(io.cwd, options.knownHosts),
    sudo: options.sudo === true,
    jump: options.jump,
    toolbox: options.toolbox === undefined ? undefined : resolve(io.cwd, options.toolbox),
  };
}

const KeyDetails = z.object({ algorithm: z.string().default('host'), fingerprint: z.string() });

/** How often a person may mistype before it is over; sshd ends a connection after a few as well. */
const TRIES = 3;

/**
 * Connects to a host, answering what it asks: an unknown key is trusted only when its fingerprint was given with
 * --trust-host-key or a person says that they compared it; secrets come from files, the environment or a person. Gives the
 * host's facts, or throws what stood in the way.
 */
export async function connectHost(
  io: Io,
  client: Client,
  spec: HostSpec,
  options: HostOptions,
  inCase?: string,
): Promise<HostFacts> {
  let secrets: Secrets | undefined;
  let trust: string | undefined;
  const asked = new Map<string, number>();
  for (;;) {
    try {
      return await client.hosts.connect({ case: inCase, host: spec, secrets, trust });
    } catch (thrown) {
      const error = toLading(thrown);
      // With a jump host two keys may be unknown, one after the other.
      if (error.code === 'HOST_KEY_UNKNOWN' && error.details?.fingerprint !== trust) {
        trust = await compareKey(io, spec.address, error, options.trustHostKey ?? []);
      } else if (wantsSecrets(error, io)) {
        const want = JSON.stringify(error.details?.wants ?? 'password');
        const times = asked.get(want) ?? 0;
        // What a file or the environment gave would be the same again, and might lock the account.
        if (times >= (io.canAsk ? TRIES : 1)) throw error;
        if (times > 0) io.err(`${visible(error.message)}\n`);
        const given = await gatherSecrets(io, options, spec.address, error.details, secrets ?? {}, times > 0);
        if (!given) throw withoutSecrets(error);
        asked.set(want, times + 1);
        secrets = given;
      } else throw error;
    }
  }
}

/** AUTH_FAILED names what it wants when another answer might help: then a person may type it again. */
function wantsSecrets(error: LadingError, io: Io): boolean {
  return (
    error.code === 'AUTH_REQUIRED' || (error.code === 'AUTH_FAILED' && io.canAsk && error.details?.wants !== undefined)
  );
}

function withoutSecrets(error: LadingError): LadingError {
  return new LadingError(error.code, error.message, {
    advice:
      'Give the secret in a file (--password-file, --passphrase-file) or in LADING_PASSWORD, LADING_KEY_PASSPHRASE or LADING_SUDO_PASSWORD, or use an agent.',
    details: error.details,
    cause: error,
  });
}

/** The fingerprint to trust, or the refusal. */
async function compareKey(io: Io, address: string, error: LadingError, compared: string[]): Promise<string> {
  const details = KeyDetails.safeParse(error.details);
  if (!details.success) throw error;
  const { algorithm, fingerprint } = details.data;
  if (compared.includes(fingerprint)) return fingerprint;
  const shown = `${visible(algorithm)} key ${visible(fingerprint)}`;
  if (compared.length > 0) {
    throw new LadingError('HOST_KEY_UNKNOWN', `${address} shows the ${shown}, which is not the key you compared.`, {
      advice: 'Do not connect before you know why: somebody may stand between you and the host.',
      details: error.details,
    });
  }
  if (!io.canAsk) {
    throw new LadingError('HOST_KEY_UNKNOWN', `${address} is not known yet; it shows the ${shown}.`, {
      advice: `Compare the fingerprint with the host's own (ssh-keygen -lf on it), then add --trust-host-key ${fingerprint}`,
      details: error.details,
    });
  }
  io.err(`${visible(address)} is not known yet. It shows the ${shown}.\n`);
  io.err("Compare it with the host's own: ssh-keygen -lf /etc/ssh/ssh_host_…_key.pub, run there.\n");
  const answer = (await io.ask('Is it the same? Type yes, or paste the fingerprint: ')).trim();
  if (answer === 'yes' || answer === fingerprint) return fingerprint;
  throw new LadingError('HOST_KEY_UNKNOWN', `The key of ${address} was not accepted; nothing was sent.`, {
    details: error.details,
  });
}

/** The hosts that were reached, and why the others were not. */
export interface Reached {
  specs: HostSpec[];
  facts: HostFacts[];
  unreached: { host: string; error: LadingError }[];
}

/** Connects to every host, side by side (questions come one after the other), whatever becomes of the others. */
export async function connectEach(
  io: Io,
  client: Client,
  specs: readonly HostSpec[],
  options: HostOptions,
  inCase: string,
): Promise<Reached> {
  const reached: Reached = { specs: [], facts: [], unreached: [] };
  const results = await Promise.allSettled(specs.map((spec) => connectHost(io, client, spec, options, inCase)));
  for (const [i, spec] of specs.entries()) {
    const result = results[i];
    if (result?.status === 'fulfilled') {
      reached.specs.push(spec);
      reached.facts.push(result.value);
    } else reached.unreached.push({ host: spec.address, error: toLading(result?.reason) });
  }
  return reached;
}

/** Connects to every host. All must be reached: a plan that silently leaves one out would look whole. */
export async function connectAll(
  io: Io,
  client: Client,
  specs: readonly HostSpec[],
  options: HostOptions,
  inCase: string,
): Promise<HostFacts[]> {
  const { facts, unreached } = await connectEach(io, client, specs, options, inCase);
  if (unreached.length > 0) throw notReached(unreached.map(({ error }) => error));
  return facts;
}

/** One error for all hosts that were not reached. */
export function notReached(errors: readonly LadingError[]): LadingError {
  const [first] = errors;
  if (!first) return new LadingError('INTERNAL', 'No host was tried.');
  if (errors.length === 1) return first;
  return new LadingError(first.code, errors.map((error) => error.message).join('\n'), {
    advice: first.advice ?? 'Leave those hosts out, or make them reachable.',
  });
}
