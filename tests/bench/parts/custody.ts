import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { project } from '../../../src/main/cases/project';
import { CaseSession } from '../../../src/main/cases/session';
import type { Provenance } from '../../../src/main/custody/record';
import { verifyCase } from '../../../src/main/custody/verify';
import type { BenchPart } from '../bench';
import { compare, type Figure, MIB, watchMemory } from '../measure';

const PLACE = { workstation: 'bench', tool: { name: 'Lading', version: 'bench' } };
const block = randomBytes(MIB);

function flow(bytes: number): Readable {
  return Readable.from(
    (function* () {
      for (let sent = 0; sent < bytes; sent += 64 << 10) yield block.subarray(sent % MIB, (sent % MIB) + (64 << 10));
    })(),
  );
}

/** What custody costs: hashing and the ledger beside plain writing, verifying beside plain hashing. */
const custody: BenchPart = async ({ short }) => {
  const runs = short ? 3 : 7;
  const size = (short ? 128 : 1024) * MIB;
  const dir = await mkdtemp(join(tmpdir(), 'lading-bench-'));
  try {
    const path = join(dir, 'case');
    const session = await CaseSession.create({ path, number: '1', title: 'bench', examiner: 'bench' }, PLACE);
    return [
      ...(await storing(session, dir, size, runs)),
      await appending(session, short ? 500 : 2000, runs),
      await verifying(session, runs),
    ];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

export default custody;

async function storing(session: CaseSession, dir: string, size: number, runs: number): Promise<Figure[]> {
  const from: Provenance = {
    collector: { id: 'bench', version: '1' },
    tool: PLACE.tool,
    target: { kind: 'host', id: 'bench', name: 'bench' },
    accesses: [],
    ...session.who,
  };
  const ours = () =>
    session.door.store({ file: 'x.bin', kind: 'binary', title: 'x' }, from, flow(size), () => ({
      kind: 'composed',
      note: 'bench',
    }));
  const sink = () => createWriteStream(join(dir, 'sink'));
  const memory = watchMemory();
  const before = memory.most();
  const flows = { units: size / MIB, unit: 'MiB/s', runs, ours };
  const plain = await compare(
    'evidence door (hash, file, fsync, record, ledger)',
    'the same bytes to a file, unhashed',
    {
      ...flows,
      theirs: () => pipeline(flow(size), sink()),
    },
  );
  const hashed = await compare('evidence door', 'hash and file in a plain pipeline', {
    ...flows,
    theirs: async () => {
      const hash = createHash('sha256');
      const hashing = async function* (source: AsyncIterable<Buffer>) {
        for await (const piece of source) {
          hash.update(piece);
          yield piece;
        }
      };
      await pipeline(flow(size), hashing, sink());
      hash.digest();
    },
  });
  memory.stop();
  const grown = (memory.most() - before).toFixed(0);
  process.stderr.write(`        memory grew by ${grown} MiB at most while ${size / MIB} MiB flowed\n`);
  return [plain, hashed];
}

function appending(session: CaseSession, units: number, runs: number): Promise<Figure> {
  const append = () => session.append('report.texts', 'x', { texts: {} });
  return compare('ledger entries asked for at once', 'each waited for', {
    units,
    unit: 'entries/s',
    runs,
    ours: () => Promise.all(Array.from({ length: units }, append)),
    theirs: async () => {
      for (let i = 0; i < units; i++) await append();
    },
  });
}

async function verifying(session: CaseSession, runs: number): Promise<Figure> {
  await session.close();
  const { exhibits } = session.data;
  return compare('verify a case', 'SHA-256 of the same files', {
    units: exhibits.reduce((sum, one) => sum + one.bytes, 0) / MIB,
    unit: 'MiB/s',
    runs,
    ours: async () => {
      const result = await verifyCase(session.dir, { project });
      if (!result.ok) throw new Error(`The case does not verify: ${JSON.stringify(result.faults[0])}`);
    },
    theirs: async () => {
      for (const one of exhibits) {
        const file = join(session.dir, 'evidence', one.id, one.file);
        await pipeline(createReadStream(file, { highWaterMark: MIB }), createHash('sha256'));
      }
    },
  });
}
