import type { ExhibitRecord } from '../../../../shared/domain';
import { frameLocator } from '../../formats/frames';
import {
  detailsOf,
  type Executable,
  executablesOf,
  linksOf,
  nulWords,
  type ProcessFrames,
} from '../../formats/proc-frames';
import { parseStat, startedAt } from '../../formats/proc-stat';
import { parseStatus } from '../../formats/proc-status';
import { defineIndexer, type IndexContext } from '../indexer';
import { type DriftOf, driftOf, onRoot } from './lib/drift';
import { writeFacts } from './lib/facts';
import { linkPlace, writeFds } from './lib/fds';
import { type BootClock, bootClock, containerOfCgroup, hostOf, processParts } from './lib/frames';

/** Bytes of a page: 4096 on every machine that Docker is built for but some arm64 and ppc64le ones, where VmRSS is used. */
const PAGE = 4096;

/** What is the same for all processes of an exhibit. */
interface Scene {
  exhibit: ExhibitRecord;
  host: string;
  source: 'container' | 'host';
  clock?: BootClock;
  drift?: DriftOf;
  /** By device and inode: the row, and the hash, which is taken once. */
  executables: Map<string, number>;
}

/** Processes from /proc of the host: of containers whole, of the host light. */
export default defineIndexer({
  id: 'processes',
  version: '1',
  title: 'Processes',
  accepts: ({ collector, kind }) =>
    kind === 'frames' && (collector.id === 'container.processes' || collector.id === 'host.processes'),
  async index(ctx, exhibits) {
    for (const exhibit of exhibits) {
      await ctx.pause();
      const source = exhibit.collector.id === 'container.processes' ? 'container' : 'host';
      const scene: Scene = {
        exhibit,
        host: hostOf(exhibit),
        source,
        clock: await bootClock(ctx, exhibit),
        drift: source === 'container' ? await driftOf(ctx, exhibit) : undefined,
        executables: new Map(),
      };
      for await (const { process } of processParts(ctx, exhibit)) if (process) write(ctx, scene, process);
    }
  },
});

function write(ctx: IndexContext, scene: Scene, process: ProcessFrames): void {
  const { exhibit, host, source } = scene;
  const { pid, frames, startTime, identity } = process;
  const stat = parseStat(frames.get('stat')?.body ?? Buffer.alloc(0));
  const status = parseStatus(frames.get('status')?.body ?? Buffer.alloc(0));
  // a number that nothing was read of: it ended before the first look
  if (!stat && !status) return;
  const all = [...frames.values()];
  const links = linksOf(process);
  const exe = executablesOf([process]).get(pid);
  const exeLink = links.get('exe');
  const cmdline = frames.get('cmdline');
  const words = nulWords(cmdline?.body ?? Buffer.alloc(0));
  const command = words.map(({ text }) => text).join(' ');
  const cgroup = frames.get('cgroup');
  const about = frames.get('stat') ?? frames.get('status') ?? all[0];
  if (!about) return;
  const path = exe?.path;
  const drifted =
    exe && path && !exe.deleted && onRoot(frames.get('mountinfo')?.body, path) ? scene.drift?.(path) : undefined;
  const comm = stat?.comm ?? status?.name ?? '';
  const row = ctx.rows.process({
    exhibit: exhibit.id,
    locator: frameLocator(about),
    source,
    host,
    container: source === 'container' ? exhibit.target.id : containerOfCgroup(cgroup?.body.toString('latin1') ?? ''),
    pid,
    inside: status && status.nsPids.length > 1 ? status.nsPids.at(-1) : undefined,
    ppid: stat?.ppid ?? status?.ppid,
    start_ticks: startTime,
    started: stat && scene.clock ? Math.round(startedAt(stat, scene.clock.boot, scene.clock.ticks) * 1000) : undefined,
    comm,
    command,
    command_at: cmdline && cmdline.length > 0 ? frameLocator(cmdline) : undefined,
    state: stat?.state ?? status?.state,
    uid: status?.uids[0],
    euid: status?.uids[1],
    gid: status?.gids[0],
    exe: path,
    exe_at: exeLink && exeLink.length > 0 ? linkPlace(exeLink) : undefined,
    executable: exe && executable(ctx, scene, exe),
    deleted: exe?.deleted ? 1 : 0,
    memfd: exe?.memfd ? 1 : 0,
    drift: drifted?.drift,
    drift_at: drifted?.at,
    kernel: stat?.kernelThread ? 1 : 0,
    threads: status?.threads ?? stat?.threads,
    rss: status?.vmRss ?? (stat ? stat.rss * PAGE : undefined),
    tracer: status?.tracerPid,
    cap_eff: status?.capEff?.toString(16).padStart(16, '0'),
    no_new_privs: status?.noNewPrivs === undefined ? undefined : status.noNewPrivs ? 1 : 0,
    seccomp: status?.seccomp,
    identity,
    span_from: Math.min(...all.map(({ offset }) => offset)),
    span_to: Math.max(...all.map(({ offset, length }) => offset + length)),
  });
  ctx.rows.text({
    exhibit: exhibit.id,
    locator: command !== '' && cmdline ? frameLocator(cmdline) : frameLocator(about),
    kind: 'process',
    ref: row,
    body: [comm, command, path && `${path}${exe?.deleted ? ' (deleted)' : ''}`].filter(Boolean).join('\n'),
  });
  writeFacts(ctx.rows, { exhibit: exhibit.id, process: row }, frames, links, detailsOf(process));
  writeFds(ctx.rows, { exhibit: exhibit.id, host, pid, process: row }, links);
}

/** One row for each file that runs; where the exhibit does not say which file it is, for each path. */
function executable(ctx: IndexContext, { exhibit, executables }: Scene, exe: Executable): number {
  const key = exe.file ?? `path ${exe.path} ${exe.deleted}`;
  const held = executables.get(key);
  if (held !== undefined) return held;
  const row = ctx.rows.executable({
    exhibit: exhibit.id,
    locator: frameLocator(exe.linkFrame),
    path: exe.path,
    file: exe.file,
    size: exe.size,
    names: exe.names,
    sha256: exe.sha256,
    sha256_at: exe.hashFrame && frameLocator(exe.hashFrame),
    deleted: exe.deleted ? 1 : 0,
    memfd: exe.memfd ? 1 : 0,
  });
  executables.set(key, row);
  return row;
}
