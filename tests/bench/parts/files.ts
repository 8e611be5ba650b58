import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildIndex } from '../../../src/main/analyze/index/build';
import files from '../../../src/main/analyze/index/indexers/files';
import { ExhibitRecord } from '../../../src/shared/domain';
import type { BenchPart } from '../bench';
import { compare, type Figure, MIB, watchMemory } from '../measure';

const run = promisify(execFile);
const FOLDERS = 500;

/** A container's export indexed and hashed, beside the same by hand: unpack it, list it, hash every file. */
const filesPart: BenchPart = async ({ short }) => {
  const [count, size] = short ? [10_000, 128 * MIB] : [100_000, 1024 * MIB];
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-files-'));
  try {
    const records = [await exported(dir, count, size)];
    const out = join(dir, 'out');
    const memory = watchMemory();
    const speed = await compare('an export indexed and hashed', 'tar -x, find, sha256sum', {
      units: size / MIB,
      unit: 'MiB/s',
      runs: short ? 3 : 5,
      ours: () => buildIndex({ dir, records, indexers: [files] }),
      async theirs() {
        await mkdir(out);
        await run('sh', [
          '-c',
          'tar -x -f "$1" -C "$2" && cd "$2" && find . -type f -printf "%p %m %u %g %s %T@\\n" >../list && find . -type f -print0 | xargs -0 sha256sum >../sums',
          'sh',
          join(dir, 'evidence', 'E0001', 'fs.tar'),
          out,
        ]);
        await rm(out, { recursive: true });
      },
    });
    const most = memory.most();
    memory.stop();
    const room: Figure = {
      name: 'memory at most',
      baseline: 'allowed',
      ours: most,
      theirs: 400,
      unit: 'MiB',
      ratio: 400 / most,
    };
    process.stderr.write(`        memory at most ${most.toFixed(0)} MiB of 400 allowed, ${count} files\n`);
    return [speed, room];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

export default filesPart;

/** A tar of so many files, made by tar itself, as the one exhibit of a case folder. */
async function exported(dir: string, count: number, size: number): Promise<ExhibitRecord> {
  const tree = join(dir, 'tree');
  const each = Math.floor(size / count);
  const bytes = randomBytes(each + count);
  for (let folder = 0; folder < FOLDERS; folder++) await mkdir(join(tree, `f${folder}`), { recursive: true });
  for (let at = 0; at < count; at += 200) {
    await Promise.all(
      Array.from({ length: Math.min(200, count - at) }, (_, i) =>
        writeFile(join(tree, `f${(at + i) % FOLDERS}`, `file-${at + i}`), bytes.subarray(at + i, at + i + each)),
      ),
    );
  }
  const folder = join(dir, 'evidence', 'E0001');
  await mkdir(folder, { recursive: true });
  const tar = join(folder, 'fs.tar');
  await run('tar', ['-c', '-f', tar, '-C', tree, '.']);
  await rm(tree, { recursive: true });
  const hash = createHash('sha256');
  for await (const piece of createReadStream(tar) as AsyncIterable<Buffer>) hash.update(piece);
  const time = { local: '2026-11-25T10:00:00.000Z' };
  return ExhibitRecord.parse({
    format: 1,
    id: 'E0001',
    file: 'fs.tar',
    kind: 'tar',
    title: 'bench',
    collector: { id: 'container.export', version: '1' },
    tool: { name: 'Lading', version: 'bench' },
    collection: 'C1',
    target: { kind: 'container', id: 'c'.repeat(64), name: 'bench' },
    how: { kind: 'composed', note: 'bench' },
    started: time,
    finished: time,
    outcome: 'found',
    partial: false,
    bytes: (await stat(tar)).size,
    sha256: hash.digest('hex'),
    examiner: 'bench',
    workstation: 'bench',
  });
}
