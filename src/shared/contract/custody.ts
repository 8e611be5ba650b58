import { z } from 'zod';
import { Entry, KeyState, SealStatement, Sha256, VerifyResult } from '../domain';
import { base, InCase, TaskStarted } from './base';

export const custody = {
  /** Entries from a sequence number on, oldest first. */
  ledger: base
    .input(
      InCase.extend({
        from: z.number().int().nonnegative().default(0),
        limit: z.number().int().positive().max(5000).default(500),
      }),
    )
    .output(z.object({ entries: z.array(Entry), total: z.number() })),
  /**
   * As a task; its result is a VerifyResult. Reads only. With `trustedKeys` (fingerprints the checker has from the
   * examiner by other means) a seal by any other key is foreign.
   */
  verify: base.input(InCase.extend({ trustedKeys: z.array(Sha256).optional() })).output(TaskStarted),
  /** The last verification of this case made here. */
  lastVerify: base.input(InCase).output(VerifyResult.nullable()),
  key: base.output(KeyState),
  /** Fails with KEY_LOCKED when the key needs a passphrase; the first one given makes the key. */
  seal: base.input(InCase.extend({ passphrase: z.string().optional() })).output(SealStatement),
  handover: base
    .input(InCase.extend({ to: z.string().min(1).max(200), reason: z.string().min(1).max(2000) }))
    .output(z.object({ seq: z.number() })),
};
