import { readFile } from 'node:fs/promises';
import type { Investigation, InvestigationId } from '../../shared/contract/investigations';
import type { ExhibitSummary } from '../../shared/domain';
import { evidenceFile, READ_LIMIT } from '../analyze/context';
import { withIndexOpen } from '../analyze/index/open';
import { indexState } from '../analyze/index/store';
import { SCENARIOS, scenarioById } from '../analyze/investigations';
import { investigate } from '../analyze/investigations/answer';
import { readDerived } from '../analyze/run';
import type { CaseSession } from '../cases/session';
import { collectors } from '../collect/registry';
import type { Services } from '../services';
import { judgedFindings } from './findings';
import type { Implementer } from './kit';

export function investigationsApi(os: Implementer, s: Services) {
  return {
    list: os.investigations.list.handler(() => SCENARIOS.map(({ id, title, about }) => ({ id, title, about }))),
    get: os.investigations.get.handler(async ({ input }) =>
      investigationOf(await s.shelf.open(input.case), input.id, { target: input.target }),
    ),
  };
}

/** The answers to a scenario's questions, from what the case holds now. Changes nothing. */
export async function investigationOf(
  session: CaseSession,
  id: InvestigationId,
  { target, confirmedOnly = false }: { target?: string; confirmedOnly?: boolean } = {},
): Promise<Investigation> {
  const { data, dir } = session;
  const derived = await readDerived(dir);
  const now = new Map(data.exhibits.map((one) => [one.id, one.sha256]));
  const analysed = new Set(
    (derived?.inputs ?? []).filter(({ exhibit, sha256 }) => now.get(exhibit) === sha256).map(({ exhibit }) => exhibit),
  );
  const findings = (await judgedFindings(session)).filter(({ status }) => !confirmedOnly || status === 'confirmed');
  const ready = indexState(dir, data.exhibits).state === 'ready';
  return withIndexOpen(ready ? dir : undefined, (db) =>
    investigate(scenarioById(id), {
      data,
      findings,
      analysed,
      catalogue: collectors(),
      db,
      json: (exhibit) => json(dir, exhibit),
      target,
    }),
  );
}

/** All scenarios, as a report prints them; `confirmedOnly`: from findings that an examiner confirmed. */
export async function allInvestigations(session: CaseSession, confirmedOnly: boolean): Promise<Investigation[]> {
  const all: Investigation[] = [];
  for (const { id } of SCENARIOS) all.push(await investigationOf(session, id, { confirmedOnly }));
  return all;
}

/** A small JSON exhibit. What cannot be read is said by the analysis, so here it only gives no facts. */
async function json(dir: string, exhibit: ExhibitSummary): Promise<unknown> {
  if (exhibit.bytes > READ_LIMIT) return undefined;
  try {
    return JSON.parse(await readFile(evidenceFile(dir, exhibit), 'utf8'));
  } catch {
    return undefined;
  }
}
