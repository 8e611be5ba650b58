import * as named from 'ssh2';

/**
 * ssh2 is CommonJS: as an ES module Node finds only some of its names, the bundler finds all. This is the one place that
 * knows.
 */
const whole: typeof named & { default?: typeof named } = named;

export const { BaseAgent, Client, createAgent } = whole;
/** Gives an Error where the text is no key or the passphrase does not open it. */
export const parseKey: typeof named.utils.parseKey = (whole.default ?? whole).utils.parseKey;
export type {
  AnyAuthMethod,
  AuthenticationType,
  BaseAgent as Agent,
  Client as SshClient,
  ClientChannel,
  ConnectConfig,
  IdentityCallback,
  ParsedKey,
  Prompt,
  ServerHostKeyAlgorithm,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2';

/** The parts of ssh2 1.17 behind Channel.signal(), which it refuses once the command's input has ended. RFC 4254 does not. */
interface Inner {
  close(): unknown;
  _client?: { _protocol?: { signal?: (channel: number, name: string) => void } };
  outgoing?: unknown;
}

/** Sends a signal to a command (RFC 4254 6.9), also after its input was ended. `name` is without SIG. */
export function sendSignal(channel: Inner, name: string): void {
  const { _client, outgoing } = channel;
  if (!outgoing || typeof outgoing !== 'object' || !('id' in outgoing) || !('state' in outgoing)) return;
  if (typeof outgoing.id !== 'number' || (outgoing.state !== 'open' && outgoing.state !== 'eof')) return;
  _client?._protocol?.signal?.(outgoing.id, name);
}
