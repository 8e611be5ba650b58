/**
 * `npm run bench [-- --short]`: each figure as a ratio to a baseline measured in the same run, several runs, median. A ratio of
 * 1.00 is as fast as the baseline; more is faster. Ends with JSON on the last line with --json.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { project } from '../../src/main/cases/project';
import { CaseSession, type Workplace } from '../../src/main/cases/session';
import type { Provenance } from '../../src/main/custody/record';
import { verifyCase } from '../../src/main/custody/verify';

const { values } = parseArgs({ options: { short: { type: 'boolean' }, json: { type: 'boolean' } } });
const RUNS = values.short ? 3 : 7;
const MIB = 1 << 20;
const SIZE = (values.short ? 128 : 1024) * MIB;
const PLACE: Workplace = { workstation: 'bench', tool: { name: 'Lading', version: 'bench' } };

interface Figure {
  name: string;
  baseline: string;
  ours: number;
  theirs: number;
  unit: string;
  ratio: number;
}
const figures: Figure[] = [];

const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - begin) / 1e9;
}

/** Runs both in turn, so that what slows the machine slows both. Higher is better for `per` (units a second). */
async function compare(
  name: string,
  baseline: string,
  units: number,
  unit: string,
  ours: () => Promise<unknown>,
  theirs: () => Promise<unknown>,
) {
  const a: number[] = [];
  const b: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    b.push(units / (await seconds(theirs)));
    a.push(units / (await seconds(ours)));
  }
  const figure = {
    name,
    baseline,
    ours: median(a),
    theirs: median(b),
    unit,
    ratio: median(a.map((value, i) => value / (b[i] as number))),
  };
  figures.push(figure);
  process.stderr.write(
    `${figure.ratio.toFixed(2).padStart(6)}×  ${name}: ${figure.ours.toFixed(0)} ${unit}, ${baseline}: ${figure.theirs.toFixed(0)} ${unit}\n`,
  );
}

const block = randomBytes(MIB);
function flow(bytes: number): Readable {
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < bytes; sent += 64 << 10) yield block.subarray(sent % MIB, (sent % MIB) + (64 << 10));
    })(),
  );
}

async function main(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  try {
    const session = await CaseSession.create(
      { path: join(dir, 'case'), number: '1', title: 'bench', examiner: 'bench' },
      PLACE,
    );
    const from: Provenance = {
      collector: { id: 'bench', version: '1' },
      tool: PLACE.tool,
      target: { kind: 'host', id: 'bench', name: 'bench' },
      accesses: [],
      ...session.who,
    };
    const store = (bytes: number) =>
      session.door.store({ file: 'x.bin', kind: 'binary', title: 'x' }, from, flow(bytes), () => ({
        kind: 'composed',
        note: 'bench',
      }));
    const sink = join(dir, 'sink');
    const peak = { before: process.memoryUsage().rss, most: 0 };
    const watch = setInterval(() => {
      peak.most = Math.max(peak.most, process.memoryUsage().rss);
    }, 20);
    await compare(
      'evidence door (hash, file, fsync, record, ledger)',
      'the same bytes to a file, unhashed',
      SIZE / MIB,
      'MiB/s',
      () => store(SIZE),
      async () => {
        await pipeline(flow(SIZE), createWriteStream(sink));
      },
    );
    await compare(
      'evidence door',
      'hash and file in a plain pipeline',
      SIZE / MIB,
      'MiB/s',
      () => store(SIZE),
      async () => {
        const hash = createHash('sha256');
        await pipeline(
          flow(SIZE),
          async function* (source: AsyncIterable<Buffer>) {
            for await (const piece of source) {
              hash.update(piece);
              yield piece;
            }
          },
          createWriteStream(sink),
        );
        hash.digest();
      },
    );
    clearInterval(watch);
    process.stderr.write(
      `        memory grew by ${((peak.most - peak.before) / MIB).toFixed(0)} MiB at most while ${SIZE / MIB} MiB flowed\n`,
    );
    const N = values.short ? 500 : 2000;
    await compare(
      'ledger entries asked for at once',
      'each waited for',
      N,
      'entries/s',
      () => Promise.all(Array.from({ length: N }, () => session.append('report.texts', 'x', { texts: {} }))),
      async () => {
        for (let i = 0; i < N; i++) await session.append('report.texts', 'x', { texts: {} });
      },
    );
    await session.close();
    const bytes = session.data.exhibits.reduce((sum, one) => sum + one.bytes, 0);
    await compare(
      'verify a case',
      'SHA-256 of the same files',
      bytes / MIB,
      'MiB/s',
      async () => {
        const result = await verifyCase(session.dir, { project });
        if (!result.ok) throw new Error(`The case does not verify: ${JSON.stringify(result.faults[0])}`);
      },
      async () => {
        for (const one of session.data.exhibits) {
          await pipeline(
            createReadStream(join(session.dir, 'evidence', one.id, one.file), { highWaterMark: MIB }),
            createHash('sha256'),
          );
        }
      },
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
