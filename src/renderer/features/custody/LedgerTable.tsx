import { Progress } from '@mantine/core';
import { useCallback, useMemo } from 'react';
import type { Entry } from '../../../shared/domain';
import { useCase } from '../../case';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { SplitView } from '../../components/SplitView';
import { Time } from '../../components/Time';
import { navigate, routeTo, useRoute } from '../../navigate';
import { EntryDetail } from './EntryDetail';
import { useLedger } from './useLedger';
import { summary } from './words';

const columns: DataColumn<Entry>[] = [
  { id: 'seq', header: 'No.', value: (row) => row.seq, width: 68, align: 'end' },
  { id: 'time', header: 'Time', value: (row) => row.time, cell: (row) => <Time at={row.time} />, width: 190 },
  { id: 'action', header: 'Action', value: (row) => row.action, width: 160, mono: true, facet: true },
  { id: 'subject', header: 'Subject', value: (row) => row.subject, width: 130, mono: true },
  { id: 'what', header: 'What', value: summary, width: 320, grow: true },
  { id: 'examiner', header: 'Examiner', value: (row) => row.examiner, width: 130, facet: true },
  { id: 'workstation', header: 'Workstation', value: (row) => row.workstation, width: 120 },
];
const idOf = (row: Entry) => String(row.seq);

/** The ledger, line by line. */
export function LedgerTable() {
  const { path, head } = useCase();
  const route = useRoute();
  const { entries, total, error } = useLedger(path, head.seq);
  const select = useCallback((row: Entry) => navigate(routeTo('custody', idOf(row)), { replace: true }), []);
  const chosen = useMemo(() => entries.find((entry) => idOf(entry) === route.id), [entries, route.id]);
  return (
    <>
      <ErrorAlert error={error} title="The ledger could not be read" />
      {entries.length < total && !error && (
        <Progress
          size="sm"
          value={(100 * entries.length) / Math.max(1, total)}
          aria-label="Ledger read so far"
          mb="xs"
        />
      )}
      <SplitView
        name="custody"
        list={
          <DataTable
            label="ledger entries"
            rows={entries}
            columns={columns}
            rowId={idOf}
            selectedId={route.id}
            onSelect={select}
            empty="Reading the ledger…"
          />
        }
        detail={chosen && <EntryDetail entry={chosen} onClose={() => navigate('custody')} />}
      />
    </>
  );
}
