// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid positions its own rows, which <table> cannot.
import { Button, Group, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { TimelineFilter, TimelineRow } from '../../../shared/contract/timeline';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { formatUtc } from '../../components/Time';
import { moveByKey } from '../../components/table/keys';
import { KIND_WORDS } from './kinds';
import classes from './timeline.module.css';

interface Props {
  filter: TimelineFilter;
  total: number;
  /** Times as the evidence has them instead of corrected ones. */
  asRecorded: boolean;
  selected: TimelineRow | undefined;
  onSelect: (row: TimelineRow) => void;
}

const HEIGHT = 26;
const PAGE = 200;
/** Rows that can be scrolled over: beyond it the browser's own limit of heights comes near. */
const WINDOW = 1_000_000;

/** The rows that fit, whatever their number: only those in sight are asked for. ↑ ↓ (j k), Page, Home, End move. */
export function Rows({ filter, total, asRecorded, selected, onSelect }: Props) {
  const { path } = useCase();
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const [base, setBase] = useState(0);
  const [active, setActive] = useState(-1);
  const count = Math.min(WINDOW, Math.max(0, total - base));
  const virtual = useVirtualizer({ count, getScrollElement: () => scroller, estimateSize: () => HEIGHT, overscan: 10 });
  const items = virtual.getVirtualItems();
  const first = Math.floor((base + (items[0]?.index ?? 0)) / PAGE);
  const last = Math.floor((base + (items.at(-1)?.index ?? 0)) / PAGE);
  const numbers = total === 0 ? [] : Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const pages = useQueries({
    queries: numbers.map((n) =>
      orpc.timeline.rows.queryOptions({ input: { case: path, filter, offset: n * PAGE, limit: PAGE } }),
    ),
  });
  const rowAt = (index: number): TimelineRow | undefined => {
    const at = base + index;
    return pages[Math.floor(at / PAGE) - first]?.data?.rows[at % PAGE];
  };

  // What the arrows came to is told once its page is there.
  const wanted = useRef(-1);
  const reached = wanted.current < 0 ? undefined : rowAt(wanted.current);
  useEffect(() => {
    if (!reached) return;
    wanted.current = -1;
    onSelect(reached);
  }, [reached, onSelect]);

  const go = (index: number) => {
    setActive(index);
    virtual.scrollToIndex(index, { align: 'auto' });
    const row = rowAt(index);
    if (row) onSelect(row);
    else wanted.current = index;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(event.currentTarget.clientHeight / HEIGHT) - 1);
    const to = moveByKey(event.key, active, count, page);
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  const move = (to: number) => {
    setBase(to);
    setActive(-1);
    scroller?.scrollTo({ top: 0 });
  };

  return (
    <div className={classes.rows}>
      <div
        ref={setScroller}
        className={classes.grid}
        role="grid"
        aria-label="timeline"
        aria-rowcount={total}
        aria-colcount={4}
        aria-activedescendant={active >= 0 ? `timeline-${active}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {items.map((item) => {
            const row = rowAt(item.index);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys.
              <div
                key={item.key}
                id={`timeline-${item.index}`}
                role="row"
                tabIndex={-1}
                aria-rowindex={base + item.index + 1}
                aria-selected={row !== undefined && row.n === selected?.n}
                className={classes.row}
                style={{ transform: `translateY(${item.start}px)`, height: HEIGHT }}
                onClick={() => go(item.index)}
              >
                {row && <Cells row={row} asRecorded={asRecorded} />}
              </div>
            );
          })}
        </div>
        {total === 0 && <div className={classes.none}>No rows match the filters.</div>}
      </div>
      {total > WINDOW && (
        <Group gap="xs" mt={6}>
          <Button
            size="compact-sm"
            variant="default"
            disabled={base === 0}
            onClick={() => move(Math.max(0, base - WINDOW))}
          >
            Earlier
          </Button>
          <Text size="sm">
            Rows {(base + 1).toLocaleString('en')} to {(base + count).toLocaleString('en')} of{' '}
            {total.toLocaleString('en')}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            disabled={base + count >= total}
            onClick={() => move(base + WINDOW)}
          >
            Later
          </Button>
        </Group>
      )}
    </div>
  );
}

function Cells({ row, asRecorded }: { row: TimelineRow; asRecorded: boolean }) {
  const { name, colour } = KIND_WORDS[row.kind];
  return (
    <>
      <div role="gridcell" tabIndex={-1} className={classes.time}>
        {asRecorded ? visible(row.raw, { max: 40 }) : `${formatUtc(row.time, true)} UTC`}
        {/assumed/.test(row.precision) && <span title={row.precision}> ≈</span>}
      </div>
      <div role="gridcell" tabIndex={-1} className={classes.kind}>
        <span className={classes.dot} style={{ background: colour }} aria-hidden />
        {name}
      </div>
      <div role="gridcell" tabIndex={-1} className={classes.target}>
        {visible(row.target.name || row.target.id.slice(0, 12), { max: 60 })}
      </div>
      <div role="gridcell" tabIndex={-1} className={classes.message} title={visible(row.message, { max: 600 })}>
        <span className={classes.desc}>{visible(row.desc, { max: 80 })}</span> {visible(row.message, { max: 300 })}
      </div>
    </>
  );
}
