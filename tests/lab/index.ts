import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostSpec } from '../../src/shared/domain';
import { type Checked, parseChecked, Truth } from './truth';

export type { Checked, Planted, Truth } from './truth';

/** The users of a lab host. README.md says what each may do; the secrets are throwaway ones. */
export const LAB_USERS = {
  root: { sudo: 'is root', password: undefined },
  examiner: { sudo: 'with password', password: 'lading-lab' },
  sudoer: { sudo: 'without password', password: 'lading-lab' },
  dockeruser: { sudo: 'no', password: 'lading-lab' },
  plain: { sudo: 'no', password: 'lading-lab' },
} as const;
export type LabUser = keyof typeof LAB_USERS;
/** Of the key file id_ed25519_passphrase. */
export const LAB_PASSPHRASE = 'lading-lab-key';

export interface LabOptions {
  /** The folder tests/lab. Found by itself from this file, the working directory and the folders above them. */
  labDir?: string;
  /** Where hosts are kept; default: $LAB_HOME, else /var/cache/container-lab. */
  labHome?: string;
  /** First two bytes of the addresses ('10.77'); two labs on one machine need both to differ. */
  labNet?: string;
  /** Told each line of progress: the first start makes a Debian root, which takes about a minute. */
  onLine?: (line: string) => void;
}

export interface StartOptions extends LabOptions {
  /** The engine's image store; default overlay2. Kept from the first start of a host on. */
  store?: 'overlay2' | 'containerd';
  /** Debian packages it has beside the usual ones; installed at its first start. */
  packages?: string[];
  /** A small host without an engine: sshd, DNS, a receiver for uploads. `for`: goes down with that host. */
  light?: boolean | { for: string };
}

/** How a lab command ended; both outputs as bytes, apart. `code` is null when a signal ended it. */
export interface Ran {
  code: number | null;
  stdout: Buffer;
  stderr: Buffer;
}

export interface LabHost {
  readonly name: string;
  /** Those it was started with; what is done to it later uses them too. */
  readonly options: LabOptions;
  readonly address: string;
  /** Its folder in LAB_HOME. */
  readonly dir: string;
  /** A private key that every lab user accepts. */
  readonly keyFile: string;
  /** The same with the passphrase LAB_PASSPHRASE. */
  readonly passphraseKeyFile: string;
  /** A key that no lab user accepts. */
  readonly foreignKeyFile: string;
  readonly knownHosts: string;
  /** root over SSH with keyFile. */
  readonly spec: HostSpec;
  specFor(user: LabUser, more?: Partial<HostSpec>): HostSpec;
  /** Runs a command as root inside, not through sshd. */
  exec(argv: string[], options?: { input?: string | Buffer }): Promise<Ran>;
  /** The same, throws where the exit status is not 0, gives standard output without the last line feed. */
  output(argv: string[]): Promise<string>;
  engine(what: 'start' | 'stop'): Promise<void>;
  /** Gives its sshd other host keys ('change': known_hosts then no longer holds), or the first ones again. */
  hostKey(what: 'change' | 'restore'): Promise<void>;
  /** Its files stay: the next start is quick and finds its containers stopped. */
  stop(): Promise<void>;
  /** Stops it and deletes its files. */
  remove(): Promise<void>;
}

/** The folder with the lab's scripts, or undefined where this is no checkout. */
export function findLabDir(given?: string): string | undefined {
  if (given) return existsSync(join(given, 'lab')) ? resolve(given) : undefined;
  const starts = [process.cwd()];
  // In a bundle this is the bundle's own place: the checkout is above it.
  if (import.meta.url?.startsWith('file:')) starts.unshift(dirname(fileURLToPath(import.meta.url)));
  for (const start of starts) {
    for (let at = resolve(start); ; at = dirname(at)) {
      for (const dir of [at, join(at, 'tests', 'lab')]) {
        if (existsSync(join(dir, 'lab')) && existsSync(join(dir, 'lab.d'))) return dir;
      }
      if (at === dirname(at)) break;
    }
  }
  return undefined;
}

/** Runs one of the lab's scripts. Never rejects for an exit status. */
function run(
  script: 'lab' | 'incident',
  words: string[],
  options: LabOptions,
  more: NodeJS.ProcessEnv = {},
  input?: string | Buffer,
): Promise<Ran> {
  const dir = findLabDir(options.labDir);
  if (!dir) return Promise.reject(new Error('The lab is not here: tests/lab is part of a checkout only.'));
  return new Promise((done, fail) => {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      LAB_PROGRESS: options.onLine ? '1' : '',
      NODE: process.execPath,
      ELECTRON_RUN_AS_NODE: '1',
      ...more,
    };
    if (options.labHome) env.LAB_HOME = options.labHome;
    if (options.labNet) env.LAB_NET = options.labNet;
    const child = spawn(join(dir, script), words, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let line = '';
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => {
      err.push(part);
      const lines = (line + part.toString('utf8')).split('\n');
      line = lines.pop() ?? '';
      for (const text of lines) if (text.trim()) options.onLine?.(text.replace(/^(lab|incident): /, ''));
    });
    child.stdin.on('error', () => {}); // it ended without reading all of its input
    child.stdin.end(input ?? '');
    child.on('error', fail);
    child.on('close', (code) => done({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }));
  });
}

