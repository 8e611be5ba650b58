import { readFile } from 'node:fs/promises';
import type { Secrets } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { SshHop } from './address';
import {
  type Agent,
  type AnyAuthMethod,
  type AuthenticationType,
  BaseAgent,
  createAgent,
  type IdentityCallback,
  type ParsedKey,
  type Prompt,
  parseKey,
  type SignCallback,
  type SigningRequestOptions,
} from './ssh2';

const AGENT = 'the keys of the agent';

type PublicKey = string | Buffer | ParsedKey;
type Listed = PublicKey | { pubKey: Listed };

/** A key file as it was read; locked ones need a passphrase. */
type KeyFile = { file: string; named: boolean } & (
  | { key: ParsedKey }
  | { locked: 'no passphrase' | 'wrong passphrase' }
);

interface Asked {
  prompt: string;
  echo: boolean;
}

/** Goes through the ways to prove who the examiner is, in the order agent, key file, password, questions. */
export interface Authentication {
  /** ssh2's authHandler. `left` is null at the first call. */
  next(left: AuthenticationType[] | null, partial: boolean | null): AnyAuthMethod | false;
  /** What to say when the server took none. */
  failure(): LadingError;
  /** Set once a question came that has no answer; the connection is then to be closed. */
  onStuck(callback: () => void): void;
}

/**
 * Reads the key files of a hop. Throws FILE_UNREADABLE for one that the examiner named. A jump host is offered keys only:
 * passwords and answers are the host's own, and no machine on the way may learn them.
 */
export async function authentication(hop: SshHop, given: Secrets, isHost: boolean): Promise<Authentication> {
  const secrets: Secrets = isHost ? given : { passphrase: given.passphrase };
  const keys = (await Promise.all(hop.identities.map((identity) => readKey(identity, secrets.passphrase)))).flat();
  const publicKeys = await Promise.all(hop.identities.map((identity) => readPublicKey(identity.file)));
  const open = keys.flatMap((one) => ('key' in one ? [one] : []));
  const locked = keys.flatMap((one) => ('locked' in one ? [one] : []));
  const mine = [...open.map((one) => one.key.getPublicSSH()), ...publicKeys.flatMap((key) => (key ? [key] : []))];

  const tried: string[] = [];
  const agent = hop.agent === undefined ? undefined : new ChosenAgent(hop.agent, mine, hop.identitiesOnly);
  const asked: Asked[] = [];
  let answered = 0;
  let offered: readonly string[] = [];
  let stuck = false;
  let whenStuck: () => void = () => undefined;

  const questions = (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: Prompt[],
    finish: (answers: string[]) => void,
  ) => {
    const answers = prompts.map((one, index) => answerTo(one, prompts.length === 1, answered + index, secrets));
    asked.push(
      ...prompts.map((one) => ({ prompt: visible(one.prompt.trim(), { max: 200 }), echo: one.echo ?? false })),
    );
    answered += prompts.length;
    if (answers.every((answer) => answer !== undefined)) finish(answers);
    else {
      stuck = true;
      whenStuck();
    }
  };

  const ways: { method: AuthenticationType; label: string; auth: AnyAuthMethod }[] = [];
  const username = hop.user;
  if (agent) ways.push({ method: 'publickey', label: AGENT, auth: { type: 'agent', username, agent } });
  for (const one of open) {
    ways.push({
      method: 'publickey',
      label: `the key ${one.file}`,
      auth: { type: 'publickey', username, key: one.key },
    });
  }
  if (secrets.password !== undefined) {
    ways.push({
      method: 'password',
      label: 'the password',
      auth: { type: 'password', username, password: secrets.password },
    });
  }
  if (isHost) {
    const auth: AnyAuthMethod = { type: 'keyboard-interactive', username, prompt: questions };
    ways.push({ method: 'keyboard-interactive', label: 'the answers', auth });
  }

  return {
    next(left, partial) {
      if (left === null) return { type: 'none', username };
      offered = left;
      if (stuck) return false;
      for (let way = ways.shift(); way; way = ways.shift()) {
        if (!left.includes(way.method)) continue;
        if (way.method === 'keyboard-interactive' && !worthAsking(left, secrets, tried, partial === true, locked))
          continue;
        tried.push(way.label);
        return way.auth;
      }
      return false;
    },
    failure: () =>
      authFailure(hop, {
        offered,
        // An agent that had nothing to show was not refused.
        tried: tried.filter((label) => label !== AGENT || (agent?.shown ?? 0) > 0),
        locked,
        asked,
        stuck,
        secrets,
        isHost,
      }),
    onStuck(callback) {
      whenStuck = callback;
    },
  };
}

