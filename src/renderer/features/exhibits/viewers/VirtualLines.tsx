import { Button, Text } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { moveByKey } from '../../../components/table/keys';
import { showError } from '../../../errors';
import classes from './viewers.module.css';

interface Props<L> {
  label: string;
  /** Lines known so far. */
  count: number;
  /** A line by its number from 0. */
  load: (n: number) => Promise<L | undefined>;
  render: (line: L) => ReactNode;
  /** The line a citation or a hit points at, from 0. */
  marked?: number;
  active?: number;
  onActive?: (n: number) => void;
  wrap: boolean;
}

const ROW = 20;
/** A browser lays out some 33 million pixels and no more: longer files are shown in parts. */
const PART = 1_000_000;

/** Numbered lines of a file of any size; only those in sight are loaded. */
export function VirtualLines<L>({ count, load, render, marked, active, onActive, wrap, label }: Props<L>) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const [part, setPart] = useState(0);
  const [loaded, setLoaded] = useState<ReadonlyMap<number, L>>(new Map());
  const first = part * PART;
  const shown = Math.min(PART, Math.max(0, count - first));
  const virtual = useVirtualizer({
    count: shown,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const from = first + (items[0]?.index ?? 0);
  const to = first + (items.at(-1)?.index ?? -1);

  useEffect(() => {
    let gone = false;
    const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    Promise.all(numbers.map(async (n) => [n, await load(n)] as const)).then(
      (lines) => {
        if (gone) return;
        const next = new Map<number, L>();
        for (const [n, line] of lines) if (line !== undefined) next.set(n, line);
        setLoaded(next);
      },
      (error) => !gone && showError(error, 'The exhibit could not be read'),
    );
    return () => {
      gone = true;
    };
  }, [from, to, load]);

  const target = active ?? marked;
  const known = target !== undefined && target < count;
  useEffect(() => {
    if (!known || target === undefined) return;
    setPart(Math.floor(target / PART));
    virtual.scrollToIndex(target % PART, { align: active === undefined ? 'center' : 'auto' });
  }, [known, target, active, virtual]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!onActive || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 200) / ROW) - 1);
    const next = moveByKey(event.key, active ?? -1, count, page);
    if (next === undefined) return;
    event.preventDefault();
    onActive(next);
  };
  const digits = String(Math.max(count, 1)).length;

  return (
    <>
      {count > PART && (
        <div className={classes.bar}>
          <Button variant="default" size="compact-xs" disabled={part === 0} onClick={() => setPart(part - 1)}>
            Previous million
          </Button>
          <Button
            variant="default"
            size="compact-xs"
            disabled={first + PART >= count}
            onClick={() => setPart(part + 1)}
          >
            Next million
          </Button>
          <Text size="xs">
            Lines {(first + 1).toLocaleString('en')} to {(first + shown).toLocaleString('en')} of{' '}
            {count.toLocaleString('en')}
          </Text>
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1). */}
      <section ref={scrollRef} className={classes.scroll} aria-label={label} tabIndex={0} onKeyDown={onKeyDown}>
        <div className={classes.body} data-wrap={wrap} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const n = first + item.index;
            const line = loaded.get(n);
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the region around has the keys.
              // biome-ignore lint/a11y/noStaticElementInteractions: a click only moves what the arrow keys move.
              <div
                key={n}
                data-index={item.index}
                ref={wrap ? virtual.measureElement : undefined}
                className={classes.line}
                data-marked={n === marked}
                data-active={n === active}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={onActive && (() => onActive(n))}
              >
                <span className={classes.number} style={{ width: `calc(${digits}ch + 18px)` }}>
                  {n + 1}
                </span>
                {line !== undefined && render(line)}
              </div>
            );
          })}
        </div>
      </section>
    </>
  );
}
