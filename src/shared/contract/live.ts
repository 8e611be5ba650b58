import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { base } from './base';

const Size = { columns: z.number().int().min(2).max(1000), rows: z.number().int().min(2).max(1000) };
const OfSession = z.object({ session: z.string().min(1).max(100) });

/** A capture or a series of samples under way. */
export const LiveCapture = z.object({
  id: z.string(),
  collector: z.string(),
  host: z.string(),
  /** Names from the host: hostile text. */
  target: z.string(),
  interface: z.string(),
  begun: z.string(),
  bytes: z.number(),
  counters: z.object({ captured: z.number(), received: z.number(), dropped: z.number() }).optional(),
});
export type LiveCapture = z.infer<typeof LiveCapture>;

export const live = {
  /** Captures and samples that run now, with what the kernel counts. */
  captures: base.output(z.array(LiveCapture)),
  /** Ends one as if its limit were reached: its exhibit is whole. False where it had ended already. */
  stopCapture: base.input(z.object({ id: z.string() })).output(z.object({ stopped: z.boolean() })),
  /**
   * A shell that the collector `container.shell` then runs: its `session` is what that is told. So it has a plan, a reason, a deliberate yes and
   * its entries in the ledger like everything else.
   */
  wishForShell: base
    .input(
      z.object({
        command: z.array(z.string().min(1).max(4096)).min(1).max(100).default(['sh']),
        user: z.string().min(1).max(256).optional(),
        ...Size,
      }),
    )
    .output(OfSession),
  /** What it shows, raw and hostile (base64), until it ended. Only one may watch. */
  shellOutput: base
    .input(OfSession)
    .output(eventIterator(z.union([z.object({ base64: z.string() }), z.object({ exit: z.number().nullable() })]))),
  shellInput: base.input(OfSession.extend({ base64: z.string().max(1 << 20) })),
  shellSize: base.input(OfSession.extend(Size)),
  /** Ends it from the examiner's side; the recording is whole. */
  hangUp: base.input(OfSession),
};