/**
 * Questions are asked to learn what a server wants, unless that would be a second try of a refused password, or the
 * examiner is to be asked for a password or passphrase first.
 */
function worthAsking(
  left: readonly string[],
  secrets: Secrets,
  tried: readonly string[],
  partial: boolean,
  locked: readonly KeyFile[],
): boolean {
  if (partial || secrets.answers) return true;
  if (tried.includes('the password')) return false;
  if (locked.some((one) => one.named)) return false;
  return secrets.password !== undefined || !left.includes('password');
}

/** The given answers in their order; a password also answers a single hidden question, which is what PAM asks with. */
function answerTo(prompt: Prompt, single: boolean, index: number, secrets: Secrets): string | undefined {
  const given = secrets.answers?.[index];
  if (given !== undefined) return given;
  return secrets.answers === undefined && single && index === 0 && !prompt.echo ? secrets.password : undefined;
}

function authFailure(
  hop: SshHop,
  state: {
    offered: readonly string[];
    tried: string[];
    locked: KeyFile[];
    asked: Asked[];
    stuck: boolean;
    secrets: Secrets;
    isHost: boolean;
  },
): LadingError {
  const { offered, tried, locked, asked, stuck, secrets, isHost } = state;
  const details = { hop: hop.label, user: hop.user, methods: offered.map((name) => visible(name, { max: 40 })) };
  const wrong = locked.find((one) => 'locked' in one && one.locked === 'wrong passphrase');
  const closed = locked.find((one) => one.named) ?? (isHost && offered.includes('password') ? undefined : locked[0]);
  if (stuck) {
    return new LadingError('AUTH_REQUIRED', `${hop.label} asks: ${asked.map((one) => one.prompt).join(' ')}`, {
      advice: 'Answer what it asks and connect again.',
      details: { ...details, wants: 'answers', prompts: asked },
    });
  }
  if (wrong && offered.includes('publickey')) {
    return new LadingError('AUTH_FAILED', `The passphrase does not open the key ${wrong.file}.`, {
      advice: 'Give the passphrase of this key, or another key.',
      details: { ...details, wants: 'passphrase', identity: wrong.file },
    });
  }
  if (closed && offered.includes('publickey')) {
    return new LadingError('AUTH_REQUIRED', `The key ${closed.file} for ${hop.label} is protected by a passphrase.`, {
      advice: 'Give its passphrase, or load the key into your agent.',
      details: { ...details, wants: 'passphrase', identity: closed.file },
    });
  }
  if (!isHost) {
    const what = tried.length > 0 ? `refused ${tried.join(', ')}` : 'was offered no key';
    return new LadingError('AUTH_FAILED', `The jump host ${hop.label} ${what}.`, {
      advice: 'Lading gives a jump host keys only, never a password: use a key or an agent that it accepts.',
      details,
    });
  }
  if (offered.includes('password') && secrets.password === undefined && secrets.answers === undefined) {
    return new LadingError('AUTH_REQUIRED', `${hop.label} wants a password${refusedToo(tried)}.`, {
      advice: 'Give the password, or a key that the host accepts with --identity.',
      details: { ...details, wants: 'password' },
    });
  }
  const wants = secrets.answers ? 'answers' : secrets.password !== undefined ? 'password' : undefined;
  const what = tried.length > 0 ? tried.join(', ') : 'everything: there was nothing to offer';
  return new LadingError('AUTH_FAILED', `${hop.label} refused ${what}.`, {
    advice: `The host takes: ${details.methods.join(', ') || 'nothing it told of'}. Check the user and the key or password.`,
    details: { ...details, ...(wants && { wants }), ...(wants === 'answers' && { prompts: asked }) },
  });
}

