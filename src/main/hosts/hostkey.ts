import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { HostSpec } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import type { SshHop } from './address';
import { checkKey, fingerprint, type KnownHost, keyType, knownTypes, readKnownHosts, rememberKey } from './knownhosts';
import type { ServerHostKeyAlgorithm } from './ssh2';

/** Decides on the key a server shows, before anything of the examiner is sent to it. */
export interface HostKeyCheck {
  /** Key types to ask for, the known ones first: a host that still has them then shows one of them. */
  algorithms: ServerHostKeyAlgorithm[];
  /** Called for the first key and again at each exchange of keys. */
  verify(key: Buffer): boolean;
  /** What the server showed. */
  shown(): { algorithm: string; fingerprint: string } | undefined;
  /** It was accepted because the examiner compared it just now. */
  compared(): boolean;
  /** Why verify said no. */
  refused(): LadingError | undefined;
  /** Writes a key the examiner compared; to be called once the server has proved that it holds it. */
  remember(): Promise<void>;
}

const ALL = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** A file among the examiner's own SSH files: read, never written. */
function isExaminers(file: string, home: string): boolean {
  return dirname(resolve(file)) === resolve(home, '.ssh');
}

/** The files that are read for a hop, and the one that a compared key is written to. */
export function knownHostsFiles(
  spec: Pick<HostSpec, 'knownHosts'>,
  hop: Pick<SshHop, 'knownHosts'>,
  configDir: string,
  home = homedir(),
): { read: string[]; write: string } {
  const own = join(configDir, 'known_hosts');
  if (spec.knownHosts) {
    return isExaminers(spec.knownHosts, home)
      ? { read: [spec.knownHosts, own], write: own }
      : { read: [spec.knownHosts], write: spec.knownHosts };
  }
  const system =
    process.platform === 'win32'
      ? join(process.env.ProgramData ?? 'C:\\ProgramData', 'ssh', 'ssh_known_hosts')
      : '/etc/ssh/ssh_known_hosts';
  const users = hop.knownHosts ?? [join(home, '.ssh', 'known_hosts'), join(home, '.ssh', 'known_hosts2')];
  return { read: [own, ...users, system], write: own };
}

/** Reads what is known of a hop. `trust` is the fingerprint that the examiner compared. Throws FILE_UNREADABLE. */
export async function hostKeyCheck(
  hop: SshHop,
  files: { read: string[]; write: string },
  trust: string | undefined,
): Promise<HostKeyCheck> {
  const known = await readKnownHosts(files.read);
  let accepted: Buffer | undefined;
  let compared = false;
  let written = false;
  let shown: { algorithm: string; fingerprint: string } | undefined;
  let refused: LadingError | undefined;
  return {
    algorithms: ordered(knownTypes(known, hop.keyName)),
    verify(key) {
      // An exchange of keys within a connection must show the key it began with.
      if (accepted?.equals(key)) return true;
      shown = { algorithm: keyType(key), fingerprint: fingerprint(key) };
      const verdict = checkKey(known, hop.keyName, key);
      if (verdict.verdict === 'known' && !accepted) {
        accepted = key;
        return true;
      }
      if (verdict.verdict === 'unknown' && !accepted && trust === shown.fingerprint) {
        accepted = key;
        compared = true;
        return true;
      }
      refused = refusal(hop, shown, verdict, accepted !== undefined);
      return false;
    },
    shown: () => shown,
    compared: () => compared,
    refused: () => refused,
    async remember() {
      if (compared && accepted && !written) await rememberKey(files.write, hop.keyName, accepted);
      written = true;
    },
  };
}

function refusal(
  hop: SshHop,
  shown: { algorithm: string; fingerprint: string },
  verdict: ReturnType<typeof checkKey>,
  within: boolean,
): LadingError {
  const details = { ...shown, host: hop.host, port: hop.port, hop: hop.label };
  if (within) {
    return new LadingError(
      'HOST_KEY_CHANGED',
      `${hop.label} showed another host key in the middle of the connection.`,
      {
        advice: 'Somebody may stand between you and the host: do not connect before you know why.',
        details,
      },
    );
  }
  switch (verdict.verdict) {
    case 'revoked':
      return new LadingError(
        'HOST_KEY_CHANGED',
        `The host key of ${hop.label} is marked as revoked; nothing was sent to it.`,
        {
          advice: `Ask who runs the host. The mark is in ${place(verdict.by)}.`,
          details: { ...details, revoked: true, knownIn: place(verdict.by) },
        },
      );
    case 'changed':
      return new LadingError(
        'HOST_KEY_CHANGED',
        `The host key of ${hop.label} is not the one known for it; nothing was sent to it.`,
        {
          advice: `Compare ${shown.fingerprint} with the host's administrator; only if the key was renewed, remove the old one from ${place(verdict.was)}.`,
          details: {
            ...details,
            expected: fingerprint(verdict.was.key),
            expectedAlgorithm: verdict.was.type,
            knownIn: place(verdict.was),
          },
        },
      );
    default:
      return new LadingError(
        'HOST_KEY_UNKNOWN',
        `The host key of ${hop.label} is not known: ${shown.algorithm} ${shown.fingerprint}.`,
        {
          advice: 'Compare the fingerprint with one you got another way, then trust it.',
          details,
        },
      );
  }
}

const place = (entry: KnownHost): string => `${entry.file}, line ${entry.line}`;

function ordered(first: readonly string[]): (typeof ALL)[number][] {
  const isFirst = (name: string): boolean => first.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  return [...ALL.filter(isFirst), ...ALL.filter((name) => !isFirst(name))];
}
