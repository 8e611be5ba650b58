import type { FindingInput, JudgedFinding } from '../../shared/domain';
import { asLadingError, LadingError } from '../../shared/errors';
import { ATTACK_VERSION } from '../analyze/findings';
import { analyzers } from '../analyze/registry';
import { analyzeCase, readDerived, writeDerived } from '../analyze/run';
import type { CaseSession } from '../cases/session';
import { sha256File } from '../custody/hash';
import type { Services } from '../services';
import type { TaskHandle } from '../services/tasks';
import { indexSteps, makeIndex } from './indexing';
import type { Implementer } from './kit';

export function findingsApi(os: Implementer, s: Services) {
  return {
    analyzers: os.findings.analyzers.handler(() =>
      analyzers().map(({ id, version, title }) => ({ id, version, title })),
    ),
    analyze: os.findings.analyze.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const task = s.tasks.start({ kind: 'analyze', title: 'Analyse the exhibits', case: session.dir }, (handle) =>
        analyze(session, handle),
      );
      return { task };
    }),
    list: os.findings.list.handler(async ({ input }) => judgedFindings(await s.shelf.open(input.case))),
    judge: os.findings.judge.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      const { title } = await findingOf(session, input.id);
      await session.append('finding.judged', input.id, { status: input.status, reason: input.reason, title });
      return findingOf(session, input.id);
    }),
    add: os.findings.add.handler(async ({ input }) => {
      const session = await s.shelf.open(input.case);
      checkCitations(session, input.finding);
      const id = await session.exclusive(async () => {
        const next = `F${session.data.findings.length + 1}`;
        await session.append('finding.added', next, { finding: input.finding });
        return next;
      });
      return findingOf(session, id);
    }),
  };
}

async function analyze(session: CaseSession, handle: TaskHandle) {
  const { signal, progress } = handle;
  const records = await session.records();
  const all = analyzers().map(({ id, version }) => `${id} ${version}`);
  const writes = session.readOnly === undefined;
  if (writes) await session.append('analysis.begun', session.data.id, { exhibits: records.length, analyzers: all });
  try {
    const result = await analyzeCase({
      dir: session.dir,
      records,
      signal,
      progress: ({ done, total }) => progress(done, total + indexSteps()),
    });
    const path = await writeDerived(session.dir, result);
    const index = await makeIndex(session, handle, all.length);
    const counts = { findings: result.findings.length, unreadable: result.unreadable.length };
    if (writes)
      await session.append('analysis.ended', session.data.id, { ...counts, sha256: (await sha256File(path)).sha256 });
    return { ...counts, analyzers: all.length, index };
  } catch (error) {
    const reason = asLadingError(error);
    if (writes)
      await session.append('analysis.ended', session.data.id, { findings: 0, unreadable: 0, error: reason.toData() });
    throw reason;
  }
}

/** What analyzers claim and the examiner added, with what the examiner said of each. */
export async function judgedFindings(session: CaseSession): Promise<JudgedFinding[]> {
  const derived = await readDerived(session.dir);
  const { marks } = session.data;
  const own = session.data.findings.map(
    ({ examiner, time: _, ...finding }): JudgedFinding => ({
      ...finding,
      rule: 'examiner',
      ruleVersion: '',
      attackVersion: ATTACK_VERSION,
      machine: false,
      status: 'confirmed',
      statusBy: examiner,
    }),
  );
  const machine = (derived?.findings ?? []).map((finding): JudgedFinding => ({ ...finding, status: 'open' }));
  return [...own, ...machine].map((finding) => {
    const mark = marks[finding.id];
    return mark ? { ...finding, status: mark.status, statusReason: mark.reason, statusBy: mark.examiner } : finding;
  });
}

async function findingOf(session: CaseSession, id: string): Promise<JudgedFinding> {
  const found = (await judgedFindings(session)).find((finding) => finding.id === id);
  if (found) return found;
  throw new LadingError('BAD_INPUT', `The case has no finding ${id}.`, {
    advice: 'Analyse the case, or list its findings.',
  });
}

function checkCitations(session: CaseSession, finding: FindingInput): void {
  for (const { exhibit } of finding.cites) {
    if (session.data.exhibits.some((one) => one.id === exhibit)) continue;
    throw new LadingError('BAD_INPUT', `The finding cites ${exhibit}, which the case does not have.`, {
      advice: 'Cite an exhibit of this case.',
    });
  }
}
