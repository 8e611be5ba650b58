import { z } from 'zod';

/** Every way an action can fail that the caller may branch on. Callers branch on the code, never on the text. */
export const ERROR_CODES = [
  // the examiner's side
  'BAD_INPUT', // what was asked for makes no sense: wrong address, unknown collector
  'CASE_EXISTS',
  'CASE_NOT_FOUND',
  'CASE_DAMAGED', // the ledger or an exhibit is not as it was written
  'CASE_LOCKED', // another process writes this case
  'CASE_READ_ONLY',
  'DISK_FULL',
  'FILE_UNREADABLE',
  'KEY_LOCKED', // the signing key needs a passphrase
  'KEY_WRONG_PASSPHRASE',
  // the connection
  'HOST_UNREACHABLE',
  'HOST_KEY_UNKNOWN', // first contact: the examiner has to compare the fingerprint
  'HOST_KEY_CHANGED', // refused before anything was sent
  'AUTH_REQUIRED', // a password, passphrase or answer is needed
  'AUTH_FAILED',
  'CONNECTION_LOST',
  'TIMED_OUT',
  // the host
  'COMMAND_FAILED',
  'ROOT_REQUIRED',
  'ENGINE_ABSENT',
  'ENGINE_DENIED',
  'ENGINE_ERROR', // the engine answered with an error status
  'TARGET_GONE',
  'NOT_POSSIBLE', // a need that this host cannot meet
  'CANCELLED',
  'INTERNAL', // a fault of Lading itself
] as const;

export const ErrorCode = z.enum(ERROR_CODES);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** What crosses to the window: no stack, no secret. */
export const ErrorData = z.object({
  code: ErrorCode,
  /** What happened, to what. One sentence. */
  message: z.string(),
  /** What the examiner can do about it. One sentence. */
  advice: z.string().optional(),
  /** Facts a screen needs: fingerprints, prompts, who holds the lock. Never a secret. */
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorData = z.infer<typeof ErrorData>;

/** The one error type that the core throws on purpose. `message` says what happened to what; `advice` what to do. */
export class LadingError extends Error {
  readonly code: ErrorCode;
  readonly advice: string | undefined;
  readonly details: Record<string, unknown> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { advice?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'LadingError';
    this.code = code;
    this.advice = options.advice;
    this.details = options.details;
  }

  /** The part that may be shown and sent to the window. */
  toData(): ErrorData {
    return { code: this.code, message: this.message, advice: this.advice, details: this.details };
  }
}

/** Makes a LadingError of whatever was thrown; one that is not ours becomes INTERNAL with its own text. */
export function asLadingError(error: unknown): LadingError {
  if (error instanceof LadingError) return error;
  if (error instanceof Error) {
    const errno = 'code' in error ? error.code : undefined;
    if (errno === 'ENOSPC' || errno === 'EDQUOT') {
      return new LadingError('DISK_FULL', `The evidence disk is full: ${error.message}`, {
        advice: 'Free space on that disk or move the case; what arrived so far is kept and marked partial.',
        cause: error,
      });
    }
    if (error.name === 'AbortError')
      return new LadingError('CANCELLED', 'Cancelled by the examiner.', { cause: error });
    return new LadingError('INTERNAL', error.message, { cause: error });
  }
  return new LadingError('INTERNAL', String(error));
}
