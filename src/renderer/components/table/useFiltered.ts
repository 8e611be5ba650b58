import { useCallback, useDeferredValue, useMemo, useState } from 'react';
import type { DataColumn } from './columns';
import { createSearch, type FacetChoice, parseTerms, passesFacets } from './filter';

/** The rows that pass the search text and the chosen facets. The search runs behind the typing, so that typing never lags. */
export function useFiltered<T extends object>(
  rows: readonly T[],
  columns: readonly DataColumn<T>[],
  initialChoice: FacetChoice = {},
) {
  const [text, setText] = useState('');
  const [choice, setChoice] = useState<FacetChoice>(initialChoice);
  const deferred = useDeferredValue(text);
  const matches = useMemo(() => createSearch(columns), [columns]);
  const found = useMemo(() => {
    const terms = parseTerms(deferred);
    return terms.length === 0 ? rows : rows.filter((row) => matches(row, terms));
  }, [rows, matches, deferred]);
  const filtered = useMemo(() => found.filter((row) => passesFacets(row, columns, choice)), [found, columns, choice]);
  /** The rows that pass every filter but that of one column: what its own list counts. */
  const rowsWithout = useCallback(
    (column: string) => found.filter((row) => passesFacets(row, columns, choice, column)),
    [found, columns, choice],
  );
  return { text, setText, choice, setChoice, filtered, rowsWithout };
}
