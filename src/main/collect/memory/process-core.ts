import { Readable } from 'node:stream';
import { asLadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { coreHead, PF } from '../../analyze/formats/elf-core';
import { parseMaps } from '../../analyze/formats/proc-maps';
import { type MappingUse, parseSmaps } from '../../analyze/formats/proc-smaps';
import type { CollectContext } from '../collector';
import { coreNotes, type ListedProcess } from './notes';
import { newTold, readMemory, type Told } from './read';
import { type MemoryChoice, planRegions, type Region } from './regions';
import type { Piece } from './scripts';

/** Read by one dd: so much is lost at most where a page gives no answer, and a slow link still brings it in 100 s. */
const PIECE = 16 << 20;

/** Regions in pieces, in their order. */
export function piecesOf(regions: readonly Region[]): Piece[] {
  const pieces: Piece[] = [];
  for (const [group, { start, asked }] of regions.entries()) {
    for (let at = 0; at < asked; at += PIECE) {
      pieces.push({ piece: pieces.length, group, start: start + BigInt(at), length: Math.min(PIECE, asked - at) });
    }
  }
  return pieces;
}

/** One row of a core's record: every mapping, whether something of it was asked for or not. Sizes in bytes. */
export interface RegionRow {
  start: string;
  end: string;
  perms: string;
  path: string;
  size: number;
  asked: number;
  had: number;
  /** Why less was asked for than there is. */
  left?: string;
  /** What could not be read, with its place in the process: it is zero in the core. */
  gaps?: { start: string; length: number; error: string }[];
}

/** The record beside a core. */
export interface CoreRecord {
  format: 1;
  pid: number;
  started: string;
  core: string;
  asked: number;
  had: number;
  /** Threads of which registers were had: stack and instruction pointer, and the arguments of their system call. */
  threads: number;
  regions: RegionRow[];
  /** Mappings that were there before the reading and not after it, or the reverse. */
  changed: { start: string; end: string; perms: string; path: string; what: 'gone' | 'new' }[];
}

const hex = (value: bigint) => value.toString(16);

function rows(regions: readonly Region[], pieces: readonly Piece[], { gaps }: Told): RegionRow[] {
  const of = new Map<number, RegionRow['gaps']>();
  for (const { piece, offset, length, error } of gaps) {
    const from = pieces[piece];
    if (!from) continue;
    const all = of.get(from.group) ?? [];
    all.push({ start: hex(from.start + BigInt(offset)), length, error });
    of.set(from.group, all);
  }
  return regions.map(({ start, size, perms, path, asked, left }, at) => {
    const missed = of.get(at);
    return {
      start: hex(start),
      end: hex(start + BigInt(size)),
      perms,
      path: visible(path, { max: 4096 }),
      size,
      asked,
      had: asked - (missed?.reduce((sum, { length }) => sum + length, 0) ?? 0),
      ...(left !== undefined && { left }),
      ...(missed && { gaps: missed }),
    };
  });
}

/** What differs in two readings of maps; undefined where there is no second one. */
export function changesOf(before: readonly MappingUse[], after: Buffer): CoreRecord['changed'] {
  const key = (one: Pick<MappingUse, 'start' | 'end' | 'perms' | 'path'>) =>
    `${one.start}-${one.end} ${one.perms} ${one.path}`;
  const now = new Map(parseMaps(after).maps.map((one) => [key(one), one]));
  const then = new Set(before.map(key));
  const row = ({ start, end, perms, path }: Pick<MappingUse, 'start' | 'end' | 'perms' | 'path'>) => ({
    start,
    end,
    perms,
    path: visible(path, { max: 4096 }),
  });
  return [
    ...before.filter((one) => !now.has(key(one))).map((one) => ({ ...row(one), what: 'gone' as const })),
    ...[...now.values()].filter((one) => !then.has(key(one))).map((one) => ({ ...row(one), what: 'new' as const })),
  ];
}

/** Why a core that came to its end is not whole; undefined where it is. */
function judged(told: Told, regions: RegionRow[], started: string): string | undefined {
  if (told.mapsAfter === undefined) return 'What the process looked like after the reading is not known.';
  if (told.startedAfter !== started) return 'The process ended while its memory was read.';
  const missed = regions.filter(({ gaps }) => gaps);
  if (missed.length === 0) return undefined;
  const bytes = missed.reduce((sum, { asked, had }) => sum + asked - had, 0);
  return `${bytes} bytes in ${missed.length} of ${regions.length} mappings could not be read; they are zero here, and the record of the mappings says which.`;
}

/**
 * Takes one process's memory as an ELF core, and the record of its mappings. Throws what ends the item; of a process that ended
 * meanwhile what came is kept, as partial, and it is said.
 */
export async function takeCore(
  ctx: CollectContext,
  process: ListedProcess,
  choice: MemoryChoice,
  arch: string,
  note: string,
): Promise<void> {
  const { pid, stat } = process;
  const started = String(stat.startTime);
  const name = `PID ${pid} (${visible(stat.comm, { max: 32 })})`;
  const { mappings } = parseSmaps(process.smaps);
  if (mappings.length === 0) {
    await ctx.miss('none', `${name} has no memory (state ${stat.state}).`);
    return;
  }
  const sizes = sizesOf(process);
  const regions = planRegions(mappings, sizes, choice);
  const pieces = piecesOf(regions);
  const plan = JSON.stringify({ pid, started, choice, left: rows(regions, [], newTold()).filter(({ left }) => left) });
  const { machine, notes, threads } = coreNotes(arch, process, mappings, plan);
  const parts = regions.map(({ start, size, asked, perms }) => ({
    address: start,
    fileBytes: asked,
    memoryBytes: BigInt(size),
    flags: (perms[0] === 'r' ? PF.r : 0) | (perms[1] === 'w' ? PF.w : 0) | (perms[2] === 'x' ? PF.x : 0),
  }));
  const { head } = coreHead(machine, notes, parts);
  const told = newTold();
  const file = `${pid}.core`;
  async function* flow(): AsyncGenerator<Buffer> {
    yield head;
    yield* readMemory(ctx, { pid, started }, pieces, told);
  }
  const how = () => ({
    kind: 'exec' as const,
    argv: told.argv,
    asRoot: true,
    exit: told.exit,
    ...(told.signal !== undefined && { signal: told.signal }),
    stderr: told.stderr,
    stderrBytes: Buffer.byteLength(told.stderr),
  });
  let broken: unknown;
  try {
    await ctx.exhibit(
      { file, kind: 'binary', title: `Memory of ${name}${note}` },
      Readable.from(flow(), { objectMode: true, highWaterMark: 4 }),
      how,
      () => judged(told, rows(regions, pieces, told), started),
    );
  } catch (error) {
    // What ended is recorded with the part that came; the others are still there.
    if (asLadingError(error).code !== 'TARGET_GONE') throw error;
    broken = error;
  }
  const all = rows(regions, pieces, told);
  const record: CoreRecord = {
    format: 1,
    pid,
    started,
    core: file,
    asked: all.reduce((sum, { asked }) => sum + asked, 0),
    had: told.had,
    threads,
    regions: broken ? cutAt(all, told.had) : all,
    changed: told.mapsAfter ? changesOf(mappings, told.mapsAfter) : [],
  };
  await ctx.exhibit(
    { file: `${pid}.regions.json`, kind: 'json', title: `Mappings of ${name}: asked for, had, left out` },
    Readable.from([Buffer.from(`${JSON.stringify(record, null, 1)}\n`)]),
    () => ({ kind: 'composed', note: `What was asked of the memory of ${name} and what came, beside ${file}.` }),
    () => (broken ? asLadingError(broken).message : undefined),
  );
}

/** The rows of a core that broke off: what lies behind the break was not had. */
function cutAt(all: readonly RegionRow[], had: number): RegionRow[] {
  let left = had;
  return all.map((row) => {
    const mine = Math.min(row.had, left);
    left -= mine;
    return { ...row, had: mine };
  });
}

const SIZE = /^\.\/([0-9a-f]{1,16}-[0-9a-f]{1,16}) (\d{1,19}) (?:regular file|regular empty file)$/;

/** Sizes of mapped regular files by 'start-end'; a device's says nothing of its mapping. */
function sizesOf({ sizes }: ListedProcess): Map<string, number> {
  return new Map(
    sizes.split('\n').flatMap((line) => {
      const [, range, size] = SIZE.exec(line) ?? [];
      return range === undefined ? [] : [[range, Number(size)] as const];
    }),
  );
}
