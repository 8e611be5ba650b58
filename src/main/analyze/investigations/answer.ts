import type { Answer, AnswerState, Investigation, Missing, Point } from '../../../shared/contract/investigations';
import {
  type CaseData,
  type CollectorInfo,
  type ExhibitSummary,
  type JudgedFinding,
  SEVERITIES,
  type TargetRef,
} from '../../../shared/domain';
import { LadingError } from '../../../shared/errors';
import { visible } from '../../../shared/visible';
import type { Db } from '../index/db';
import type { FactSources } from './facts';
import type { Question, Scenario } from './question';

/** What the answers are read from; nothing else, so the same case gives the same answers. */
export interface AnswerSources {
  data: Pick<CaseData, 'exhibits' | 'collections' | 'hosts'>;
  findings: readonly JudgedFinding[];
  /** Ids of exhibits that the last analysis read. */
  analysed: ReadonlySet<string>;
  catalogue: readonly Pick<CollectorInfo, 'id' | 'title' | 'scope'>[];
  /** The index, where it is of now's exhibits. */
  db?: Db;
  /** A JSON exhibit; undefined where it cannot be read. */
  json(exhibit: ExhibitSummary): Promise<unknown>;
  /** A container, by id or name. */
  target?: string;
}

/** Points of one answer that are given; a screen of the evidence has all. */
export const POINTS_MAX = 100;

/** Answers every question of a scenario. Throws BAD_INPUT for a container that the case does not know. */
export async function investigate(scenario: Scenario, sources: AnswerSources): Promise<Investigation> {
  const target = sources.target === undefined ? undefined : containerOf(sources.data, sources.target);
  const answers: Answer[] = [];
  for (const question of scenario.questions) answers.push(await answer(question, sources, target));
  return { id: scenario.id, title: scenario.title, about: scenario.about, target, answers };
}

/** Containers that the case has evidence of, each once. */
function containers({ exhibits, collections }: AnswerSources['data']): TargetRef[] {
  const all = [
    ...exhibits.map(({ target }) => target),
    ...collections.flatMap(({ misses }) => misses.map((one) => one.target)),
  ];
  return [...new Map(all.filter(({ kind }) => kind === 'container').map((one) => [one.id, one])).values()];
}

function containerOf(data: AnswerSources['data'], wanted: string): TargetRef {
  const all = containers(data);
  const found =
    all.find(({ id, name }) => id === wanted || name === wanted) ??
    (wanted.length >= 6 ? all.find(({ id }) => id.startsWith(wanted)) : undefined);
  if (found) return found;
  throw new LadingError('BAD_INPUT', `The case has no evidence of a container ${visible(wanted, { max: 100 })}.`, {
    advice: 'List the exhibits to see of which containers there is evidence.',
  });
}

async function answer(question: Question, sources: AnswerSources, target: TargetRef | undefined): Promise<Answer> {
  const kinds = new Set(question.evidence.flat());
  const concerns = (one: TargetRef) => target === undefined || one.kind !== 'container' || one.id === target.id;
  const exhibits = sources.data.exhibits.filter((one) => kinds.has(one.collector.id) && concerns(one.target));
  const missing = question.evidence.flatMap((any) => missingOf(any, sources, target));
  const points = [
    ...sources.findings.filter((one) => concerns(one.target) && speaks(question, one)).map(pointOf),
    ...((await question.facts?.(factSources(sources, exhibits, target))) ?? []),
  ].sort((a, b) => rank(a) - rank(b));
  const analysed = exhibits.every(({ id }) => sources.analysed.has(id));
  const findings = points.filter(({ finding }) => finding !== undefined);
  const weighty = question.rules.length === 0 ? points : findings.filter(({ status }) => status !== 'dismissed');
  const state: AnswerState =
    weighty.length > 0
      ? 'found'
      : exhibits.length === 0
        ? 'not taken'
        : !analysed
          ? 'not analysed'
          : missing.length > 0
            ? 'partly'
            : 'nothing found';
  return {
    id: question.id,
    question: question.question,
    why: question.why,
    instead: [...question.instead],
    state,
    summary: summaryOf(state, points, exhibits.length, missing, analysed),
    points: points.slice(0, POINTS_MAX),
    more: Math.max(0, points.length - POINTS_MAX),
    exhibits: exhibits.map(({ id }) => id),
    missing,
  };
}

function factSources(
  { db, json }: AnswerSources,
  exhibits: readonly ExhibitSummary[],
  target: TargetRef | undefined,
): FactSources {
  return { exhibits, container: target?.id, json, db };
}

/** Whether a finding is about the question: by its rule, and by its techniques where the rule says more. */
export function speaks({ rules, techniques }: Question, finding: Pick<JudgedFinding, 'rule' | 'techniques'>): boolean {
  const { rule } = finding;
  const ruled = rules.some((one) =>
    /[.-]$/.test(one) ? rule.startsWith(one) : rule === one || rule.startsWith(`${one}-`),
  );
  // the examiner's own findings have no rule: their techniques say to which question they speak
  if (!ruled && rule !== 'examiner') return false;
  if (techniques === undefined) return ruled;
  return finding.techniques.some((id) => techniques.includes(id) || techniques.includes(id.split('.')[0] ?? ''));
}

