import { Alert, Select, Switch } from '@mantine/core';
import { IconBinaryTree2 } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ProcessRow } from '../../../shared/contract/evidence';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { formatCount, plural } from '../../components/Bytes';
import { DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { ExplainPanel } from '../../components/ExplainPanel';
import { IndexGate } from '../../components/IndexGate';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { navigate, routeTo, useRoute } from '../../navigate';
import { processColumns } from './columns';
import classes from './processes.module.css';

const NONE: ProcessRow[] = [];
const PAGE = 2000;
/** Rows that the table holds; of more the container or the switch makes fewer, and the screen says so. */
const MOST = 100_000;

const idOf = (row: ProcessRow) => `process:${row.id}`;

interface Asked {
  case: string;
  container?: string;
  notable: boolean;
}

/** All pages, up to what the table holds. */
async function allProcesses(asked: Asked, signal: AbortSignal) {
  const first = await client.evidence.processes({ ...asked, limit: PAGE }, { signal });
  const rows = [...first.rows];
  while (rows.length < Math.min(first.total, MOST)) {
    const page = await client.evidence.processes({ ...asked, offset: rows.length, limit: PAGE }, { signal });
    if (page.rows.length === 0) break;
    for (const row of page.rows) rows.push(row);
  }
  return { ...first, rows };
}

/** The tree of processes across host and containers; of each, everything that is tied to it. */
export default function Screen() {
  return (
    <div className={classes.screen}>
      <PageHeader title="Processes" subtitle="What ran when it was looked at, across the host and its containers." />
      <IndexGate>
        <Processes />
      </IndexGate>
    </div>
  );
}

function Processes() {
  const { path } = useCase();
  const { id: about, params } = useRoute();
  const container = params.get('container') ?? undefined;
  const notable = params.has('notable');
  const [before, setBefore] = useState<string[]>([]);
  const asked: Asked = { case: path, container, notable };
  const { data, error, isPending, refetch } = useQuery({
    ...orpc.evidence.processes.queryOptions({ input: asked }),
    queryFn: ({ signal }) => allProcesses(asked, signal),
    placeholderData: keepPreviousData,
  });
  const rows = data?.rows ?? NONE;

  const go = (to: string | undefined, filter: { container?: string; notable?: boolean } = {}) => {
    const next = { container, notable, ...filter };
    navigate(routeTo('processes', to, { container: next.container, notable: next.notable ? '1' : undefined }), {
      replace: true,
    });
  };
  const select = useCallback(
    (row: ProcessRow) => {
      setBefore([]);
      navigate(routeTo('processes', idOf(row), { container, notable: notable ? '1' : undefined }), { replace: true });
    },
    [container, notable],
  );

  return (
    <>
      <ErrorAlert error={error} title="The processes could not be read" onRetry={() => void refetch()} />
      {data && data.total > rows.length && (
        <Alert color="yellow" mb="sm" p="xs">
          The first {formatCount(rows.length)} of {formatCount(data.total)} are shown: choose a container, or only what
          stands out.
        </Alert>
      )}
      <SplitView
        name="processes"
        list={
          <DataTable
            label="processes"
            rows={rows}
            columns={processColumns}
            rowId={idOf}
            rowHeight={26}
            selectedId={about}
            onSelect={select}
            extra={
              <>
                <Select
                  aria-label="Where"
                  size="xs"
                  w={210}
                  clearable
                  placeholder="Host and all containers"
                  value={container ?? null}
                  data={[
                    { value: 'host', label: 'The host itself' },
                    ...(data?.containers ?? []).map(({ id, name, processes }) => ({
                      value: id,
                      label: `${visible(name, { max: 60 })} (${formatCount(processes)})`,
                    })),
                  ]}
                  onChange={(value) => go(about, { container: value ?? undefined })}
                />
                <Switch
                  size="xs"
                  label="Only what stands out"
                  checked={notable}
                  onChange={(event) => go(about, { notable: event.currentTarget.checked })}
                />
              </>
            }
            empty={
              isPending ? (
                'Reading the processes…'
              ) : (
                <EmptyState icon={IconBinaryTree2} title="No processes">
                  {notable || container !== undefined
                    ? `None of these in ${plural(data?.containers.length ?? 0, 'container')}: change the filter.`
                    : 'Collect the processes of a container or of the host: they are read from the host’s /proc, and nothing in a container is run.'}
                </EmptyState>
              )
            }
          />
        }
        detail={
          about === undefined ? undefined : (
            <ExplainPanel
              about={about}
              onAbout={(next) => {
                setBefore((past) => [...past, about]);
                go(next);
              }}
              onBack={
                before.length === 0
                  ? undefined
                  : () => {
                      go(before.at(-1));
                      setBefore((past) => past.slice(0, -1));
                    }
              }
              onClose={() => {
                setBefore([]);
                go(undefined);
              }}
            />
          )
        }
      />
    </>
  );
}
