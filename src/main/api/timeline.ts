import { indexState, withIndex } from '../analyze/index/store';
import { bodyLines } from '../analyze/timeline/bodyfile';
import { fitting } from '../analyze/timeline/filter';
import { openTimeline } from '../analyze/timeline/open';
import { pageOf, rowsAt } from '../analyze/timeline/rows';
import { summaryOf } from '../analyze/timeline/summary';
import type { CaseSession } from '../cases/session';
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
    bodyfile: os.timeline.bodyfile.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return withIndex(session.dir, (db) => bodyLines(db, input));
    }),
  };
}

/** With the ledger as it is now: what the examiner did stands among what happened. */
async function timelineOf(session: CaseSession) {
  return openTimeline(session.dir, await session.entries(0, session.entryCount));
}
