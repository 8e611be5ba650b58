import { Alert, Button, Code, Select, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { visible } from '../../../shared/visible';
import { useCase } from '../../case';
import { client, orpc } from '../../client';
import { type DataColumn, DataTable } from '../../components/DataTable';
import { ErrorAlert } from '../../components/ErrorAlert';
import { useTask } from '../../tasks';
import classes from './memory.module.css';
import type { SpaceRow } from './model';

type Row = { id: string; cells: Record<string, string | number | boolean | null> };

/** Plugins of Volatility 3 over an image of a host: run, and what each gave the last time. */
export function Volatility({ row }: { row: SpaceRow }) {
  const { path } = useCase();
  const { exhibit } = row.exhibit;
  const [program, setProgram] = useState('');
  const [plugin, setPlugin] = useState('linux.pslist.PsList');
  const [begun, setBegun] = useState<string>();
  const [failed, setFailed] = useState<unknown>();
  const given = program.trim() === '' ? undefined : program.trim();
  const look = useQuery(orpc.memory.volatility.look.queryOptions({ input: { program: given } }));
  const task = useTask(begun);
  const running = task?.state === 'running';
  const result = useQuery({
    ...orpc.memory.volatility.result.queryOptions({ input: { case: path, exhibit, plugin } }),
    enabled: !running,
  });
  const columns = useMemo<DataColumn<Row>[]>(
    () =>
      (result.data?.columns ?? []).map((name) => ({
        id: name,
        header: visible(name, { max: 60 }),
        width: 140,
        value: ({ cells }) => {
          const cell = cells[name];
          return typeof cell === 'number' ? cell : visible(String(cell ?? ''), { max: 500 });
        },
      })),
    [result.data],
  );
  const rows = useMemo<Row[]>(
    () => (result.data?.rows ?? []).map((cells, at) => ({ id: String(at), cells })),
    [result.data],
  );
  const run = async () => {
    setFailed(undefined);
    try {
      const started = await client.memory.volatility.run({ case: path, exhibit, plugins: [plugin], program: given });
      setBegun(started.task);
    } catch (error) {
      setFailed(error);
    }
  };
  // what a task did is asked for anew when it ended
  const ended = task !== undefined && !running ? task.ended : undefined;
  const [shown, setShown] = useState<string>();
  if (ended !== undefined && ended !== shown) {
    setShown(ended);
    void result.refetch();
  }
  const now = task?.items?.find(({ state }) => state === 'running')?.note;
  return (
    <div className={classes.panel}>
      <div className={classes.bar}>
        <Select
          size="xs"
          aria-label="Plugin"
          w={340}
          searchable
          allowDeselect={false}
          value={plugin}
          onChange={(value) => value !== null && setPlugin(value)}
          data={(look.data?.plugins ?? []).map(({ id, says }) => ({ value: id, label: `${id}: ${says}` }))}
        />
        <Button size="xs" loading={running} disabled={!look.data?.program} onClick={() => void run()}>
          Run
        </Button>
        <TextInput
          size="xs"
          w={260}
          aria-label="Where Volatility 3 is"
          placeholder={look.data?.program ? visible(look.data.program) : 'path of the program vol'}
          value={program}
          onChange={(event) => setProgram(event.currentTarget.value)}
        />
        <Text size="xs" c="dimmed">
          {running ? visible(now ?? 'starting') : look.data?.version ? `Volatility ${visible(look.data.version)}` : ''}
        </Text>
      </div>
      {look.data && look.data.program === null && (
        <Alert color="yellow" p="xs" title="Volatility 3 is not on this machine">
          <Text size="sm">Give the path of its program above, or have it by</Text>
          <Code block>{look.data.advice}</Code>
        </Alert>
      )}
      <ErrorAlert error={look.error ?? failed ?? task?.error} title="Volatility could not be run" />
      <ErrorAlert error={result.error} title="The result could not be read" />
      {result.data ? (
        <>
          <DataTable
            label={`rows of ${plugin}`}
            rows={rows}
            columns={columns}
            rowId={({ id }) => id}
            empty="No rows."
          />
          <Text size="xs" c="dimmed">
            {visible(result.data.argv.join(' '), { max: 1000 })}
          </Text>
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {result.isPending ? 'Reading…' : 'Not run on this image yet. Each run is recorded in the ledger.'}
        </Text>
      )}
    </div>
  );
}
