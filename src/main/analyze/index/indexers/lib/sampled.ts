import type { ExhibitRecord } from '../../../../../shared/domain';
import { frameLocator } from '../../../formats/frames';
import { executablesOf, linksOf, nulWords, type ProcessFrames } from '../../../formats/proc-frames';
import { parseStat, startedAt } from '../../../formats/proc-stat';
import type { IndexContext } from '../../indexer';
import { bootClock, containerOfCgroup, hostOf } from './frames';

/** Processes of one exhibit beyond this get no row of their own: a host can start any number during a long capture. */
const MAX = 500_000;

/**
 * Processes as the samples beside a capture have them: a program that ran for a second between two collections is seen there
 * alone. Gives a function that takes each process of each sample and gives its row: one a process and name, as a process has
 * another after execve(2). Undefined where stat could not be read; then the number alone tells what its descriptors belong to.
 */
export async function sampledProcesses(
  ctx: IndexContext,
  exhibit: ExhibitRecord,
): Promise<(process: ProcessFrames) => number | undefined> {
  const rows = new Map<string, number>();
  const clock = await bootClock(ctx, exhibit);
  return (process) => {
    const { pid, frames, identity } = process;
    const frame = frames.get('stat');
    const stat = frame && parseStat(frame.body);
    if (!frame || !stat || stat.pid !== pid) return undefined;
    const key = `${pid} ${stat.startTime} ${stat.comm}`;
    const held = rows.get(key);
    if (held !== undefined) return held;
    if (rows.size === MAX) {
      ctx.unreadable(exhibit, `There are more than ${MAX} processes in its samples: the rest has no rows.`);
    }
    if (rows.size >= MAX) return undefined;
    const cmdline = frames.get('cmdline');
    const command = nulWords(cmdline?.body ?? Buffer.alloc(0))
      .map(({ text }) => text)
      .join(' ');
    const exe = executablesOf([process]).get(pid);
    const exeLink = linksOf(process).get('exe');
    const all = [...frames.values()];
    const row = ctx.rows.process({
      exhibit: exhibit.id,
      locator: frameLocator(frame),
      source: 'sample',
      host: hostOf(exhibit),
      container:
        exhibit.target.kind === 'container'
          ? exhibit.target.id
          : containerOfCgroup(frames.get('cgroup')?.body.toString('latin1') ?? ''),
      pid,
      ppid: stat.ppid,
      start_ticks: stat.startTime,
      started: clock && Math.round(startedAt(stat, clock.boot, clock.ticks) * 1000),
      comm: stat.comm,
      command,
      command_at: cmdline && cmdline.length > 0 ? frameLocator(cmdline) : undefined,
      state: stat.state,
      exe: exe?.path,
      exe_at: exeLink && exe && frameLocator(exeLink.frame, exeLink),
      deleted: exe?.deleted ? 1 : 0,
      memfd: exe?.memfd ? 1 : 0,
      kernel: stat.kernelThread ? 1 : 0,
      threads: stat.threads,
      identity,
      span_from: Math.min(...all.map(({ offset }) => offset)),
      span_to: Math.max(...all.map(({ offset, length }) => offset + length)),
    });
    rows.set(key, row);
    ctx.rows.text({
      exhibit: exhibit.id,
      locator: command !== '' && cmdline ? frameLocator(cmdline) : frameLocator(frame),
      kind: 'process',
      ref: row,
      body: [stat.comm, command, exe && `${exe.path}${exe.deleted ? ' (deleted)' : ''}`].filter(Boolean).join('\n'),
    });
    return row;
  };
}
