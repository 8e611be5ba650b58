import type { CellValue, DataColumn } from './columns';

/** Values chosen by column id; an absent or empty set lets everything pass. */
export type FacetChoice = Readonly<Record<string, ReadonlySet<string>>>;

/** A search text's terms: words, or "quoted phrases"; a leading minus excludes. All must hold. */
export function parseTerms(text: string): { term: string; exclude: boolean }[] {
  const terms: { term: string; exclude: boolean }[] = [];
  for (const match of text.toLowerCase().matchAll(/(-?)(?:"([^"]+)"?|(\S+))/g)) {
    const term = match[2] ?? match[3] ?? '';
    if (term !== '' && term !== '-') terms.push({ term, exclude: match[1] === '-' });
  }
  return terms;
}

/** The values a row has for a column's filter. */
function facetsOf<T>(row: T, column: DataColumn<T>): readonly string[] {
  const several = column.facetValues?.(row);
  if (several === undefined) return [facetValue(column.value(row))];
  return several.length > 0 ? several : [facetValue(undefined)];
}

export function facetValue(value: CellValue): string {
  if (value === null || value === undefined || value === '') return '(none)';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return String(value);
}

/** Remembers each row's searched text, so that typing over a hundred thousand rows only compares. */
export function createSearch<T extends object>(columns: readonly DataColumn<T>[]) {
  const texts = new WeakMap<T, string>();
  const textOf = (row: T) => {
    let text = texts.get(row);
    if (text === undefined) {
      text = columns
        .map((column) => column.value(row) ?? '')
        .join('\n')
        .toLowerCase();
      texts.set(row, text);
    }
    return text;
  };
  return (row: T, terms: { term: string; exclude: boolean }[]) =>
    terms.every(({ term, exclude }) => textOf(row).includes(term) !== exclude);
}

/** Whether a row has one of the chosen values in every column that has a choice, but for the column `except`. */
export function passesFacets<T>(
  row: T,
  columns: readonly DataColumn<T>[],
  choice: FacetChoice,
  except?: string,
): boolean {
  return columns.every((column) => {
    const chosen = choice[column.id];
    if (column.id === except || chosen === undefined || chosen.size === 0) return true;
    return facetsOf(row, column).some((value) => chosen.has(value));
  });
}

/** The values of one column with how many rows have each, most first. */
export function countFacet<T>(rows: readonly T[], column: DataColumn<T>): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const row of rows) {
    for (const value of facetsOf(row, column)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