function pointOf({ id, title, claim, cites, severity, status, target }: JudgedFinding): Point {
  const name = visible(target.name || target.id.slice(0, 12), { max: 80 });
  return { text: `${name}: ${title}. ${claim}`, cites, finding: id, severity, status };
}

/** Confirmed first, then by severity; dismissed last before facts. */
function rank({ finding, severity, status }: Point): number {
  if (finding === undefined || severity === undefined) return 1000;
  return SEVERITIES.indexOf(severity) + (status === 'dismissed' ? 100 : 0);
}

/** What of one line of the question's evidence is not in the case, for each target of its kind. */
function missingOf(any: readonly string[], sources: AnswerSources, only: TargetRef | undefined): Missing[] {
  const { data, catalogue } = sources;
  const first = any[0] ?? '';
  const info = catalogue.find(({ id }) => id === first);
  const held = data.exhibits.filter((one) => any.includes(one.collector.id));
  if (!info) return held.length > 0 ? [] : [{ collector: first, title: IMPORTS[first] ?? first, targets: [] }];
  const targets = targetsOf(info.scope, data, only);
  const misses = data.collections.flatMap((one) => one.misses).filter((one) => any.includes(one.collector));
  const has = (target: TargetRef) =>
    held.some((one) => !one.partial && one.target.kind === target.kind && one.target.id === target.id) ||
    // looked, and there is nothing: that is an answer
    misses.some((one) => one.outcome === 'none' && one.target.kind === target.kind && one.target.id === target.id);
  const lacking =
    targets.length === 0 && held.length === 0
      ? []
      : targets.filter((one) => !has(one) && !heldAnyhow(info.scope, held));
  if (targets.length === 0 && held.length === 0) return [{ collector: first, title: info.title, targets: [] }];
  if (lacking.length === 0) return [];
  const failed = misses
    .filter((one) => one.outcome !== 'none' && lacking.some(({ id }) => id === one.target.id))
    .at(-1);
  return [
    {
      collector: first,
      title: info.title,
      targets: lacking,
      reason: failed && `${failed.outcome}: ${visible(failed.reason, { max: 300 })}`,
    },
  ];
}

/** Evidence of images and volumes is not tied to the containers one by one here: some of it is enough. */
function heldAnyhow(scope: CollectorInfo['scope'], held: readonly ExhibitSummary[]): boolean {
  return (scope === 'image' || scope === 'volume' || scope === 'network') && held.length > 0;
}

/** What a collector of a scope could be run on, as far as the case knows. */
function targetsOf(
  scope: CollectorInfo['scope'],
  data: AnswerSources['data'],
  only: TargetRef | undefined,
): TargetRef[] {
  if (scope === 'container') return only ? [only] : containers(data);
  if (scope === 'host') {
    return data.hosts.map(({ facts }) => ({ kind: 'host', id: facts.id, name: facts.hostname }));
  }
  const all = data.exhibits.map(({ target }) => target).filter(({ kind }) => kind === scope);
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** What no collector takes: it is brought in from files. */
const IMPORTS: Record<string, string> = {
  'import.known-bad': 'Lists of known-bad digests, of indicators, or YARA rules',
  'import.pcap': 'Captured packets',
};

function summaryOf(
  state: AnswerState,
  points: readonly Point[],
  exhibits: number,
  missing: readonly Missing[],
  analysed: boolean,
): string {
  const count = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
  const open =
    missing.length > 0
      ? ` ${count(missing.length, 'kind')} of evidence that could tell more ${missing.length === 1 ? 'is' : 'are'} not in the case.`
      : '';
  const stale = analysed ? '' : ' Some of what was taken is not analysed yet.';
  const findings = points.filter(({ finding }) => finding !== undefined);
  const dismissed = findings.filter(({ status }) => status === 'dismissed').length;
  const facts = points.length - findings.length;
  const said = [
    ...(findings.length > 0
      ? [`${count(findings.length, 'finding')}${dismissed > 0 ? `, ${dismissed} of them dismissed` : ''}`]
      : []),
    ...(facts > 0 ? [count(facts, 'fact')] : []),
  ].join(' and ');
  switch (state) {
    case 'found':
      return `${said} from ${count(exhibits, 'exhibit')}.${open}${stale}`;
    case 'nothing found':
      return `All that this asks for was taken (${count(exhibits, 'exhibit')}) and shows nothing to weigh${said ? ` beyond ${said}` : ''}.`;
    case 'partly':
      return `What was taken (${count(exhibits, 'exhibit')}) shows nothing to weigh${said ? ` beyond ${said}` : ''}.${open}`;
    case 'not analysed':
      return `${count(exhibits, 'exhibit')} ${exhibits === 1 ? 'was' : 'were'} taken and ${exhibits === 1 ? 'is' : 'are'} not analysed yet.${open}`;
    case 'not taken':
      return 'Nothing that could tell is in the case.';
  }
}
