import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import { asLadingError, ErrorData, LadingError } from '../../../shared/errors';
import { type BuildOptions, type BuildResult, buildIndex } from './build';

/** What the worker is told when the work was cancelled. */
export const CANCEL = 'cancel';

/** What the worker says. */
export const Said = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('progress'),
    at: z.object({ done: z.number(), total: z.number(), title: z.string(), rows: z.number() }),
  }),
  z.object({ kind: z.literal('done'), result: z.object({ rows: z.number(), faults: z.number() }) }),
  z.object({ kind: z.literal('failed'), error: ErrorData }),
]);
export type Said = z.infer<typeof Said>;

/** The bundle of worker.ts: beside what was built, or above its chunks. Undefined where this runs from its sources, as under Vitest. */
function workerFile(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  return [join(here, 'index-worker.cjs'), join(here, '..', 'index-worker.cjs')].find((path) => existsSync(path));
}

/**
 * Makes the index as `buildIndex` does, in a thread of its own, so that window and calls go on meanwhile. Where there is no
 * bundle of the worker it is made in this thread. Rejects as `buildIndex` does, and with INTERNAL where the thread ends by itself.
 */
export function runIndex(options: Omit<BuildOptions, 'indexers'>): Promise<BuildResult> {
  const file = workerFile();
  if (!file) return buildIndex(options);
  const { dir, records, signal, progress } = options;
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, { workerData: { dir, records } });
    const cancel = () => worker.postMessage(CANCEL);
    const end = (settle: () => void) => {
      signal?.removeEventListener('abort', cancel);
      settle();
    };
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel, { once: true });
    worker.on('message', (message: unknown) => {
      const said = Said.parse(message);
      if (said.kind === 'progress') progress?.(said.at);
      else if (said.kind === 'done') end(() => resolve(said.result));
      else {
        const { code, message: text, advice } = said.error;
        end(() => reject(signal?.aborted ? asLadingError(signal.reason) : new LadingError(code, text, { advice })));
      }
    });
    worker.on('error', (error) => end(() => reject(asLadingError(error))));
    // after 'done' or 'failed' this settles nothing any more
    worker.on('exit', (code) =>
      end(() =>
        reject(
          new LadingError('INTERNAL', `The thread that makes the index ended by itself (code ${code}).`, {
            advice: 'Analyse the case again. If memory is short, close other programs first.',
          }),
        ),
      ),
    );
  });
}
