// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid positions its own rows, which <table>, <tr> and <td> cannot.
import {
  columnResizingFeature,
  columnSizingFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type KeyboardEvent, type ReactNode, useCallback, useId, useMemo, useRef, useState } from 'react';
import { showError } from '../errors';
import classes from './DataTable.module.css';
import { Body, HEAD_HEIGHT } from './table/Body';
import { asTsv, type CellValue, type DataColumn } from './table/columns';
import type { FacetChoice } from './table/filter';
import { Head, type HeadCell } from './table/Head';
import { moveByKey } from './table/keys';
import { sortRows } from './table/sort';
import { Toolbar } from './table/Toolbar';
import { useFiltered } from './table/useFiltered';

export type { DataColumn } from './table/columns';

export interface DataTableProps<T extends object> {
  /** What the rows are, for screen readers and the search field: 'exhibits'. */
  label: string;
  rows: readonly T[];
  columns: readonly DataColumn<T>[];
  rowId: (row: T) => string;
  /** The row shown in a detail pane. */
  selectedId?: string;
  /** Arrow keys and a click: the row becomes the selected one. */
  onSelect?: (row: T) => void;
  /** Enter and a double click. */
  onOpen?: (row: T) => void;
  /** Rows ticked for something that is done to several; with it a column of check boxes. Space ticks, Ctrl+A all shown. */
  checked?: ReadonlySet<string>;
  onChecked?: (ids: ReadonlySet<string>) => void;
  canCheck?: (row: T) => boolean;
  sort?: { id: string; desc: boolean };
  /** Facets chosen at first. */
  initialChoice?: FacetChoice;
  /** Put at the right end of the bar above the table. */
  extra?: ReactNode;
  /** No bar above the table. */
  bare?: boolean;
  /** Shown where there are no rows at all. */
  empty?: ReactNode;
  rowHeight?: number;
}

const CHECK = 36;
const MIN_WIDTH = 48;
const features = tableFeatures({
  columnSizingFeature,
  columnResizingFeature,
  rowSortingFeature,
});

/**
 * A grid of any number of rows: only those in sight are in the document. Sort by the headers, filter by text and by the
 * values of facet columns, resize by the header's edge or Alt+←/→ on the header. On the grid: ↑ ↓ (j k), Page, Home, End
 * move; Enter opens; Space ticks; Ctrl+C copies the row (or the ticked rows); Ctrl+F goes to the search.
 * Fills its parent's height.
 */
