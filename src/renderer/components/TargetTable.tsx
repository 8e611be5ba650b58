import { Checkbox, TextInput } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useDeferredValue, useMemo, useRef, useState } from 'react';
import type { Target } from '../../shared/domain';
import { visible } from '../../shared/visible';
import { formatCount } from './Bytes';
import { Copyable } from './Copyable';
import { ScrollRegion } from './ScrollRegion';
import classes from './TargetTable.module.css';
import { formatUtc } from './Time';
import { VisibleText } from './VisibleText';

interface Props {
  targets: Target[];
  label: string;
  height: number | string;
  /** Ids that are ticked; without it nothing can be ticked. */
  selected?: ReadonlySet<string>;
  onSelect?: (selected: Set<string>) => void;
  /** Without the columns Id and Created, for a narrow place. */
  narrow?: boolean;
  aside?: ReactNode;
  /** What can be done with one of them, in a column of its own. */
  action?: (target: Target) => ReactNode;
}

const ROW = 30;

function searchText(target: Target): string {
  return `${target.name} ${target.id} ${target.state ?? ''} ${target.detail ?? ''} ${target.aliases.join(' ')}`.toLowerCase();
}

/** Targets of a host: filtered by typing, ticked if asked for. Thousands scroll smoothly. */
export function TargetTable({ targets, label, height, selected, onSelect, narrow, aside, action }: Props) {
  const [filter, setFilter] = useState('');
  const words = useDeferredValue(filter.trim().toLowerCase());
  const shown = useMemo(
    () =>
      words
        ? targets.filter((target) => words.split(/\s+/).every((word) => searchText(target).includes(word)))
        : targets,
    [targets, words],
  );
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: shown.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const virtual = rows.getVirtualItems();
  const before = virtual[0]?.start ?? 0;
  const after = rows.getTotalSize() - (virtual.at(-1)?.end ?? 0);
  const columns = (narrow ? 3 : 5) + (selected ? 1 : 0) + (action ? 1 : 0);
  const all = shown.length > 0 && shown.every((target) => selected?.has(target.id));
  const some = shown.some((target) => selected?.has(target.id));

  const toggle = (ids: string[], on: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    onSelect?.(next);
  };

  return (
    <div className={classes.root}>
      <div className={classes.tools}>
        <TextInput
          className={classes.filter}
          placeholder="Filter by name, id, state, image"
          aria-label={`Filter ${label}`}
          leftSection={<IconFilter size={14} aria-hidden />}
          value={filter}
          onChange={(event) => setFilter(event.currentTarget.value)}
        />
        <span className={classes.count} role="status">
          {words ? `${formatCount(shown.length)} of ${formatCount(targets.length)}` : formatCount(targets.length)}
          {selected && `, ${formatCount(selected.size)} chosen`}
        </span>
        {aside}
      </div>
      <ScrollRegion ref={box} className={classes.box} style={{ height }} label={label}>
        <table aria-rowcount={shown.length + 1}>
          <thead>
            <tr>
              {selected && (
                <th scope="col" className={classes.tick}>
                  <Checkbox
                    aria-label={`Choose all ${label}`}
                    checked={all}
                    indeterminate={some && !all}
                    onChange={() =>
                      toggle(
                        shown.map((target) => target.id),
                        !all,
                      )
                    }
                  />
                </th>
              )}
              <th scope="col">Name</th>
              <th scope="col" className={classes.state}>
                State
              </th>
              <th scope="col">{narrow ? 'Detail' : 'Image, driver or size'}</th>
              {!narrow && (
                <>
                  <th scope="col" className={classes.id}>
                    Id
                  </th>
                  <th scope="col" className={classes.created}>
                    Created (host clock)
                  </th>
                </>
              )}
              {action && (
                <th scope="col" className={classes.action}>
                  Actions
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {before > 0 && (
              <tr aria-hidden>
                <td colSpan={columns} style={{ height: before }} />
              </tr>
            )}
            {virtual.map((row) => {
              const target = shown[row.index];
              if (!target) return null;
              return (
                <tr key={`${target.kind} ${target.id}`} aria-rowindex={row.index + 2} style={{ height: ROW }}>
                  {selected && (
                    <td className={classes.tick}>
                      <Checkbox
                        aria-label={`Choose ${visible(target.name || target.id, { max: 200 })}`}
                        checked={selected.has(target.id)}
                        onChange={(event) => toggle([target.id], event.currentTarget.checked)}
                      />
                    </td>
                  )}
                  <td title={visible(target.name)}>
                    <VisibleText text={target.name || '(no name)'} max={200} />
                  </td>
                  <td className={target.state === 'running' ? classes.running : undefined}>
                    <VisibleText text={target.state ?? '–'} max={40} />
                  </td>
                  <td title={visible(target.detail ?? '')}>
                    <VisibleText text={target.detail ?? ''} max={200} />
                  </td>
                  {!narrow && (
                    <>
                      <td>
                        <Copyable value={target.id} label={`${target.kind} id`} short={12} />
                      </td>
                      <td className={classes.time}>{target.created ? <Created text={target.created} /> : ''}</td>
                    </>
                  )}
                  {action && <td>{action(target)}</td>}
                </tr>
              );
            })}
            {after > 0 && (
              <tr aria-hidden>
                <td colSpan={columns} style={{ height: after }} />
              </tr>
            )}
          </tbody>
        </table>
        {shown.length === 0 && (
          <p className={classes.none}>{targets.length === 0 ? 'There are none.' : 'None with these words.'}</p>
        )}
      </ScrollRegion>
    </div>
  );
}

/** The engine's time as it said it, in UTC where it can be read. */
function Created({ text }: { text: string }) {
  const time = Date.parse(text);
  if (Number.isNaN(time)) return <VisibleText text={text} max={60} />;
  return <>{formatUtc(new Date(time).toISOString())} UTC</>;
}
