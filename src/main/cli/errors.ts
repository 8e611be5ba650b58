import { ORPCError } from '@orpc/server';
import { z } from 'zod';
import { asLadingError, ErrorData, LadingError } from '../../shared/errors';
import { visible } from '../../shared/visible';
import { painter } from './format';
import type { Io } from './io';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** It found faults, or something failed. */
  failed: 1,
  /** It was called wrongly; nothing was done. */
  usage: 2,
  /** Ended by a second Ctrl-C, as shells say it. */
  interrupted: 130,
} as const;

/** Called wrongly: exit code 2. */
export function usageError(message: string, advice?: string): LadingError {
  return new LadingError('BAD_INPUT', message, { advice });
}

const Issues = z.object({
  issues: z.array(z.object({ message: z.string(), path: z.array(z.unknown()).optional() })).min(1),
});

/** Whatever a call threw as the error it was: typed errors of the contract, refused input, or a fault. */
export function toLading(error: unknown): LadingError {
  if (!(error instanceof ORPCError)) return asLadingError(error);
  if (error.code === 'LADING') {
    const data = ErrorData.safeParse(error.data);
    if (data.success) {
      const { code, message, advice, details } = data.data;
      return new LadingError(code, message, { advice, details, cause: error });
    }
  }
  if (error.code === 'BAD_REQUEST') {
    const issues = Issues.safeParse(error.data);
    const said = issues.success
      ? issues.data.issues.map((i) => `${i.path?.map(String).join('.') || 'input'}: ${i.message}`).join('; ')
      : error.message;
    return new LadingError('BAD_INPUT', `Lading was asked for something it does not take (${said}).`, { cause: error });
  }
  return new LadingError('INTERNAL', error.message, { cause: error });
}

/** Says an error on standard error: what happened, and on a second line what can be done. Gives the exit code. */
export function sayError(io: Io, error: LadingError): number {
  const paint = painter(io.errIsTerminal, io.env);
  const text = (words: string) => visible(words, { keepLines: true, max: 4000 });
  io.err(`${paint('red', 'lading:')} ${text(error.message)}\n`);
  const advice =
    error.advice ?? (error.code === 'INTERNAL' ? 'This is a fault of Lading: please report it with what you did.' : '');
  if (advice) io.err(`${text(advice)}\n`);
  if (io.env.LADING_DEBUG && error.stack) io.err(`${text(error.stack)}\n`);
  return error.code === 'BAD_INPUT' ? EXIT.usage : EXIT.failed;
}
