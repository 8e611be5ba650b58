import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { HostSpec } from '../../src/shared/domain';
import { findLabDir } from './index';

const run = promisify(execFile);

/** A machine with a kernel of its own, under qemu; `tests/lab/memory-guest` says how it is made. */
export interface Guest {
  /** root over SSH. */
  spec: HostSpec;
  /** Runs a command as root, as the shell there understands it. */
  output(command: string): Promise<string>;
  stop(): Promise<void>;
}

/** What is planted in its memory by memory-guest.init. */
export const PLANTED = {
  secret: 'planted-secret-7f3a91',
  process: 'sleep',
  argument: '4242',
  typed: 'echo typed-in-a-shell-5d1c',
  port: 4444,
};

function script(...words: string[]): { file: string; words: string[] } {
  const dir = findLabDir();
  if (!dir) throw new Error('The lab is not here: tests/lab is part of a checkout only.');
  return { file: join(dir, 'memory-guest'), words };
}

/** Undefined where a guest can be started, else why not, as one sentence. */
export async function guestAvailable(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'The guest needs Linux on x86-64.';
  try {
    const { file, words } = script('check');
    await run(file, words);
    return undefined;
  } catch (error) {
    return `The guest cannot run: ${error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error)}`;
  }
}

/** Starts one of so many MiB; `append` goes to the kernel's command line. */
export async function startGuest(name: string, options: { megabytes?: number; append?: string } = {}): Promise<Guest> {
  const { file, words } = script('up', name, String(options.megabytes ?? 256));
  const { stdout } = await run(file, words, { env: { ...process.env, GUEST_APPEND: options.append ?? '' } });
  const [, port, key] = stdout.trim().split('\n').at(-1)?.split(' ') ?? [];
  if (!port || !key) throw new Error(`guest up ${name} said '${stdout.trim()}'`);
  const knownHosts = join(dirname(key), name, 'known_hosts');
  const spec: HostSpec = { address: `ssh://root@127.0.0.1:${port}`, identity: key, knownHosts, sudo: false };
  return {
    spec,
    async output(command) {
      const done = await run(
        'ssh',
        [
          '-q',
          '-i',
          key,
          '-p',
          port,
          '-o',
          `UserKnownHostsFile=${knownHosts}`,
          '-o',
          'BatchMode=yes',
          'root@127.0.0.1',
          command,
        ],
        { encoding: 'utf8', maxBuffer: 1 << 28 },
      );
      return done.stdout;
    },
    async stop() {
      const end = script('down', name);
      await run(end.file, end.words);
    },
  };
}
