import { Alert, Button, Switch, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CarvedFile, MemoryCandidate, MemoryRegion, TypedCommand } from '../../../shared/contract/memory';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { formatBytes } from '../../components/Bytes';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { VisibleText } from '../../components/VisibleText';
import classes from './memory.module.css';
import type { SpaceRow } from './model';

interface Props {
  row: SpaceRow;
  /** Shows bytes at an address. */
  onAt: (address: string, length: number) => void;
}

const bytes = (id: string, header: string, value: (row: MemoryRegion) => number): DataColumn<MemoryRegion> => ({
  id,
  header,
  width: 84,
  align: 'end',
  value,
  cell: (row) => formatBytes(value(row)),
});

const regionColumns: readonly DataColumn<MemoryRegion>[] = [
  { id: 'start', header: 'Start', width: 140, mono: true, value: (row) => row.start },
  { id: 'perms', header: 'Rights', width: 70, mono: true, facet: true, value: (row) => row.perms },
  { id: 'kind', header: 'Kind', width: 96, facet: true, value: (row) => row.kind },
  bytes('size', 'Size', (row) => row.size),
  bytes('held', 'Held', (row) => row.held),
  {
    id: 'name',
    header: 'Name',
    width: 320,
    mono: true,
    value: (row) => `${row.name}${row.deleted ? ' (deleted)' : ''}`,
    cell: (row) => <VisibleText text={`${row.name}${row.deleted ? ' (deleted)' : ''}`} max={300} mono />,
  },
];

/** Regions of an address space. */
export function Regions({ row, onAt }: Props) {
  const { path } = useCase();
  const asked = { case: path, exhibit: row.exhibit.exhibit, space: row.space.id };
  const { data, error } = useQuery(orpc.memory.regions.queryOptions({ input: asked }));
  const show = (region: MemoryRegion) => onAt(region.start, 0);
  return (
    <div className={classes.panel}>
      <ErrorAlert error={error} title="The regions could not be read" />
      <DataTable
        label="regions"
        rows={data ?? []}
        columns={regionColumns}
        rowId={(one) => one.start}
        onOpen={show}
        empty={data ? 'No regions.' : 'Reading…'}
      />
      <Text size="xs" c="dimmed">
        Enter or a double click shows the bytes of a region.
      </Text>
    </div>
  );
}

const candidateColumns: readonly DataColumn<MemoryCandidate>[] = [
  { id: 'kind', header: 'Kind', width: 110, facet: true, value: (row) => row.kind },
  { id: 'what', header: 'What', width: 160, facet: true, value: (row) => row.what },
  { id: 'value', header: 'Value', width: 300, mono: true, value: (row) => row.value },
  { id: 'count', header: 'Times', width: 64, align: 'end', value: (row) => row.count },
  { id: 'address', header: 'Address', width: 140, mono: true, value: (row) => row.address },
];

/** All pages of what may be keys, tokens, passwords, card numbers and URLs. */
async function allCandidates(
  asked: { case: string; exhibit: string; space: string; reveal: boolean },
  signal: AbortSignal,
) {
  const found: MemoryCandidate[] = [];
  for (let from: number | undefined; found.length < 20_000; ) {
    const page = await client.memory.candidates({ ...asked, from, limit: 5000 }, { signal });
    found.push(...page.candidates);
    if (page.next === null) return { found, all: true };
    from = page.next;
  }
  return { found, all: false };
}

/** What may be secrets; masked until the examiner asks for the values. */
export function Candidates({ row, onAt }: Props) {
  const { path } = useCase();
  const [reveal, setReveal] = useState(false);
  const asked = { case: path, exhibit: row.exhibit.exhibit, space: row.space.id, reveal };
  const { data, error } = useQuery({
    ...orpc.memory.candidates.queryOptions({ input: asked }),
    queryKey: ['memory-candidates', asked],
    queryFn: ({ signal }) => allCandidates(asked, signal),
  });
  return (
    <div className={classes.panel}>
      <ErrorAlert error={error} title="The memory could not be searched" />
      {data && !data.all && (
        <Alert color="yellow" p="xs">
          The first {data.found.length} are shown; the command line gives all.
        </Alert>
      )}
      <DataTable
        label="candidates"
        rows={data?.found ?? []}
        columns={candidateColumns}
        rowId={(one) => `${one.offset} ${one.kind}`}
        onOpen={(one) => onAt(one.address, one.length)}
        extra={
          <Switch
            size="xs"
            label="Show the values"
            checked={reveal}
            onChange={(event) => setReveal(event.currentTarget.checked)}
          />
        }
        empty={data ? 'Nothing that looks like a secret or an address.' : 'Searching…'}
      />
    </div>
  );
}

