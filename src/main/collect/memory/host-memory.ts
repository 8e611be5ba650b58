import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import { parseIomem, parseKcore, type RamRange, ramRanges } from '../../analyze/formats/kcore';
import { limeHeader } from '../../analyze/formats/lime';
import type { CollectContext } from '../collector';
import { atMost } from '../fs/host-file';
import { wire } from './wire';

const MIB = 1 << 20;
/** One dd each, with its end said after it: so the exact place of a failure is known. */
const PIECE = 64 * MIB;
/** What is read twice to see whether compressing is faster. */
const TRIAL = 8 * MIB;

const HEAD = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
dd if=/proc/kcore bs=4096 count=16 2>/dev/null || dd if=/proc/kcore bs=4096 count=1
`;

/**
 * Reads pieces of /proc/kcore. Standard input: a boundary B, then `offset length` a line. Standard output: each piece's bytes, then
 * `\nB = status\n`; a piece that fails ends it, since its length is then not known. $1: gzip or -.
 */
const READ = `
LC_ALL=C; export LC_ALL
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
IFS= read -r B
case $B in *[!0-9a-f]*) exit 64;; ????????????????????????????????) ;; *) exit 64;; esac
all() {
  while read -r o n; do
    case $o$n in ''|*[!0-9]*) exit 64;; esac
    dd if=/proc/kcore bs=1048576 iflag=skip_bytes,count_bytes,fullblock skip="$o" count="$n" 2>/dev/null </dev/null || {
      dd if=/proc/kcore bs=4096 iflag=skip_bytes,count_bytes skip="$o" count=4096 of=/dev/null </dev/null
      printf 'dd ended with a failure at %s of /proc/kcore\\n' "$o" >&2; exit 70
    }
    printf '\\n%s = 0\\n' "$B"
  done
}
if [ "$1" = gzip ]; then all | gzip -1; else all; fi
`;

interface Piece {
  range: number;
  offset: bigint;
  length: number;
}

function piecesOf(ranges: readonly RamRange[]): Piece[] {
  return ranges.flatMap(({ offset, length }, range) =>
    Array.from({ length: Math.ceil(length / PIECE) }, (_, n) => ({
      range,
      offset: offset + BigInt(n * PIECE),
      length: Math.min(PIECE, length - n * PIECE),
    })),
  );
}

type Ctx = Pick<CollectContext, 'host' | 'signal'>;

async function ask(
  ctx: Ctx,
  argv: string[],
  limit: number,
): Promise<{ out: Buffer; said: string; code: number | null }> {
  const run = await ctx.host.exec(argv, { asRoot: true, signal: ctx.signal });
  const [out, words, exit] = await Promise.all([atMost(run.stdout, limit), atMost(run.stderr, 65536), run.done]);
  return { out, said: visible(words.toString('utf8').trim(), { max: 300 }), code: exit.code };
}

interface Told {
  argv: string[];
  exit: number | null;
  stderr: string;
}

/** Reads pieces, in their order; throws where one of them is not had whole. */
async function* readPieces(
  ctx: Ctx,
  pieces: readonly Piece[],
  gzip: boolean,
  told: Told,
): AsyncGenerator<[Piece, Buffer]> {
  const boundary = randomBytes(16).toString('hex');
  told.argv = ['sh', '-c', READ, 'lading', gzip ? 'gzip' : '-'];
  const stdin = `${boundary}\n${pieces.map(({ offset, length }) => `${offset} ${length}\n`).join('')}`;
  const run = await ctx.host.exec(told.argv, { asRoot: true, stdin, signal: ctx.signal });
  const words = atMost(run.stderr, 65536).catch(() => Buffer.alloc(0));
  run.done.catch(() => undefined);
  const raw = gzip ? unzipped(run.stdout) : run.stdout;
  const from = wire(raw);
  try {
    for (const piece of pieces) {
      let had = 0;
      for await (const part of from.take(piece.length)) {
        had += part.length;
        yield [piece, part];
      }
      if (had === piece.length) await from.line();
      if (had < piece.length || (await from.line()) !== `${boundary} = 0`) {
        const said = visible((await words).toString('utf8').trim(), { max: 300 });
        throw new LadingError('COMMAND_FAILED', `The kernel’s memory could not be read on at ${piece.offset}: ${said}`);
      }
    }
    // to its end: only then is it known how the command ended
    await from.rest(1);
    const exit = await run.done;
    told.exit = exit.code;
  } finally {
    from.close();
    run.stdout.destroy();
    told.stderr = (await words).toString('utf8');
  }
}

/** A break of the source breaks what is read of it. */
function unzipped(source: Readable): Readable {
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

/** Whether compressed is faster, by reading a little of the middle of memory both ways; false where there is no gzip. */
async function gzipIsFaster(ctx: Ctx, pieces: readonly Piece[]): Promise<{ gzip: boolean; why: string }> {
  const middle = pieces[Math.floor(pieces.length / 2)];
  if (!middle || middle.length < TRIAL) return { gzip: false, why: 'too little to measure' };
  const rate = async (gzip: boolean) => {
    const began = performance.now();
    for await (const _ of readPieces(ctx, [{ ...middle, length: TRIAL }], gzip, { argv: [], exit: null, stderr: '' }));
    return TRIAL / 1000 / (performance.now() - began);
  };
  try {
    const plain = await rate(false);
    const packed = await rate(true);
    const why = `${plain.toFixed(1)} MB/s as it is, ${packed.toFixed(1)} MB/s compressed, on ${TRIAL / MIB} MiB`;
    return { gzip: packed > plain * 1.1, why };
  } catch (error) {
    ctx.signal.throwIfAborted();
    return { gzip: false, why: `not measured: ${error instanceof Error ? error.message : 'it failed'}` };
  }
}

/**
 * Takes all RAM as a LiME image, and what was known of its layout. A reading that breaks off leaves the ranges that came. Throws
 * NOT_POSSIBLE where the kernel shows no memory or no addresses.
 */
export async function takeHostMemory(
  ctx: CollectContext,
  choice: { compress: 'auto' | 'always' | 'never' },
): Promise<void> {
  const head = await ask(ctx, ['sh', '-c', HEAD], 1 << 16);
  const kcore = parseKcore(head.out);
  if (!kcore) {
    throw new LadingError(
      'NOT_POSSIBLE',
      `The kernel does not show its memory in /proc/kcore: ${head.said || 'it is empty'}`,
      {
        advice: 'Take the memory from the hypervisor, where the host is a virtual machine.',
      },
    );
  }
  const map = await ask(ctx, ['cat', '/proc/iomem'], MIB);
  const { ranges: ram, hidden } = parseIomem(map.out.toString('latin1'));
  if (ram.length === 0 || hidden) {
    throw new LadingError(
      'NOT_POSSIBLE',
      `/proc/iomem does not say where the RAM is: ${map.said || 'it hides the addresses'}.`,
    );
  }
  const { ranges, missing } = ramRanges(kcore, ram);
  if (ranges.length === 0) throw new LadingError('NOT_POSSIBLE', 'No RAM that /proc/iomem names is in /proc/kcore.');
  const total = ranges.reduce((sum, { length }) => sum + length, 0);
  const pieces = piecesOf(ranges);
  const { gzip, why } =
    choice.compress === 'auto'
      ? await gzipIsFaster(ctx, pieces)
      : { gzip: choice.compress === 'always', why: 'as chosen' };
  const told: Told = { argv: [], exit: null, stderr: '' };
  let had = 0;
  async function* flow(): AsyncGenerator<Buffer> {
    let range = -1;
    for await (const [piece, part] of readPieces(ctx, pieces, gzip, told)) {
      const begun = ranges[piece.range];
      if (piece.range !== range && begun) yield limeHeader(begun);
      range = piece.range;
      had += part.length;
      ctx.progress(Math.floor(had / MIB), Math.ceil(total / MIB));
      yield part;
    }
  }
  const layout = {
    format: 1,
    bytes: total,
    ranges: ranges.map(({ start, length, offset }) => ({
      start: start.toString(16),
      end: (start + BigInt(length)).toString(16),
      kcoreOffset: offset.toString(),
    })),
    missing: missing.toString(),
    compressed: gzip,
    why,
    vmcoreinfo: kcore.vmcoreinfo,
    iomem: map.out.toString('latin1'),
  };
  await ctx.exhibit(
    {
      file: 'memory.layout.json',
      kind: 'json',
      title: 'Where the RAM lies: /proc/iomem, ranges of the image, VMCOREINFO',
    },
    Readable.from([Buffer.from(`${JSON.stringify(layout, null, 1)}\n`)]),
    () => ({ kind: 'composed', note: 'Of /proc/iomem and the headers of /proc/kcore, before the memory was read.' }),
  );
  await ctx.exhibit(
    {
      file: 'memory.lime',
      kind: 'binary',
      title: `Memory of the host: ${total} bytes in ${ranges.length} ranges (LiME)`,
    },
    Readable.from(flow(), { objectMode: true, highWaterMark: 4 }),
    () => ({
      kind: 'exec',
      argv: told.argv,
      asRoot: true,
      exit: told.exit,
      stderr: told.stderr,
      stderrBytes: Buffer.byteLength(told.stderr),
    }),
    () =>
      had < total
        ? `${had} of ${total} bytes came.`
        : missing > 0n
          ? `${missing} bytes of RAM are not in /proc/kcore.`
          : undefined,
  );
}
