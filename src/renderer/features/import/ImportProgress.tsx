import { Alert, Anchor, Badge, Button, Group, Progress, Stack, Table, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ImportedItem, ImportResult } from '../../../shared/contract/import';
import type { Task } from '../../../shared/domain';
import { client } from '../../client';
import { formatBytes, plural } from '../../components/Bytes';
import { ErrorAlert } from '../../components/ErrorAlert';
import { ScrollRegion } from '../../components/ScrollRegion';
import { TaskItems } from '../../components/TaskItems';
import { VisibleText } from '../../components/VisibleText';
import { exhibitRoute, exhibitsRoute, href } from '../../navigate';
import { taskRate } from '../../tasks';
import classes from './import.module.css';
import type { Kinds } from './Looks';

const COLOURS: Record<ImportedItem['state'], string> = {
  stored: 'teal',
  partial: 'orange',
  'in the case already': 'gray',
  failed: 'red',
};

interface Props {
  task: Task;
  kinds: Kinds;
  onAgain: () => void;
  onClose: () => void;
}

/** An import while it runs, and what became of each path. It goes on when the dialog is closed. */
export function ImportProgress({ task, kinds, onAgain, onClose }: Props) {
  const running = task.state === 'running';
  const cancel = useMutation({ mutationFn: () => client.tasks.cancel({ id: task.id }) });
  const result = ImportResult.safeParse(task.result).data;
  return (
    <Stack gap="sm">
      {running && (
        <>
          <Text size="sm" role="status">
            {task.done} of {task.total ?? task.items.length} · {formatBytes(task.bytes)} stored ·{' '}
            {formatBytes(taskRate(task))}/s
          </Text>
          <Progress
            value={task.total ? (100 * task.done) / task.total : 0}
            animated
            aria-label="Progress of the import"
          />
          <TaskItems items={task.items} height={Math.min(240, 30 + 26 * task.items.length)} follow />
        </>
      )}
      {task.state === 'done' && result && (
        <Alert
          color={result.failed + result.partial > 0 ? 'orange' : 'teal'}
          role="status"
          title={result.failed + result.partial > 0 ? 'Imported, but not all of it' : 'Imported'}
        >
          {plural(result.exhibits, 'exhibit')}, {formatBytes(result.bytes)}
          {result.referred > 0 && `; ${result.referred} in the case already`}
          {result.partial > 0 && `; ${result.partial} partial`}
          {result.failed > 0 && `; ${result.failed} failed`}.
        </Alert>
      )}
      {!running && task.state !== 'done' && (
        <Alert color="red" role="alert" title={task.state === 'cancelled' ? 'Cancelled' : 'The import failed'}>
          <VisibleText text={task.error?.message ?? 'What arrived is kept and marked partial.'} max={600} />
          {task.error?.advice && (
            <>
              {' '}
              <VisibleText text={task.error.advice} max={400} />
            </>
          )}
        </Alert>
      )}
      {result && <Outcome items={result.items} kinds={kinds} />}
      <ErrorAlert error={cancel.error} />
      <Group justify="flex-end" gap="xs">
        {running ? (
          <>
            <Button variant="default" color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel the import
            </Button>
            <Button variant="default" onClick={onClose}>
              Go on in the background
            </Button>
          </>
        ) : (
          <>
            <Button variant="default" onClick={onAgain}>
              Import more
            </Button>
            {result && (
              <Button component="a" href={href(exhibitsRoute({ collection: result.import }))} onClick={onClose}>
                Look at the exhibits
              </Button>
            )}
          </>
        )}
      </Group>
    </Stack>
  );
}

function Outcome({ items, kinds }: { items: ImportedItem[]; kinds: Kinds }) {
  return (
    <ScrollRegion className={classes.outcome} label="What became of each">
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">What</Table.Th>
            <Table.Th scope="col">State</Table.Th>
            <Table.Th scope="col">Exhibit</Table.Th>
            <Table.Th scope="col">Taken out of it</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.path}>
              <Table.Td>
                <VisibleText text={item.path} mono max={300} />
                <Text size="xs" c="dimmed">
                  {kinds.find((one) => one.kind === item.kind)?.title}
                </Text>
                {item.notes.map((note) => (
                  <Text size="xs" key={note}>
                    <VisibleText text={note} max={500} />
                  </Text>
                ))}
              </Table.Td>
              <Table.Td>
                <Badge color={COLOURS[item.state]}>{item.state}</Badge>
              </Table.Td>
              <Table.Td>
                {item.exhibit ? (
                  <Anchor href={href(exhibitRoute(item.exhibit))} inherit>
                    {item.exhibit}
                  </Anchor>
                ) : (
                  '–'
                )}
              </Table.Td>
              <Table.Td>{plural(item.members, 'exhibit')}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </ScrollRegion>
  );
}
