import { Button, Checkbox, Group, Popover, ScrollArea, Stack, Text, TextInput } from '@mantine/core';
import { IconFilter, IconSearch, IconX } from '@tabler/icons-react';
import { type ReactNode, type RefObject, useMemo, useState } from 'react';
import { visible } from '../../../shared/visible';
import type { DataColumn } from './columns';
import { countFacet, type FacetChoice } from './filter';

interface FacetProps<T> {
  column: DataColumn<T>;
  /** The rows that pass every other filter, asked when the list opens. */
  rows: () => readonly T[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

function FacetList<T>({ column, rows, chosen, onChange }: FacetProps<T>) {
  const [search, setSearch] = useState('');
  const counts = useMemo(() => countFacet(rows(), column), [rows, column]);
  const gone = [...chosen].filter((value) => !counts.some((count) => count.value === value));
  const all = [...gone.map((value) => ({ value, count: 0 })), ...counts];
  const shown = all.filter(({ value }) => value.toLowerCase().includes(search.toLowerCase())).slice(0, 200);
  const toggle = (value: string) => {
    const next = new Set(chosen);
    if (!next.delete(value)) next.add(value);
    onChange(next);
  };
  return (
    <Stack gap="xs">
      {all.length > 8 && (
        <TextInput
          size="xs"
          aria-label={`Search the values of ${column.header}`}
          placeholder="Search values"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ScrollArea.Autosize mah={280} type="auto">
        <Stack gap={8} p={2}>
          {shown.map(({ value, count }) => (
            <Checkbox
              key={value}
              size="xs"
              checked={chosen.has(value)}
              onChange={() => toggle(value)}
              label={`${visible(value, { max: 80 })} (${count.toLocaleString('en')})`}
            />
          ))}
          {shown.length === 0 && <Text size="xs">No such value.</Text>}
        </Stack>
      </ScrollArea.Autosize>
      <Button size="compact-xs" variant="default" disabled={chosen.size === 0} onClick={() => onChange(new Set())}>
        Any {column.header.toLowerCase()}
      </Button>
    </Stack>
  );
}

function Facet<T>(props: FacetProps<T>) {
  const { column, chosen } = props;
  const label =
    chosen.size === 0
      ? column.header
      : `${column.header}: ${[...chosen]
          .slice(0, 2)
          .map((value) => visible(value, { max: 24 }))
          .join(', ')}${chosen.size > 2 ? ` +${chosen.size - 2}` : ''}`;
  return (
    <Popover position="bottom-start" shadow="md" width={260} trapFocus withinPortal>
      <Popover.Target>
        <Button
          size="compact-sm"
          variant={chosen.size === 0 ? 'default' : 'light'}
          fw={chosen.size === 0 ? 400 : 600}
          leftSection={<IconFilter size={13} aria-hidden />}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={`Filter by ${column.header}`}>
        <FacetList {...props} />
      </Popover.Dropdown>
    </Popover>
  );
}

export interface ToolbarProps<T> {
  label: string;
  search: string;
  searchRef: RefObject<HTMLInputElement | null>;
  onSearch: (text: string) => void;
  columns: readonly DataColumn<T>[];
  choice: FacetChoice;
  onChoice: (choice: FacetChoice) => void;
  /** The rows that pass every filter but that of one column. */
  rowsWithout: (column: string) => readonly T[];
  shown: number;
  total: number;
  checked?: number;
  /** Moves to the grid (ArrowDown in the search field). */
  onLeave: () => void;
  extra?: ReactNode;
}

const NONE: ReadonlySet<string> = new Set();

/** Free text, one filter a facet column, how many rows are shown of how many, and what the screen adds. */
export function Toolbar<T>(props: ToolbarProps<T>) {
  const { columns, choice, onChoice, rowsWithout } = props;
  const filtered = props.search !== '' || Object.values(choice).some((chosen) => chosen.size > 0);
  return (
    <Group gap="xs" wrap="wrap" role="search" aria-label={`Filter ${props.label}`}>
      <TextInput
        ref={props.searchRef}
        size="xs"
        w={220}
        aria-label={`Search ${props.label}`}
        placeholder="Search all columns"
        title={'Words must all occur; "a phrase" in quotes; -word excludes. Ctrl+F comes here, Escape clears.'}
        leftSection={<IconSearch size={13} aria-hidden />}
        value={props.search}
        onChange={(event) => props.onSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown' || event.key === 'Enter') {
            event.preventDefault();
            props.onLeave();
          } else if (event.key === 'Escape' && props.search !== '') {
            event.stopPropagation();
            props.onSearch('');
          }
        }}
      />
      {columns
        .filter((column) => column.facet)
        .map((column) => (
          <Facet
            key={column.id}
            column={column}
            rows={() => rowsWithout(column.id)}
            chosen={choice[column.id] ?? NONE}
            onChange={(chosen) => onChoice({ ...choice, [column.id]: chosen })}
          />
        ))}
      {filtered && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconX size={13} aria-hidden />}
          onClick={() => {
            props.onSearch('');
            onChoice({});
          }}
        >
          Clear
        </Button>
      )}
      <Text size="xs" aria-live="polite" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {filtered
          ? `${props.shown.toLocaleString('en')} of ${props.total.toLocaleString('en')}`
          : props.total.toLocaleString('en')}{' '}
        {props.total === 1 ? 'row' : 'rows'}
        {props.checked !== undefined && props.checked > 0 ? `, ${props.checked.toLocaleString('en')} chosen` : ''}
      </Text>
      {props.extra !== undefined && (
        <Group gap="xs" ml="auto">
          {props.extra}
        </Group>
      )}
    </Group>
  );
}
