import type { ExhibitRecord } from '../../../../../shared/domain';
import { type Frame, frameReader } from '../../../formats/frames';
import { type ProcessFrames, processesOf } from '../../../formats/proc-frames';
import { parseBootTime } from '../../../formats/proc-stat';
import type { IndexContext } from '../../indexer';

/** A body longer than this is measured, not read: of one process nothing that is indexed is longer. */
const KEEP = 64 * 1024 * 1024;
/** Faults of the format that are said one by one. */
const SAY = 20;

/** The processes of one exhibit of frames. */
export interface FramesPart {
  /** Frames that belong to no process and came since the last part. */
  host: Frame[];
  process?: ProcessFrames;
}

/**
 * Reads an exhibit of frames process by process, in constant memory: all frames of a process stand together, as the
 * scripts write them. What is not as the format says is reported.
 */
export async function* processParts(ctx: IndexContext, exhibit: ExhibitRecord): AsyncGenerator<FramesPart> {
  const reader = frameReader({ keep: KEEP });
  let held: Frame[] = [];
  let parts = 0;

  function* take(frames: readonly Frame[], final: boolean): Generator<FramesPart> {
    for (const frame of frames) {
      const pid = held[0]?.pid;
      if (held.length > 0 && pid !== frame.pid) {
        yield partOf(held);
        held = [];
      }
      held.push(frame);
    }
    if (final && held.length > 0) yield partOf(held);
  }

  for await (const chunk of ctx.stream(exhibit)) {
    reader.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
    for (const part of take(reader.drain(), false)) {
      if (++parts % 500 === 0) await ctx.pause();
      yield part;
    }
  }
  const { frames, faults } = reader.end();
  yield* take(frames, true);
  for (const { offset, reason } of faults.slice(0, SAY)) ctx.unreadable(exhibit, `At byte ${offset}: ${reason}`);
  if (faults.length > SAY) ctx.unreadable(exhibit, `${faults.length - SAY} more faults of its format.`);
}

function partOf(frames: readonly Frame[]): FramesPart {
  if (frames[0]?.pid === undefined) return { host: [...frames] };
  const [process] = processesOf({ frames: [...frames] });
  return { host: [], process };
}

/**
 * Another exhibit of the same host: of the same collection where there is one, else, where what it says lasts, the last.
 * `target`: only of the same target.
 */
export function beside(
  ctx: IndexContext,
  exhibit: ExhibitRecord,
  collectors: readonly string[],
  options: { lasts: boolean; target: boolean },
): ExhibitRecord | undefined {
  const fitting = ctx.exhibits.filter(
    (other) =>
      collectors.includes(other.collector.id) &&
      other.host?.id === exhibit.host?.id &&
      (!options.target || (other.target.kind === exhibit.target.kind && other.target.id === exhibit.target.id)),
  );
  const together = fitting.find(({ collection }) => collection === exhibit.collection);
  return together ?? (options.lasts ? fitting.at(-1) : undefined);
}

/** What turns ticks into times: when the host booted, in seconds since 1970, and ticks a second. */
export interface BootClock {
  boot: number;
  ticks: number;
}

/** The boot time that an exhibit of the same collection gives; undefined where none does: another boot's would be wrong. */
export async function bootClock(ctx: IndexContext, exhibit: ExhibitRecord): Promise<BootClock | undefined> {
  for (const collector of ['host.identity', 'host.clock']) {
    const source = beside(ctx, exhibit, [collector], { lasts: false, target: false });
    if (!source) continue;
    let boot: number | undefined;
    let ticks = 100;
    for await (const { host } of processParts(ctx, source)) {
      for (const { name, body } of host) {
        if (name === 'stat') boot = parseBootTime(body) ?? boot;
        const said = name === 'clk_tck' ? /^(\d{1,6})\s*$/.exec(body.toString('latin1'))?.[1] : undefined;
        if (said && Number(said) > 0) ticks = Number(said);
      }
    }
    if (boot !== undefined) return { boot, ticks };
  }
  return undefined;
}

/** The id of the container that a control group belongs to: 64 hex digits, as Docker, Podman and containerd name it. */
export function containerOfCgroup(text: string): string | undefined {
  return /(?:^|[/:_-])([0-9a-f]{64})(?:\.scope)?(?:[/\n]|$)/.exec(text)?.[1];
}

/** The host that an exhibit is of. What was imported names none: then its rows belong together by their import alone. */
export function hostOf({ id, host, collection }: ExhibitRecord): string {
  return host?.id ?? `import ${collection ?? id}`;
}
