import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { ExhibitRecord } from '../../../shared/domain';
import { asLadingError, LadingError } from '../../../shared/errors';
import { buildIndex } from './build';
import { CANCEL, type Said } from './run';

/** The thread of run.ts: makes the index of the case it was started for, says how far it is, and ends. */
const Data = z.object({ dir: z.string(), records: z.array(ExhibitRecord) });

async function main(): Promise<void> {
  const stop = new AbortController();
  const say = (message: Said) => parentPort?.postMessage(message);
  parentPort?.on('message', (message) => {
    if (message === CANCEL) stop.abort(new LadingError('CANCELLED', 'Cancelled by the examiner.'));
  });
  try {
    const { dir, records } = Data.parse(workerData);
    const result = await buildIndex({
      dir,
      records,
      signal: stop.signal,
      progress: (at) => say({ kind: 'progress', at }),
    });
    say({ kind: 'done', result });
  } catch (error) {
    say({ kind: 'failed', error: asLadingError(error).toData() });
  } finally {
    // the listener would keep the thread alive
    parentPort?.close();
  }
}

void main();
