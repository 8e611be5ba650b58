import type { ReactNode } from 'react';
import { visible } from '../../../shared/visible';

/** What a cell is sorted, filtered, searched and copied by. */
export type CellValue = string | number | boolean | null | undefined;

/** A column of a DataTable. Define the list outside the component or in useMemo: a new list remakes the table. */
export interface DataColumn<T> {
  id: string;
  header: string;
  /** Sorted, filtered, searched and copied by. */
  value: (row: T) => CellValue;
  /** How it is shown; without it the value, with hidden characters made visible. */
  cell?: (row: T) => ReactNode;
  /** Pixels; 140 without it. */
  width?: number;
  /** Takes what width is left over. */
  grow?: boolean;
  align?: 'start' | 'end';
  mono?: boolean;
  /** Offers a filter of the values that occur. */
  facet?: boolean;
  /** The values of a row for that filter, where one cell holds several. */
  facetValues?: (row: T) => readonly string[];
  /** An order of its own, where that of the value says nothing (severity). */
  order?: (a: T, b: T) => number;
}

/** A value as a text to show. */
export function shownValue(value: CellValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return visible(String(value), { max: 500 });
}

/** Rows as tab-separated lines with a header, for the clipboard; hidden characters are made visible, so one row is one line. */
export function asTsv<T>(rows: readonly T[], columns: readonly DataColumn<T>[]): string {
  const lines = rows.map((row) => columns.map((column) => shownValue(column.value(row))).join('\t'));
  return [columns.map((column) => column.header).join('\t'), ...lines].join('\n');
}
