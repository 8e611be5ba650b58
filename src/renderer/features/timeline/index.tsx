import { Alert, Button, Chip, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconTimeline } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { TimelineFilter, TimelineKind, TimelineRow } from '../../../shared/contract/timeline';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { orpc } from '../../client';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { IndexGate } from '../../components/IndexGate';
import { PageHeader } from '../../components/PageHeader';
import { SplitView } from '../../components/SplitView';
import { formatOffset, formatUtc } from '../../components/Time';
import { Detail } from './Detail';
import { Export } from './Export';
import { Histogram } from './Histogram';
import { KIND_WORDS } from './kinds';
import { Rows } from './Rows';
import classes from './timeline.module.css';

const BUCKETS = 240;

/** What happened when: files, processes, logs, events and the examiner's own actions on one axis. */
export default function Screen() {
  return (
    <div className={classes.screen}>
      <PageHeader
        title="Timeline"
        subtitle="Everything with a time on one axis, in UTC, corrected by the measured clock offset."
      />
      <IndexGate>
        <Timeline />
      </IndexGate>
    </div>
  );
}

function Timeline() {
  const { path } = useCase();
  const [span, setSpan] = useState<{ from: number; to: number }[]>([]);
  const [kinds, setKinds] = useState<TimelineKind[]>();
  const [target, setTarget] = useState<string | null>(null);
  const [host, setHost] = useState<string | null>(null);
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed, 250);
  const [asRecorded, setAsRecorded] = useState(false);
  const [selected, setSelected] = useState<TimelineRow>();
  const own = span.at(-1);
  const filter = useMemo<TimelineFilter>(
    () => ({
      from: own && new Date(own.from).toISOString(),
      to: own && new Date(own.to).toISOString(),
      kinds,
      targets: target === null ? undefined : [target],
      hosts: host === null ? undefined : [host],
      text: text === '' ? undefined : text,
    }),
    [own, kinds, target, host, text],
  );
  const { data, error, refetch } = useQuery({
    ...orpc.timeline.summary.queryOptions({ input: { case: path, filter, buckets: BUCKETS } }),
    placeholderData: keepPreviousData,
  });
  if (error) return <ErrorAlert error={error} title="The timeline could not be read" onRetry={() => void refetch()} />;
  if (!data) return null;
  if (data.all === 0) {
    return (
      <EmptyState icon={IconTimeline} title="Nothing with a time yet">
        Collect logs, events or files, then analyse the case.
      </EmptyState>
    );
  }
  const targets = data.targets.map(({ target: one, count }) => ({
    value: one.id,
    label: `${one.kind} ${visible(one.name || one.id.slice(0, 12), { max: 50 })} (${count.toLocaleString('en')})`,
  }));
  const once = [...new Map(targets.map((one) => [one.value, one])).values()];
  return (
    <div className={classes.body}>
      {data.stale.length > 0 && (
        <Alert color="yellow" p="xs">
          {data.stale.map((reason) => visible(reason)).join(' ')}
        </Alert>
      )}
      <Histogram summary={data} onSpan={(from, to) => setSpan([...span, { from, to }])} />
      <div className={classes.filters}>
        <TextInput
          aria-label="Text in the timeline"
          placeholder="Text in messages and paths"
          leftSection={<IconSearch size={15} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          w={240}
        />
        <Select
          aria-label="Target"
          placeholder="All targets"
          data={once}
          value={target}
          onChange={setTarget}
          clearable
          searchable
          w={250}
        />
        {data.hosts.length > 1 && (
          <Select
            aria-label="Host"
            placeholder="All hosts"
            data={data.hosts.map(({ id, name }) => ({ value: id, label: visible(name || id, { max: 60 }) }))}
            value={host}
            onChange={setHost}
            clearable
            w={180}
          />
        )}
        <SegmentedControl
          aria-label="Times"
          value={asRecorded ? 'recorded' : 'corrected'}
          onChange={(value) => setAsRecorded(value === 'recorded')}
          data={[
            { value: 'corrected', label: 'Corrected, UTC' },
            { value: 'recorded', label: 'As recorded' },
          ]}
          title={data.hosts
            .map(
              ({ name, offsetMs }) =>
                `${visible(name)}: ${offsetMs === null ? 'not measured' : formatOffset(offsetMs)}`,
            )
            .join(', ')}
        />
        {own && (
          <>
            <Button variant="default" onClick={() => setSpan(span.slice(0, -1))}>
              Zoom out
            </Button>
            <span role="status">
              {formatUtc(new Date(own.from).toISOString())} to {formatUtc(new Date(own.to).toISOString())} UTC
            </span>
          </>
        )}
        <strong>
          {data.total.toLocaleString('en')} of {data.all.toLocaleString('en')} rows
        </strong>
        <Export filter={filter} total={data.total} />
      </div>
      <Chip.Group
        multiple
        value={kinds ?? []}
        onChange={(chosen) => {
          const next = data.kinds.map(({ kind }) => kind).filter((kind) => chosen.includes(kind));
          setKinds(next.length === 0 ? undefined : next);
        }}
      >
        <div className={classes.kinds}>
          {data.kinds.map(({ kind, count }) => (
            <Chip key={kind} value={kind} size="xs">
              <span className={classes.dot} style={{ background: KIND_WORDS[kind].colour }} aria-hidden />
              {KIND_WORDS[kind].name} {count.toLocaleString('en')}
            </Chip>
          ))}
        </div>
      </Chip.Group>
      <div className={classes.split}>
        <SplitView
          name="timeline"
          list={
            <Rows
              key={JSON.stringify(filter)}
              filter={filter}
              total={data.total}
              asRecorded={asRecorded}
              selected={selected}
              onSelect={setSelected}
            />
          }
          detail={selected && <Detail row={selected} onClose={() => setSelected(undefined)} />}
        />
      </div>
    </div>
  );
}
