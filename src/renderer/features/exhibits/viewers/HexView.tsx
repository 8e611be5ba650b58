import { Button, Text, TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import { showError } from '../../../errors';
import { inspectBytes } from '../model/inspect';
import { FindBar } from './FindBar';
import { PlaceBar } from './PlaceBar';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

const WIDTH = 16;
const ROW = 20;
/** 16 MiB are a million rows, which a browser can still lay out. */
const PART = 16 * 1024 * 1024;

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
const printable = (byte: number) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·');

/** Every byte of an exhibit of any size: go to an offset, find, and read the bytes at the cursor as numbers and times. */
export function HexView({ path, id, source, place, onPlace, find }: ViewerProps) {
  const { total } = source;
  const scrollRef = useRef<HTMLDivElement>(null);
  const [part, setPart] = useState(0);
  const [range, setRange] = useState({ offset: 0, length: 0 });
  const [cursor, setCursor] = useState(0);
  const [goTo, setGoTo] = useState('');
  const [page, setPage] = useState<{ offset: number; bytes: Uint8Array }>({ offset: 0, bytes: new Uint8Array(0) });
  const [under, setUnder] = useState<Uint8Array>(new Uint8Array(0));

  const base = part * PART;
  const rows = Math.ceil(Math.min(PART, total - base) / WIDTH);
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => ROW,
    overscan: 16,
  });
  const items = virtual.getVirtualItems();
  const from = base + (items[0]?.index ?? 0) * WIDTH;
  const to = base + ((items.at(-1)?.index ?? -1) + 1) * WIDTH;

  useEffect(() => {
    let gone = false;
    source.bytes(from, to - from).then(
      (bytes) => !gone && setPage({ offset: from, bytes }),
      (error) => !gone && showError(error, 'The exhibit could not be read'),
    );
    return () => {
      gone = true;
    };
  }, [source, from, to]);
  useEffect(() => {
    let gone = false;
    source.bytes(cursor, 8).then(
      (bytes) => !gone && setUnder(bytes),
      () => !gone && setUnder(new Uint8Array(0)),
    );
    return () => {
      gone = true;
    };
  }, [source, cursor]);

  const show = (offset: number, length: number) => {
    const at = Math.min(Math.max(0, offset), Math.max(0, total - 1));
    setPart(Math.floor(at / PART));
    setCursor(at);
    setRange({ offset: at, length });
    setJump({ row: Math.floor((at % PART) / WIDTH), align: 'center' });
  };
  const [jump, setJump] = useState<{ row: number; align: 'center' | 'auto' }>();
  useEffect(() => {
    if (jump) virtual.scrollToIndex(jump.row, { align: jump.align });
  }, [jump, virtual]);
  const placeOffset = place.kind === 'bytes' ? place.offset : undefined;
  const placeLength = place.kind === 'bytes' ? place.length : 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new place moves the view.
  useEffect(() => {
    if (placeOffset !== undefined) show(placeOffset, placeLength);
  }, [placeOffset, placeLength, source]);

  const moveTo = (offset: number) => {
    const at = Math.min(Math.max(0, offset), Math.max(0, total - 1));
    setCursor(at);
    setPart(Math.floor(at / PART));
    setJump({ row: Math.floor((at % PART) / WIDTH), align: 'auto' });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const pageRows = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 200) / ROW) - 1);
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -WIDTH,
      ArrowDown: WIDTH,
      PageUp: -WIDTH * pageRows,
      PageDown: WIDTH * pageRows,
    };
    const step = event.altKey || event.metaKey ? undefined : steps[event.key];
    if (step !== undefined) moveTo(cursor + step);
    else if (event.key === 'Home') moveTo(event.ctrlKey ? 0 : cursor - (cursor % WIDTH));
    else if (event.key === 'End') moveTo(event.ctrlKey ? total - 1 : cursor - (cursor % WIDTH) + WIDTH - 1);
    else return;
    event.preventDefault();
  };
  const onClick = (event: MouseEvent) => {
    const at = event.target instanceof HTMLElement ? event.target.dataset.at : undefined;
    if (at === undefined) return;
    const offset = Number(at);
    // With Shift: everything from the cursor to here.
    if (event.shiftKey) setRange({ offset: Math.min(cursor, offset), length: Math.abs(offset - cursor) + 1 });
    else setCursor(offset);
  };
  const wanted = /^(0x[0-9a-f]+|\d+)$/i.test(goTo.trim()) ? Number(goTo.trim()) : undefined;
  const inRange = cursor >= range.offset && cursor < range.offset + range.length;
  const chosen = inRange ? range : { offset: cursor, length: 1 };
  const digits = Math.max(8, hex(total, 0).length);

  return (
    <div className={classes.viewer}>
      <div className={classes.bar}>
        <FindBar path={path} id={id} find={find} onHit={show} />
        <TextInput
          w={150}
          aria-label="Go to offset, decimal or 0x hexadecimal"
          placeholder="Go to 4096 or 0x1000"
          value={goTo}
          error={goTo !== '' && (wanted === undefined || wanted >= total)}
          onChange={(event) => setGoTo(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && wanted !== undefined && wanted < total) show(wanted, 1);
          }}
        />
        {total > PART && (
          <>
            <Button
              variant="default"
              size="compact-xs"
              disabled={part === 0}
              onClick={() => show((part - 1) * PART, 0)}
            >
              Previous 16 MiB
            </Button>
            <Button
              variant="default"
              size="compact-xs"
              disabled={base + PART >= total}
              onClick={() => show((part + 1) * PART, 0)}
            >
              Next 16 MiB
            </Button>
          </>
        )}
        <Text size="xs" ml="auto" style={{ fontVariantNumeric: 'tabular-nums' }}>
          {total.toLocaleString('en')} bytes
        </Text>
      </div>
      <section
        ref={scrollRef}
        className={classes.scroll}
        aria-label={`Bytes of ${id}; arrow keys move the cursor`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard (WCAG 2.1.1).
        tabIndex={0}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <div className={classes.body} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const offset = base + item.index * WIDTH;
            const bytes = page.bytes.subarray(offset - page.offset, offset - page.offset + WIDTH);
            const loaded = offset >= page.offset ? [...bytes] : [];
            const mark = (at: number) =>
              at === cursor ? classes.cursor : at >= range.offset && at < range.offset + range.length ? classes.on : '';
            return (
              <div key={offset} className={classes.hexRow} style={{ transform: `translateY(${item.start}px)` }}>
                <span className={classes.offset}>{hex(offset, digits)}</span>
                <span style={{ minWidth: '54ch' }}>
                  {loaded.map((byte, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place.
                    <span key={index} data-at={offset + index} className={`${classes.byte} ${mark(offset + index)}`}>
                      {hex(byte, 2)}
                    </span>
                  ))}
                </span>
                <span>
                  {loaded.map((byte, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a byte is its place.
                    <span key={index} data-at={offset + index} className={`${classes.char} ${mark(offset + index)}`}>
                      {printable(byte)}
                    </span>
                  ))}
                </span>
              </div>
            );
          })}
        </div>
      </section>
      <PlaceBar locator={`bytes:${chosen.offset}+${chosen.length}`} onPlace={onPlace} />
      <dl className={classes.inspector} aria-label="The bytes at the cursor">
        <div>
          <dt>at</dt>
          <dd>
            {cursor} (0x{hex(cursor, 0)})
          </dd>
        </div>
        {inspectBytes(under).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
