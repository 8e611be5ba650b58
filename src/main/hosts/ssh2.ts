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
  SignCallback,
  SigningRequestOptions,
} from 'ssh2';
