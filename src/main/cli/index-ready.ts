import { visible } from '../../shared/visible';
import type { Client, Context } from './context';
import { runTask } from './task';

/** Sees to it that the index is of now's exhibits: makes it where it is not, showing the progress. */
export async function indexReady(context: Context, client: Client, path: string): Promise<void> {
  const { state, reasons, task } = await client.evidence.prepare({ case: path });
  if (task !== null) await runTask(context, client, task);
  else if (state !== 'ready') for (const reason of reasons) context.io.err(`${visible(reason)}\n`);
}