/** The last thing a script said on stderr: its reason. */
const reason = (ran: Ran): string => {
  const lines = ran.stderr.toString('utf8').trim().split('\n');
  return (lines.at(-1) ?? '').replace(/^(lab|incident): /, '') || `it ended with exit status ${ran.code}`;
};

async function must(
  script: 'lab' | 'incident',
  words: string[],
  options: LabOptions,
  more?: NodeJS.ProcessEnv,
): Promise<string> {
  const ran = await run(script, words, options, more);
  if (ran.code !== 0) throw new Error(`${script} ${words.join(' ')}: ${reason(ran)}`);
  return ran.stdout.toString('utf8').trim();
}

/** Undefined where a lab can run, else the reason why not, as one sentence. Starts nothing. */
export async function labAvailable(options: LabOptions = {}): Promise<string | undefined> {
  if (process.platform !== 'linux') return `The lab needs Linux (this is ${process.platform}).`;
  if (process.getuid?.() !== 0) return 'The lab needs root (namespaces, mounts and a Docker engine).';
  if (!findLabDir(options.labDir)) return 'The lab is not here: tests/lab is part of a checkout only.';
  try {
    const ran = await run('lab', ['check'], options);
    return ran.code === 0 ? undefined : `The lab cannot run: ${reason(ran)}.`;
  } catch (error) {
    return `The lab cannot run: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/** Starts a host, or takes it as it is when it runs already (then about 30 ms; from files of an earlier start 2 s). */
export async function startHost(name: string, options: StartOptions = {}): Promise<LabHost> {
  const { light } = options;
  const words = light ? ['up-light', name, ...(light === true ? [] : [light.for])] : ['up', name];
  const said = await must('lab', words, options, {
    LAB_STORE: options.store ?? '',
    LAB_WITH: options.packages?.join(' ') ?? '',
  });
  const [, address, keyFile] = said.split('\n').at(-1)?.split(' ') ?? [];
  if (!address || !keyFile) throw new Error(`lab ${words.join(' ')} said '${said}', not a name, address and key file.`);
  const dir = dirname(keyFile);
  const knownHosts = join(dir, 'known_hosts');
  const specFor = (user: LabUser, more: Partial<HostSpec> = {}): HostSpec => ({
    address: `ssh://${user}@${address}`,
    identity: keyFile,
    knownHosts,
    sudo: false,
    ...more,
  });
  const exec: LabHost['exec'] = (argv, more = {}) =>
    run('lab', ['exec', name, ...argv], { ...options, onLine: undefined }, {}, more.input);
  const command = async (...args: string[]) => {
    await must('lab', args, options);
  };
  return {
    name,
    options: { ...options },
    address,
    dir,
    keyFile,
    passphraseKeyFile: `${keyFile}_passphrase`,
    foreignKeyFile: `${keyFile}_foreign`,
    knownHosts,
    spec: specFor('root'),
    specFor,
    exec,
    async output(argv) {
      const ran = await exec(argv);
      if (ran.code !== 0) throw new Error(`${argv.join(' ')} on ${name}: ${reason(ran)}`);
      return ran.stdout.toString('utf8').replace(/\n$/, '');
    },
    engine: (what) => command('engine', name, what),
    hostKey: (what) => command('hostkey', name, what),
    stop: () => command('down', name),
    remove: () => command('rm', name),
  };
}

type OnHost = Pick<LabHost, 'name'> & Partial<Pick<LabHost, 'options'>>;

/** Plants the incident, where it is not whole already (5 s; 1 s to see that it is). Gives what was planted and where. */
export async function stageIncident(host: OnHost, options: LabOptions = {}): Promise<Truth> {
  const path = await must('incident', ['stage', host.name], { ...host.options, ...options });
  return Truth.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Looks for each planted thing. Throws where nothing was staged or the host is not up. */
export async function checkIncident(host: OnHost, options: LabOptions = {}): Promise<Checked[]> {
  const ran = await run('incident', ['check', host.name], { ...host.options, ...options });
  const found = parseChecked(ran.stdout.toString('utf8'));
  if (found.length === 0) throw new Error(`incident check ${host.name}: ${reason(ran)}`);
  return found;
}

/** Removes the incident from a host that stays up. */
export async function clearIncident(host: OnHost, options: LabOptions = {}): Promise<void> {
  await must('incident', ['clear', host.name], { ...host.options, ...options });
}

export const stopHost = (host: LabHost): Promise<void> => host.stop();
