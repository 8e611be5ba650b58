import type { Citation, ExhibitRecord, TargetRef } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { type Frame, type FrameSet, frameLocator, type Link, parseFrames } from '../../../formats/frames';
import {
  type Executable,
  executablesOf,
  linksOf,
  membership,
  nulWords,
  type ProcessFrames,
  processesOf,
} from '../../../formats/proc-frames';
import { type MemoryMap, parseMaps } from '../../../formats/proc-maps';
import { type ProcStat, parseStat } from '../../../formats/proc-stat';
import { type ProcStatus, parseStatus } from '../../../formats/proc-status';
import { shown } from '../secrets';

/** A word of cmdline or environ with its place in the frame. */
export interface Word {
  text: string;
  offset: number;
  length: number;
}

type PlacedLink = Link & { frame: Frame };

/** One process of a container, as /proc of the host showed it. */
export interface Process {
  pid: number;
  exhibit: string;
  stat?: ProcStat;
  status?: ProcStatus;
  argv: Word[];
  environ: Word[];
  exe?: Executable;
  links: ReadonlyMap<string, PlacedLink>;
  maps: readonly MemoryMap[];
  frames: ReadonlyMap<string, Frame>;
  member: { cgroup: boolean; pidNamespace: boolean };
  /** 'Process 4711 (7 in the container)'. */
  number: string;
  /** The same with its command line, as the subject of a sentence: '…, "sh -i",'. */
  label: string;
}

/** Where a frame's body, or a part of it, lies in the exhibit. */
export function citeFrame(
  { exhibit }: Pick<Process, 'exhibit'>,
  frame: Frame,
  part?: { offset: number; length: number },
): Citation {
  return { exhibit, locator: frameLocator(frame, part) };
}

/** The places of several frames by name; those that are not there are left out. */
export function citeFrames(process: Process, ...names: string[]): Citation[] {
  return names.flatMap((name) => {
    const frame = process.frames.get(name);
    return frame ? [citeFrame(process, frame)] : [];
  });
}

/** The place of a link's target. */
export function citeLink(process: Process, name: string): Citation[] {
  const link = process.links.get(name);
  return link ? [citeFrame(process, link.frame, { offset: link.offset, length: link.length })] : [];
}

/** The words of the command line with their places. */
export function citeArgv(process: Process): Citation[] {
  return citeFrames(process, 'cmdline');
}

/** The command line as one text, as it is: for rules, never to be shown. */
export function commandLine({ argv }: Process): string {
  return argv.map(({ text }) => text).join(' ');
}

/** The targets of open files, by descriptor. */
export function descriptors(process: Process): { fd: number; target: string; cite: Citation }[] {
  return [...process.links].flatMap(([name, link]) => {
    const fd = /^fd\/(\d{1,10})$/.exec(name)?.[1];
    if (fd === undefined) return [];
    const place = { offset: link.offset, length: link.length };
    return [{ fd: Number(fd), target: link.target, cite: citeFrame(process, link.frame, place) }];
  });
}

/** What cannot be taken from the frames is needed for nothing, or said in `unreadable`. */
const USED = new Set(['stat', 'status', 'cmdline', 'environ', 'links', 'maps']);

/** The processes of one exhibit of 'container.processes'. Parts that cannot be read are reported. */
export async function readProcesses(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Process[]> {
  const set = parseFrames(await ctx.read(exhibit));
  sayFaults(ctx, exhibit, set);
  const all = processesOf(set);
  const executables = executablesOf(all);
  const members = membership(set);
  return all.flatMap((process) => {
    if (process.identity === 'reused') {
      ctx.unreadable(exhibit, `PID ${process.pid} went to another process while it was being read.`);
      return [];
    }
    sayUnread(ctx, exhibit, process);
    return [processOf(exhibit, process, executables.get(process.pid), members.get(process.pid))];
  });
}

/** Says what is not as the format of frames has it; of very many faults only the first. */
export function sayFaults(ctx: AnalyzeContext, exhibit: ExhibitRecord, set: FrameSet): void {
  for (const { offset, reason } of set.faults.slice(0, 20)) ctx.unreadable(exhibit, `At byte ${offset}: ${reason}`);
  if (set.faults.length > 20) ctx.unreadable(exhibit, `${set.faults.length - 20} more faults of its format.`);
}

function sayUnread(ctx: AnalyzeContext, exhibit: ExhibitRecord, { pid, frames, identity }: ProcessFrames): void {
  // a process that ended meanwhile leaves reads without an answer; that is no fault of the exhibit
  if (identity === 'gone') return;
  for (const frame of frames.values()) {
    const failed = frame.outcome === 'denied' || frame.outcome === 'unreadable' || frame.outcome === 'truncated';
    if (!failed || !USED.has(frame.name)) continue;
    const why = visible(frame.error.trim(), { max: 200 });
    ctx.unreadable(exhibit, `${frame.name} of process ${pid}: ${frame.outcome}${why ? ` (${why})` : ''}.`);
  }
}

function processOf(
  exhibit: ExhibitRecord,
  process: ProcessFrames,
  exe: Executable | undefined,
  member: Process['member'] | undefined,
): Process {
  const body = (name: string) => process.frames.get(name)?.body ?? Buffer.alloc(0);
  const status = parseStatus(body('status'));
  const argv = nulWords(body('cmdline'));
  const inside = status && status.nsPids.length > 1 ? status.nsPids.at(-1) : undefined;
  const comm = parseStat(body('stat'))?.comm ?? '';
  const line = argv.map(({ text }) => text).join(' ');
  const number = `Process ${process.pid}${inside === undefined ? '' : ` (${inside} in the container)`}`;
  return {
    pid: process.pid,
    exhibit: exhibit.id,
    stat: parseStat(body('stat')),
    status,
    argv,
    environ: nulWords(body('environ')),
    exe,
    links: linksOf(process),
    maps: parseMaps(body('maps')).maps,
    frames: process.frames,
    member: member ?? { cgroup: false, pidNamespace: false },
    number,
    label: `${number}, "${shown(line || comm, 200)}",`,
  };
}

/** What the rules on processes look at: one container at one moment, with what else is known of it. */
export interface ProcessSet {
  target: TargetRef;
  processes: readonly Process[];
  byPid: ReadonlyMap<number, Process>;
}

export function processSet(target: TargetRef, processes: readonly Process[]): ProcessSet {
  return { target, processes, byPid: new Map(processes.map((process) => [process.pid, process])) };
}

/** The process that is first in its container: the one with PID 1 there, else the lowest of the host's PIDs. */
export function firstProcess({ processes }: Pick<ProcessSet, 'processes'>): Process | undefined {
  return (
    processes.find(({ status, member }) => member.cgroup && status?.nsPids.at(-1) === 1) ??
    [...processes].filter(({ member }) => member.cgroup).sort((a, b) => a.pid - b.pid)[0]
  );
}
