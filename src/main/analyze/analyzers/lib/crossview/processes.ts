import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { type FrameSet, frameLocator, parseFrames } from '../../../formats/frames';
import { membership, nulWords, processesOf } from '../../../formats/proc-frames';
import { parseStat } from '../../../formats/proc-stat';
import { parseStatus } from '../../../formats/proc-status';
import { type PsRow, parsePs } from '../../../formats/ps-table';
import { sayFaults } from '../process/model';
import { type Hit, type Rule, report } from '../rule';
import { shown } from '../secrets';
import { lineOf, type Views, wholeOf, wholeText } from './looks';

export const hiddenProcess: Rule = {
  id: 'crossview.hidden-process',
  version: '1',
  title: 'A process that the container hides',
  severity: 'critical',
  confidence: 'likely',
  techniques: ['T1014', 'T1564'],
  benign: 'ps ran as a user who may see only his own processes (proc mounted with hidepid).',
};

export const inventedProcess: Rule = {
  id: 'crossview.invented-process',
  version: '1',
  title: 'A process that only the container shows',
  severity: 'high',
  confidence: 'possible',
  techniques: ['T1014', 'T1036'],
  benign: 'The container shares its PID namespace with others, or PIDs came round to their beginning in that moment.',
};

/** A process as the host's side shows it. */
interface Seen {
  pid: number;
  /** In the container's PID namespace. */
  inside: number;
  start: string;
  command: string;
  cites: Citation[];
}

interface Look {
  byInside: ReadonlyMap<number, Seen>;
  /** The container has a PID namespace of its own. */
  own: boolean;
}

async function readLook(ctx: AnalyzeContext, exhibit: ExhibitRecord): Promise<Look | undefined> {
  const set: FrameSet = parseFrames(await ctx.read(exhibit));
  sayFaults(ctx, exhibit, set);
  if (!set.complete) return undefined;
  const members = membership(set);
  const all = processesOf(set).flatMap(({ pid, frames, identity }) => {
    const statusFrame = frames.get('status');
    const statFrame = frames.get('stat');
    const status = statusFrame && parseStatus(statusFrame.body);
    const stat = statFrame && parseStat(statFrame.body);
    if (!status || !stat || identity === 'reused') return [];
    const cmdline = frames.get('cmdline');
    const line = nulWords(cmdline?.body ?? Buffer.alloc(0))
      .map(({ text }) => text)
      .join(' ');
    const cites = [statusFrame, statFrame, cmdline].flatMap((frame) =>
      frame && frame.length > 0 ? [{ exhibit: exhibit.id, locator: frameLocator(frame) }] : [],
    );
    return [{ pid, nsPids: status.nsPids, start: stat.startTime, command: line || stat.comm, cites }];
  });
  // Those in the container's own namespace say at which depth it is; processes in one nested in it have more numbers.
  const depth = Math.min(...all.filter(({ pid }) => members.get(pid)?.pidNamespace).map(({ nsPids }) => nsPids.length));
  const own = Number.isFinite(depth);
  const byInside = new Map<number, Seen>();
  for (const { nsPids, ...one } of all) {
    const inside = nsPids[(own ? depth : 1) - 1];
    if (inside !== undefined) byInside.set(inside, { ...one, inside });
  }
  return { byInside, own };
}

/** Compares ps in the container with the host's two looks. */
export async function compareProcesses(ctx: AnalyzeContext, views: Views): Promise<void> {
  const text = await wholeText(ctx, views.said);
  if (text === undefined) return;
  const table = parsePs(text);
  if (!table) {
    ctx.unreadable(views.said, 'This is no table of ps: no heading names the column PID.');
    return;
  }
  const [before, after] = [await readLook(ctx, views.before), await readLook(ctx, views.after)];
  if (!before || !after) return;
  const target = views.said.target;
  for (const hit of hidden(table.rows, before, after, views.said)) report(ctx, hiddenProcess, target, hit);
  for (const hit of invented(table.rows, before, after, views)) report(ctx, inventedProcess, target, hit);
}

/** The same PID with the same start on both sides of the asking: it ran all the while, and ps must have seen it. */
function hidden(rows: readonly PsRow[], before: Look, after: Look, said: ExhibitRecord): Hit[] {
  const told = new Set(rows.map(({ pid }) => pid));
  return [...before.byInside.values()].flatMap((one) => {
    const still = after.byInside.get(one.inside);
    if (told.has(one.inside) || still?.pid !== one.pid || still.start !== one.start) return [];
    const claim = `Process ${one.pid} of the host (${one.inside} in the container), "${shown(one.command, 200)}", ran before and after ps was run in the container, and ps does not list it.`;
    return [{ claim, cites: [...one.cites, ...still.cites, wholeOf(said)] }];
  });
}

/** So many PIDs beyond that of ps may have been given while it was reading. */
const WHILE_READING = 1000;

/**
 * A row that neither look has, and that cannot have begun in between: PIDs are given in their order, so what begins
 * between the first look and ps has a PID between the largest one before and that of ps itself.
 */
function invented(
  rows: readonly PsRow[],
  before: Look,
  after: Look,
  { said, before: first, after: second }: Views,
): Hit[] {
  const own = rows.filter(({ command }) => /(^|\/|\s)ps aux$/.test(command)).map(({ pid }) => pid);
  if (!before.own || own.length === 0) return [];
  const ps = Math.max(...own);
  const floor = Math.max(0, ...[...before.byInside.keys()].filter((pid) => pid < ps));
  return rows.flatMap(({ pid, command, line }) => {
    if (before.byInside.has(pid) || after.byInside.has(pid)) return [];
    if (pid >= floor && pid <= ps + WHILE_READING) return [];
    const claim = `ps in the container lists process ${pid}, "${visible(command, { max: 200 })}", which the host shows neither just before nor just after.`;
    return [{ claim, cites: [lineOf(said, line), wholeOf(first), wholeOf(second)] }];
  });
}
