import { describe, expect, it } from 'vitest';
import { asTsv, type DataColumn, shownValue } from '../../../src/renderer/components/table/columns';
import { countFacet, createSearch, parseTerms, passesFacets } from '../../../src/renderer/components/table/filter';
import { moveByKey } from '../../../src/renderer/components/table/keys';
import { sortRows } from '../../../src/renderer/components/table/sort';

interface Item {
  id: string;
  size?: number;
  tags: string[];
}
const id: DataColumn<Item> = { id: 'id', header: 'Id', value: (row) => row.id };
const size: DataColumn<Item> = { id: 'size', header: 'Size', value: (row) => row.size };
const tags: DataColumn<Item> = {
  id: 'tags',
  header: 'Tags',
  value: (row) => row.tags.join(),
  facetValues: (row) => row.tags,
};
const columns = [id, size, tags];
const rows: Item[] = [
  { id: 'E10', size: 5, tags: ['T1', 'T2'] },
  { id: 'e9', tags: ['T2'] },
  { id: 'E0002', size: 100, tags: [] },
];
const ids = (some: readonly Item[]) => some.map((row) => row.id);

describe('sorting', () => {
  it('counts numbers in texts as numbers, without regard to case', () => {
    expect(ids(sortRows(rows, id, false))).toEqual(['E0002', 'e9', 'E10']);
    expect(ids(sortRows(rows, id, true))).toEqual(['E10', 'e9', 'E0002']);
  });

  it('puts what is absent last in both directions, and leaves its input alone', () => {
    expect(ids(sortRows(rows, size, false))).toEqual(['E10', 'E0002', 'e9']);
    expect(ids(sortRows(rows, size, true))).toEqual(['E0002', 'E10', 'e9']);
    expect(ids(rows)).toEqual(['E10', 'e9', 'E0002']);
  });

  it('keeps the order of equals', () => {
    const same = Array.from({ length: 50 }, (_, n) => ({ id: `r${n}`, size: n % 2, tags: [] }));
    const odd = sortRows(same, size, true).slice(0, 25);
    expect(ids(odd)).toEqual(ids(same.filter((row) => row.size === 1)));
  });
});

describe('searching', () => {
  it('asks for every word, takes phrases in quotes, excludes with a minus', () => {
    expect(parseTerms('  Foo "two words" -bar -"b c" - ')).toEqual([
      { term: 'foo', exclude: false },
      { term: 'two words', exclude: false },
      { term: 'bar', exclude: true },
      { term: 'b c', exclude: true },
    ]);
    const matches = createSearch(columns);
    const found = (text: string) => ids(rows.filter((row) => matches(row, parseTerms(text))));
    expect(found('t2 e')).toEqual(['E10', 'e9']);
    expect(found('t2 -100 -e9')).toEqual(['E10']);
    expect(found('')).toHaveLength(3);
    expect(found('"unended')).toEqual([]);
  });

  it('filters by any of the chosen values, and counts them', () => {
    const pass = (chosen: string[]) => ids(rows.filter((row) => passesFacets(row, columns, { tags: new Set(chosen) })));
    expect(pass(['T1'])).toEqual(['E10']);
    expect(pass(['T2', '(none)'])).toEqual(['E10', 'e9', 'E0002']);
    expect(pass([])).toHaveLength(3);
    expect(countFacet(rows, tags)).toEqual([
      { value: 'T2', count: 2 },
      { value: 'T1', count: 1 },
      { value: '(none)', count: 1 },
    ]);
    expect(ids(rows.filter((row) => passesFacets(row, columns, { tags: new Set(['T1']) }, 'tags')))).toHaveLength(3);
  });
});

describe('showing and copying', () => {
  it('makes hidden characters visible, so that one row is one line of the clipboard', () => {
    const evil = { id: 'a\tb\nc\u202e', tags: [] };
    expect(asTsv([evil], [id, size])).toBe('Id\tSize\na␉b␊c<U+202E>\t');
    expect(shownValue(false)).toBe('no');
    expect(shownValue(undefined)).toBe('');
  });
});

describe('moveByKey', () => {
  it('stays inside the list', () => {
    expect(moveByKey('ArrowDown', -1, 3, 2)).toBe(0);
    expect(moveByKey('ArrowUp', 0, 3, 2)).toBe(0);
    expect(moveByKey('PageDown', 2, 3, 2)).toBe(2);
    expect(moveByKey('End', -1, 3, 2)).toBe(2);
    expect(moveByKey('ArrowDown', -1, 0, 2)).toBeUndefined();
    expect(moveByKey('x', 1, 3, 2)).toBeUndefined();
  });
});
