import { useLocalStorage } from '@mantine/hooks';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import classes from './SplitView.module.css';

interface Props {
  /** Under this name the width is remembered. */
  name: string;
  list: ReactNode;
  /** Without it the list has the whole width. */
  detail?: ReactNode;
  /** The detail has the whole width; the list keeps its state, out of sight. */
  wide?: boolean;
}

const MIN = 20;
const MAX = 75;
const clamp = (percent: number) => Math.min(MAX, Math.max(MIN, Math.round(percent)));

/** A list and beside it the one thing chosen from it. The list stays as it is (filters, place) when a detail opens or closes. */
export function SplitView({ name, list, detail, wide = false }: Props) {
  const rootRef = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useLocalStorage({
    key: `lading.split.${name}`,
    defaultValue: 44,
    getInitialValueInEffect: false,
  });
  const both = detail !== undefined && !wide;
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const box = rootRef.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    setWidth(clamp((100 * (event.clientX - box.left)) / box.width));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowLeft' ? -4 : event.key === 'ArrowRight' ? 4 : 0;
    if (by === 0) return;
    event.preventDefault();
    setWidth(clamp(width + by));
  };
  return (
    <div ref={rootRef} className={classes.root}>
      <div
        className={classes.list}
        data-alone={detail === undefined}
        data-hidden={detail !== undefined && wide}
        style={both ? { width: `${width}%` } : undefined}
      >
        {list}
      </div>
      {both && (
        // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved; this is the ARIA window splitter pattern.
        <div
          className={classes.handle}
          role="separator"
          tabIndex={0}
          aria-label="Width of the list"
          aria-orientation="vertical"
          aria-valuenow={width}
          aria-valuemin={MIN}
          aria-valuemax={MAX}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={onPointerMove}
          onKeyDown={onKeyDown}
          onDoubleClick={() => setWidth(44)}
        />
      )}
      {detail !== undefined && <div className={classes.detail}>{detail}</div>}
    </div>
  );
}
