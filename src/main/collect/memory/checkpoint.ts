import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Target } from '../../../shared/domain';
import { statusError } from '../../docker/engine-client';
import type { CollectContext } from '../collector';
import { inspect, pathOf } from '../fs/container-root';
import { readHostFile } from '../fs/host-file';
import { captureTar } from '../fs/tar-folder';
import { checkpointFailed } from './checkpoint-cause';
import { watchStillness } from './stillness';

const LOG_MAX = 64 << 20;

/** CRIU's own log, which the engine's error names. Only such a path is read. */
const LOG_PATH = /path= ?(\/[A-Za-z0-9_./-]{1,400}\/criu-dump\.log)/;

/**
 * Has the engine make a checkpoint, leaves the container running, and takes the files. Throws what the engine says; where CRIU failed,
 * its log is an exhibit and its cause is a miss.
 */
export async function takeCheckpoint(
  ctx: CollectContext,
  target: Target,
  { remove }: { remove: boolean },
): Promise<void> {
  const { rootDir } = ctx.engine.facts;
  const pid = (await inspect(ctx, target)).State.Pid;
  if (pid === 0) {
    await ctx.miss('missing', 'The container ended before a checkpoint could be made.');
    return;
  }
  const name = `lading-${randomBytes(6).toString('hex')}`;
  const path = `${pathOf(target)}/checkpoints`;
  const { result, still } = await watchStillness(ctx, { id: target.id, pid }, async () => {
    const made = await ctx.engine.request('POST', path, undefined, ctx.signal, { CheckpointID: name, Exit: false });
    return { status: made.status, path: made.path, answer: await buffer(made.body) };
  });
  if (result.status >= 300) {
    await whyNot(ctx, result);
    return;
  }
  const seconds = still === undefined ? 'for a time whose end was not seen' : `for ${still} s`;
  const base = `${rootDir.replace(/\/+$/, '')}/containers/${target.id}/checkpoints/${name}`;
  const taken = await captureTar(
    ctx,
    {
      file: 'container.checkpoint.tar',
      kind: 'tar',
      title: `Checkpoint (CRIU images); the container stood still ${seconds}`,
    },
    { base },
  );
  if (!remove || !taken || taken.partial) {
    await ctx.miss(
      'not applicable',
      `The checkpoint ${name} stays on the host, where this collection made it: ${base}`,
    );
    return;
  }
  const gone = await ctx.engine.request('DELETE', `${path}/${name}`, undefined, ctx.signal);
  const answer = await buffer(gone.body);
  if (gone.status >= 300) throw statusError(gone.status, gone.path, answer);
}

/** Takes CRIU's log, and says its cause and what can be done at once. */
async function whyNot(ctx: CollectContext, failed: { status: number; path: string; answer: Buffer }): Promise<void> {
  const said = failed.answer.toString('utf8');
  const path = LOG_PATH.exec(said)?.[1];
  const log = path && !path.includes('/../') ? await readHostFile(ctx, path, LOG_MAX) : undefined;
  if (!path || !log || log.length === 0) throw statusError(failed.status, failed.path, failed.answer);
  await checkpointFailed(ctx, { log, path, said, named: 'which the engine’s error names' });
}
