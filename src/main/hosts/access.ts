import { AsyncLocalStorage } from 'node:async_hooks';
import type { Access } from '../../shared/domain';
import { LadingError } from '../../shared/errors';

/**
 * Who is answerable for touching a host right now. A host and an engine report every command, call and socket here, and
 * refuse to act when nobody listens: so no touch of a host can escape the ledger.
 */
const current = new AsyncLocalStorage<Access[]>();

/** Runs `work`; every touch of a host inside it, however deep, is pushed to `log`. The innermost log takes it. */
export function withAccessLog<T>(log: Access[], work: () => T): T {
  return current.run(log, work);
}

/** Called by hosts and engines when they begin to touch a host; they fill in exit, status, bytes as these are known. */
export function recordAccess(access: Omit<Access, 'at' | 'bytes' | 'asRoot'> & Partial<Access>): Access {
  const log = current.getStore();
  if (!log) {
    throw new LadingError('INTERNAL', `Lading tried to touch ${access.host} without a record of it; it did not.`, {
      advice: 'This is a fault of Lading: report it.',
    });
  }
  const entry: Access = { bytes: 0, asRoot: false, ...access, at: access.at ?? new Date().toISOString() };
  log.push(entry);
  return entry;
}