const refusedToo = (tried: readonly string[]): string => (tried.length === 0 ? '' : `; it refused ${tried.join(', ')}`);

async function readKey(identity: { file: string; named: boolean }, passphrase: string | undefined): Promise<KeyFile[]> {
  let text: Buffer;
  try {
    text = await readFile(identity.file);
  } catch (error) {
    if (!identity.named) return [];
    throw new LadingError('FILE_UNREADABLE', `The key file ${identity.file} cannot be read.`, {
      advice: 'Check the path and who may read the file.',
      cause: error,
    });
  }
  const plain = parseKey(text);
  if (!(plain instanceof Error) && firstOf(plain).isPrivateKey()) return [{ ...identity, key: firstOf(plain) }];
  if (!(plain instanceof Error) || !/encrypted/i.test(plain.message)) {
    if (!identity.named) return [];
    throw new LadingError('FILE_UNREADABLE', `${identity.file} is not a private key that Lading can read.`, {
      advice: 'Name the private key itself (not the .pub file), in OpenSSH, PEM or PuTTY form.',
    });
  }
  if (passphrase === undefined) return [{ ...identity, locked: 'no passphrase' }];
  const opened = parseKey(text, passphrase);
  return opened instanceof Error
    ? [{ ...identity, locked: 'wrong passphrase' }]
    : [{ ...identity, key: firstOf(opened) }];
}

/** A key file may hold several; OpenSSH's own hold one. */
function firstOf(key: ParsedKey | ParsedKey[]): ParsedKey {
  const first = Array.isArray(key) ? key[0] : key;
  if (!first) throw new LadingError('FILE_UNREADABLE', 'A key file holds no key.');
  return first;
}

/** The .pub beside a locked key says which key of the agent it is. */
async function readPublicKey(file: string): Promise<Buffer | undefined> {
  try {
    const key = parseKey(await readFile(`${file}.pub`));
    return key instanceof Error ? undefined : firstOf(key).getPublicSSH();
  } catch {
    return undefined;
  }
}

/** An agent that shows the wanted keys first, or only these. One that is not there has no keys. */
class ChosenAgent extends BaseAgent {
  readonly #inner: Agent | undefined;
  readonly #wanted: readonly Buffer[];
  readonly #only: boolean;
  /** How many keys it had to show. */
  shown = 0;

  constructor(socket: string, wanted: readonly Buffer[], only: boolean) {
    super();
    this.#wanted = wanted;
    this.#only = only;
    try {
      this.#inner = createAgent(socket);
    } catch {
      this.#inner = undefined;
    }
  }

  override getIdentities(callback: IdentityCallback): void {
    if (!this.#inner) {
      callback(null, []);
      return;
    }
    this.#inner.getIdentities((error, all) => {
      const listed = error ? [] : (all ?? []);
      const keys: PublicKey[] = listed.map((one) => bare(one));
      const isWanted = (key: PublicKey): boolean => {
        const blob = publicBlob(key);
        return blob !== undefined && this.#wanted.some((one) => one.equals(blob));
      };
      const first = keys.filter(isWanted);
      const chosen = this.#only ? first : [...first, ...keys.filter((key) => !isWanted(key))];
      this.shown = chosen.length;
      callback(null, chosen);
    });
  }

  override sign(
    key: PublicKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#inner?.sign(key, data, options);
    else this.#inner?.sign(key, data, options, callback);
  }
}

/** A key that an agent lists, without the comment beside it. */
function bare(listed: Listed): PublicKey {
  return isEntry(listed) ? bare(listed.pubKey) : listed;
}

function isEntry(listed: Listed): listed is { pubKey: Listed } {
  return typeof listed === 'object' && !Buffer.isBuffer(listed) && 'pubKey' in listed;
}

/** An agent lists keys as ssh2 parsed them, with the blob beside or inside. */
function publicBlob(key: PublicKey): Buffer | undefined {
  const parsed = typeof key === 'string' || Buffer.isBuffer(key) ? parseKey(key) : key;
  return parsed instanceof Error ? undefined : firstOf(parsed).getPublicSSH();
}
