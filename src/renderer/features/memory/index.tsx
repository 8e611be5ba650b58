import { IconCpu } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { formatBytes } from '../../components/Bytes';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { VisibleText } from '../../components/VisibleText';
import { navigate, routeTo, useRoute } from '../../navigate';
import { Detail } from './Detail';
import classes from './memory.module.css';
import { type SpaceRow, spaceRows } from './model';

const columns: readonly DataColumn<SpaceRow>[] = [
  {
    id: 'name',
    header: 'Memory of',
    width: 280,
    value: ({ space }) => space.arguments?.join(' ') || space.comm || space.id,
    cell: ({ space }) => <VisibleText text={space.arguments?.join(' ') || space.comm || space.id} max={200} mono />,
  },
  { id: 'pid', header: 'PID', width: 70, align: 'end', value: ({ space }) => space.pid },
  {
    id: 'target',
    header: 'Target',
    width: 130,
    facet: true,
    value: ({ exhibit }) => exhibit.target.name || exhibit.target.id,
  },
  { id: 'form', header: 'Form', width: 96, facet: true, value: ({ exhibit }) => exhibit.form },
  {
    id: 'held',
    header: 'Held',
    width: 84,
    align: 'end',
    value: ({ space }) => space.held,
    cell: ({ space }) => formatBytes(space.held),
  },
  { id: 'exhibit', header: 'Exhibit', width: 76, facet: true, value: ({ exhibit }) => exhibit.exhibit },
  { id: 'exe', header: 'Executable', width: 200, mono: true, value: ({ space }) => space.exe },
];

/** Memory of processes, containers and hosts, with its addresses. */
export default function Screen() {
  const { path } = useCase();
  const { id } = useRoute();
  const { data, error, isPending, refetch } = useQuery(orpc.memory.exhibits.queryOptions({ input: { case: path } }));
  const rows = useMemo(() => spaceRows(data ?? []), [data]);
  const broken = (data ?? []).filter(({ spaces, faults }) => spaces.length === 0 && faults.length > 0);
  const chosen = rows.find((row) => row.id === id);
  const select = (row: SpaceRow | undefined) => navigate(routeTo('memory', row?.id), { replace: true });
  return (
    <div className={classes.screen}>
      <PageHeader title="Memory" subtitle="What was in memory, at which address, of which process." />
      <ErrorAlert error={error} title="The memory could not be read" onRetry={() => void refetch()} />
      {broken.map(({ exhibit, faults }) => (
        <ErrorAlert key={exhibit} error={new Error(visible(faults.join(' ')))} title={`${exhibit} could not be read`} />
      ))}
      <SplitView
        name="memory"
        list={
          <DataTable
            label="address spaces"
            rows={rows}
            columns={columns}
            rowId={(row) => row.id}
            rowHeight={26}
            selectedId={id}
            onSelect={select}
            empty={
              isPending ? (
                'Reading the layout of memory…'
              ) : (
                <EmptyState icon={IconCpu} title="No memory">
                  Collect the memory of a container’s processes or of the host, or import a checkpoint, a core or an
                  image.
                </EmptyState>
              )
            }
          />
        }
        detail={chosen && <Detail row={chosen} onClose={() => select(undefined)} />}
      />
    </div>
  );
}
