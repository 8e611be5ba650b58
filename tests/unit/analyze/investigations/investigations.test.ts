import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { SCENARIOS } from '../../../../src/main/analyze/investigations';
import {
  type AnswerSources,
  investigate,
  POINTS_MAX,
  speaks,
} from '../../../../src/main/analyze/investigations/answer';
import { compromised } from '../../../../src/main/analyze/investigations/compromised';
import { exfiltration } from '../../../../src/main/analyze/investigations/exfiltration';
import { collectors } from '../../../../src/main/collect/registry';
import { IMPORT_KINDS } from '../../../../src/shared/contract/import';
import type { ExhibitSummary, JudgedFinding, Miss } from '../../../../src/shared/domain';
import { caseOf, WEB } from '../kit';

const MEMBERS = ['import.container-config', 'import.container-log', 'import.image-config'];

async function summaries(...given: Parameters<typeof caseOf>[0]): Promise<ExhibitSummary[]> {
  const { records } = await caseOf(given);
  return records.map((record) => ({ ...record, recordSha256: 'a'.repeat(64) }));
}

const finding = (more: Partial<JudgedFinding>): JudgedFinding => ({
  id: 'F1',
  rule: 'process.reverse-shell',
  ruleVersion: '1',
  attackVersion: 'v19',
  machine: true,
  title: 'A shell is connected',
  severity: 'critical',
  confidence: 'likely',
  techniques: ['T1059.004'],
  target: WEB,
  claim: 'Process 5.',
  benign: 'None.',
  cites: [{ exhibit: 'E0001', locator: 'whole' }],
  status: 'open',
  ...more,
});

function sources(exhibits: ExhibitSummary[], more: Partial<AnswerSources> = {}, misses: Miss[] = []): AnswerSources {
  return {
    data: {
      exhibits,
      hosts: [],
      collections: [
        { id: 'C1', hosts: [], items: 1, begun: '2026-11-25T10:00:00.000Z', state: 'done', exhibits: [], misses },
      ],
    },
    findings: [],
    analysed: new Set(exhibits.map(({ id }) => id)),
    catalogue: collectors(),
    json: async () => undefined,
    ...more,
  };
}

const miss = (collector: string, outcome: Miss['outcome']): Miss => ({
  collection: 'C1',
  collector,
  host: 'local',
  target: WEB,
  outcome,
  reason: `why ${collector}`,
});

describe('the checklists', () => {
  it('ask only for what a collector takes or an import brings', () => {
    const known = new Set([
      ...collectors().map(({ id }) => id),
      ...IMPORT_KINDS.map((kind) => `import.${kind}`),
      ...MEMBERS,
    ]);
    for (const { questions } of SCENARIOS)
      for (const { id, evidence } of questions)
        expect([id, ...evidence.flat().filter((one) => !known.has(one))]).toEqual([id]);
  });

  it('speak of rules that exist, and leave no grave rule unasked', async () => {
    const page = await readFile(new URL('../../../../docs/rules.md', import.meta.url), 'utf8');
    const rules = [...page.matchAll(/^\| `([a-z-]+\.[a-z0-9-]+)` \| \d+ \| .* \| (critical|high) \|/gm)].map(
      ([, id]) => id ?? '',
    );
    const all = [...page.matchAll(/^\| `([a-z-]+\.[a-z0-9-]+)`/gm)].map(([, id]) => id ?? '');
    expect(all.length).toBeGreaterThan(100);
    const questions = SCENARIOS.flatMap((one) => one.questions);
    for (const question of questions)
      for (const rule of question.rules)
        expect([
          rule,
          all.some((id) => speaks({ ...question, rules: [rule], techniques: undefined }, { rule: id, techniques: [] })),
        ]).toEqual([rule, true]);
    const unasked = rules.filter(
      (rule) => !questions.some((question) => speaks({ ...question, techniques: undefined }, { rule, techniques: [] })),
    );
    expect(unasked).toEqual([]);
  });

  it('have each question once', () => {
    for (const { questions } of SCENARIOS) expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
  });
});

