import { z } from 'zod';
import { ExhibitId, ExhibitRecord, ExhibitSummary, IsoTime, Sha256 } from '../domain';
import { base, InCase } from './base';

const OfCase = InCase.extend({ id: ExhibitId });

export const exhibits = {
  list: base.input(InCase).output(z.array(ExhibitSummary)),
  get: base.input(OfCase).output(ExhibitRecord),
  /** A piece of the bytes, base64; at most 1 MiB a call. */
  read: base
    .input(
      OfCase.extend({ offset: z.number().int().nonnegative(), length: z.number().int().positive().max(1_048_576) }),
    )
    .output(z.object({ base64: z.string(), total: z.number() })),
  /** Offsets at which a text occurs, from an offset on; at most `limit`. Case-insensitive for ASCII. */
  find: base
    .input(
      OfCase.extend({
        text: z.string().min(1).max(1000),
        from: z.number().int().nonnegative().default(0),
        limit: z.number().int().positive().max(10_000).default(1000),
      }),
    )
    .output(z.object({ hits: z.array(z.number()), more: z.boolean() })),
  verify: base.input(OfCase).output(z.object({ ok: z.boolean(), time: IsoTime, expected: Sha256, found: z.string() })),
  /** Copies the file out of the case; the copy is hashed and in the ledger. */
  saveCopy: base
    .input(OfCase.extend({ to: z.string().min(1), reason: z.string().max(2000) }))
    .output(z.object({ path: z.string(), sha256: Sha256 })),
};
