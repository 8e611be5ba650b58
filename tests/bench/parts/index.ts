import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { listConnections } from '../../../src/main/analyze/evidence/connections';
import { explain } from '../../../src/main/analyze/evidence/explain';
import { listProcesses } from '../../../src/main/analyze/evidence/processes';
import { searchTexts } from '../../../src/main/analyze/evidence/search';
import { buildIndex } from '../../../src/main/analyze/index/build';
import { createDb, type Db } from '../../../src/main/analyze/index/db';
import { defineIndexer, type Indexer } from '../../../src/main/analyze/index/indexer';
import { indexers } from '../../../src/main/analyze/index/registry';
import { withIndex } from '../../../src/main/analyze/index/store';
import { ExhibitRecord } from '../../../src/shared/domain';
import type { BenchPart } from '../bench';
import { compare, type Figure, median, seconds, watchMemory } from '../measure';

const B = '0123456789abcdef0123456789abcdef';
/** What the window must not wait longer for, in ms. */
const PROMISE = 200;

/** The index: rows a second beside plain SQL, and queries over millions of rows beside the 200 ms that are promised. */
const index: BenchPart = async ({ short, long }) => {
  const events = short ? 200_000 : long ? 5_000_000 : 1_000_000;
  const processes = short ? 10_000 : long ? 1_000_000 : 100_000;
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  try {
    const record = await exhibit(dir, processes);
    const many = manyEvents(events);
    const memory = watchMemory();
    let rows = 0;
    const took = await seconds(async () => {
      rows = (await buildIndex({ dir, records: [record], indexers: [...indexers(), many] })).rows;
    });
    memory.stop();
    process.stderr.write(
      `        ${rows} rows of ${processes} processes and ${events} events in ${took.toFixed(1)} s, ${Math.round(rows / took)} rows/s with joins, indexes and full text; memory at most ${memory.most().toFixed(0)} MiB\n`,
    );
    return [await writing(dir, record, short), ...(await asking(dir, processes))];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

export default index;

/** A host's process table of so many processes, as the script writes it. */
async function exhibit(dir: string, processes: number): Promise<ExhibitRecord> {
  const folder = join(dir, 'evidence', 'E0001');
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'host.processes.frames');
  const flow = function* () {
    yield `LADING-FRAMES 1 ${B} host.processes\n`;
    for (let pid = 1; pid <= processes; pid++) {
      const zeros = '0 '.repeat(17);
      yield `${B} file ${pid} stat 0\n${pid} (worker) S ${Math.floor(pid / 8)} ${zeros}${pid} 0 0\n\n${B} = 0\n`;
      yield `${B} file ${pid} status 0\nName:\tworker\nState:\tS (sleeping)\nUid:\t0\t0\t0\t0\nNSpid:\t${pid}\n\n${B} = 0\n`;
      yield `${B} file ${pid} cmdline 0\n/usr/bin/worker\0--number\0${pid}\0\n${B} = 0\n`;
      yield `${B} links ${pid} links 0\nexe\t/usr/bin/worker\0\n${B} = 0\n`;
    }
    yield `${B} end\n`;
  };
  await pipeline(Readable.from(flow()), createWriteStream(file));
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const time = { local: '2026-11-25T10:00:00.000Z' };
  return ExhibitRecord.parse({
    format: 1,
    id: 'E0001',
    file: 'host.processes.frames',
    kind: 'frames',
    title: 'Processes',
    collector: { id: 'host.processes', version: '1' },
    tool: { name: 'Lading', version: 'bench' },
    collection: 'C1',
    host: { id: 'h', address: 'local', hostname: 'h' },
    target: { kind: 'host', id: 'h', name: 'h' },
    how: { kind: 'composed', note: 'bench' },
    started: time,
    finished: time,
    outcome: 'found',
    partial: false,
    bytes: (await stat(file)).size,
    sha256: hash.digest('hex'),
    examiner: 'bench',
    workstation: 'bench',
  });
}

const eventOf = (n: number) => ({
  time: '2026-11-25T10:00:00.000000Z',
  us: 1_700_000_000_000_000 + n * 1000,
  precision: 'us',
  source: 'log',
  timestamp_desc: 'Logged',
  message: `GET /index-${n}.html HTTP/1.1 200`,
  raw: '25/Nov/2026:10:00:00 +0000',
});

/** So many rows of events, which no exhibit needs to hold: reading logs is another part's figure. */
function manyEvents(count: number): Indexer {
  return defineIndexer({
    id: 'zz-bench',
    version: '1',
    title: 'Events',
    accepts: () => true,
    async index(ctx) {
      for (let n = 0; n < count; n++) {
        if (n % 10_000 === 0) await ctx.pause();
        ctx.rows.event({ exhibit: 'E0001', locator: `bytes:${n}+10`, ...eventOf(n) });
      }
    },
  });
}

/** The checked row writer with its indexes, beside bare inserts of the same rows in one transaction, with the same indexes. */
function writing(dir: string, record: ExhibitRecord, short: boolean): Promise<Figure> {
  const units = short ? 50_000 : 300_000;
  const copy = join(dir, 'plain');
  let run = 0;
  return compare('rows of the index, checked and indexed', 'bare inserts, one a statement', {
    units,
    unit: 'rows/s',
    runs: 3,
    ours: () => buildIndex({ dir: ours(dir), records: [record], indexers: [manyEvents(units)] }),
    theirs: async () => {
      const db = createDb(`${copy}-${run++}.sqlite`);
      db.exec(
        'CREATE TABLE events (id INTEGER PRIMARY KEY, exhibit TEXT, locator TEXT, target INTEGER, time TEXT, us INTEGER, precision TEXT, source TEXT, timestamp_desc TEXT, message TEXT, raw TEXT)',
      );
      db.exec('BEGIN');
      const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
      for (let n = 0; n < units; n++) {
        const one = eventOf(n);
        insert.run([
          n + 1,
          'E0001',
          `bytes:${n}+10`,
          1,
          one.time,
          one.us,
          one.precision,
          one.source,
          one.timestamp_desc,
          one.message,
          one.raw,
        ]);
      }
      db.exec('COMMIT');
      for (const on of ['us, id', 'target, us, id', 'exhibit']) {
        db.exec(`CREATE INDEX ${on.replace(/\W/g, '')} ON events (${on})`);
      }
      db.close();
    },
  });
}

/** Another folder beside the evidence: the index that is asked stays. */
const ours = (dir: string) => join(dir, 'second');

async function asking(dir: string, processes: number): Promise<Figure[]> {
  const none = new Set<number>();
  const page = { notable: false, limit: 200 };
  const queries: [string, (db: Db) => unknown][] = [
    ['a page from the middle of the processes', (db) => listProcesses(db, { ...page, offset: processes / 2 }, none)],
    ['processes by text', (db) => listProcesses(db, { ...page, offset: 0, text: `number ${processes - 7}` }, none)],
    ['processes that stand out', (db) => listProcesses(db, { ...page, notable: true, offset: 0 }, none)],
    ['connections', (db) => listConnections(db, { all: true, offset: 0, limit: 200 })],
    ['full-text search, one hit', (db) => searchTexts(db, { text: `number ${processes - 7}`, offset: 0, limit: 200 })],
    ['full-text search, hits everywhere', (db) => searchTexts(db, { text: 'worker', offset: 0, limit: 200 })],
    ['explain a process', (db) => explain(db, String(processes - 7), [])],
  ];
  const figures: Figure[] = [];
  for (const [name, query] of queries) {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      times.push(await seconds(async () => withIndex(dir, query)));
    }
    figures.push(
      await compare(`${name} (median ${(median(times) * 1000).toFixed(1)} ms)`, `the ${PROMISE} ms that are promised`, {
        units: 1,
        unit: 'queries/s',
        runs: 3,
        ours: async () => withIndex(dir, query),
        theirs: () => wait(PROMISE),
      }),
    );
  }
  return figures;
}
