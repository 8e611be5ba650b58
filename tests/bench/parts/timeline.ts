import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIndex } from '../../../src/main/analyze/index/build';
import type { IndexContext, Indexer } from '../../../src/main/analyze/index/indexer';
import { isoMicros } from '../../../src/main/analyze/index/query';
import type { RowWriter } from '../../../src/main/analyze/index/rows';
import { withIndex } from '../../../src/main/analyze/index/store';
import { fitting } from '../../../src/main/analyze/timeline/filter';
import { openTimeline } from '../../../src/main/analyze/timeline/open';
import { pageOf, rowsAt } from '../../../src/main/analyze/timeline/rows';
import { summaryOf } from '../../../src/main/analyze/timeline/summary';
import { TIMELINE_KINDS, type TimelineFilter } from '../../../src/shared/contract/timeline';
import { ExhibitRecord } from '../../../src/shared/domain';
import type { BenchPart } from '../bench';
import { type Figure, median, seconds, watchMemory } from '../measure';

/** What an answer may take, in ms (issue 5). */
const ALLOWED = 200;
/** Rows a second that an index is to be made with, and the memory it may take, in MiB. */
const RATE = 100_000;
const ROOM = 400;
const RUNS = 5;
const PROGRAMS = ['sshd', 'cron', 'nginx', 'postgres', 'kernel'];

const RECORD = ExhibitRecord.parse({
  format: 1,
  id: 'E0001',
  file: 'x.log',
  kind: 'log',
  title: 'x',
  collector: { id: 'bench', version: '1' },
  tool: { name: 'Lading', version: '0' },
  target: { kind: 'host', id: 'h', name: 'h' },
  how: { kind: 'composed', note: 'bench' },
  started: { local: '2026-11-25T10:00:00.000Z' },
  finished: { local: '2026-11-25T10:00:00.000Z' },
  outcome: 'found',
  partial: false,
  bytes: 0,
  sha256: '0'.repeat(64),
  examiner: 'x',
  workstation: 'x',
});

/** Rows as logs of 40 containers would give them; the same each time. */
function rowsOf(count: number): Indexer {
  return {
    id: 'bench',
    version: '1',
    title: 'Rows',
    accepts: () => true,
    async index(ctx) {
      let seed = 1;
      const targets = Array.from({ length: 40 }, (_, n) => ({
        kind: 'container' as const,
        id: String(n).padStart(64, '0'),
        name: `c${n}`,
      }));
      for (let i = 0; i < count; i++) {
        seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
        const us = 1_795_600_000_000_000 + i * 1000 + (seed % 5_000_000);
        const time = isoMicros(us);
        const message = `${PROGRAMS[seed % 5]}[${seed % 30_000}]: request ${seed} of ${i % 977} took ${seed % 500} ms`;
        const target = targets[seed % 40];
        const place = { exhibit: 'E0001', locator: `bytes:${i * 100}+90` };
        ctx.rows.event({
          ...place,
          target,

          us,
          precision: 'us',
          source: TIMELINE_KINDS[seed % 8] ?? 'log',
          timestamp_desc: 'Logged',
          message,
          raw: time,
        });
        if (i % 20_000 === 0) await ctx.pause();
      }
    },
  };
}

/** Makes the rows and keeps none: what of the build's time is the benchmark's own. */
async function madeUp(count: number): Promise<void> {
  let bytes = 0;
  const event: RowWriter['event'] = (row) => {
    bytes += row.message.length;
    return bytes;
  };
  const rows = { event } as RowWriter;
  await rowsOf(count).index({ rows, pause: async () => {} } as unknown as IndexContext, []);
}

/** A figure beside a number that is promised; 1.00 and more keeps the promise. */
function against(name: string, baseline: string, ours: number, theirs: number, unit: string, ratio: number): Figure {
  process.stderr.write(
    `${ratio.toFixed(2).padStart(6)}×  ${name}: ${ours.toFixed(1)} ${unit}; ${baseline}: ${theirs} ${unit}\n`,
  );
  return { name, baseline, ours, theirs, unit, ratio };
}

/** Filtering, counting and paging a timeline: each against the 200 ms that are allowed; 1.00 and more is fast enough. */
const timeline: BenchPart = async ({ short }) => {
  const count = short ? 200_000 : 5_000_000;
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-timeline-'));
  const figures: Figure[] = [];
  try {
    const memory = watchMemory();
    const before = process.cpuUsage();
    const made = await seconds(() => buildIndex({ dir, records: [RECORD], indexers: [rowsOf(count)] }));
    memory.stop();
    const cpu = ({ user, system }: NodeJS.CpuUsage) => ((user + system) / 1e6).toFixed(1);
    const building = process.cpuUsage(before);
    // a remark alone: the figure is of all that the build took, the making of its rows too
    const alone = process.cpuUsage();
    await madeUp(count);
    process.stderr.write(
      `        ${cpu(building)} s of a processor, ${made.toFixed(1)} s in all; making the rows up, by itself: ${cpu(process.cpuUsage(alone))} s of a processor\n`,
    );
    figures.push(
      against('rows of a timeline indexed', 'to be reached', count / made, RATE, 'rows/s', count / made / RATE),
      against('memory at most', 'allowed', memory.most(), ROOM, 'MiB', ROOM / memory.most()),
    );
    const opened = await seconds(async () => openTimeline(dir, []));
    process.stderr.write(`        opened in ${(opened * 1000).toFixed(0)} ms\n`);
    const open = openTimeline(dir, []);
    const target = `${'0'.repeat(63)}7`;
    const filters: [string, TimelineFilter][] = [
      ['all', {}],
      ['two kinds', { kinds: ['auth', 'audit'] }],
      ['one container', { targets: [target] }],
      ['a span', { from: isoMicros(1_795_600_100_000_000), to: isoMicros(1_795_600_160_000_000) }],
      ['a rare text', { text: 'of 976 took 499 ms' }],
      ['a text that is nowhere', { text: '/etc/shadow' }],
      ['a text that is everywhere', { text: 'Request' }],
      ['a text with a number, in every fifth row', { text: 'nginx[1' }],
      ['two letters', { text: 'hd' }],
      ['a kind, a container, a text', { kinds: ['log'], targets: [target], text: 'sshd[777' }],
    ];
    const timed = async (name: string, work: () => unknown) => {
      const took: number[] = [];
      const before = process.cpuUsage();
      for (let i = 0; i < RUNS; i++) {
        open.kept.clear();
        open.texts.clear();
        took.push(await seconds(async () => work()));
      }
      const ours = median(took) * 1000;
      const { user, system } = process.cpuUsage(before);
      process.stderr.write(`        ${((user + system) / 1000 / RUNS).toFixed(1)} ms of a processor\n`);
      figures.push(against(`timeline ${name}`, 'allowed', ours, ALLOWED, 'ms', ALLOWED / ours));
    };
    for (const [name, filter] of filters) {
      await timed(`filtered by ${name}, histogram`, () => withIndex(dir, (db) => summaryOf(db, open, filter, 240)));
      await timed(`filtered by ${name}, last page`, () =>
        withIndex(dir, (db) => {
          const fits = fitting(db, open, filter);
          return rowsAt(db, open, pageOf(fits, Math.max(0, fits.length - 200), 200, false));
        }),
      );
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
  return figures;
};

export default timeline;
