import { Readable } from 'node:stream';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';

/** Said as errors, with which a checkpoint succeeds all the same. */
const HARMLESS = /Can't setup RLIMIT_NOFILE/;

/** The lines of CRIU's log that say why: the first errors, since those behind them follow from them. */
export function criuErrors(log: string): string[] {
  return log.split('\n').flatMap((line) => {
    const [, said] = /^\(\d+\.\d+\)\s+(?:\d+: )?Error \([^)]*\): (.+)$/.exec(line) ?? [];
    return said === undefined || HARMLESS.test(said) ? [] : [visible(said, { max: 300 })];
  });
}

/** What helps against errors that are known. */
export function knownCause(errors: readonly string[]): string {
  if (errors.some((one) => /Can't get 1:16 opt/.test(one))) {
    return ' CRIU before 4.2 cannot save inet sockets on kernels from 6.16 on.';
  }
  if (errors.some((one) => /Connected TCP socket|established/i.test(one))) {
    return ' The engine does not let CRIU save established TCP connections; container.checkpoint-runc does.';
  }
  if (errors.some((one) => /Can't dump ghost file/.test(one))) {
    return ' The engine does not let CRIU save deleted but open files of more than 1 MiB; container.checkpoint-runc does.';
  }
  return '';
}

/**
 * Stores the log of a checkpoint that failed, and throws ENGINE_ERROR with CRIU's own cause and what can be done at once. `said`: the
 * words of who called CRIU, which are the cause where the log names none.
 */
export async function checkpointFailed(
  ctx: CollectContext,
  { log, path, said, named }: { log: Buffer; path: string; said: string; named: string },
): Promise<never> {
  await ctx.exhibit(
    { file: 'criu-dump.log', kind: 'log', title: 'CRIU’s log of the checkpoint that failed' },
    Readable.from([log]),
    () => ({ kind: 'composed', note: `${path} on the host, ${named}.` }),
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
