import { resolve } from 'node:path';
import type { ContractRouterClient } from '@orpc/contract';
import type { AnyRouter } from '@orpc/server';
import type { Contract } from '../../shared/contract';
import type { OpenCase } from '../../shared/domain';
import { LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { toLading } from './errors';
import type { Io } from './io';

/** The core as the command line sees it: every call of the contract. */
export type Client = ContractRouterClient<Contract>;

export interface Core {
  client: Client;
  router: AnyRouter;
  /** Cancels what runs, closes connections and cases. */
  close(): Promise<void>;
}

export interface CoreOptions {
  window: 'electron' | 'browser' | 'none';
  openCase?: string;
}

/** What a command is given. */
export interface Context {
  io: Io;
  /** Starts the core; at most once a command. */
  core(options?: CoreOptions): Promise<Core>;
  /** The client of a core without a window. */
  client(): Promise<Client>;
}

/** Wraps a command's work: errors are said, what it opened is closed, the exit code is kept. */
export type Use = <A extends unknown[]>(
  work: (context: Context, ...args: A) => Promise<number>,
) => (...args: A) => Promise<void>;

/** A case's folder as it was typed, made absolute. */
export function casePath(io: Io, given: string): string {
  return resolve(io.cwd, given);
}

/**
 * Opens a case, does the work, closes the case. `write` refuses one that can only be read. What a crash left, and was
 * set right on opening, is said on standard error.
 */
export async function inCase<T>(
  context: Context,
  given: string,
  options: { write: boolean },
  work: (opened: OpenCase, client: Client) => Promise<T>,
): Promise<T> {
  const client = await context.client();
  const opened = await client.cases.open({ case: casePath(context.io, given) });
  try {
    for (const line of opened.recovered) context.io.err(`Set right on opening: ${visible(line)}\n`);
    if (opened.readOnly !== undefined) {
      if (options.write) {
        throw new LadingError('CASE_READ_ONLY', `The case can only be read: ${opened.readOnly}`, {
          advice: 'Close it in the other Lading, or copy the case to a disk that can be written.',
        });
      }
      context.io.err(`Read only: ${visible(opened.readOnly)}\n`);
    }
    return await work(opened, client);
  } finally {
    await client.cases.close({ case: opened.path }).catch((error: unknown) => {
      context.io.err(`The case was not closed cleanly: ${visible(toLading(error).message)}\n`);
    });
  }
}
