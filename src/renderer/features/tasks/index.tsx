import { Badge, Button, Drawer, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { IconListCheck } from '@tabler/icons-react';
import type { Task } from '../../../shared/domain';
import { visible } from '../../../shared/visible';
import { client } from '../../client';
import { formatBytes } from '../../components/Bytes';
import { EmptyState } from '../../components/EmptyState';
import { ErrorAlert } from '../../components/ErrorAlert';
import { TaskItems } from '../../components/TaskItems';
import { Time } from '../../components/Time';
import { VisibleText } from '../../components/VisibleText';
import { showError } from '../../errors';
import { taskRate, useTasks } from '../../tasks';
import classes from './tasks.module.css';

const COLOURS = { running: 'harbour', done: 'teal', failed: 'red', cancelled: 'gray' } as const;

/** Every task of this session with its lines; reached from every screen. */
export function TaskDrawer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const tasks = useTasks();
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={560} title="Tasks">
      {tasks.length === 0 ? (
        <EmptyState icon={IconListCheck} title="Nothing has run yet">
          Collections, analyses and verifications are listed here while they run and after.
        </EmptyState>
      ) : (
        <Stack gap="md">
          {tasks.map((task) => (
            <TaskCard key={task.id} task={task} />
          ))}
        </Stack>
      )}
    </Drawer>
  );
}

function TaskCard({ task }: { task: Task }) {
  const running = task.state === 'running';
  const part = task.total ? (100 * task.done) / task.total : undefined;
  return (
    <article className={classes.card} aria-label={visible(task.title)}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={3}>
            <VisibleText text={task.title} />
          </Title>
          <Text size="xs" c="dimmed" component="div">
            begun <Time at={task.begun} />
            {task.ended && (
              <> · took {Math.max(0.1, (Date.parse(task.ended) - Date.parse(task.begun)) / 1000).toFixed(1)} s</>
            )}
            {task.bytes > 0 && ` · ${formatBytes(task.bytes)}`}
            {task.bytes > 0 && running && ` · ${formatBytes(taskRate(task))}/s`}
          </Text>
        </div>
        <Group gap={6} wrap="nowrap">
          <Badge color={COLOURS[task.state]}>{task.state}</Badge>
          {running && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                client.tasks
                  .cancel({ id: task.id })
                  .catch((error: unknown) => showError(error, 'It could not be cancelled'));
              }}
            >
              Cancel
            </Button>
          )}
        </Group>
      </Group>
      {running && (
        <Progress
          mt="xs"
          value={part ?? 100}
          animated={part === undefined}
          aria-label={`Progress of ${visible(task.title)}`}
        />
      )}
      {task.state === 'failed' && (
        <div className={classes.error}>
          <ErrorAlert error={task.error} />
        </div>
      )}
      {task.items.length > 0 && (
        <details className={classes.items} open={running}>
          <summary>{task.items.length} lines</summary>
          <TaskItems items={task.items} height={220} />
        </details>
      )}
    </article>
  );
}
