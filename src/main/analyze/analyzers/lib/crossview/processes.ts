import type { Citation, ExhibitRecord } from '../../../../../shared/domain';
import { visible } from '../../../../../shared/visible';
import type { AnalyzeContext } from '../../../analyzer';
import { type FrameSet, frameLocator, parseFrames } from '../../../formats/frames';
import { membership, nulWords, processesOf } from '../../../formats/proc-frames';
import { parseStat } from '../../../formats/proc-stat';
import { parseStatus } from '../../../formats/proc-status';
import { type PsRow, parsePs, showsCommand } from '../../../formats/ps-table';
import { sayFaults } from '../process/model';
import { type Hit, type Rule, report } from '../rule';
import { shown } from '../secrets';
import { cautious, lineOf, sayUnreadable, type Views, wholeOf, wholeText } from './looks';

export const hiddenProcess: Rule = {
  id: 'crossview.hidden-process',
  version: '2',
  title: 'A process that the container hides',
  severity: 'critical',
  confidence: 'likely',
  techniques: ['T1014', 'T1564'],
  benign: 'ps ran as a user who may see only his own processes (proc mounted with hidepid).',
};

export const inventedProcess: Rule = {
  id: 'crossview.invented-process',
  version: '2',
  title: 'A process that only the container shows',
  severity: 'high',
  confidence: 'possible',
  techniques: ['T1014', 'T1036'],
  benign: 'The container shares its PID namespace with others, or PIDs came round to their beginning in that moment.',
};

export const renamedProcess: Rule = {
  id: 'crossview.renamed-process',
  version: '1',
  title: 'A process that the container shows under another command',
  severity: 'high',
  confidence: 'likely',
  techniques: ['T1014', 'T1036'],
  benign:
    'A ps that shows commands in a way of its own, or a process that wrote over its command line and back in that moment.',
};

/** A process as the host's side shows it. */
interface Seen {
  pid: number;
  /** In the container's PID namespace. */
  inside: number;
  start: string;
  comm: string;
  /** Its arguments; empty where it has none. */
  argv: string;
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
    return [{ pid, nsPids: status.nsPids, start: stat.startTime, comm: stat.comm, argv: line, cites }];
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
  sayUnreadable(ctx, views.said, table.unreadable);
  for (const hit of hidden(table.rows, before, after, views.said)) {
    report(ctx, hiddenProcess, target, cautious(hit, table.unreadable));
  }
  for (const hit of renamed(table.rows, before, after, views.said)) report(ctx, renamedProcess, target, hit);
  for (const hit of invented(table.rows, before, after, views)) report(ctx, inventedProcess, target, hit);
}

/** The same PID with the same start on both sides of the asking: it ran all the while, and ps must have seen it. */
function hidden(rows: readonly PsRow[], before: Look, after: Look, said: ExhibitRecord): Hit[] {
  const told = new Set(rows.map(({ pid }) => pid));
  return [...before.byInside.values()].flatMap((one) => {
    const still = after.byInside.get(one.inside);
    if (told.has(one.inside) || still?.pid !== one.pid || still.start !== one.start) return [];
    const claim = `Process ${one.pid} of the host (${one.inside} in the container), "${shown(one.argv || one.comm, 200)}", ran before and after ps was run in the container, and ps does not list it.`;
    return [{ claim, cites: [...one.cites, ...still.cites, wholeOf(said)] }];
  });
}

/** The same process with the same command on both sides of the asking, and ps shows its PID with another. */
function renamed(rows: readonly PsRow[], before: Look, after: Look, said: ExhibitRecord): Hit[] {
  return rows.flatMap((row) => {
    const [one, still] = [before.byInside.get(row.pid), after.byInside.get(row.pid)];
    if (!one || still?.pid !== one.pid || still.start !== one.start) return [];
    if (still.argv !== one.argv || still.comm !== one.comm || showsCommand(row, one)) return [];
    const claim = `ps in the container shows process ${one.pid} of the host (${row.pid} in the container) as "${shown(row.command, 200)}"; before and after it the host shows "${shown(one.argv || one.comm, 200)}".`;
    return [{ claim, cites: [lineOf(said, row.line), ...one.cites, ...still.cites] }];
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