export function DataTable<T extends object>(props: DataTableProps<T>) {
  const { rows, columns, rowId, onSelect, onOpen, checked, onChecked, canCheck, rowHeight = 30 } = props;
  const base = useId();
  // State, not a ref: the rows below are laid out again when the element is there.
  const [grid, setGrid] = useState<HTMLDivElement | null>(null);
  const searchRef = useRef<HTMLInputElement>(null);
  const [ownActive, setOwnActive] = useState<string>();
  const activeId = props.selectedId ?? ownActive;

  // TanStack Table keeps the columns' widths and the sort state. Rows are sorted and filtered here, as plain data: a row
  // object for each of a hundred thousand rows costs seconds.
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        accessorFn: (row: T): CellValue => column.value(row),
        size: column.width ?? 140,
        minSize: MIN_WIDTH,
        sortDescFirst: false,
      })),
    [columns],
  );
  const [noRows] = useState<T[]>([]);
  const table = useTable({
    features,
    columns: definitions,
    data: noRows,
    columnResizeMode: 'onChange',
    manualSorting: true,
    initialState: { sorting: props.sort ? [props.sort] : [] },
  });
  const [sorting] = table.state.sorting;
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const sortId = sorting?.id;
  const descending = sorting?.desc ?? false;
  const ordered = useMemo(() => {
    const column = sortId === undefined ? undefined : byId.get(sortId);
    return column ? sortRows(rows, column, descending) : rows;
  }, [rows, byId, sortId, descending]);
  const {
    text,
    setText,
    choice,
    setChoice,
    filtered: shown,
    rowsWithout,
  } = useFiltered(ordered, columns, props.initialChoice);

  const activeIndex = useMemo(
    () => (activeId === undefined ? -1 : shown.findIndex((row) => rowId(row) === activeId)),
    [shown, activeId, rowId],
  );
  const choose = useCallback(
    (row: T) => {
      setOwnActive(rowId(row));
      onSelect?.(row);
    },
    [rowId, onSelect],
  );
  const toggle = useCallback(
    (row: T) => {
      if (!checked || !onChecked || canCheck?.(row) === false) return;
      const next = new Set(checked);
      if (!next.delete(rowId(row))) next.add(rowId(row));
      onChecked(next);
    },
    [checked, onChecked, canCheck, rowId],
  );
  const ticks = useMemo(() => {
    const ids = checked ? shown.filter((row) => canCheck?.(row) !== false).map(rowId) : [];
    const count = ids.reduce((sum, id) => sum + Number(checked?.has(id)), 0);
    return { ids, all: ids.length > 0 && count === ids.length, some: count > 0 };
  }, [checked, shown, canCheck, rowId]);
  const toggleAll = () => {
    const next = new Set(checked);
    for (const id of ticks.ids) {
      if (ticks.all) next.delete(id);
      else next.add(id);
    }
    onChecked?.(next);
  };

  const go = (index: number) => {
    const row = shown[index];
    if (row) choose(row);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key === 'f' && !props.bare) {
      event.preventDefault();
      searchRef.current?.select();
      return;
    }
    // Keys in a header button or a cell's own control are theirs.
    if (event.target !== event.currentTarget) return;
    const current = shown[activeIndex];
    const page = Math.max(1, Math.floor((event.currentTarget.clientHeight - HEAD_HEIGHT) / rowHeight) - 1);
    const to = command || event.altKey ? undefined : moveByKey(event.key, activeIndex, shown.length, page);
    if (to !== undefined) go(to);
    else if (event.altKey) return;
    else if (command && event.key === 'a' && checked) toggleAll();
    else if (command && event.key === 'c' && window.getSelection()?.isCollapsed !== false) copyRows(current);
    else if (!command && event.key === 'Enter' && current) onOpen?.(current);
    else if (!command && event.key === ' ' && current) toggle(current);
    else return;
    event.preventDefault();
  };
  const copyRows = (current: T | undefined) => {
    const ticked = checked ? shown.filter((row) => checked.has(rowId(row))) : [];
    const copied = ticked.length > 0 ? ticked : current ? [current] : [];
    if (copied.length > 0) {
      navigator.clipboard
        .writeText(asTsv(copied, columns))
        .catch((error: unknown) => showError(error, 'It could not be copied'));
    }
  };

  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const width = headers.reduce((sum, header) => sum + header.getSize(), checked ? CHECK : 0);
  const sizes: Record<string, string> = { minWidth: `${width}px` };
  for (const [index, header] of headers.entries()) sizes[`--w${index}`] = `${header.getSize()}px`;
  const cells = headers.flatMap((header): HeadCell<T>[] => {
    const { id } = header.column;
    const column = byId.get(id);
    if (!column) return [];
    return [
      {
        column,
        order: header.column.getIsSorted(),
        onSort: () => header.column.toggleSorting(),
        onResize: (by) =>
          table.setColumnSizing((old) => ({ ...old, [id]: Math.max(MIN_WIDTH, header.getSize() + by) })),
        onGrip: header.getResizeHandler(),
      },
    ];
  });

  return (
    <div className={classes.root}>
      {!props.bare && (
        <Toolbar
          label={props.label}
          search={text}
          searchRef={searchRef}
          onSearch={setText}
          columns={columns}
          choice={choice}
          onChoice={setChoice}
          rowsWithout={rowsWithout}
          shown={shown.length}
          total={rows.length}
          checked={checked?.size}
          onLeave={() => {
            grid?.focus();
            if (activeIndex < 0) go(0);
          }}
          extra={props.extra}
        />
      )}
      <div className={classes.frame}>
        {/* Focus stays on the grid and aria-activedescendant names the row: rows come and go while scrolling. */}
        <div
          ref={setGrid}
          className={classes.grid}
          role="grid"
          aria-label={props.label}
          aria-rowcount={shown.length + 1}
          aria-colcount={columns.length + (checked ? 1 : 0)}
          aria-multiselectable={checked ? true : undefined}
          aria-activedescendant={activeIndex >= 0 ? `${base}-${activeIndex}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <Head
            label={props.label}
            cells={cells}
            style={sizes}
            check={
              checked && {
                all: ticks.all,
                some: ticks.some,
                disabled: ticks.ids.length === 0,
                onChange: toggleAll,
              }
            }
          />
          {shown.length > 0 && (
            <Body
              scroller={grid}
              rows={shown}
              columns={columns}
              rowId={rowId}
              rowHeight={rowHeight}
              style={sizes}
              base={base}
              activeIndex={activeIndex}
              checked={checked}
              canCheck={canCheck}
              onSelect={choose}
              onOpen={onOpen}
              onToggle={toggle}
            />
          )}
        </div>
        {shown.length === 0 && (
          <div className={classes.empty}>
            {rows.length === 0 ? (props.empty ?? `No ${props.label}.`) : `No ${props.label} match the filters.`}
          </div>
        )}
      </div>
    </div>
  );
}
