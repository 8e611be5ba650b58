import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/main/report/model';
import type { Block } from '../../../src/main/report/types';
import type { Investigation } from '../../../src/shared/contract/investigations';
import { fixture } from './fixture';
import { ALL_HOSTILE } from './hostile';

function investigation(text: string): Investigation {
  const [exhibit] = fixture().records;
  const [found] = fixture().findings;
  return {
    id: 'malware',
    title: 'Malware',
    about: 'Something may run.',
    answers: [
      {
        id: 'known',
        question: 'Is anything of it known?',
        why: '',
        instead: [],
        state: 'found',
        summary: `2 points. ${text}`,
        points: [
          { text, cites: found?.cites ?? [], finding: found?.id, severity: 'high', status: 'open' },
          { text: `fact ${text}`, cites: [{ exhibit: exhibit?.id ?? '', locator: `json:/${text}` }] },
        ],
        more: 5,
        exhibits: [],
        missing: [
          { collector: 'x', title: 'Memory', targets: [{ kind: 'container', id: 'c', name: text }], reason: text },
        ],
      },
    ],
  };
}

function section(blocks: Block[]): string {
  return JSON.stringify(blocks);
}

const blocksOf = (...investigations: Investigation[]) =>
  buildModel({ ...fixture(), investigations }).sections.find(({ id }) => id === 'investigations')?.blocks ?? [];

describe('the section of investigations', () => {
  it('names findings by their number in the report, facts with their place, and what is missing', () => {
    const text = section(blocksOf(investigation('web')));
    expect(text).toMatch(/Findings F\d/);
    expect(text).toContain('fact web');
    expect(text).toContain('json:/web');
    expect(text).toContain('Memory of web (web)');
    expect(text).toContain('and 5 more points');
  });

  it('says that none was gone through', () => expect(section(blocksOf())).toContain('No checklist'));

  it('shows nothing hostile as it is', () => {
    const text = section(blocksOf(investigation(ALL_HOSTILE)));
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069]|\\u001b|\\u0000/);
  });
});
