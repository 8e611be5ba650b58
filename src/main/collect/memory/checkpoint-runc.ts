import { randomBytes } from 'node:crypto';
import type { Target } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { inspect } from '../fs/container-root';
import { atMost, readHostFile } from '../fs/host-file';
import { captureTar } from '../fs/tar-folder';
import { checkpointFailed } from './checkpoint-cause';
import { watchStillness } from './stillness';

const LOG_MAX = 64 << 20;
const FOLDER = /^\/[A-Za-z0-9_./-]{1,400}\/lading-checkpoint-[0-9a-f]{12}$/;

/** How the script ends where nothing was touched, and why. */
const REFUSED: Readonly<Record<number, string>> = {
  65: 'runc does not know this container: another runtime runs it.',
  66: 'There is no runc on this host.',
  67: 'CRIU is not installed on this host.',
  68: 'The folder for the images could not be made.',
};

/**
 * Has runc save a container that goes on. The container is let go however the connection ends: runc is not told of a hangup. Arguments:
 * the container's id, a folder that is not there yet. Below it come `images` and `work` (CRIU's
 * log). Without being told, CRIU refuses established connections, file
 * locks, unix sockets to others, and (ghost-limit, which runc has no option for) deleted but open files of more than 1 MiB.
 */
const CHECKPOINT = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
exec </dev/null
id=$1 at=$2
case $id in *[!0-9a-f]*|'') exit 64;; esac
root=
for r in /run/docker/runtime-*/* /run/containerd/runc/* /run/runc; do
  if [ -s "$r/$id/state.json" ]; then root=$r; fi
done
if [ -z "$root" ]; then exit 65; fi
command -v runc >/dev/null || exit 66
command -v criu >/dev/null || exit 67
umask 077
mkdir "$at" && mkdir "$at/images" "$at/work" || exit 68
printf 'ghost-limit 2G\\n' > "$at/criu.conf" || exit 68
CRIU_CONFIG_FILE=$at/criu.conf; export CRIU_CONFIG_FILE
trap '' HUP INT TERM PIPE
printf '%s\\n%s\\nstate in %s\\n' "$(runc --version | head -n 1)" "$(criu --version 2>/dev/null | head -n 1)" "$root"
runc --root "$root" checkpoint --image-path "$at/images" --work-path "$at/work" --leave-running --tcp-established --file-locks \\
  --ext-unix-sk "$id" || exit 70
`;

const REMOVE = `rm -rf -- "$1"; if [ -e "$1" ]; then exit 1; fi`;

async function said(ctx: CollectContext, argv: string[], signal?: AbortSignal) {
  const run = await ctx.host.exec(argv, { asRoot: true, signal });
  const [out, words, exit] = await Promise.all([atMost(run.stdout, 65536), atMost(run.stderr, 65536), run.done]);
  return { out: out.toString('utf8'), words: visible(words.toString('utf8').trim(), { max: 600 }), code: exit.code };
}

/**
 * Takes a checkpoint that runc makes, established TCP connections too. Its images lie in a folder of their own beside the engine's data
 * meanwhile, which is removed in any case unless `keep` says otherwise. Throws NOT_POSSIBLE where runc does not run the container;
 * where CRIU failed, its log is an exhibit and its cause is what is thrown.
 */
export async function takeRuncCheckpoint(
  ctx: CollectContext,
  target: Target,
  { folder, keep }: { folder: string; keep: boolean },
): Promise<void> {
  const pid = (await inspect(ctx, target)).State.Pid;
  if (pid === 0) {
    await ctx.miss('missing', 'The container ended before a checkpoint could be made.');
    return;
  }
  const above = (folder === '' ? ctx.engine.facts.rootDir : folder).replace(/\/+$/, '');
  const at = `${above}/lading-checkpoint-${randomBytes(6).toString('hex')}`;
  if (!FOLDER.test(at) || at.includes('/../')) {
    throw new LadingError('BAD_INPUT', `This is no plain absolute path of a folder: ${visible(above, { max: 200 })}`);
  }
  let made = true;
  try {
    const { result, still } = await watchStillness(ctx, { id: target.id, pid }, () =>
      said(ctx, ['sh', '-c', CHECKPOINT, 'lading', target.id, at], ctx.signal),
    );
    const refused = REFUSED[result.code ?? -1];
    if (refused) {
      made = result.code === 68;
      throw new LadingError('NOT_POSSIBLE', `${refused} ${result.words}`.trim(), {
        advice: 'Take the memory of its processes instead (process.memory): it needs neither.',
      });
    }
    if (result.code !== 0) await whyNot(ctx, at, result.words || `status ${result.code}`);
    const seconds = still === undefined ? 'for a time whose end was not seen' : `for ${still} s`;
    await captureTar(
      ctx,
      {
        file: 'container.checkpoint.tar',
        kind: 'tar',
        title: `Checkpoint by runc (CRIU images), with TCP connections; the container stood still ${seconds}`,
      },
      { base: `${at}/images` },
    );
  } finally {
    if (made) await clear(ctx, at, keep);
  }
}

/** Removes the folder, also after a cancel or a failure; where it stays that is said. */
async function clear(ctx: CollectContext, at: string, keep: boolean): Promise<void> {
  if (keep) {
    await ctx.miss('not applicable', `The checkpoint stays on the host, as the examiner chose: ${at}`);
    return;
  }
  const gone = await said(ctx, ['sh', '-c', REMOVE, 'lading', at]).catch((error: unknown) => ({
    code: null,
    words: error instanceof Error ? error.message : '',
  }));
  if (gone.code === 0) return;
  await ctx.miss(
    'unreadable',
    `The folder ${at} with the container’s memory could not be removed from the host: ${gone.words}. Remove it there.`,
  );
}

async function whyNot(ctx: CollectContext, at: string, words: string): Promise<never> {
  const path = `${at}/work/dump.log`;
  const log = await readHostFile(ctx, path, LOG_MAX);
  if (log && log.length > 0) {
    return checkpointFailed(ctx, { log, path, said: words, named: 'where runc was told to have it written' });
  }
  throw new LadingError('COMMAND_FAILED', `runc could not save the container, which goes on: ${words}`, {
    advice: 'Take the memory of its processes instead (process.memory): it needs no CRIU and stops nothing.',
  });
}
