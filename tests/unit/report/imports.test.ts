import { describe, expect, it } from 'vitest';
import { imports } from '../../../src/main/report/content/imports';
import { fixture } from './fixture';

function entry(action: string, details: object) {
  const [any] = fixture().ledger;
  if (!any) throw new Error('the fixture has no ledger');
  return { ...any, action, subject: 'I7', details: JSON.parse(JSON.stringify(details)) };
}

describe("the report's imports", () => {
  it('say who gave what, what it was taken for, and what became of it', () => {
    const item = {
      path: '/media/stick/docker.tar.gz',
      state: 'stored',
      kind: 'data-root',
      why: "it has an engine's containers or images",
      exhibit: 'E0001',
      members: 9,
      bytes: 1000,
      notes: ['x\u001b[2J'],
    };
    const ledger = [
      entry('import.begun', { from: 'A. Admin, 25 November', note: 'sealed bag 12', paths: [item.path] }),
      entry('import.ended', { state: 'done', exhibits: 10, referred: 0, bytes: 2000, items: [item] }),
    ];
    const text = JSON.stringify(imports({ ...fixture(), ledger }));
    for (const part of ['A. Admin, 25 November', 'sealed bag 12', item.path, 'data-root', 'E0001', '9 exhibits']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('completed');
    expect(text).not.toContain('\\u001b');
  });

  it('say that nobody was named, and that one did not end', () => {
    const text = JSON.stringify(imports({ ...fixture(), ledger: [entry('import.begun', { paths: ['/x'] })] }));
    expect(text).toContain('not said by whom');
    expect(text).toContain('not ended');
    expect(text).toContain('/x');
  });

  it('are left out where nothing was imported', () => {
    expect(imports(fixture())).toEqual([]);
  });
});
