import type { ExhibitSummary } from '../../../shared/domain';
import { Bytes } from '../../components/Bytes';
import type { DataColumn } from '../../components/DataTable';
import { Time } from '../../components/Time';
import classes from './exhibits.module.css';

/** Columns of the exhibits; `hosts` gives the name to show for a host's id. */
export function exhibitColumns(hosts: ReadonlyMap<string, string>): DataColumn<ExhibitSummary>[] {
  return [
    { id: 'id', header: 'Exhibit', value: (row) => row.id, width: 84, mono: true },
    { id: 'title', header: 'Title', value: (row) => row.title, width: 220, grow: true },
    { id: 'target', header: 'Target', value: (row) => row.target.name || row.target.id, width: 150, facet: true },
    { id: 'kind', header: 'Kind', value: (row) => row.kind, width: 92, facet: true },
    {
      id: 'host',
      header: 'Host',
      value: (row) => (row.host ? (hosts.get(row.host.id) ?? row.host.hostname) : 'imported'),
      width: 120,
      facet: true,
    },
    {
      id: 'bytes',
      header: 'Size',
      value: (row) => row.bytes,
      cell: (row) => <Bytes bytes={row.bytes} />,
      width: 90,
      align: 'end',
    },
    {
      id: 'collected',
      header: 'Collected',
      value: (row) => row.finished.local,
      cell: (row) => <Time at={row.finished.local} host={row.finished.host} />,
      width: 190,
    },
    {
      id: 'state',
      header: 'Whole',
      value: (row) => (row.partial ? 'partial' : 'whole'),
      cell: (row) => (row.partial ? <span className={classes.partial}>◐ partial</span> : <span>whole</span>),
      width: 96,
      facet: true,
    },
    { id: 'collector', header: 'Collector', value: (row) => row.collector.id, width: 150, mono: true, facet: true },
    {
      id: 'sha256',
      header: 'SHA-256',
      value: (row) => row.sha256,
      cell: (row) => <>{row.sha256.slice(0, 16)}…</>,
      width: 160,
      mono: true,
    },
  ];
}
