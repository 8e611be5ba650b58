import {
  IconAlertTriangle,
  IconCheck,
  IconCircleDashed,
  IconCircleOff,
  IconLoader2,
  IconPlayerSkipForward,
  IconPlugConnected,
  IconScissors,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { TaskItem } from '../../shared/domain';
import { formatBytes } from './Bytes';
import { ScrollRegion } from './ScrollRegion';
import classes from './TaskItems.module.css';
import { VisibleText } from './VisibleText';

const ICONS: Record<TaskItem['state'], TablerIcon> = {
  waiting: IconCircleDashed,
  running: IconLoader2,
  reconnecting: IconPlugConnected,
  done: IconCheck,
  none: IconCircleOff,
  partial: IconScissors,
  skipped: IconPlayerSkipForward,
  failed: IconAlertTriangle,
  cancelled: IconX,
};

/** What the states mean, for the examiner. */
export const ITEM_STATES: Record<TaskItem['state'], string> = {
  waiting: 'waiting',
  running: 'running',
  reconnecting: 'connecting again',
  done: 'done',
  none: 'nothing there',
  partial: 'partial',
  skipped: 'not possible',
  failed: 'failed',
  cancelled: 'cancelled',
};

const ROW = 26;

/** The lines of a task, virtual; while it runs the line under way stays in sight until the examiner scrolls. */
export function TaskItems({ items, height, follow }: { items: TaskItem[]; height: number; follow?: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const scrolled = useRef(false);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
    getItemKey: (index) => items[index]?.key ?? index,
  });
  const severalHosts = new Set(items.map(({ host }) => host)).size > 1;
  const at = items.findIndex((item) => item.state === 'running');
  useEffect(() => {
    if (follow && at >= 0 && !scrolled.current) rows.scrollToIndex(at, { align: 'center' });
  }, [follow, at, rows]);

  return (
    <ScrollRegion
      ref={box}
      className={classes.box}
      style={{ maxHeight: height }}
      label="Lines of the task"
      onWheel={() => {
        scrolled.current = true;
      }}
    >
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const item = items[row.index];
          if (!item) return null;
          const Icon = ICONS[item.state];
          return (
            <li
              key={item.key}
              style={{ transform: `translateY(${row.start}px)`, height: ROW }}
              className={classes[item.state]}
            >
              <Icon size={14} aria-hidden className={item.state === 'running' ? classes.turning : undefined} />
              <span className={classes.state}>{ITEM_STATES[item.state]}</span>
              <span className={classes.label}>
                <VisibleText text={item.label} max={300} />
                {severalHosts && item.host && (
                  <span className={classes.note}>
                    {' '}
                    on <VisibleText text={item.host} max={80} />
                  </span>
                )}
                {item.note && (
                  <span className={classes.note}>
                    {' '}
                    <VisibleText text={item.note} max={500} />
                  </span>
                )}
              </span>
              <span className={classes.bytes}>{item.bytes > 0 ? formatBytes(item.bytes) : ''}</span>
            </li>
          );
        })}
      </ul>
    </ScrollRegion>
  );
}
