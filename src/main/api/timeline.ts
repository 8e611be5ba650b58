import { LadingError } from '../../shared/errors';
import { indexState, withIndex } from '../analyze/index/store';
import { exported } from '../analyze/timeline/export';
import { fitting } from '../analyze/timeline/filter';
import { openTimeline } from '../analyze/timeline/open';
import { pageOf, rowsAt } from '../analyze/timeline/rows';
import { summaryOf } from '../analyze/timeline/summary';
import type { CaseSession } from '../cases/session';
import { writeOut } from '../cases/write-out';
import type { Services } from '../services';
import type { Implementer } from './kit';

export function timelineApi(os: Implementer, s: Services) {
  return {
    summary: os.timeline.summary.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const timeline = await timelineOf(session);
      const { reasons } = indexState(session.dir, session.data.exhibits);
      const summary = withIndex(session.dir, (db) => summaryOf(db, timeline, input.filter, input.buckets));
      return { ...summary, stale: reasons };
    }),
    rows: os.timeline.rows.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const timeline = await timelineOf(session);
      return withIndex(session.dir, (db) => {
        const fits = fitting(db, timeline, input.filter);
        const places = pageOf(fits, input.offset, input.limit, input.descending);
        return { rows: rowsAt(db, timeline, places), total: fits.length };
      });
    }),
    export: os.timeline.export.handler(async ({ input, signal }) => {
      const { case: given, to, reason, ...what } = input;
      const session = await s.shelf.open(given);
      if (session.readOnly !== undefined) {
        throw new LadingError('CASE_READ_ONLY', `The case is open for reading only. ${session.readOnly}`, {
          advice: 'The timeline is exported only where the ledger can say so; `lading timeline --json` prints it.',
        });
      }
      const written = await writeOut(session.dir, to, exported(session.dir, await timelineOf(session), what, signal));
      const { path, ...rest } = written;
      await session.append('timeline.exported', what.format, { ...what, ...rest, to: path, reason });
      return written;
    }),
  };
}

/** With the ledger as it is now: what the examiner did stands among what happened. */
async function timelineOf(session: CaseSession) {
  return openTimeline(session.dir, await session.entries(0, session.entryCount));
}
