import { z } from 'zod';
import type { Target } from '../../shared/domain';
import type { CollectContext } from './collector';

const Running = z.object({ Running: z.boolean().nullish(), Pid: z.number().int().positive().nullish() });

/**
 * Kills a process of the host by its PID, but only where the kernel says that it belongs to the container: the engine may
 * count PIDs in another machine's kernel than the one that is asked here. Arguments: PID, the container's id.
 */
export const END_SCRIPT = `
case $1 in *[!0-9]*|'') exit 64;; esac
case $2 in *[!0-9a-f]*|'') exit 64;; esac
while IFS= read -r l; do case $l in *"$2"*) kill -KILL "$1"; exit $?;; esac; done <"/proc/$1/cgroup"
exit 1`;

/** The host may be slow, but it must not hold the collection up. */
const PATIENCE_MS = 5000;

/**
 * Ends a program that was cut off (time, cancel, stall): the engine leaves it running, and it was Lading that started it.
 * Where it cannot be ended the miss or the record of the item says that it was cut off, and its accesses what was tried.
 */
export async function endLeftOver(ctx: CollectContext, target: Target, id: string): Promise<void> {
  const soon = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await ctx.engine.request('GET', `/exec/${encodeURIComponent(id)}/json`, undefined, soon);
    const parts: Buffer[] = [];
    for await (const part of response.body as AsyncIterable<Buffer>) parts.push(part);
    const state = Running.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
    if (!state.Running || !state.Pid || !ctx.facts.root) return;
    const argv = ['sh', '-c', END_SCRIPT, 'lading', String(state.Pid), target.id];
    const execution = await ctx.host.exec(argv, { asRoot: true, signal: soon });
    execution.stdout.resume();
    execution.stderr.resume();
    await execution.done;
  } catch {
    // What was tried is among the touches; the item's own end is what the examiner has to hear.
  }
}
