import { Alert, Button, NativeSelect, SegmentedControl, Text } from '@mantine/core';
import { IconNetwork } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CaptureRow } from '../../../shared/contract/network';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { formatBytes, formatCount } from '../../components/Bytes';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { IndexGate } from '../../components/IndexGate';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { navigate, routeTo, useRoute } from '../../navigate';
import { Connections } from './Connections';
import * as columns from './columns';
import { Graph } from './Graph';
import classes from './network.module.css';
import { RowPane } from './RowPane';
import { MOST, type NetRow, PART, rowsOf, VIEW_NAMES, VIEWS, type View } from './rows';
import { Volume } from './Volume';

/** Captures: who talked to whom, what was asked and sent; and the connections that were open at collection. */
export default function Screen() {
  return (
    <div className={classes.screen}>
      <PageHeader title="Network" subtitle="What was said on the wire, and by whom as far as the evidence knows it." />
      <IndexGate>
        <Network />
      </IndexGate>
    </div>
  );
}

function Network() {
  const { path } = useCase();
  const { id, params } = useRoute();
  const { data, error, refetch } = useQuery(orpc.network.captures.queryOptions({ input: { case: path } }));
  if (error) return <ErrorAlert error={error} title="The captures could not be read" onRetry={() => void refetch()} />;
  if (!data) return null;
  const capture = data.captures.find(({ exhibit }) => exhibit === id) ?? data.captures[0];
  const asked = VIEWS.find((one) => one === params.get('view'));
  const view = capture ? (asked ?? 'conversations') : 'connections';
  const text = params.get('text') ?? undefined;
  const go = (to: { exhibit?: string; view?: View; text?: string }) =>
    navigate(routeTo('network', to.exhibit ?? capture?.exhibit, { view: to.view ?? view, text: to.text }), {
      replace: true,
    });
  return (
    <>
      <div className={classes.bar}>
        {capture && (
          <NativeSelect
            size="xs"
            aria-label="Capture"
            value={capture.exhibit}
            onChange={(event) => go({ exhibit: event.currentTarget.value })}
            data={data.captures.map((one) => ({
              value: one.exhibit,
              label: `${one.exhibit} ${visible(one.target.name, { max: 40 })}: ${visible(one.title, { max: 60 })}`,
            }))}
          />
        )}
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          value={view}
          onChange={(value) => go({ view: value })}
          data={VIEWS.filter((one) => capture || one === 'connections').map((value) => ({
            value,
            label: labelOf(value, capture),
          }))}
        />
      </div>
      {capture && view !== 'connections' && <Facts capture={capture} path={path} />}
      {!capture && (
        <EmptyState icon={IconNetwork} title="No captures">
          Collect packets of a container, a network or the host, or import a pcap file. Below are the connections that
          were open when hosts and containers were collected.
        </EmptyState>
      )}
      {view === 'connections' && <Connections path={path} />}
      {capture?.read && view === 'graph' && <Graph path={path} exhibit={capture.exhibit} />}
      {capture?.read && view !== 'graph' && view !== 'connections' && (
        <Rows
          key={`${capture.exhibit} ${view} ${text ?? ''}`}
          path={path}
          capture={capture}
          view={view}
          text={text}
          onAll={() => go({})}
        />
      )}
    </>
  );
}

function labelOf(view: View, capture: CaptureRow | undefined): string {
  const name = VIEW_NAMES[view];
  if (!capture?.read || view === 'graph' || view === 'connections') return name;
  return `${name} ${formatCount(capture[view])}`;
}

function Facts({ capture, path }: { capture: CaptureRow; path: string }) {
  return (
    <>
      {!capture.read && (
        <Alert color="yellow" mb="sm" p="xs">
          This capture could not be read into the index: analyse the case again, and look at what the analysis could not
          understand.
        </Alert>
      )}
      {capture.limits.length > 0 && (
        <Alert color="yellow" mb="sm" p="xs">
          {capture.limits.map((line) => visible(line)).join(' ')}
        </Alert>
      )}
      {capture.read && (
        <Text size="xs" c="dimmed" mb={4}>
          {formatCount(capture.packets)} packets, {formatBytes(capture.wire)} on the wire, times by the capture’s own
          clock.{' '}
          {capture.drops === null
            ? 'The file does not say how many packets were lost.'
            : `${formatCount(capture.drops)} packets lost, as the file says.`}
        </Text>
      )}
      {capture.read && <Volume path={path} exhibit={capture.exhibit} />}
    </>
  );
}

type Listed = Exclude<View, 'graph' | 'connections'>;
const rowId = (row: NetRow) => {
  const own =
    'number' in row
      ? row.number
      : 'id' in row
        ? row.id
        : 'name' in row
          ? row.name
          : 'kind' in row
            ? (row.sha256 ?? row.kind)
            : '';
  return `${row.locator} ${own}`;
};

/** The columns of a view are those of its rows: rowsOf gives no others. */
const COLUMNS: Record<Listed, readonly unknown[]> = {
  conversations: columns.conversationColumns,
  dns: columns.dnsColumns,
  http: columns.httpColumns,
  tls: columns.tlsColumns,
  logins: columns.loginColumns,
  transfers: columns.transferColumns,
  packets: columns.packetColumns,
};
const NONE: NetRow[] = [];

function Rows({
  path,
  capture,
  view,
  text,
  onAll,
}: {
  path: string;
  capture: CaptureRow;
  view: Listed;
  text?: string;
  onAll: () => void;
}) {
  const [from, setFrom] = useState(0);
  const [chosen, setChosen] = useState<NetRow>();
  const asked = { case: path, exhibit: capture.exhibit, text, from };
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['network', view, asked],
    queryFn: ({ signal }) => rowsOf(view, asked, signal),
    placeholderData: keepPreviousData,
  });
  const rows = data?.rows ?? NONE;
  const total = data?.total ?? 0;
  return (
    <>
      <ErrorAlert error={error} title="The capture could not be read" onRetry={() => void refetch()} />
      {view !== 'packets' && total > rows.length && rows.length >= MOST && (
        <Alert color="yellow" mb="sm" p="xs">
          The first {formatCount(rows.length)} of {formatCount(total)} are shown. The command line lists all: lading
          packets {view}.
        </Alert>
      )}
      <SplitView
        name="network"
        list={
          <DataTable
            label={VIEW_NAMES[view].toLowerCase()}
            rows={rows}
            columns={COLUMNS[view] as readonly DataColumn<NetRow>[]}
            rowId={rowId}
            rowHeight={26}
            selectedId={chosen && rowId(chosen)}
            onSelect={setChosen}
            extra={
              view === 'packets' ? (
                <>
                  <Button
                    size="xs"
                    variant="default"
                    disabled={from === 0}
                    onClick={() => setFrom(Math.max(0, from - PART))}
                  >
                    Earlier
                  </Button>
                  <Text size="xs">
                    {formatCount(from + 1)}–{formatCount(from + rows.length)} of {formatCount(total)}
                  </Text>
                  <Button
                    size="xs"
                    variant="default"
                    disabled={from + rows.length >= total}
                    onClick={() => setFrom(from + PART)}
                  >
                    Later
                  </Button>
                </>
              ) : text !== undefined ? (
                <Button size="xs" variant="default" onClick={onAll}>
                  Only {visible(text, { max: 40 })}: show all
                </Button>
              ) : undefined
            }
            empty={isPending ? 'Reading…' : `None of these in the capture.`}
          />
        }
        detail={
          chosen && <RowPane path={path} row={chosen} bytes={capture.bytes} onClose={() => setChosen(undefined)} />
        }
      />
    </>
  );
}
