import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import type { ExhibitRecord } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { evidenceFile } from '../analyze/context';
import { readRows } from '../analyze/index/query';
import { indexState, withIndex } from '../analyze/index/store';
import { holdsMemory } from '../analyze/memory/open';
import { symbolsFor } from '../analyze/memory/symbols';
import {
  fileHash,
  findVolatility,
  keepResult,
  PLUGINS,
  readResult,
  resultPath,
  runVolatility,
  type VolatilityResult,
  volatilityAdvice,
  volatilityVersion,
  volatilityWords,
} from '../analyze/memory/volatility';
import type { CaseSession } from '../cases/session';
import { defaultConfigDir } from '../cases/settings';
import type { Services } from '../services';
import type { TaskHandle } from '../services/tasks';
import type { Implementer } from './kit';

export function volatilityApi(os: Implementer, s: Services) {
  return {
    look: os.memory.volatility.look.handler(async ({ input, signal }) => {
      const home = defaultConfigDir();
      const program = findVolatility(home, input.program) ?? null;
      const version = program === null ? null : await volatilityVersion(program, signal);
      return { program, version, plugins: [...PLUGINS], advice: volatilityAdvice(home) };
    }),
    run: os.memory.volatility.run.handler(async ({ input }) => {
      const { session, record } = await imageOf(s, input);
      const home = defaultConfigDir();
      const program = findVolatility(home, input.program);
      if (program === undefined) {
        throw new LadingError('NOT_POSSIBLE', 'Volatility 3 was not found on this machine.', {
          advice: `Install it, for example: ${volatilityAdvice(home)}`,
        });
      }
      const { plugins, symbols } = input;
      const unknown = plugins.find((plugin) => !PLUGINS.some(({ id }) => id === plugin));
      if (unknown !== undefined) throw new LadingError('BAD_INPUT', `Lading does not run the plugin ${unknown}.`);
      if (session.readOnly !== undefined) {
        throw new LadingError('CASE_READ_ONLY', `The case is open for reading only. ${session.readOnly}`, {
          advice: 'A program looks at evidence only where the ledger can say so.',
        });
      }
      const title = `Volatility on ${record.id}`;
      const task = s.tasks.start({ kind: 'analyze', title, case: session.dir }, async (handle) => {
        const version = await volatilityVersion(program, handle.signal);
        const known = { program, version, sha256: await fileHash(program) };
        const records = await session.records();
        for (const plugin of plugins) handle.item(plugin, { label: plugin });
        const failures: LadingError[] = [];
        for (const [done, plugin] of plugins.entries()) {
          handle.progress(done, plugins.length);
          handle.item(plugin, { state: 'running' });
          try {
            const own = symbols ?? (await symbolsFor(session.dir, record, records, plugin))?.folder;
            const rows = await recorded(session, record, known, { plugin, symbols: own }, handle);
            handle.item(plugin, { state: 'done', note: `${rows} rows` });
          } catch (error) {
            if (handle.signal.aborted || !(error instanceof LadingError)) throw error;
            handle.item(plugin, { state: 'failed', note: error.message });
            failures.push(error);
          }
        }
        handle.progress(plugins.length, plugins.length);
        // one that failed does not keep the others from being shown
        const [first] = failures;
        if (first && failures.length === plugins.length) throw first;
        return { failed: failures.length };
      });
      return { task };
    }),
    result: os.memory.volatility.result.handler(async ({ input }) => {
      const { session, record } = await imageOf(s, input);
      const result = await readResult(resultPath(session.dir, record, input.plugin));
      if (!result) return null;
      const { format: _, ...shown } = withContainers(session, record, result);
      return shown;
    }),
  };
}

/** Runs one plugin, with an entry of the ledger before and after it; gives the number of rows. */
async function recorded(
  session: CaseSession,
  record: ExhibitRecord,
  { program, version, sha256 }: { program: string; version: string; sha256: string },
  { plugin, symbols }: { plugin: string; symbols: string | undefined },
  handle: TaskHandle,
): Promise<number> {
  const image = evidenceFile(session.dir, record);
  const cache = join(session.dir, 'derived', 'memory', 'volatility-cache');
  const argv = [program, ...volatilityWords({ image, plugin, symbols, cache })];
  await session.append('program.begun', record.id, { program, sha256, version, argv });
  try {
    const result = await runVolatility({
      program,
      version,
      plugin,
      symbols,
      image,
      cache,
      signal: handle.signal,
      progress: (percent, words) => handle.item(plugin, { note: `${Math.round(percent)} % ${words}` }),
    });
    const path = resultPath(session.dir, record, plugin);
    const kept = await keepResult(path, result);
    await session.append('program.ended', record.id, {
      argv,
      rows: result.rows.length,
      result: relative(session.dir, path).split(sep).join('/'),
      sha256: kept,
    });
    return result.rows.length;
  } catch (error) {
    await session.append('program.ended', record.id, { argv, error: asLadingError(error).toData() });
    throw error;
  }
}

async function imageOf(s: Services, input: { case: string; exhibit: string }) {
  const session = await s.shelf.open(input.case);
  const record = (await session.records()).find(({ id }) => id === input.exhibit);
  if (!record || !holdsMemory(record) || record.target.kind !== 'host') {
    throw new LadingError('BAD_INPUT', `${input.exhibit} is no image of a host’s memory.`, {
      advice: 'Volatility reads images of a whole host: collect host.memory, or import one.',
    });
  }
  return { session, record };
}

const Named = z.object({ pid: z.number(), comm: z.string(), container: z.string() });

/** Adds to each row with a PID the container that this process of the same host and name ran in (by its control group, as the index knows). */
function withContainers(session: CaseSession, record: ExhibitRecord, result: VolatilityResult): VolatilityResult {
  const { state } = indexState(session.dir, session.data.exhibits);
  const column = ['PID', 'Pid', 'pid'].find((name) => result.columns.includes(name));
  if (column === undefined || (state !== 'ready' && state !== 'stale')) return result;
  const names = withIndex(session.dir, (db) =>
    readRows(
      db,
      Named,
      `SELECT p.pid, p.comm, coalesce((SELECT t.name FROM targets t WHERE t.kind = 'container' AND t.key = p.container),
        substr(p.container, 1, 12)) AS container FROM processes p WHERE p.host = ? AND p.container IS NOT NULL ORDER BY p.id`,
      [record.host?.id ?? record.target.id],
    ),
  );
  const byPid = new Map(names.map((one) => [one.pid, one]));
  const commColumn = ['COMM', 'Comm', 'Process', 'Process Name'].find((name) => result.columns.includes(name));
  const rows = result.rows.map((row) => {
    const known = byPid.get(Number(row[column]));
    const same = commColumn === undefined || typeof row[commColumn] !== 'string' || row[commColumn] === known?.comm;
    return { ...row, Container: known && same ? known.container : null };
  });
  return { ...result, columns: ['Container', ...result.columns], rows };
}
