import { resolve } from 'node:path';
import { LadingError } from '../../shared/errors';
import { project } from '../cases/project';
import { sealCase } from '../cases/seal-case';
import { verifyCase } from '../custody/verify';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function custodyApi(os: Implementer, s: Services) {
  return {
    ledger: os.custody.ledger.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return { entries: await session.entries(input.from, input.limit), total: session.entryCount };
    }),
    verify: os.custody.verify.handler(({ input }) => {
      // Not by way of the shelf: to verify changes nothing, takes no lock, and works on a case that cannot be opened.
      const dir = resolve(input.case);
      if (s.tasks.running(dir).some((task) => task.kind === 'collect')) {
        throw new LadingError('BAD_INPUT', 'A collection into this case is running.', {
          advice: 'Verify when it has ended.',
        });
      }
      const task = s.tasks.start({ kind: 'verify', title: 'Verify the case', case: dir }, async (handle) => {
        let done = 0;
        const result = await verifyCase(dir, {
          project,
          trustedKeys: input.trustedKeys,
          signal: handle.signal,
          onBytes: (bytes) => handle.bytes(bytes),
          onExhibit: () => {
            done += 1;
            handle.progress(done);
          },
        });
        await s.settings.verified(dir, result);
        return result;
      });
      return { task };
    }),
    lastVerify: os.custody.lastVerify.handler(({ input }) => s.settings.lastVerify(resolve(input.case)) ?? null),
    key: os.custody.key.handler(() => s.keys.state()),
    seal: os.custody.seal.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return session.exclusive(() => sealCase(session, s.keys, input.passphrase));
    }),
    handover: os.custody.handover.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const from = session.data.examiner;
      const entry = await session.append('custody.handed over', session.data.id, {
        from,
        to: input.to,
        reason: input.reason,
      });
      return { seq: entry.seq };
    }),
  };
}
