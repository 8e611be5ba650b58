import { Readable } from 'node:stream';
import type { Target } from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { parseFrames } from '../../analyze/formats/frames';
import { parseStat } from '../../analyze/formats/proc-stat';
import type { CollectContext } from '../collector';
import { inspect } from '../fs/container-root';
import { atMost } from '../fs/host-file';
import type { ListedProcess } from './notes';
import { takeCore } from './process-core';
import type { MemoryChoice } from './regions';
import { listCommand } from './scripts';

/** A few thousand mappings a process make a few megabytes. More is an attack. */
const LIST_MAX = 256 << 20;

const NOTHING = Buffer.alloc(0);

/** The processes of a listing that could be listed. */
export function parseListing(bytes: Buffer): ListedProcess[] {
  const byPid = new Map<number, Map<string, Buffer>>();
  for (const { pid, name, body } of parseFrames(bytes).frames) {
    if (pid === undefined) continue;
    const of = byPid.get(pid) ?? new Map<string, Buffer>();
    of.set(name, body);
    byPid.set(pid, of);
  }
  return [...byPid].flatMap(([pid, of]) => {
    const stat = parseStat(of.get('stat') ?? NOTHING);
    if (!stat) return [];
    const status = of.get('status')?.toString('latin1') ?? '';
    const id = (which: string) => Number(new RegExp(`^${which}:\\t(\\d{1,10})`, 'm').exec(status)?.[1] ?? 0);
    return {
      pid,
      stat,
      cmdline: of.get('cmdline') ?? NOTHING,
      auxv: of.get('auxv') ?? NOTHING,
      syscalls: of.get('syscalls')?.toString('latin1') ?? '',
      sizes: of.get('sizes')?.toString('latin1') ?? '',
      maps: of.get('maps') ?? NOTHING,
      smaps: of.get('smaps') ?? NOTHING,
      uid: id('Uid'),
      gid: id('Gid'),
    };
  });
}

/**
 * Takes the memory of a container's processes, one core each. `source` is the collector's id; `note` ends the exhibits' titles. Throws
 * NOT_POSSIBLE where none of them is one that was chosen, COMMAND_FAILED where they cannot be listed.
 */
export async function takeProcesses(
  ctx: CollectContext,
  target: Target,
  choice: MemoryChoice,
  { source, note = '' }: { source: string; note?: string },
): Promise<void> {
  const pid = (await inspect(ctx, target)).State.Pid;
  if (pid === 0) {
    await ctx.miss('missing', 'The container ended before its memory could be read.');
    return;
  }
  const bytes = await listing(ctx, source, target.id, pid);
  const all = parseListing(bytes);
  const chosen = choice.pids.length === 0 ? all : all.filter((one) => choice.pids.includes(one.pid));
  for (const other of choice.pids.filter((one) => !all.some((listed) => listed.pid === one))) {
    await ctx.miss('missing', `The container has no process ${other}.`);
  }
  for (const [done, process] of chosen.entries()) {
    ctx.signal.throwIfAborted();
    ctx.progress(done, chosen.length);
    await takeCore(ctx, process, choice, ctx.facts.arch, note);
  }
}

/** Lists them, and stores the list. */
async function listing(ctx: CollectContext, source: string, id: string, pid: number): Promise<Buffer> {
  const { argv, stdin } = listCommand(source, id, pid);
  const run = await ctx.host.exec(argv, { asRoot: true, stdin, signal: ctx.signal });
  const [bytes, words, exit] = await Promise.all([atMost(run.stdout, LIST_MAX), atMost(run.stderr, 65536), run.done]);
  const stderr = words.toString('utf8');
  if (exit.code !== 0 || bytes.length === 0) {
    const said = visible(stderr.trim(), { max: 300 });
    throw new LadingError('COMMAND_FAILED', `Its processes could not be listed (status ${exit.code}): ${said}`);
  }
  await ctx.exhibit(
    { file: `${source}.frames`, kind: 'frames', title: 'Processes and their mappings before the memory was read' },
    Readable.from([bytes]),
    () => ({ kind: 'exec', argv, asRoot: true, exit: exit.code, stderr, stderrBytes: words.length }),
    () => (bytes.length >= LIST_MAX ? `The list is longer than ${LIST_MAX} bytes.` : undefined),
  );
  return bytes;
}
