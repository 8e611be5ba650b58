// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid positions its own rows, which <tbody> cannot.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, useEffect } from 'react';
import classes from '../DataTable.module.css';
import type { DataColumn } from './columns';
import { Row } from './Row';

/** Pixels of the sticky head, which covers the top of what scrolls. */
export const HEAD_HEIGHT = 31;

interface Props<T> {
  /** What scrolls; null until it is laid out. */
  scroller: HTMLDivElement | null;
  rows: readonly T[];
  columns: readonly DataColumn<T>[];
  rowId: (row: T) => string;
  rowHeight: number;
  style: CSSProperties;
  /** Rows get the ids `<base>-<index>`. */
  base: string;
  activeIndex: number;
  checked?: ReadonlySet<string>;
  canCheck?: (row: T) => boolean;
  onSelect: (row: T) => void;
  onOpen?: (row: T) => void;
  onToggle: (row: T) => void;
}

/** The rows in sight. A component of its own, so that scrolling draws nothing else again. */
export function Body<T>(props: Props<T>) {
  const { scroller, rows, rowId, rowHeight, activeIndex, checked, canCheck } = props;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollMargin: HEAD_HEIGHT,
    scrollPaddingStart: HEAD_HEIGHT,
  });
  useEffect(() => {
    if (scroller && activeIndex >= 0) virtual.scrollToIndex(activeIndex, { align: 'auto' });
  }, [scroller, activeIndex, virtual]);
  return (
    <div className={classes.body} role="rowgroup" style={{ ...props.style, height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => {
        const row = rows[item.index];
        if (!row) return null;
        const id = rowId(row);
        return (
          <Row
            key={id}
            row={row}
            columns={props.columns}
            id={`${props.base}-${item.index}`}
            index={item.index}
            top={item.start - HEAD_HEIGHT}
            height={rowHeight}
            active={item.index === activeIndex}
            checked={checked ? checked.has(id) : undefined}
            checkable={canCheck?.(row) !== false}
            onSelect={props.onSelect}
            onOpen={props.onOpen}
            onToggle={props.onToggle}
          />
        );
      })}
    </div>
  );
}
