import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Toolbox } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import type { Host, TerminalOptions } from './host';

/** A static busybox has about 2 MB; this much may be put into a host's memory. */
const SIZE_LIMIT = 64 << 20;
const PATIENCE_MS = 120_000;

/** Where a host keeps files in memory. */
const MEMORY = '/dev/shm';
const FOLDER = /^\/dev\/shm\/lading-[0-9a-f]{16}$/;

/**
 * Puts standard input into a folder of its own in memory, and says which SHA-256 it has there, by its own word, and with which
 * programs it came. Arguments: the folder; one left by a connection that broke, or ''. Uses of the host: sh, mkdir, cat, chmod, rm.
 */
const BRING = `
umask 022; d=$1
ok=; while read -r dev at type rest; do if [ "$at" = ${MEMORY} ] && [ "$type" = tmpfs ]; then ok=1; fi; done </proc/mounts
if [ -z "$ok" ]; then echo '${MEMORY} is not kept in memory' >&2; exit 65; fi
if [ -n "$2" ]; then rm -rf -- "$2"; fi
mkdir -- "$d" "$d/bin" || exit 1
cat >"$d/busybox" && chmod 755 "$d/busybox" && "$d/busybox" sha256sum "$d/busybox" &&
  "$d/busybox" --install -s "$d/bin" && [ -x "$d/bin/sh" ] && exec "$d/busybox" ls "$d/bin"
e=$?; rm -rf -- "$d"; echo 'it does not run there, or is no busybox' >&2; exit "$e"`;

/** A host whose commands are the toolbox's own, and how to take the toolbox away again. */
export interface EquippedHost {
  host: Host;
  toolbox: Toolbox;
  /** Removes it and looks that it is gone. Throws COMMAND_FAILED where it is not. */
  remove(): Promise<void>;
}

/**
 * Sends a static busybox over the connection into the host's memory, and gives the host with every command run by it: its
 * shell, and its programs before those of the host. `stale` is the folder of one that a broken connection left behind.
 * Throws FILE_UNREADABLE, NOT_POSSIBLE (no such memory, another processor, no busybox), COMMAND_FAILED where other bytes
 * arrived than were sent.
 */
export async function bringToolbox(
  host: Host,
  file: string,
  options: { asRoot: boolean; stale?: string; signal?: AbortSignal },
): Promise<EquippedHost> {
  const { bytes, sha256 } = await hashed(file);
  const path = `${MEMORY}/lading-${randomBytes(8).toString('hex')}`;
  const stale = options.stale && FOLDER.test(options.stale) ? options.stale : '';
  const { asRoot, signal } = options;
  const end = { asRoot, timeoutMs: PATIENCE_MS };
  const remove = async () => {
    const gone = await said(host, [`${path}/busybox`, 'rm', '-rf', '--', path], end);
    const left = await said(host, ['sh', '-c', '[ -e "$1" ] || exit 3', 'lading', path], end);
    if (left.code === 3) return;
    throw new LadingError('COMMAND_FAILED', `The toolbox could not be removed from ${host.address}: ${gone.err}`, {
      advice: `Remove ${path} there; it is gone after the next start of the host.`,
    });
  };
  const { code, out, err } = await said(host, ['sh', '-c', BRING, 'lading', path, stale], {
    ...end,
    signal,
    stdin: createReadStream(file),
  });
  if (code !== 0) {
    throw new LadingError('NOT_POSSIBLE', `The toolbox cannot be used on ${host.address}: ${err || `status ${code}`}`, {
      advice: 'Give a busybox that is linked statically and made for the processor of the host.',
    });
  }
  const [line = '', ...programs] = out.trimEnd().split('\n');
  if (line.slice(0, 64) !== sha256) {
    await remove().catch(() => undefined);
    throw new LadingError(
      'COMMAND_FAILED',
      `The toolbox that arrived on ${host.address} is not the one that was sent.`,
      {
        advice: 'Its SHA-256 there is another: somebody may have changed it on the way or in memory.',
      },
    );
  }
  const toolbox: Toolbox = { file, path, sha256, bytes, programs: programs.length };
  const env = [
    `${path}/busybox`,
    'env',
    `PATH=${path}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  ];
  const terminal = host.terminal?.bind(host);
  const equipped: Host = {
    address: host.address,
    get transport() {
      return host.transport;
    },
    hostKey: host.hostKey,
    lost: host.lost,
    before: env,
    exec: (argv, more) => host.exec([...env, ...argv], more),
    ...(terminal && { terminal: (argv: string[], more: TerminalOptions) => terminal([...env, ...argv], more) }),
    connect: (socket) => host.connect(socket),
    close: () => host.close(),
  };
  return { host: equipped, toolbox, remove };
}

async function hashed(file: string): Promise<{ bytes: number; sha256: string }> {
  const shown = visible(file, { max: 300 });
  try {
    const { size } = await stat(file);
    if (size === 0 || size > SIZE_LIMIT) {
      throw new LadingError('FILE_UNREADABLE', `${shown} is no toolbox: it has ${size} bytes.`, {
        advice: `Give a static busybox of at most ${SIZE_LIMIT >> 20} MiB.`,
      });
    }
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    return { bytes: size, sha256: hash.digest('hex') };
  } catch (error) {
    if (error instanceof LadingError) throw error;
    throw new LadingError(
      'FILE_UNREADABLE',
      `The toolbox ${shown} could not be read: ${asLadingError(error).message}`,
      {
        cause: error,
        advice: 'See whether the file is there and may be read.',
      },
    );
  }
}

/** Runs a command whose answer is short, and gives what it said. */
async function said(
  host: Host,
  argv: string[],
  options: { asRoot: boolean; timeoutMs: number; signal?: AbortSignal; stdin?: Readable },
): Promise<{ code: number | null; out: string; err: string }> {
  const run = await host.exec(argv, options);
  const [out, err, exit] = await Promise.all([short(run.stdout), short(run.stderr), run.done]);
  return { code: exit.code, out, err: visible(err.trim(), { max: 300 }) };
}

async function short(stream: Readable): Promise<string> {
  const kept: Buffer[] = [];
  let have = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    if (have < 65_536) kept.push(piece);
    have += piece.length;
  }
  return Buffer.concat(kept).toString('utf8');
}
