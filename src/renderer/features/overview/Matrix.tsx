import { Anchor, Popover, Stack, Text } from '@mantine/core';
import {
  IconCheck,
  IconCircleOff,
  IconLoader2,
  IconMinus,
  IconPercentage50,
  IconX,
  type TablerIcon,
} from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import { visible } from '../../../shared/visible';
import { EmptyState } from '../../components/EmptyState';
import { ScrollRegion } from '../../components/ScrollRegion';
import { VisibleText } from '../../components/VisibleText';
import { exhibitRoute, exhibitsRoute, href } from '../../navigate';
import type { Cell, CellState, Matrix as Data, Row } from './matrix';
import classes from './overview.module.css';

const SHOWN: Record<CellState, { icon: TablerIcon; words: string }> = {
  done: { icon: IconCheck, words: 'taken' },
  partial: { icon: IconPercentage50, words: 'partly taken' },
  miss: { icon: IconX, words: 'could not be taken' },
  nothing: { icon: IconCircleOff, words: 'looked, nothing there' },
  open: { icon: IconMinus, words: 'not taken' },
  running: { icon: IconLoader2, words: 'being taken' },
  unfit: { icon: IconMinus, words: 'no collector for this' },
};

const LEGEND: CellState[] = ['done', 'partial', 'miss', 'nothing', 'open'];
const ROW = 32;

/** Hosts and containers against kinds of evidence; each cell says on demand what was taken and why not. */
export function Matrix({ matrix }: { matrix: Data }) {
  const { columns, rows } = matrix;
  const box = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  if (rows.length === 0) {
    return (
      <EmptyState title="Nothing is known yet">
        Connect to a host; its containers appear here, with what was taken of each.
      </EmptyState>
    );
  }
  const virtual = virtualizer.getVirtualItems();
  const before = virtual[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (virtual.at(-1)?.end ?? 0);
  return (
    <>
      <ScrollRegion ref={box} className={classes.matrixBox} label="What was taken of which target">
        <table className={classes.matrix} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              <th scope="col" className={classes.corner}>
                Target
              </th>
              {columns.map((column) => (
                <th scope="col" key={column}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && (
              <tr aria-hidden>
                <td colSpan={columns.length + 1} style={{ height: before }} />
              </tr>
            )}
            {virtual.map((item) => {
              const row = rows[item.index];
              if (!row) return null;
              return (
                <tr
                  key={row.key}
                  aria-rowindex={item.index + 2}
                  style={{ height: ROW }}
                  className={row.target.kind === 'host' ? classes.hostRow : undefined}
                >
                  <th scope="row" title={visible(row.target.name)}>
                    {row.target.kind === 'host' ? (
                      <>
                        <VisibleText text={row.hostname} max={80} /> <small>host and engine</small>
                      </>
                    ) : (
                      <>
                        <Anchor href={href(exhibitsRoute({ target: row.target.id }))} inherit>
                          <VisibleText text={row.target.name || row.target.id.slice(0, 12)} max={80} />
                        </Anchor>{' '}
                        {row.state && (
                          <small>
                            <VisibleText text={row.state} max={20} />
                          </small>
                        )}
                      </>
                    )}
                  </th>
                  {columns.map((column) => {
                    const cell = row.cells.get(column);
                    return <td key={column}>{cell && <CellButton cell={cell} row={row} column={column} />}</td>;
                  })}
                </tr>
              );
            })}
            {after > 0 && (
              <tr aria-hidden>
                <td colSpan={columns.length + 1} style={{ height: after }} />
              </tr>
            )}
          </tbody>
        </table>
      </ScrollRegion>
      <ul className={classes.legend} aria-label="Legend">
        {LEGEND.map((state) => {
          const { icon: Icon, words } = SHOWN[state];
          return (
            <li key={state}>
              <Icon size={14} className={classes[state]} aria-hidden /> {words}
            </li>
          );
        })}
      </ul>
    </>
  );
}

function CellButton({ cell, row, column }: { cell: Cell; row: Row; column: string }) {
  const [opened, setOpened] = useState(false);
  const { icon: Icon, words } = SHOWN[cell.state];
  if (cell.state === 'unfit') return <span className="l-sr-only">{words}</span>;
  const count = cell.exhibits.length;
  const button = (
    <button
      type="button"
      className={`${classes.cell} ${classes[cell.state]}`}
      aria-label={`${column} of ${visible(row.target.name || row.hostname, { max: 60 })}: ${words}${count > 0 ? `, ${count} exhibits` : ''}`}
      title={words}
      onClick={() => setOpened((was) => !was)}
    >
      <Icon size={15} aria-hidden className={cell.state === 'running' ? classes.turning : undefined} />
      {count > 0 && <span>{count}</span>}
    </button>
  );
  if (!opened) return button;
  return (
    <Popover opened onChange={setOpened} width={380} trapFocus returnFocus>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown aria-label={`${column}: ${words}`}>
        <Stack gap={6} className={classes.cellDetail}>
          {cell.exhibits.slice(0, 30).map((exhibit) => (
            <Text size="sm" key={exhibit.id} component="div">
              <Anchor href={href(exhibitRoute(exhibit.id))} inherit>
                {exhibit.id}
              </Anchor>{' '}
              <VisibleText text={exhibit.title} max={120} />
              {exhibit.partial && (
                <Text size="xs" c="dimmed" component="div">
                  partial: <VisibleText text={exhibit.reason ?? 'no reason was recorded'} max={300} />
                </Text>
              )}
            </Text>
          ))}
          {cell.exhibits.length > 30 && (
            <Anchor size="sm" href={href(exhibitsRoute({ target: row.target.id }))}>
              and {cell.exhibits.length - 30} more
            </Anchor>
          )}
          {cell.misses.slice(0, 20).map((miss) => (
            <Text size="sm" key={`${miss.collection} ${miss.collector} ${miss.reason}`} component="div">
              {miss.collector}: {miss.outcome === 'none' ? 'nothing there' : miss.outcome}
              <Text size="xs" c="dimmed" component="div">
                <VisibleText text={miss.reason} max={400} />
              </Text>
            </Text>
          ))}
          {cell.untouched.length > 0 && (
            <Text size="xs" c="dimmed">
              Not taken: {cell.untouched.join(', ')}.{' '}
              <Anchor href={href('collect')} inherit underline="always">
                Collect
              </Anchor>
            </Text>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
