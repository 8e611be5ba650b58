import { randomBytes } from 'node:crypto';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { CollectContext } from '../collector';
import { atMost } from '../fs/host-file';
import { type Piece, READ_EXIT, readCommand } from './scripts';
import { wire } from './wire';

/** A part that could not be read; offsets count from the piece's start. */
export interface Gap {
  piece: number;
  offset: number;
  length: number;
  error: string;
}

/** What is known when the reading ended, however it ended. */
export interface Told {
  argv: string[];
  exit: number | null;
  signal?: string;
  /** What the host's script said, of all its runs. */
  stderr: string;
  gaps: Gap[];
  /** Bytes of memory had, gaps not counted. */
  had: number;
  /** maps after the reading; absent where the reading did not come to its end. */
  mapsAfter?: Buffer;
  startedAfter?: string;
}

const MAPS_MAX = 64 << 20;
const STDERR_MAX = 64 << 10;
const ZERO = Buffer.alloc(1 << 20);

function* zeros(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= ZERO.length) yield ZERO.subarray(0, Math.min(left, ZERO.length));
}

export function newTold(): Told {
  return { argv: [], exit: null, stderr: '', gaps: [], had: 0 };
}

/**
 * Streams pieces of a process's memory, each to its whole length: what cannot be read is zero and told as a gap. Throws TARGET_GONE where
 * the process ends or is another one, CONNECTION_LOST where the answer breaks off; what came before is good.
 */
export async function* readMemory(
  ctx: Pick<CollectContext, 'host' | 'signal'>,
  process: { pid: number; started: string },
  pieces: readonly Piece[],
  told: Told,
): AsyncGenerator<Buffer> {
  let at = 0;
  do {
    const boundary = randomBytes(16).toString('hex');
    const { argv, stdin } = readCommand(process, pieces.slice(at), boundary);
    told.argv = argv;
    const run = await ctx.host.exec(argv, { asRoot: true, stdin, signal: ctx.signal });
    const words = atMost(run.stderr, STDERR_MAX);
    words.catch(() => undefined);
    run.done.catch(() => undefined);
    const from = wire(run.stdout);
    let whole = true;
    try {
      for (; at < pieces.length; at++) {
        const piece = pieces[at];
        if (!piece) break;
        const head = await from.line();
        if (head === `${boundary} ${piece.piece} skip`) {
          told.gaps.push({ ...gapOf(piece), error: 'nothing could be read of the part before' });
          yield* zeros(piece.length);
          continue;
        }
        if (head === undefined) {
          whole = false;
          break;
        }
        if (head !== `${boundary} ${piece.piece} read`) throw spoiled(process.pid);
        const had = yield* from.take(piece.length);
        if (had < piece.length) {
          told.had += had;
          const exit = await run.done;
          if (exit.code !== READ_EXIT.hangs) throw await ended(process.pid, exit.code, words);
          // The pages behind it may hang as well: the region is left, and what follows it is read by another run.
          told.gaps.push({ piece: piece.piece, offset: had, length: piece.length - had, error: 'no answer in 100 s' });
          yield* zeros(piece.length - had);
          for (at++; pieces[at]?.group === piece.group; at++) {
            const next = pieces[at];
            if (!next) break;
            told.gaps.push({ ...gapOf(next), error: 'not asked for: the part before gave no answer' });
            yield* zeros(next.length);
          }
          whole = false;
          break;
        }
        await from.line();
        const tail = await from.line();
        const gaps = gapsOf(piece, tail, boundary);
        if (!gaps) throw spoiled(process.pid);
        told.gaps.push(...gaps);
        told.had += piece.length - gaps.reduce((sum, { length }) => sum + length, 0);
      }
      if (whole) {
        const last = await from.rest(MAPS_MAX);
        const [body, start] = afterwards(last, boundary);
        told.mapsAfter = body;
        told.startedAfter = start;
      }
      const exit = await run.done;
      told.exit = exit.code;
      told.signal = exit.signal;
      if (at < pieces.length && exit.code !== READ_EXIT.hangs) throw await ended(process.pid, exit.code, words);
    } finally {
      from.close();
      const said = await words.then(
        (bytes) => bytes.toString('utf8'),
        () => '',
      );
      told.stderr = (told.stderr + said).slice(0, STDERR_MAX);
    }
  } while (at < pieces.length);
}

const gapOf = ({ piece, length }: Piece) => ({ piece, offset: 0, length });

const spoiled = (pid: number) =>
  new LadingError('COMMAND_FAILED', `The answer for the memory of process ${pid} is not as it should be.`, {
    advice: 'Something on the host writes into it, or its shell or dd is broken; try with a toolbox.',
  });

async function ended(pid: number, exit: number | null, words: Promise<Buffer>): Promise<LadingError> {
  const said = visible((await words.catch(() => Buffer.alloc(0))).toString('utf8').trim().split('\n').at(-1) ?? '', {
    max: 300,
  });
  if (exit === READ_EXIT.otherProcess) {
    return new LadingError('TARGET_GONE', `Process ${pid} is another one now: it ended after it was listed.`);
  }
  if (exit === READ_EXIT.noDd) {
    return new LadingError('NOT_POSSIBLE', `The host’s dd cannot read from a place on (iflag=skip_bytes): ${said}`, {
      advice: 'Bring a toolbox along: a static busybox.',
    });
  }
  if (exit === READ_EXIT.gone || /no such (process|file)/i.test(said)) {
    return new LadingError('TARGET_GONE', `Process ${pid} ended while its memory was read: ${said}`);
  }
  return new LadingError('COMMAND_FAILED', `The memory of process ${pid} was not read (status ${exit}): ${said}`);
}

/** `B = piece gaps`; undefined for anything else. */
function gapsOf(piece: Piece, line: string | undefined, boundary: string): Gap[] | undefined {
  const begin = `${boundary} = ${piece.piece} `;
  if (!line?.startsWith(begin)) return undefined;
  const text = line.slice(begin.length);
  if (text === '-') return [];
  const gaps: Gap[] = [];
  for (const word of text.split(',').slice(0, -1)) {
    const [, offset, length] = /^(\d{1,12})\+(\d{1,12})$/.exec(word) ?? [];
    if (offset === undefined || length === undefined) return undefined;
    const last = gaps.at(-1);
    // neighbours are one
    if (last && last.offset + last.length === Number(offset)) last.length += Number(length);
    else {
      gaps.push({ piece: piece.piece, offset: Number(offset), length: Number(length), error: 'could not be read' });
    }
  }
  if (gaps.some(({ offset, length }) => offset + length > piece.length)) return undefined;
  return gaps;
}

function afterwards(bytes: Buffer, boundary: string): [Buffer | undefined, string | undefined] {
  const begin = Buffer.from(`${boundary} maps\n`);
  const end = bytes.lastIndexOf(`\n${boundary} end `);
  if (!bytes.subarray(0, begin.length).equals(begin) || end < 0) return [undefined, undefined];
  return [bytes.subarray(begin.length, end), bytes.toString('latin1', end + boundary.length + 6).trim()];
}
