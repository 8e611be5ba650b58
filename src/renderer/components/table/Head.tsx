// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid positions its own rows, which <tr> and <th> cannot.
import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import classes from '../DataTable.module.css';
import type { DataColumn } from './columns';
import { cellStyle } from './Row';

/** A column's head, with what can be done there. */
export interface HeadCell<T> {
  column: DataColumn<T>;
  order: 'asc' | 'desc' | false;
  onSort: () => void;
  onResize: (by: number) => void;
  /** Begins a drag of the right edge. */
  onGrip: (event: unknown) => void;
}

interface Props<T> {
  label: string;
  cells: readonly HeadCell<T>[];
  style: CSSProperties;
  /** The box that ticks all rows shown; absent where rows are not ticked. */
  check?: { all: boolean; some: boolean; disabled: boolean; onChange: () => void };
}

/** The sticky first row: sorts on a click, resizes by its edges or with Alt+←/→. */
export function Head<T>({ label, cells, style, check }: Props<T>) {
  return (
    <div className={classes.head} role="rowgroup" style={style}>
      <div className={classes.headRow} role="row" aria-rowindex={1} tabIndex={-1}>
        {check && (
          <div className={`${classes.cell} ${classes.check}`} role="columnheader" tabIndex={-1}>
            <Checkbox
              size="xs"
              aria-label={`Tick all ${label} shown`}
              checked={check.all}
              indeterminate={!check.all && check.some}
              disabled={check.disabled}
              onChange={check.onChange}
            />
          </div>
        )}
        {cells.map(({ column, order, onSort, onResize, onGrip }, index) => (
          <div
            key={column.id}
            className={classes.headCell}
            role="columnheader"
            aria-sort={order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none'}
            style={cellStyle(index, column.grow)}
            tabIndex={-1}
          >
            <button
              type="button"
              className={`${classes.sort} ${column.align === 'end' ? classes.end : ''}`}
              title={`Sort by ${column.header}; Alt+← and Alt+→ change the width`}
              onClick={onSort}
              onKeyDown={(event) => {
                if (!event.altKey || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return;
                event.preventDefault();
                onResize(event.key === 'ArrowLeft' ? -16 : 16);
              }}
            >
              <span className={classes.text}>{column.header}</span>
              {order === 'asc' && <IconArrowUp size={13} aria-hidden />}
              {order === 'desc' && <IconArrowDown size={13} aria-hidden />}
            </button>
            <div className={classes.grip} aria-hidden onMouseDown={onGrip} onTouchStart={onGrip} />
          </div>
        ))}
      </div>
    </div>
  );
}
