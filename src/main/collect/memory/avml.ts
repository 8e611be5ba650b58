import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { LIME_HEADER, parseLimeHeader } from '../../analyze/formats/lime';
import type { CollectContext } from '../collector';
import { atMost } from '../fs/host-file';

/** AVML has about a megabyte; this much may be put into a host's memory. */
const SIZE_LIMIT = 64 << 20;
const MEMORY = '/dev/shm';

/** Puts standard input into a folder of its own in memory and says its SHA-256 there. Argument: the folder. */
const BRING = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
umask 077
case $(stat -f -c %T ${MEMORY} 2>/dev/null) in tmpfs|ramfs|UNKNOWN) ;; *) printf '${MEMORY} is not kept in memory\\n' >&2; exit 65;; esac
mkdir "$1" || exit 1
cat > "$1/avml" && chmod 700 "$1/avml" && mkfifo "$1/out" && sha256sum < "$1/avml" && exit 0
rm -rf -- "$1"; exit 66
`;

/**
 * Runs it: it writes to a named pipe, from where the image goes to standard output; standard error has its words. Both ends of the pipe
 * are opened here first, so that nobody waits for the other when one of them fails. Arguments: the folder, the source or ''.
 */
const RUN = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
exec </dev/null
d=$1
if [ -n "$2" ]; then set -- acquire --source "$2" "$d/out"; else set -- acquire "$d/out"; fi
exec 3>&1 4<>"$d/out" 5<"$d/out"
cat <&5 >&3 3>&- 4>&- & reader=$!
exec 5<&-
"$d/avml" "$@" >&2 3>&- 4>&-; e=$?
exec 4>&-
wait "$reader"
exit "$e"
`;

const REMOVE = `rm -rf -- "$1"; if [ -e "$1" ]; then exit 1; fi`;

/** Hashes the examiner's file. Throws BAD_INPUT for what is no file of a usable size. */
async function examine(file: string): Promise<{ sha256: string; bytes: number }> {
  const shown = visible(file, { max: 300 });
  if (!isAbsolute(file)) throw new LadingError('BAD_INPUT', `Give the whole path of AVML, not ${shown}.`);
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
  if (size === 0 || size > SIZE_LIMIT) {
    throw new LadingError('FILE_UNREADABLE', `${shown} on this machine is no AVML: it is absent, empty or too large.`, {
      advice: 'Give the static binary of AVML for the processor of the host.',
    });
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return { sha256: hash.digest('hex'), bytes: size };
}

async function said(ctx: CollectContext, argv: string[], options: { stdin?: Readable; signal?: AbortSignal } = {}) {
  const run = await ctx.host.exec(argv, { asRoot: true, ...options });
  const [out, words, exit] = await Promise.all([atMost(run.stdout, 4096), atMost(run.stderr, 65536), run.done]);
  return { out: out.toString('latin1'), words: visible(words.toString('utf8').trim(), { max: 300 }), code: exit.code };
}

/** Why an image is not one: the first bytes are no header of LiME. */
function judgeHead(head: Buffer): string | undefined {
  return head.length >= LIME_HEADER && parseLimeHeader(head) ? undefined : 'What AVML wrote is no LiME image.';
}

/**
 * Takes the memory of the whole host with the AVML that the examiner supplies: into the host's memory, run there, its image streamed
 * here, removed in any case. Throws FILE_UNREADABLE, BAD_INPUT for the file, NOT_POSSIBLE where it cannot be put or is another one there.
 */
export async function takeWithAvml(ctx: CollectContext, choice: { program: string; source: string }): Promise<void> {
  const { sha256, bytes } = await examine(choice.program);
  const folder = `${MEMORY}/lading-avml-${randomBytes(6).toString('hex')}`;
  try {
    const brought = await said(ctx, ['sh', '-c', BRING, 'lading', folder], {
      stdin: createReadStream(choice.program),
      signal: ctx.signal,
    });
    if (brought.code !== 0 || brought.out.slice(0, 64) !== sha256) {
      const why = brought.code === 0 ? 'what arrived has another SHA-256' : brought.words || `status ${brought.code}`;
      throw new LadingError('NOT_POSSIBLE', `AVML could not be put into the host’s memory: ${why}.`, {
        advice: 'Take the memory with host.memory, which brings nothing to the host.',
      });
    }
    let head = Buffer.alloc(0);
    const argv = ['sh', '-c', RUN, 'lading', folder, choice.source];
    const run = await ctx.host.exec(argv, { asRoot: true, signal: ctx.signal });
    const words = atMost(run.stderr, 65536).catch(() => Buffer.alloc(0));
    run.done.catch(() => undefined);
    async function* flow(): AsyncGenerator<Buffer> {
      for await (const piece of run.stdout as AsyncIterable<Buffer>) {
        if (head.length < LIME_HEADER) head = Buffer.concat([head, piece.subarray(0, LIME_HEADER)]);
        yield piece;
      }
    }
    try {
      await ctx.exhibit(
        {
          file: 'memory.lime',
          kind: 'binary',
          title: `Memory of the host, by the examiner’s AVML (${bytes} bytes, SHA-256 ${sha256})`,
        },
        Readable.from(flow(), { objectMode: true, highWaterMark: 4 }),
        async () => {
          const stderr = (await words).toString('utf8');
          const exit = await run.done;
          return { kind: 'exec', argv, asRoot: true, exit: exit.code, stderr, stderrBytes: Buffer.byteLength(stderr) };
        },
        (how) =>
          how.kind === 'exec' && how.exit !== 0
            ? `AVML ended with status ${how.exit}: ${visible(how.stderr.trim().split('\n').at(-1) ?? '', { max: 300 })}`
            : judgeHead(head),
      );
    } catch (error) {
      if (!(error instanceof LadingError) || error.code !== 'NOT_POSSIBLE') throw error;
      const why = visible((await words).toString('utf8').trim(), { max: 300 });
      throw new LadingError('COMMAND_FAILED', `AVML gave no memory: ${why || 'it said nothing'}`, {
        advice: 'Take the memory with host.memory, which says why the kernel refuses.',
      });
    }
  } finally {
    const gone = await said(ctx, ['sh', '-c', REMOVE, 'lading', folder]).catch(() => ({
      code: null,
      words: 'no answer',
    }));
    if (gone.code !== 0) {
      await ctx.miss(
        'unreadable',
        `${folder} with AVML could not be removed from the host: ${gone.words}. Remove it there.`,
      );
    }
  }
}
