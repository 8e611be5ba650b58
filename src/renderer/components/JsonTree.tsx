import { ActionIcon, Button, Group, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconChevronUp, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react';
import { visible } from '../../shared/visible';
import { Copyable } from './Copyable';
import classes from './JsonTree.module.css';
import type { JsonNode } from './json/parse';
import { ancestors, findInTree, flatten, openTo, pathOfPointer, type TreeRow } from './json/rows';
import { moveByKey } from './table/keys';

interface Props {
  root: JsonNode;
  label: string;
  /** A place to show and mark, RFC 6901. */
  pointer?: string;
  /** Levels open at first. */
  depth?: number;
  /** No search bar above. */
  bare?: boolean;
  /** Offered for the place that is chosen: its pointer. */
  onPointer?: (pointer: string) => void;
}

const ROW = 22;

/** A JSON value as a tree of any size: arrow keys move, → and ← open and close, the place of the chosen line can be copied. */
export function JsonTree({ root, label, pointer, depth = 2, bare, onPointer }: Props) {
  const base = useId();
  const gridRef = useRef<HTMLDivElement>(null);
  const marked = useMemo(() => (pointer === undefined ? undefined : pathOfPointer(root, pointer)), [root, pointer]);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => openTo(root, depth));
  const [active, setActive] = useState('');
  const [search, setSearch] = useState('');
  const hits = useMemo(() => (search === '' ? [] : findInTree(root, search)), [root, search]);
  const rows = useMemo(() => flatten(root, open), [root, open]);
  const places = useMemo(() => new Map(rows.map((row, index) => [row.path, index])), [rows]);
  const activeIndex = places.get(active) ?? -1;
  const centre = useRef<string>(undefined);

  const reveal = (path: string) => {
    centre.current = path;
    setOpen((old) => new Set([...old, ...ancestors(path)]));
    setActive(path);
  };
  // The root may be another exhibit now, or the link another place in it.
  useEffect(() => {
    centre.current = marked;
    setOpen(new Set([...openTo(root, depth), ...ancestors(marked ?? '')]));
    setActive(marked ?? '');
  }, [root, depth, marked]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => gridRef.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  useEffect(() => {
    if (activeIndex < 0) return;
    // What a search or a link points at comes into the middle, with what is around it.
    virtual.scrollToIndex(activeIndex, { align: centre.current === active ? 'center' : 'auto' });
  }, [active, activeIndex, virtual]);

  const toggle = (row: TreeRow, to?: boolean) => {
    if (!row.branch) return;
    const next = new Set(open);
    if (to ?? !open.has(row.path)) next.add(row.path);
    else next.delete(row.path);
    setOpen(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = rows[activeIndex];
    const page = Math.max(1, Math.floor((gridRef.current?.clientHeight ?? 200) / ROW) - 1);
    const to = rows[moveByKey(event.key, activeIndex, rows.length, page) ?? -1];
    if (to) {
      centre.current = undefined;
      setActive(to.path);
    } else if (!row) return;
    else if (event.key === 'ArrowRight') toggle(row, true);
    else if (event.key === 'ArrowLeft') {
      if (row.branch && open.has(row.path)) toggle(row, false);
      else setActive(row.path.includes('.') ? row.path.slice(0, row.path.lastIndexOf('.')) : '');
    } else if (event.key === 'Enter' || event.key === ' ') toggle(row);
    else return;
    event.preventDefault();
  };
  const goHit = (by: number) => {
    if (hits.length === 0) return;
    const here = hits.indexOf(active);
    reveal(hits[here === -1 ? (by > 0 ? 0 : hits.length - 1) : (here + by + hits.length) % hits.length] ?? '');
  };
  const current = rows[activeIndex];

  return (
    <div className={classes.frame}>
      {!bare && (
        <Group gap="xs">
          <TextInput
            w={200}
            aria-label={`Find in ${label}`}
            placeholder="Find a key or value"
            leftSection={<IconSearch size={13} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') goHit(event.shiftKey ? -1 : 1);
            }}
          />
          <ActionIcon aria-label="Previous hit" disabled={hits.length === 0} onClick={() => goHit(-1)}>
            <IconChevronUp size={15} />
          </ActionIcon>
          <ActionIcon aria-label="Next hit" disabled={hits.length === 0} onClick={() => goHit(1)}>
            <IconChevronDown size={15} />
          </ActionIcon>
          {search !== '' && (
            <Text size="xs" aria-live="polite">
              {hits.length >= 2000 ? 'more than 2,000 hits' : hits.length === 1 ? '1 hit' : `${hits.length} hits`}
            </Text>
          )}
          <Button variant="default" size="compact-xs" onClick={() => setOpen(openTo(root, 500))}>
            Open all
          </Button>
          <Button variant="default" size="compact-xs" onClick={() => setOpen(openTo(root, 1))}>
            Close all
          </Button>
        </Group>
      )}
      <div
        ref={gridRef}
        className={classes.tree}
        role="tree"
        aria-label={label}
        tabIndex={0}
        aria-activedescendant={activeIndex >= 0 ? `${base}-${activeIndex}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div className={classes.body} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keys.
              <div
                key={row.path}
                id={`${base}-${item.index}`}
                className={classes.row}
                role="treeitem"
                tabIndex={-1}
                aria-level={row.depth + 1}
                aria-expanded={row.branch ? open.has(row.path) : undefined}
                aria-selected={item.index === activeIndex}
                data-active={item.index === activeIndex}
                data-marked={marked !== undefined && row.path === marked}
                style={{ transform: `translateY(${item.start}px)`, paddingLeft: 6 + row.depth * 16 }}
                onClick={() => {
                  setActive(row.path);
                  if (row.branch) toggle(row);
                }}
              >
                <Line row={row} open={open.has(row.path)} />
              </div>
            );
          })}
        </div>
      </div>
      {current && current.pointer !== '' && !bare && (
        <Group gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed">
            Place
          </Text>
          <Copyable value={`json:${current.pointer}`} label="place" />
          {current.node.type === 'string' && <Copyable value={current.node.value} label="value" text="copy value" />}
          {onPointer && (
            <Button variant="default" size="compact-xs" onClick={() => onPointer(current.pointer)}>
              Mark this place
            </Button>
          )}
        </Group>
      )}
    </div>
  );
}

function Line({ row, open }: { row: TreeRow; open: boolean }) {
  const { node } = row;
  return (
    <>
      <span className={classes.twist} aria-hidden>
        {row.branch && (open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />)}
      </span>
      {row.key !== undefined && (
        <span>
          <bdi className={classes.key}>{visible(row.key, { max: 200 })}</bdi>:
        </span>
      )}
      {node.type === 'object' && (
        <span className={classes.count}>
          {'{'}
          {node.entries.length === 0 ? '' : ` ${node.entries.length} `}
          {'}'}
        </span>
      )}
      {node.type === 'array' && (
        <span className={classes.count}>[{node.items.length === 0 ? '' : ` ${node.items.length} `}]</span>
      )}
      {node.type === 'string' && <bdi className={classes.string}>"{visible(node.value, { max: 2000 })}"</bdi>}
      {node.type === 'number' && <span className={classes.number}>{node.text.slice(0, 400)}</span>}
      {node.type === 'literal' && <span className={classes.literal}>{node.text}</span>}
      {row.shadowed && <span className={classes.shadowed}> (this key comes again below)</span>}
    </>
  );
}
