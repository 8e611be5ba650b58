import { Alert, Progress } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Bytes } from '../../../components/Bytes';
import { type DataColumn, DataTable } from '../../../components/DataTable';
import { ErrorAlert } from '../../../components/ErrorAlert';
import { formatUtc } from '../../../components/Time';
import { VisibleText } from '../../../components/VisibleText';
import { listTar, modeText, type TarListing, type TarMember } from '../model/tar';
import type { ViewerProps } from './viewer';
import classes from './viewers.module.css';

function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.valueOf()) ? String(seconds) : `${formatUtc(date.toISOString())} UTC`;
}

const columns: DataColumn<TarMember>[] = [
  { id: 'mode', header: 'Mode', value: (row) => modeText(row.kind, row.mode), width: 100, mono: true },
  {
    id: 'name',
    header: 'Name',
    value: (row) => row.name,
    cell: (row) => (
      <span className={classes.text}>
        <VisibleText text={row.name} max={1000} mono />
        {row.link !== '' && (
          <>
            {' → '}
            <VisibleText text={row.link} max={500} mono />
          </>
        )}
      </span>
    ),
    width: 260,
    grow: true,
  },
  { id: 'owner', header: 'Owner', value: (row) => `${row.uid}:${row.gid}`, width: 80, mono: true, facet: true },
  {
    id: 'size',
    header: 'Size',
    value: (row) => row.size,
    cell: (row) => <Bytes bytes={row.size} />,
    width: 90,
    align: 'end',
  },
  { id: 'mtime', header: 'Modified', value: (row) => row.mtime, cell: (row) => timeOf(row.mtime), width: 170 },
  { id: 'kind', header: 'Kind', value: (row) => row.kind, width: 110, facet: true },
];
const idOf = (row: TarMember) => String(row.offset);

/** What is in an archive, by its headers, without taking anything out of it. */
export function TarView({ id, source, place }: ViewerProps) {
  const [listing, setListing] = useState<TarListing>({ members: [], scanned: 0, done: false });
  const [error, setError] = useState<unknown>();
  const [selected, setSelected] = useState<string>();
  useEffect(() => {
    const ending = new AbortController();
    setError(undefined);
    listTar(source, ending.signal, setListing).catch((thrown: unknown) => !ending.signal.aborted && setError(thrown));
    return () => ending.abort();
  }, [source]);
  // A cited byte is in the member whose header comes last before it.
  const offset = place.kind === 'bytes' ? place.offset : undefined;
  const cited =
    offset === undefined ? undefined : listing.members.findLast((member) => member.offset <= offset)?.offset;
  useEffect(() => {
    if (cited !== undefined) setSelected(String(cited));
  }, [cited]);
  return (
    <div className={classes.viewer}>
      <ErrorAlert error={error} />
      {listing.fault && <Alert color="yellow">{listing.fault} What could be read is listed.</Alert>}
      {!listing.done && error === undefined && (
        <Progress
          size="sm"
          value={(100 * listing.scanned) / Math.max(1, source.total)}
          aria-label="Archive read so far"
        />
      )}
      <div style={{ flex: 1, minHeight: 0 }}>
        <DataTable
          label={`members of ${id}`}
          rows={listing.members}
          columns={columns}
          rowId={idOf}
          selectedId={selected}
          onSelect={(row) => setSelected(idOf(row))}
          rowHeight={24}
          empty={listing.done ? undefined : 'Reading the archive…'}
        />
      </div>
    </div>
  );
}
