// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid positions its own rows, which <tr> and <td> cannot.
import { Checkbox } from '@mantine/core';
import { type CSSProperties, memo } from 'react';
import classes from '../DataTable.module.css';
import { type DataColumn, shownValue } from './columns';

/** The width of a column's cells: a CSS variable, so that resizing draws no row again. */
export function cellStyle(index: number, grow: boolean | undefined): CSSProperties {
  return { flex: `${grow ? 1 : 0} 0 var(--w${index})`, width: `var(--w${index})`, minWidth: 0 };
}

interface RowProps<T> {
  row: T;
  columns: readonly DataColumn<T>[];
  id: string;
  index: number;
  top: number;
  height: number;
  active: boolean;
  checked: boolean | undefined;
  checkable: boolean;
  onSelect: (row: T) => void;
  onOpen: ((row: T) => void) | undefined;
  onToggle: (row: T) => void;
}

function PlainRow<T>(props: RowProps<T>) {
  const { row, columns, checked } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys.
    <div
      id={props.id}
      className={classes.row}
      role="row"
      tabIndex={-1}
      aria-rowindex={props.index + 2}
      aria-selected={checked ?? props.active}
      data-active={props.active}
      style={{ transform: `translateY(${props.top}px)`, height: props.height }}
      onClick={() => props.onSelect(row)}
      onDoubleClick={() => props.onOpen?.(row)}
    >
      {checked !== undefined && (
        <div className={`${classes.cell} ${classes.check}`} role="gridcell" tabIndex={-1}>
          <Checkbox
            size="xs"
            tabIndex={-1}
            aria-label="Tick this row"
            checked={checked}
            disabled={!props.checkable}
            onChange={() => props.onToggle(row)}
            onClick={(event) => event.stopPropagation()}
          />
        </div>
      )}
      {columns.map((column, index) => {
        const text = column.cell ? undefined : shownValue(column.value(row));
        return (
          <div
            key={column.id}
            className={`${classes.cell} ${column.align === 'end' ? classes.end : ''} ${column.mono ? classes.mono : ''}`}
            role="gridcell"
            tabIndex={-1}
            style={cellStyle(index, column.grow)}
          >
            {column.cell ? (
              column.cell(row)
            ) : (
              <span className={classes.text} title={text}>
                {text}
              </span>
            )}
          </div>
        );
      })}
    </div>
  );
}

/** One row of the grid. (React.memo forgets type parameters.) */
export const Row = memo(PlainRow) as typeof PlainRow;
