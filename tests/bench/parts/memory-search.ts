import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openMemory } from '../../../src/main/analyze/memory/open';
import { searchMemory } from '../../../src/main/analyze/memory/search';
import type { BenchPart } from '../bench';
import { compare, MIB, watchMemory } from '../measure';

const run = promisify(execFile);
const PIECE = 16 * MIB;
/** Places where a term is planted; each must be found by both. */
const PLANTED = 64;

/** A thousand terms in one pass over an image of memory, beside `grep -aFf` of the same. */
const memorySearch: BenchPart = async ({ short, long }) => {
  const mib = short ? 128 : long ? 4096 : 1024;
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  try {
    const terms = Array.from({ length: 1000 }, (_, i) => `term-${i.toString(36)}-${randomBytes(4).toString('hex')}`);
    const record = {
      id: 'E0001',
      file: 'image.raw',
      kind: 'binary' as const,
      collector: { id: 'import.memory', version: '1' },
      sha256: '0'.repeat(64),
    };
    const folder = join(dir, 'evidence', record.id);
    await mkdir(folder, { recursive: true });
    const image = join(folder, record.file);
    await makeImage(image, mib, terms);
    const list = join(dir, 'terms');
    await writeFile(list, `${terms.join('\n')}\n`);
    const memory = watchMemory();
    const counts = { ours: 0, theirs: 0 };
    const figure = await compare(
      `${terms.length} terms in ${mib} MiB of memory, with addresses`,
      'LC_ALL=C grep -aobFf',
      {
        units: mib,
        unit: 'MiB/s',
        runs: 3,
        ours: async () => {
          const opened = await openMemory(dir, record);
          if (!opened) throw new Error('The image was not recognised.');
          const query = { kind: 'text' as const, terms, ignoreCase: false, wide: false };
          counts.ours = (await searchMemory(opened, query, { limit: 1_000_000 })).hits.length;
          await opened.close();
        },
        theirs: async () => {
          const env = { ...process.env, LC_ALL: 'C' };
          const { stdout } = await run('grep', ['-aobFf', list, image], { env, maxBuffer: 64 * MIB });
          counts.theirs = stdout.trimEnd().split('\n').length;
        },
      },
    );
    memory.stop();
    if (counts.ours !== PLANTED || counts.theirs !== PLANTED) {
      throw new Error(`Planted ${PLANTED} terms; found ${counts.ours}, grep ${counts.theirs}.`);
    }
    process.stderr.write(`        memory at most ${memory.most().toFixed(0)} MiB\n`);
    return [figure];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

export default memorySearch;

/** Half programs, a quarter zeros, a quarter noise, as memory is; terms planted at even distances. */
async function makeImage(path: string, mib: number, terms: readonly string[]): Promise<void> {
  const program = await readFile(process.execPath);
  const code = Buffer.alloc(PIECE / 2);
  for (let at = 0; at < code.length; at += program.length) program.copy(code, at);
  const noise = randomBytes(PIECE / 4);
  const piece = Buffer.concat([code, Buffer.alloc(PIECE / 4), noise]);
  await pipeline(
    Readable.from(
      (function* () {
        for (let at = 0; at < mib * MIB; at += PIECE) yield piece;
      })(),
    ),
    createWriteStream(path),
  );
  const file = await open(path, 'r+');
  for (let i = 0; i < PLANTED; i++) {
    const term = terms[(i * 13) % terms.length] ?? '';
    // odd places, some across the borders of pieces that are read
    await file.write(term, Math.floor(((i + 0.5) * mib * MIB) / PLANTED) - 3);
  }
  await file.close();
}
