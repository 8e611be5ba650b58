import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Target } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { statusError } from '../../docker/engine-client';
import type { CollectContext } from '../collector';
import { inspect, pathOf } from '../fs/container-root';
import { readHostFile } from '../fs/host-file';
import { captureTar } from '../fs/tar-folder';
import { watchStillness } from './stillness';

const LOG_MAX = 64 << 20;

/** CRIU's own log, which the engine's error names. Only such a path is read. */
const LOG_PATH = /path= ?(\/[A-Za-z0-9_./-]{1,400}\/criu-dump\.log)/;

/** The lines of CRIU's log that say why: the first errors, since those behind them follow from them. */
export function criuErrors(log: string): string[] {
  return log.split('\n').flatMap((line) => {
    const [, said] = /^\(\d+\.\d+\)\s+(?:\d+: )?Error \([^)]*\): (.+)$/.exec(line) ?? [];
    return said === undefined ? [] : [visible(said, { max: 300 })];
  });
}

/** What helps against errors that are known. */
function knownCause(errors: readonly string[]): string {
  if (errors.some((one) => /Can't get 1:16 opt/.test(one))) {
    return ' CRIU before 4.2 cannot save inet sockets on kernels from 6.16 on.';
  }
  if (errors.some((one) => /Connected TCP socket|established/i.test(one))) {
    return ' The engine does not let CRIU save established TCP connections.';
  }
  return '';
}

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
  await ctx.exhibit(
    { file: 'criu-dump.log', kind: 'log', title: 'CRIU’s log of the checkpoint that failed' },
    Readable.from([log]),
    () => ({ kind: 'composed', note: `${path} on the host, which the engine’s error names.` }),
  );
  const errors = criuErrors(log.toString('utf8'));
  const cause = errors.slice(0, 3).join('; ') || visible(said, { max: 300 });
  throw new LadingError(
    'ENGINE_ERROR',
    `CRIU could not save the container, which goes on: ${cause}.${knownCause(errors)}`,
    {
      advice: 'Take the memory of its processes instead (process.memory): it needs no CRIU and stops nothing.',
    },
  );
}