describe('an answer', () => {
  it('is “not taken” with what would tell, in a case without evidence', async () => {
    const { answers } = await investigate(compromised, sources([]));
    expect(new Set(answers.map(({ state }) => state))).toEqual(new Set(['not taken']));
    for (const { missing } of answers) expect(missing.length).toBeGreaterThan(0);
  });

  it('is found where a finding speaks to it, the gravest first, and cites what the finding cites', async () => {
    const exhibits = await summaries({ collector: 'container.sockets', content: 'x' });
    const low = finding({ id: 'F2', severity: 'low', rule: 'process.listener', claim: 'Port 9.' });
    const { answers } = await investigate(compromised, sources(exhibits, { findings: [low, finding({})] }));
    const answer = answers.find(({ id }) => id === 'connections');
    expect(answer?.state).toBe('found');
    expect(answer?.points.map((point) => point.finding)).toEqual(['F1', 'F2']);
    expect(answer?.points[0]?.cites).toEqual([{ exhibit: 'E0001', locator: 'whole' }]);
    expect(answers.find(({ id }) => id === 'identity')?.points).toEqual([]);
  });

  it('is not “found” by findings that the examiner dismissed, and shows them last', async () => {
    const exhibits = await summaries({ collector: 'container.sockets', content: 'x' });
    const { answers } = await investigate(
      compromised,
      sources(exhibits, { findings: [finding({ status: 'dismissed' })] }),
    );
    const answer = answers.find(({ id }) => id === 'connections');
    expect(answer?.state).toBe('nothing found');
    expect(answer?.points).toHaveLength(1);
  });

  it('tells “not analysed” from “nothing found”', async () => {
    const exhibits = await summaries({ collector: 'container.sockets', content: 'x' });
    const { answers } = await investigate(compromised, sources(exhibits, { analysed: new Set() }));
    expect(answers.find(({ id }) => id === 'connections')?.state).toBe('not analysed');
  });

  it('takes “looked, and there is nothing” for an answer and a refusal for none', async () => {
    const exhibits = await summaries({ collector: 'container.inspect', content: {} });
    const with_ = async (outcome: Miss['outcome']) => {
      const { answers } = await investigate(compromised, sources(exhibits, {}, [miss('container.sockets', outcome)]));
      return answers.find(({ id }) => id === 'connections')?.missing ?? [];
    };
    expect(await with_('none')).toEqual([]);
    const [denied] = await with_('denied');
    expect(denied).toMatchObject({
      collector: 'container.sockets',
      targets: [WEB],
      reason: 'denied: why container.sockets',
    });
  });

  it('takes a partial exhibit for missing, and any of several ways for taken', async () => {
    const partial = await summaries({ collector: 'container.upper', content: 'x', kind: 'tar', partial: true });
    const missing = async (exhibits: ExhibitSummary[]) => {
      const { answers } = await investigate(exfiltration, sources(exhibits));
      return (answers.find(({ id }) => id === 'reach')?.missing ?? []).map(({ collector }) => collector);
    };
    expect(await missing(partial)).toContain('container.upper');
    expect(await missing(await summaries({ collector: 'container.export', content: 'x', kind: 'tar' }))).not.toContain(
      'container.upper',
    );
  });

  it('reads facts from exhibits with their places, and hides what a name is made of', async () => {
    const inspect = {
      Name: '/we\u001b[2Jb',
      Created: '2026-11-25T09:00:00Z',
      Config: { Image: 'nginx' },
      State: { Status: 'running', StartedAt: '2026-11-25T09:00:01Z', Running: true },
    };
    const exhibits = await summaries({ collector: 'container.inspect', content: inspect });
    const { answers } = await investigate(compromised, sources(exhibits, { json: async () => inspect }));
    const [point] = answers.find(({ id }) => id === 'identity')?.points ?? [];
    expect(point?.text).toContain('image nginx');
    expect(point?.text).not.toContain('\u001b');
    expect(point?.cites).toContainEqual({ exhibit: 'E0001', locator: 'json:/Created' });
  });

  it('gives no fact of JSON that is none or of another form', async () => {
    const exhibits = await summaries({ collector: 'container.inspect', content: '{' });
    for (const value of [undefined, null, [], { Name: 5 }]) {
      const { answers } = await investigate(compromised, sources(exhibits, { json: async () => value }));
      expect(answers.find(({ id }) => id === 'identity')?.points).toEqual([]);
    }
  });

  it('is of one container where one is asked about, by id, name or beginning of the id', async () => {
    const exhibits = await summaries({ collector: 'container.sockets', content: 'x' });
    const other = finding({ id: 'F9', target: { ...WEB, id: 'd'.repeat(64), name: 'db' } });
    for (const target of [WEB.id, WEB.name, WEB.id.slice(0, 12)]) {
      const told = await investigate(compromised, sources(exhibits, { target, findings: [finding({}), other] }));
      expect(told.target?.id).toBe(WEB.id);
      expect(told.answers.flatMap(({ points }) => points.map((point) => point.finding))).not.toContain('F9');
    }
    await expect(investigate(compromised, sources(exhibits, { target: 'nobody' }))).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
  });

  it('gives the first points of very many, and counts the rest', async () => {
    const exhibits = await summaries({ collector: 'container.sockets', content: 'x' });
    const findings = Array.from({ length: POINTS_MAX + 7 }, (_, i) => finding({ id: `F${i}` }));
    const { answers } = await investigate(compromised, sources(exhibits, { findings }));
    const answer = answers.find(({ id }) => id === 'connections');
    expect([answer?.points.length, answer?.more]).toEqual([POINTS_MAX, 7]);
  });
});
