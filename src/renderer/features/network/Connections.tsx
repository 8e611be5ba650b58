import { useQuery } from '@tanstack/react-query';
import type { ConnectionRow } from '../../../shared/contract/evidence';
import { orpc } from '../../client';
import { CiteLink } from '../../components/CiteLink';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { navigate, routeTo } from '../../navigate';

const place = (address: string | null, port: number | null) =>
  address === null ? '' : `${address.includes(':') ? `[${address}]` : address}:${port ?? ''}`;

const columns: readonly DataColumn<ConnectionRow>[] = [
  { id: 'protocol', header: 'Protocol', width: 80, facet: true, value: (row) => row.protocol },
  { id: 'local', header: 'Local', width: 200, mono: true, value: (row) => place(row.localAddress, row.localPort) },
  {
    id: 'remote',
    header: 'Remote',
    width: 200,
    mono: true,
    value: (row) => (row.remotePort ? place(row.remoteAddress, row.remotePort) : ''),
  },
  { id: 'state', header: 'State', width: 110, facet: true, value: (row) => row.state },
  { id: 'way', header: 'Way', width: 70, facet: true, value: (row) => row.direction ?? '' },
  { id: 'target', header: 'Seen in', width: 130, facet: true, value: (row) => row.target.name },
  {
    id: 'held',
    header: 'Held by',
    width: 200,
    value: (row) => row.holders.map(({ pid, comm }) => `${pid} ${comm}`).join(', ') || 'unknown',
  },
  {
    id: 'place',
    header: 'Evidence',
    width: 190,
    value: (row) => `${row.exhibit} ${row.locator}`,
    cell: (row) => <CiteLink exhibit={row.exhibit} locator={row.locator} />,
  },
];
const rowId = (row: ConnectionRow) => String(row.id);
const NONE: ConnectionRow[] = [];

/** Sockets of hosts and containers when they were collected, with the processes that held them. */
export function Connections({ path }: { path: string }) {
  const { data, error, refetch } = useQuery(
    orpc.evidence.connections.queryOptions({ input: { case: path, limit: 2000 } }),
  );
  return (
    <>
      <ErrorAlert error={error} title="The connections could not be read" onRetry={() => void refetch()} />
      <DataTable
        label="connections"
        rows={data?.rows ?? NONE}
        columns={columns}
        rowId={rowId}
        rowHeight={26}
        onOpen={(row) => {
          const [holder] = row.holders;
          if (holder) navigate(routeTo('processes', `process:${holder.process}`));
        }}
        extra={data && data.total > data.rows.length ? `The first ${data.rows.length} of ${data.total}` : undefined}
        empty="No sockets were collected."
      />
    </>
  );
}
