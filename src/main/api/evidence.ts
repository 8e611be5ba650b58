import type { JudgedFinding } from '../../shared/domain';
import { listConnections } from '../analyze/evidence/connections';
import { explain } from '../analyze/evidence/explain';
import { findingsOfProcesses, listProcesses } from '../analyze/evidence/processes';
import { searchTexts } from '../analyze/evidence/search';
import type { Db } from '../analyze/index/db';
import { withIndex } from '../analyze/index/store';
import type { Services } from '../services';
import { judgedFindings } from './findings';
import { prepareIndex } from './indexing';
import type { Implementer } from './kit';

export function evidenceApi(os: Implementer, s: Services) {
  return {
    prepare: os.evidence.prepare.handler(async ({ input }) => prepareIndex(s, await s.shelf.open(input.case))),
    processes: os.evidence.processes.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const findings = await judgedFindings(session);
      return withIndex(session.dir, (db) => listProcesses(db, input, withFinding(db, findings)));
    }),
    connections: os.evidence.connections.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return withIndex(session.dir, (db) => listConnections(db, input));
    }),
    search: os.evidence.search.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      return withIndex(session.dir, (db) => searchTexts(db, input));
    }),
    explain: os.evidence.explain.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const findings = await judgedFindings(session);
      return withIndex(session.dir, (db) => explain(db, input.about, findings));
    }),
  };
}

/** Processes that a finding rests on which the examiner has not dismissed. */
function withFinding(db: Db, findings: readonly JudgedFinding[]): Set<number> {
  return new Set(
    findingsOfProcesses(
      db,
      findings.filter(({ status }) => status !== 'dismissed'),
    ).keys(),
  );
}