const commandColumns: readonly DataColumn<TypedCommand>[] = [
  { id: 'time', header: 'Entered (UTC)', width: 160, value: (row) => row.time.replace('T', ' ').slice(0, 19) },
  { id: 'command', header: 'Command', width: 460, mono: true, value: (row) => row.command },
  { id: 'address', header: 'Address', width: 140, mono: true, value: (row) => row.address },
];

/** Commands that were typed into the shell. */
export function Commands({ row, onAt }: Props) {
  const { path } = useCase();
  const asked = { case: path, exhibit: row.exhibit.exhibit, space: row.space.id };
  const { data, error } = useQuery(orpc.memory.commands.queryOptions({ input: asked }));
  return (
    <div className={classes.panel}>
      <ErrorAlert error={error} title="The memory could not be read" />
      <DataTable
        label="commands"
        rows={data ?? []}
        columns={commandColumns}
        rowId={(one) => one.entry}
        onOpen={(one) => onAt(one.address, one.command.length)}
        empty={
          data
            ? 'No commands as bash keeps them. Other shells keep none that can be told from other text: search for it.'
            : 'Reading…'
        }
      />
    </div>
  );
}

const carvedColumns: readonly DataColumn<CarvedFile>[] = [
  { id: 'kind', header: 'Kind', width: 80, facet: true, value: (row) => row.kind },
  { id: 'name', header: 'Name', width: 240, mono: true, value: (row) => row.name },
  { id: 'pids', header: 'PIDs', width: 70, value: (row) => row.pids.join(' ') },
  {
    id: 'size',
    header: 'Size',
    width: 84,
    align: 'end',
    value: (row) => row.size,
    cell: (row) => formatBytes(row.size),
  },
  {
    id: 'whole',
    header: 'Bytes',
    width: 130,
    facet: true,
    value: (row) => (row.whole ? 'the file’s own' : 'as in memory'),
  },
  { id: 'same', header: 'Same as', width: 260, value: (row) => row.same.map((one) => visible(one)).join('; ') },
  { id: 'sha256', header: 'SHA-256', width: 180, mono: true, value: (row) => row.sha256 },
];

/** Files that can be made again from the exhibit; asked for, since all of them are read and hashed. */
export function Carved({ row, onAt }: Props) {
  const { path } = useCase();
  const [wanted, setWanted] = useState(false);
  const asked = { case: path, exhibit: row.exhibit.exhibit };
  const { data, error, isFetching } = useQuery({
    ...orpc.memory.carved.queryOptions({ input: asked }),
    enabled: wanted,
  });
  if (!wanted && !data) {
    return (
      <div className={classes.panel}>
        <div className={classes.bar}>
          <Button size="xs" onClick={() => setWanted(true)}>
            Look for files in this exhibit
          </Button>
          <Text size="sm" c="dimmed">
            Reads and hashes deleted files, memfds and programs that came from no file.
          </Text>
        </div>
      </div>
    );
  }
  return (
    <div className={classes.panel}>
      <ErrorAlert error={error} title="The memory could not be read" />
      <DataTable
        label="carved files"
        rows={data ?? []}
        columns={carvedColumns}
        rowId={(one) => one.id}
        onOpen={(one) => one.space === row.space.id && one.address !== null && onAt(one.address, 0)}
        empty={isFetching ? 'Reading…' : 'Nothing that could be made a file.'}
      />
      <Text size="xs" c="dimmed">
        To write one: lading memory CASE carve ID --exhibit {row.exhibit.exhibit} --to PATH --reason TEXT
      </Text>
    </div>
  );
}
